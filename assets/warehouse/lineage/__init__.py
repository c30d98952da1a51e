"""Which columns a column comes from, and what a change touches. Read ``steps.py``, then ``columns.py``, then ``impact.py``."""
