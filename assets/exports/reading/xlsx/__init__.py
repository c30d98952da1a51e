"""A workbook → batches of text columns, in a process of its own. Read ``workbook.py`` first, then ``process.py`` and ``reader.py``."""
