"""Any order of deliveries and any split of them into runs, files or deliveries give the same warehouse: the one of the model."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.exports.delivery import take_in
from assets.home import Home
from assets.warehouse.store import Warehouse
from pipelines.resources import intake_of, warehouse_of
from pipelines.settings import load_settings
from tests.exports.fuzzing import examples
from tests.pipelines.random_deliveries import FEEDS, SLICE, Delivery, File, Model, any_deliveries, any_row

SEEDS = st.integers(0, 2**32)
MEASURES = [measure for measure, _, _ in FEEDS.values() if measure]
# of when it was loaded, not of what
NOT_COMPARED = {"received_at"}
# the same for every home here, and a third of the time of an example
READ_ONCE: dict[str, Any] = {}

Tables = dict[str, list[tuple[Any, ...]]]


class Site:
    """A home into which deliveries are put and loaded by the steps' own functions."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.home.prepare()
        site = load_settings(root, secret_key="one key for every order")
        self._intake = intake_of(site)[0]
        self.warehouse: Warehouse = warehouse_of(site)
        if not READ_ONCE:
            READ_ONCE.update(models=self.warehouse.models, issues=self.warehouse.issues)
        vars(self.warehouse).update(READ_ONCE)

    def load(self) -> Tables:
        """Take in what lies in landing and build; all that may be published, by table."""
        list(take_in(self._intake.survey().arrivals, self._intake))
        with self.warehouse.open("test") as connection:
            self.warehouse.build(connection, self._intake.survey().held)
            return _tables(connection)


def _tables(connection: duckdb.DuckDBPyConnection) -> Tables:
    found: dict[str, list[str]] = {}
    columns = "select schema_name || '.' || table_name, column_name from duckdb_columns() where schema_name in ('marts', 'meta')"
    for table, column in connection.execute(columns).fetchall():
        if column not in NOT_COMPARED:
            found.setdefault(table, []).append(column)
    return {
        table: sorted(connection.execute(f"select {', '.join(sorted(names))} from {table}").fetchall(), key=str)
        for table, names in found.items()
    }


def _counts(connection: duckdb.DuckDBPyConnection, table: str, keys: tuple[str, ...]) -> Counter[tuple[Any, ...]]:
    counts: Counter[tuple[Any, ...]] = Counter()
    for *key, measure, count in connection.execute(
        f"unpivot (select {', '.join((*keys, *MEASURES))} from {table}) on {', '.join(MEASURES)} into name measure value count"
    ).fetchall():
        if count:
            counts[*key, measure] += count
    return counts


def _is_as_the_model_says(site: Site, model: Model) -> None:
    with site.warehouse.open("test") as connection:
        assert _counts(connection, "marts.daily_counts", ("event_date", *SLICE)) == model.daily_counts()
        week = "(select * from marts.weekly_counts where issue_key = '2023-34')"
        assert _counts(connection, week, SLICE) == model.weekly_counts()
        files = "select delivery, file, records, loaded, superseded, quarantined, state from meta.files"
        assert set(connection.execute(files).fetchall()) == model.files
        refused = "select delivery, file, line, column_name, reason_code from meta.quarantine"
        assert sorted(connection.execute(refused).fetchall(), key=str) == sorted(model.quarantine, key=str)
        progress = "select org_code, finished_in_week, finished_total, items_total from marts.handbook_progress"
        rows = connection.execute(progress + " where issue_key = '2023-34'").fetchall()
        assert {org: tuple(numbers) for org, *numbers in rows} == model.handbook()


@settings(max_examples=examples(10))
@given(SEEDS)
def test_any_order_and_any_split_into_runs_give_the_same_warehouse(seed: int) -> None:
    choose = Random(seed)
    deliveries = any_deliveries(choose)
    with TemporaryDirectory() as once, TemporaryDirectory() as often:
        at_once, in_parts = Site(Path(once)), Site(Path(often))
        changed, again = _sent_again(choose, deliveries)
        for number, delivery in enumerate([*deliveries, *changed, *again]):
            delivery.put(at_once.home.landing / _folder(delivery, number, len(deliveries)))
        expected = at_once.load()
        _is_as_the_model_says(at_once, Model(deliveries))
        assert _load_in_parts(choose, in_parts, deliveries, changed, again) == expected
        # loading again is loading once
        assert in_parts.load() == expected
        states = {row[0] for row in _held(in_parts)}
        assert states == {delivery.name for delivery in changed}


