"""What the published database says about one issue. Read ``published.py`` first, then ``facts.py``."""
