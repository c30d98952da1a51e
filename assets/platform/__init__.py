"""The export interface of the provincial platform: the feed contract, its code lists and identifiers, and a simulator.

``feeds.yaml`` is the one place that says what a feed looks like; ingestion, checks, dictionary and simulator read it.
"""