def _folder(delivery: Delivery, number: int, originals: int) -> str:
    # of two under one name the first by path stands
    return f"{'a' if number < originals else 'z'}{number * 7919 % 1000:03d}_{delivery.name[::-1]}"


def _sent_again(choose: Random, deliveries: list[Delivery]) -> tuple[list[Delivery], list[Delivery]]:
    """Some deliveries under their old name with other rows, some unchanged."""
    with_files = [delivery for delivery in deliveries if delivery.files]
    chosen = [delivery for delivery in with_files if choose.random() < 0.2]
    changed = []
    for delivery in chosen:
        first = delivery.files[0]
        more = [*first.rows, any_row(choose, first.feed, delivery.day)]
        changed.append(replace(delivery, files=[replace(first, rows=more), *delivery.files[1:]]))
    return changed, [delivery for delivery in deliveries if delivery not in chosen and choose.random() < 0.2]


def _load_in_parts(
    choose: Random, site: Site, deliveries: list[Delivery], changed: list[Delivery], again: list[Delivery]
) -> Tables:
    """Load the deliveries in another order over several runs; some come with a file missing, which comes later."""
    numbered = list(enumerate([*deliveries, *changed, *again]))
    first_run = {delivery.name: choose.randrange(3) for delivery in deliveries}
    for run in range(4):
        choose.shuffle(numbered)
        for number, delivery in numbered:
            folder = site.home.landing / _folder(delivery, number, len(deliveries))
            is_original = number < len(deliveries)
            # what changed under an old name comes after what it had; the last run brings all that is missing
            due = first_run[delivery.name] + (0 if is_original else choose.randrange(2))
            if run == 3 or run == due + 1:
                delivery.put(folder)
            elif run == due and is_original:
                delivery.put(folder, without=choose.choice([0, 0, len(delivery.files) and 1]))
        tables = site.load() if run == 3 or choose.random() < 0.3 else {}
    return tables


def _held(site: Site) -> list[tuple[str]]:
    with site.warehouse.open("test") as connection:
        return connection.execute("select delivery from meta.deliveries where state in ('conflict', 'waiting')").fetchall()


@settings(max_examples=examples(6))
@given(SEEDS)
def test_rows_split_over_files_and_deliveries_count_as_the_whole(seed: int) -> None:
    choose = Random(seed)
    day = date(2023, 9, 1)
    feeds = choose.sample(sorted(set(FEEDS) - {"handbook"}), 2)
    rows = {feed: [any_row(choose, feed, day) for _ in range(choose.randint(0, 12))] for feed in feeds}
    whole = Delivery(day, 1, "upsert", [File(f"{feed}.csv", feed, rows[feed]) for feed in feeds])
    parts = _split(choose, day, rows)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        found = []
        for root, deliveries in ((one, [whole]), (other, parts)):
            site = Site(Path(root))
            for delivery in deliveries:
                delivery.put(site.home.landing / delivery.name)
            found.append(site.load())
            _is_as_the_model_says(site, Model(deliveries))
    for table in ("marts.daily_counts", "marts.weekly_counts", "marts.cumulative_counts", "marts.bulletin_figures"):
        assert found[0][table] == found[1][table], table


def _split(choose: Random, day: date, rows: dict[str, list[dict[str, str]]]) -> list[Delivery]:
    """The rows in their order, over one to three deliveries with one to three files of each feed."""
    deliveries = [Delivery(day, sequence, "upsert") for sequence in range(1, choose.randint(2, 4))]
    for feed, all_rows in rows.items():
        places = [delivery for delivery in deliveries for _ in range(choose.randint(1, 3))]
        cuts = sorted(choose.randint(0, len(all_rows)) for _ in places[1:])
        for delivery, start, end in zip(places, [0, *cuts], [*cuts, len(all_rows)], strict=True):
            delivery.files.append(File(f"{feed}_{len(delivery.files)}.csv", feed, all_rows[start:end]))
    return deliveries
