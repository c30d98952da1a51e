"""Fuzzing of the reader of data files: what must hold of any bytes, a slow reference reader, and inputs that once broke it.

``make fuzz SECONDS=3600`` looks for new ones; the kept ones are read again in the ordinary tests.
"""

import os


def examples(few: int) -> int:
    """How many examples a property runs: ``few`` in the ordinary tests, ``EXAMPLES_TIMES`` as many where that is set."""
    return few * int(os.environ.get("EXAMPLES_TIMES", "1"))
