"""What people look at after the checks: the page and the workbooks. Read ``places.py`` first."""
