"""``zhoubao sql`` in a process with hard limits. Read ``process.py`` first."""
