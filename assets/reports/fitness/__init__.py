"""What keeps an issue from print. Read ``fitness.py`` first."""
