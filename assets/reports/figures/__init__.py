"""What the published database says alongside an issue's own figures: the weeks before, changes, handbooks by department."""
