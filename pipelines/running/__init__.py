"""A run, whoever launches it. Read ``run.py`` first, then ``steps.py``; nothing of Dagster is here."""
