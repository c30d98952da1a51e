"""The rehearsal of an erasure by the whole program: one invented person goes, every published figure stays."""

import io
import os
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from assets.exports.person_search import pseudonyms_of
from assets.exports.pseudonym import PseudonymKey
from assets.home import Home
from pipelines import cli
from tests.exports.deliveries import deliver
from tests.exports.feed_files import accept_csv, result_csv
from tests.pipelines.scan import Sought, _contents, _hits

# invented
PERSON, OTHER = "51010619900101123X", "510106198512314567"
# of the publication itself, which is another one
_PUBLISHED_ANEW = {"meta.publication", "meta.publication_changes", "quality.checks", "quality.history"}


def command(monkeypatch: pytest.MonkeyPatch, home: Path, *words: str, said: str = "") -> int:
    monkeypatch.setattr(sys, "argv", ["zhoubao", *words, "--home", str(home)])
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    for name in ("excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setattr("faulthandler.enable", lambda *_: None)
    umask = os.umask(0o022)
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        os.umask(umask)
    return 0


def published(home: Home) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(home.published_database, read_only=True) as connection:
        query = "select schema_name || '.' || table_name from duckdb_tables() where not internal order by all"
        names = [name for (name,) in connection.execute(query).fetchall()]
        return {
            name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr)
            for name in names
            if name not in _PUBLISHED_ANEW
        }


def traces(home: Home, sought: Sought) -> list[str]:
    return [str(path) for path in sorted(home.root.rglob("*")) if path.is_file() and _hits(_contents(path), sought)]


def test_a_person_is_erased_and_every_published_table_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    rows = [
        {"project_no": f"510000-20230828-{number:06d}", "applyer_page_code": code}
        for number, code in enumerate([PERSON, OTHER, PERSON], start=1)
    ]
    deliver(home.landing / "one", {"a.csv": accept_csv(rows)}, feed="accept")
    deliver(home.landing / "two", {"r.csv": result_csv(rows[:1])}, name="20230829_01")
    deliver(home.landing / "three", {"r.csv": result_csv([{"project_no": "510000-20230828-000002"}])}, name="20230830_01")
    assert command(monkeypatch, home.root, "run") == 0
    key = PseudonymKey(home.key_file.read_bytes().strip())
    needles = {trace.encode(): trace for trace in (PERSON, PERSON.lower(), *pseudonyms_of(PERSON, [key]))}
    sought = Sought(needles)
    # the search can find: landing, archive and lake have the person
    found = traces(home, sought)
    assert {Path(path).relative_to(home.root).parts[0] for path in found} == {"landing", "archive", "lake"}
    before = published(home)

    assert command(monkeypatch, home.root, "erase", "--case", "2026-017", said=PERSON + "\n") == 0
    assert traces(home, sought) == []
    assert published(home) == before
    # the third delivery has nothing of the person
    assert len([path for path in home.archive.rglob("*") if path.is_file()]) == 1
    lake = pl.read_parquet(list((home.lake / "accept").rglob("*.parquet"))).sort("line")
    assert lake["applicant_pseudonym"].is_null().to_list() == [True, False, True]

    assert command(monkeypatch, home.root, "erase", "--case", "2026-017", said=PERSON) == 3
    assert command(monkeypatch, home.root, "rebuild") == 0
    assert published(home) == before
    assert command(monkeypatch, home.root, "run") == 3
    assert command(monkeypatch, home.root, "doctor") == 0
    assert traces(home, sought) == []


@pytest.mark.parametrize(
    ("case", "said", "expected"),
    [
        ("2026-1", "", "standard input"),
        ("2026-1", "12345", "standard input"),
        (PERSON, PERSON, "--case"),
        ("张三", PERSON, "--case"),
    ],
)
def test_what_can_be_no_number_or_case_is_refused_without_being_shown(
    case: str, said: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(monkeypatch, tmp_path, "erase", "--case", case, said=said) == 2
    shown = "".join(capsys.readouterr())
    assert expected in shown
    assert PERSON not in shown
