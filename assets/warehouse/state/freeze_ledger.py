"""Freezes and errata of the lake → ``ledger.frozen_*`` and ``ledger.errata``, in the build's transaction.

A freeze is never written again: a file that was removed or changed is damage, not news. Its form is in ``freeze_files.py``.
"""

from pathlib import Path

import duckdb

from assets.exports.lake.sealed import refuse_misnamed
from assets.warehouse.state import lake_records
from assets.warehouse.state.freeze_files import FROZEN, Erratum, FrozenIssue, FrozenIssues, erratum_name, read

# ``ledger.frozen_figures`` stands in the ledger's own schema
SCHEMA = """
create table if not exists ledger.frozen_receipts (
    issue_key varchar not null, delivery varchar not null, receipt_sha256 varchar not null
);
create table if not exists ledger.frozen_openings (
    issue_key varchar not null, figure varchar not null, as_of date, value bigint not null
);
create table if not exists ledger.errata (
    issue_key varchar not null, erratum_no bigint not null, text varchar not null, recorded_at timestamp not null,
    primary key (issue_key, erratum_no)
);
"""


def enter(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """Enter new freezes and errata, in the caller's transaction.

    Raises ``DamageError`` naming a file that the ledger knows and that the lake lost or holds with other content.
    """
    connection.execute(SCHEMA)
    issues = set(FrozenIssues(lake).paths())
    new = lake_records.enter(connection, lake, FROZEN)
    for path in new:
        if path in issues:
            issue = read(path, FrozenIssue)
            refuse_misnamed(path, f"{issue.issue_key}.json", "a freeze")
            _enter_issue(connection, issue)
        else:
            erratum = read(path, Erratum)
            refuse_misnamed(path, erratum_name(erratum.erratum_no), "an erratum")
            _enter_erratum(connection, erratum)


def _enter_issue(connection: duckdb.DuckDBPyConnection, issue: FrozenIssue) -> None:
    for figure in issue.figures:
        row = {"issue_key": issue.issue_key, "figure": figure.figure}
        connection.execute(
            "insert into ledger.frozen_figures values ($issue_key, $figure, $value, $frozen_at, $code_version)",
            row | {"value": figure.value, "frozen_at": issue.frozen_at, "code_version": issue.code_version},
        )
        connection.execute(
            "insert into ledger.frozen_openings values ($issue_key, $figure, $as_of, $value)",
            row | {"as_of": issue.opening_as_of, "value": figure.opening},
        )
    # one statement for all: there is a receipt for each day since the site began
    connection.execute(
        "insert into ledger.frozen_receipts select $issue_key, unnest($deliveries::varchar[]), unnest($hashes::varchar[])",
        {
            "issue_key": issue.issue_key,
            "deliveries": [receipt.delivery for receipt in issue.receipts],
            "hashes": [receipt.receipt_sha256 for receipt in issue.receipts],
        },
    )


def _enter_erratum(connection: duckdb.DuckDBPyConnection, erratum: Erratum) -> None:
    connection.execute(
        "insert into ledger.errata values ($issue_key, $erratum_no, $text, $recorded_at)",
        erratum.model_dump(include={"issue_key", "erratum_no", "text", "recorded_at"}),
    )
