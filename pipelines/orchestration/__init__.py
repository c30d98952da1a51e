"""What Dagster does: the one step, jobs, schedules, sensor, and the instance with its records. Read ``whole_run.py`` first, then ``recorded_run.py``."""
