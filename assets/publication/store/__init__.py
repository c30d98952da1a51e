"""The published folder: versions, manifest, rights, and the swap. Read ``swap.py`` first, then ``versions.py``."""
