"""One run of the suites by Great Expectations. Read ``engine.py`` first, then ``counting.py``; ``library.py`` is the only door to the library."""
