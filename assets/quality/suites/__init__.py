"""The suites of ``expectations/``, read and proved. Read ``suite.py`` first, then ``proof.py``."""
