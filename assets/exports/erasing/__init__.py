"""Pseudonyms taken out of the lake: of one person, or of old rows. Read ``erasure.py`` first."""
