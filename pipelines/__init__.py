"""When and where it runs: settings, the Dagster definitions, jobs, and the command line."""
