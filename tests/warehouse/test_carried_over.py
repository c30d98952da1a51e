"""A receipt with the same rows as the one before, pseudonyms apart, is news neither to a freeze nor to a publication."""

from datetime import date, datetime

import duckdb
import pytest

from assets.exports.lake.receipt import Receipt
from assets.warehouse.state import freeze_ledger, ledger


@pytest.mark.parametrize(
    ("same_rows", "same_events", "in_freeze", "in_publication"),
    [
        (0, 0, False, False),
        (1, 0, False, False),
        (2, 0, True, True),
        # its rows got a column: no news to a freeze, but the checks have not seen it
        (0, 2, True, False),
    ],
)
def test_only_receipts_with_the_same_rows_take_the_place_of_known_ones(
    same_rows: int, same_events: int, in_freeze: bool, in_publication: bool
) -> None:
    receipt = Receipt(
        delivery="20230828_01",
        business_date=date(2023, 8, 28),
        sequence=1,
        mode="upsert",
        produced_at=None,
        received_at=datetime(2023, 8, 29),
        replaces=("latest", "frozen", "first"),
        same_rows=same_rows,
        same_events=same_events,
        files=(),
    )
    with duckdb.connect(":memory:") as connection:
        connection.execute(ledger.SCHEMA + freeze_ledger.SCHEMA)
        connection.execute("insert into ledger.frozen_receipts values ('2023-34', '20230828_01', 'frozen')")
        connection.execute("insert into ledger.published_receipts values ('frozen')")
        ledger.carry_over(connection, [(receipt, "new")])
        ledger.carry_over(connection, [(receipt, "new")])
        frozen = connection.execute("select receipt_sha256 from ledger.frozen_receipts").fetchall()
        published = connection.execute("select receipt_sha256 from ledger.published_receipts order by all").fetchall()
    assert frozen == [("new" if in_freeze else "frozen",)]
    assert published == [("frozen",), *([("new",)] if in_publication else [])]
