"""Dagster's pages behind a door: who may ask (``door.py``), what serves them, and the two processes that run."""
