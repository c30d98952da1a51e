"""The background of an issue's figures: the weeks before, changes, handbooks by department."""
