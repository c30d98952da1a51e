"""Rows that lose their pseudonyms change no table of the warehouse, built by differences or whole, and are no news to the checks."""

import shutil
from pathlib import Path

import duckdb

from assets.exports.delivery import take_in
from assets.exports.erasing.blank_deliveries import blank
from assets.warehouse.state.ledger import loaded_since_publication, note_published
from pipelines.resources import intake_of, warehouse_of
from pipelines.settings import load_settings
from tests.exports.deliveries import deliver
from tests.exports.feed_files import accept_csv

_BUILT = "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('core', 'marts', 'meta', 'history')"


def tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    names = [name for (name,) in connection.execute(_BUILT).fetchall()]
    return {name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr) for name in names}


def test_blanked_rows_count_as_before(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home")
    settings.place.prepare()
    intake, warehouse = intake_of(settings)[0], warehouse_of(settings)
    for day in ("28", "29", "30"):
        rows = [{"project_no": f"510000-202308{day}-{number:06d}"} for number in range(3)]
        deliver(intake.landing / day, {"a.csv": accept_csv(rows)}, f"202308{day}_01", feed="accept")
    first, *_ = take_in(intake.survey().arrivals, intake)
    with warehouse.open("test") as connection:
        warehouse.build(connection, ())
        note_published(connection)
        before = tables(connection)
        blank(intake.home.lake, first, {0: None})
        warehouse.build(connection, ())
        assert tables(connection) == before
        assert loaded_since_publication(connection) == []
        without = connection.execute("select delivery, count(*) from lake.accept where applicant_pseudonym is null group by all")
        assert without.fetchall() == [("20230828_01", 3)]
    shutil.move(intake.home.warehouse, tmp_path / "kept.duckdb")
    with warehouse.open("test") as connection:
        warehouse.build(connection, ())
        assert tables(connection) == before
