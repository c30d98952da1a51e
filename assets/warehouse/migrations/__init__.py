"""The steps from each layout of a home to the next; how to add one is in ``docs/operations.md``.

A step changes what is kept (lake, ledger), never what a build makes. It may meet its own work half done, and raises nothing that a
command which repairs would have to come before: what is damaged is left to be told by the build.
"""

from collections.abc import Callable, Mapping

from assets.home import Home
from assets.warehouse.migrations import m0002_receipts_of_openings_and_hashes

# by the layout that the step makes
MIGRATIONS: Mapping[int, Callable[[Home], None]] = {2: m0002_receipts_of_openings_and_hashes.migrate}
