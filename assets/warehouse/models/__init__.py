"""The SQL models as values. Read ``model.py`` first, then ``header.py`` and ``layers.py``."""
