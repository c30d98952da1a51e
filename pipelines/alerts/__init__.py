"""Alerts: what a run has to tell people who do not look (``matters.py``), once until it changes (``told.py``), sent by a process of its
own (``child.py``) through the library apprise. Nothing here decides how a run ends.
"""
