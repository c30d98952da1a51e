"""What the build enters before the models run: ledger, files, openings, freezes, rules. Read ``taking_up.py`` first, then ``ledger.py``."""
