"""A process of its own that checks the sound warehouse with every fault planted, the library imported ``plainly`` or through its ``door``.

It prints, as JSON, what the checks found and which modules it has by then.
"""

import json
import sys
from datetime import datetime

from assets.quality.engine import run_suites
from assets.quality.suites import load_suites
from tests.quality.faults import FAULTS_OF_RECORDS
from tests.quality.faults_of_counts import FAULTS_OF_COUNTS
from tests.quality.faults_of_periods import FAULTS_OF_PERIODS
from tests.quality.sound_warehouse import DELIVERY, sound_warehouse


def main(way: str) -> None:
    """Check once."""
    if way == "plainly":
        import great_expectations  # noqa: F401  # what the door is compared with
    connection = sound_warehouse()
    for planted in [*FAULTS_OF_RECORDS, *FAULTS_OF_COUNTS, *FAULTS_OF_PERIODS]:
        connection.execute(f"{planted.setup}; {planted.fault}")
    results = run_suites(connection, load_suites(), [DELIVERY], datetime(2023, 9, 2, 6))
    found = [(result.check_id, result.status, result.failing_rows, result.checked_rows) for result in results]
    print(json.dumps({"found": found, "modules": sorted(sys.modules)}))


if __name__ == "__main__":
    main(sys.argv[1])
