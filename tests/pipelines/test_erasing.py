"""The rehearsal of an erasure by the whole program: one invented person goes, every published figure stays."""

import io
import os
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from assets.errors import RefusedError
from assets.exports.erasing.person_search import pseudonyms_of
from assets.exports.keys.secret import rotate
from assets.exports.typing.pseudonym import PseudonymKey
from assets.home import Home
from pipelines import cli
from pipelines.running.outcome import Outcome
from pipelines.settings import load_settings
from pipelines.upkeep.erasing import Lenience, erase
from tests.exports.deliveries import deliver, intake_in, take_all
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


class Site:
    """A home with one accepted file, and a stand-in for the run that follows an erasure: it takes in what is pending."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.intake = intake_in(folder)
        self.intake.home.key_file.write_bytes(self.intake.key.secret)
        self.settings = load_settings(self.intake.home.root)
        monkeypatch.setattr("assets.exports.keys.strength.MIN_KEY_BITS", 0)
        monkeypatch.setattr("pipelines.upkeep.erasing.run", self.run)

    def run(self, *_: object) -> Outcome:
        take_all(self.intake)
        return Outcome(3, {})

    def deliver(self, name: str, *rows: dict[str, str]) -> None:
        deliver(self.intake.landing / name, {"a.csv": accept_csv(rows)}, name, feed="accept")

    def erase(self, **lenience: Any) -> dict[str, int]:
        outcome = erase(self.settings, PERSON, "2026-1", Lenience(**lenience))
        assert outcome.exit_code == 0
        return dict(outcome.facts["erased"])


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_a_person_whom_the_run_brings_again_is_told(site: Site) -> None:
    site.deliver("20230828_01", {"project_no": "P1", "applyer_page_code": PERSON})
    site.run()
    site.deliver("20230829_01", {"project_no": "P2", "applyer_page_code": PERSON})
    assert site.erase() == {"erasure_no": 1, "rows": 1, "originals": 1, "landing": 1, "not_searchable": 0, "came_again": 1}
    assert site.erase()["came_again"] == 0


def test_an_unsettled_original_is_kept_unless_it_is_said(site: Site) -> None:
    # the person's only record is refused, so that the lake does not have it
    site.deliver("20230828_01", {"project_no": "P1", "applyer_page_code": PERSON, "cd_time": "never"}, {"project_no": "P2"})
    site.run()
    with pytest.raises(RefusedError, match=r"20230828_01 a\.csv.*--despite-unsettled"):
        site.erase()
    assert not (site.intake.home.lake / "erasures").exists()
    assert site.erase(despite_unsettled=True)["originals"] == 1


def test_rows_of_a_key_that_is_not_here_are_not_passed_over_in_silence(site: Site, tmp_path: Path) -> None:
    site.deliver("20230828_01", {"project_no": "P1", "applyer_page_code": PERSON})
    site.run()
    rotated = rotate(site.intake.home, site.intake.home.key_file)
    kept = site.intake.home.retired_keys / f"{rotated.former}.key"
    kept.rename(tmp_path / "lost")
    with pytest.raises(RefusedError, match="--lost-key <key id>") as caught:
        site.erase()
    assert str(rotated.former) in str(caught.value)
    # the original tells where the person is, whatever the key
    assert site.erase(lost_keys=[rotated.former])["originals"] == 1
