"""One run's checks: over which interval, with which acceptances, and into the history."""

from collections.abc import Mapping

import duckdb

from assets.clock import beijing_now
from assets.quality.engine import run_suites
from assets.quality.results import CheckResult, accepting, create_table, record
from assets.quality.suites import load_suites
from assets.warehouse.ledger import loaded_since_publication, note_checked


def check_warehouse(connection: duckdb.DuckDBPyConnection, accepted: Mapping[str, str]) -> list[CheckResult]:
    """Check all that was loaded since the last good publication, and every table counted from it; the results are recorded.

    ``accepted`` gives the reason for each check that an authorised person lets pass.
    """
    create_table(connection)
    results = run_suites(connection, load_suites(), loaded_since_publication(connection), beijing_now())
    results = accepting(results, dict(accepted))
    connection.execute("begin")
    record(connection, results)
    note_checked(connection)
    connection.execute("commit")
    return results
