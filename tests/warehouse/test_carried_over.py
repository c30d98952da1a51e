"""A receipt with the same rows as the one before, pseudonyms apart, is news neither to a freeze nor to a publication."""

from datetime import date, datetime

import duckdb
import pytest

from assets.exports.receipt import Receipt
from assets.warehouse import freeze_ledger, ledger


@pytest.mark.parametrize(("same_rows", "known"), [(0, []), (1, []), (2, ["new"])])
def test_only_receipts_with_the_same_rows_take_the_place_of_known_ones(same_rows: int, known: list[str]) -> None:
    receipt = Receipt(
        delivery="20230828_01",
        business_date=date(2023, 8, 28),
        sequence=1,
        mode="upsert",
        produced_at=None,
        received_at=datetime(2023, 8, 29),
        replaces=("latest", "frozen", "first"),
        same_rows=same_rows,
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
    assert frozen == [(known[0] if known else "frozen",)]
    assert published == [("frozen",), *((name,) for name in known)]
