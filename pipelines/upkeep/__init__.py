"""What people do to a home besides a run: keys, erasures, freezes, publication, upgrade. One module for each command."""
