"""The editorial files of an issue: read, checked, laid out. Read ``editorial.py`` first, then ``front_matter.py`` and ``markdown_items.py``."""
