"""What the commands print, for people and for programs. No logic of the warehouse is here."""
