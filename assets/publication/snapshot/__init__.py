"""The published database: which tables, what they promise, how they are built and described. Read ``database.py`` first, then ``catalogue.py``."""
