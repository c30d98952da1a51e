"""One run's checks: over which interval, with which acceptances, and into the history."""

from collections.abc import Mapping
from datetime import datetime

import duckdb

from assets.exports.manifest import BEIJING
from assets.quality.engine import run_suites
from assets.quality.results import CheckResult, accepting, create_table, record
from assets.quality.suites import load_suites

_GOOD = "create table if not exists ledger.published_receipts (receipt_sha256 varchar primary key)"


def check_warehouse(
    connection: duckdb.DuckDBPyConnection, accepted: Mapping[str, str], whole_history: bool = False
) -> list[CheckResult]:
    """Check all that was loaded since the last good publication, and every table counted from it; the results are recorded.

    ``accepted`` gives the reason for each check that an authorised person lets pass.
    """
    create_table(connection)
    run_at = datetime.now(BEIJING).replace(tzinfo=None)
    deliveries = None if whole_history else _since_last_publication(connection)
    results = accepting(run_suites(connection, load_suites(), deliveries, run_at), dict(accepted))
    record(connection, results)
    return results


def note_published(connection: duckdb.DuckDBPyConnection) -> None:
    """Remember that all that is loaded now has been checked and published: the next interval begins after it."""
    connection.execute(_GOOD)
    connection.execute(
        "insert into ledger.published_receipts select receipt_sha256 from ledger.deliveries "
        "where receipt_sha256 not in (select receipt_sha256 from ledger.published_receipts)"
    )


def _since_last_publication(connection: duckdb.DuckDBPyConnection) -> list[str]:
    connection.execute(_GOOD)
    rows = connection.execute(
        "select delivery from ledger.deliveries "
        "where receipt_sha256 not in (select receipt_sha256 from ledger.published_receipts) order by delivery"
    ).fetchall()
    return [name for (name,) in rows]
