"""A data file's bytes → batches of text columns. Read in order: ``source.py``, ``encoding.py``, ``records.py``, ``header.py``, ``tables.py``."""
