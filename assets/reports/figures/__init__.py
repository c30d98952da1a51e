"""What the published database says beside an issue's own figures: the weeks before, changes, handbooks by department."""
