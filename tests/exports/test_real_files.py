"""Every clause of what real files do: each crafted file alone, then all of them beside good files in one day's run."""

import gc
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from assets.home import Home
from assets.platform.contract import load_contract
from pipelines.running.run import run
from pipelines.settings import load_settings
from tests.exports import crafted_packed, crafted_text
from tests.exports.crafted import Case, one, text
from tests.exports.feed_files import load

FEEDS = load_contract().feeds
CASES = [*crafted_text.cases(), *crafted_packed.cases()]
GOOD_ORG = "11510000MB7654321A"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.clause)
def test_a_crafted_file_has_its_stated_outcome(tmp_path: Path, case: Case) -> None:
    path = tmp_path / "file"
    path.write_bytes(case.content)
    account, frame = load(path, FEEDS[case.feed], case.declared)
    outcome = (account.state, account.records, account.loaded, account.superseded, account.quarantined)
    assert (account.file_reason, account.file_column) == (case.reason, case.column)
    assert outcome == case.expected
    # what has no line are the keys of a file that is refused as a whole
    refused = account.refusals.filter(pl.col("line").is_not_null())
    assert refused.select("line", "column_name", "reason_code").rows() == list(case.refusals)
    if not case.reason:
        assert account.warnings == case.warnings
        assert frame is not None
        for row, stated in zip(frame.to_dicts(), case.values, strict=bool(case.values)):
            assert {name: row[name] for name in stated} == stated
    else:
        assert frame is None
    gc.collect()
    assert {left.name for left in tmp_path.iterdir()} <= {"file", "out.parquet"}


def test_each_clause_has_one_name() -> None:
    assert len({case.clause for case in CASES}) == len(CASES)


def test_a_dropped_value_of_a_person_is_nowhere_in_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(one(handle_user_name="丙某人"))
    account, frame = load(path, FEEDS["result"], 1)
    assert frame is not None
    assert "丙某人" not in str(frame.to_dicts()) + str(account)


def _deliver(folder: Path, name: str, files: Mapping[str, Case]) -> None:
    folder.mkdir()
    entries = []
    for file, case in files.items():
        (folder / file).write_bytes(case.content)
        entries.append(
            {
                "name": file,
                "feed": case.feed,
                "rows": case.declared,
                "bytes": len(case.content),
                "sha256": sha256(case.content).hexdigest(),
            }
        )
    document = {"delivery": name, "business_date": "2023-08-28", "files": entries}
    (folder / f"manifest_{name}.json").write_text(json.dumps(document), encoding="utf-8")


def _good(prefix: str, count: int) -> Case:
    rows = ({"project_no": f"{prefix}{at}", "org_code": GOOD_ORG} for at in range(count))
    return Case(prefix, text(*rows).encode(), count, count)


def _rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(Home(home).published_database, read_only=True) as connection:
        return connection.execute(query).fetchall()


def _expected_quarantine(files: Mapping[str, Case]) -> set[tuple[str, int | None, str | None, str]]:
    refused = {(file, line, column, reason) for file, case in files.items() for line, column, reason in case.refusals}
    return refused | {(file, None, case.column, case.reason) for file, case in files.items() if case.reason}


def test_a_day_of_crafted_files_leaves_the_good_ones_counted(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Home(home).prepare()
    crafted = {f"{at:03}": case for at, case in enumerate(CASES)}
    good = {"前[1].csv": _good("前", 7), "100%.csv": _good("百", 4)}
    after = {"-后'.csv": _good("后", 5)}
    _deliver(home / "landing" / "a", "20230828_01", good)
    _deliver(home / "landing" / "b", "20230828_02", crafted)
    _deliver(home / "landing" / "c", "20230828_03", after)

    outcome = run(load_settings(home, lock_wait_seconds=0))

    assert outcome.exit_code == 5, outcome.facts
    counted = _rows(home, f"select event_date, completed from marts.daily_counts where org_code = '{GOOD_ORG}'")
    assert [(str(day), completed) for day, completed in counted] == [("2023-08-28", 7 + 4 + 5)]
    files = {file: case.expected for part in (good, crafted, after) for file, case in part.items()}
    accounts = _rows(home, "select file, state, records, loaded, superseded, quarantined from meta.files")
    assert {file: tuple(account) for file, *account in accounts} == files
    found = _rows(home, "select file, line, column_name, reason_code from meta.quarantine")
    assert len(found) == len(set(found))
    assert set(found) == _expected_quarantine(crafted)
