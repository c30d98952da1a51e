"""Random sequences of deliveries through both ways of building: after every step each table is the same, row for row."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from assets.calendar import CalendarRules, Issue, issues, load_working_days
from assets.home import Home
from assets.warehouse.build import transaction
from assets.warehouse.build.difference import ROW_KINDS
from assets.warehouse.build.transaction import BUILT_SCHEMAS, build
from assets.warehouse.models.model import Model, load_models, of_schemas
from assets.warehouse.models.rules import CountingRules
from tests.warehouse.random_lake import RandomLake

SEQUENCES, AT_A_TIME = 200, 10
BEFORE_THE_FIRST_BUILD, STEPS = 4, 3


@cache
def models() -> dict[str, Model]:
    return load_models()


@cache
def all_issues() -> list[Issue]:
    return issues(CalendarRules(), load_working_days(Path("no calendar")))


class BothWays:
    """One lake, and beside it a warehouse that is kept by differences and one that is built whole each time."""

    def __init__(self, root: Path, seed: int) -> None:
        self.home = Home(root)
        self.lake = RandomLake(self.home.lake, Random(seed), is_numbered_by_day=seed % 2 == 1)
        self.kept, self.whole = (duckdb.connect(config={"threads": 1}) for _ in range(2))

    def build(self, connection: duckdb.DuckDBPyConnection, full: bool) -> None:
        # the calendar's years beside are nothing to these deliveries
        near = [issue for issue in all_issues() if issue.issue_year == 2023]
        build(connection, self.home, models(), CountingRules(), near, "inputs", (), full=full)

    def compare(self, told: str) -> None:
        """The tables renewed row by row against their own queries: those read by them were compared before, each in its turn."""
        self.build(self.kept, full=False)
        for model in of_schemas(models(), BUILT_SCHEMAS):
            if model.header.kind in ROW_KINDS:
                kept, whole = rows(self.kept, model.full_name, model), rows(self.kept, f"({model.query})", model)
                assert kept == whole, f"{told}: {model.full_name}: too many {kept - whole}, missing {whole - kept}"

    def compare_with_another(self, told: str) -> None:
        """Every table against that of a warehouse built whole from the lake alone."""
        self.build(self.whole, full=True)
        for model in of_schemas(models(), BUILT_SCHEMAS):
            kept, whole = (rows(connection, model.full_name, model) for connection in (self.kept, self.whole))
            assert kept == whole, f"{told}: {model.full_name}: too many {kept - whole}, missing {whole - kept}"

    def freeze(self) -> None:
        found = self.kept.execute("select issue_key, figure, value from marts.bulletin_figures order by all").fetchall()
        for issue in {key for key, _, _ in found} - self.lake.frozen:
            self.lake.freeze(issue, {figure: value for key, figure, value in found if key == issue})


def rows(connection: duckdb.DuckDBPyConnection, relation: str, model: Model) -> Counter[tuple[Any, ...]]:
    columns = ", ".join(f'"{name}"' for name in model.header.columns)
    return Counter(connection.execute(f"select {columns} from {relation}").fetchall())


@pytest.fixture
def by_differences(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So few rows that each day is much of what there is: no share of them sends the build another way."""
    monkeypatch.setattr(transaction, "FULL_FROM_SHARE", 1e9)
    yield


@pytest.mark.usefixtures("by_differences")
@pytest.mark.parametrize("first", range(0, SEQUENCES, AT_A_TIME))
def test_after_every_step_differences_give_what_the_whole_gives(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + AT_A_TIME):
        both = BothWays(tmp_path / str(seed), seed)
        told = f"seed {seed}"
        # something to be withdrawn, corrected and come back to
        for _ in range(BEFORE_THE_FIRST_BUILD):
            both.lake.deliver()
        for number in range(STEPS):
            # one change or two between builds
            for _ in range(both.lake.choose.randint(1, 2)):
                told += f", {both.lake.step()}"
            both.compare(told + ", build")
            if number == STEPS // 2:
                both.freeze()
        both.compare_with_another(told)
        both.kept.close()
        both.whole.close()
