"""Checks: Great Expectations suites in ``expectations/``, run inside the warehouse's open connection, and their results."""
