"""What is proved of the models without data. Read ``checks.py`` first: it calls the others."""
