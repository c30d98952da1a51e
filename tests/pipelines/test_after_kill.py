"""What a run tells of deliveries that an earlier one took in and was killed before it said so; files it can do without."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets.exports.delivery import take_in
from assets.exports.landing.scan import Landing
from assets.home import Home
from pipelines.cli import app
from pipelines.resources import intake_of
from pipelines.running import run as running
from pipelines.running.journal import note_taken_in, read_journal, unreported
from pipelines.running.run import run
from pipelines.settings import load_settings
from tests.exports.deliveries import deliver
from tests.exports.feed_files import result_csv

FIRST, SECOND = "20230828_01", "20230829_01"
# a file that fits no feed is quarantined whole
FILES = {"a.csv": result_csv([{"project_no": "S1"}]), "b.csv": b"nobody,knows\n1,2\n"}


def test_what_a_killed_run_took_in_is_the_next_runs_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, since each of its runs takes its time."""
    settings = load_settings(tmp_path / "home", lock_wait_seconds=0)
    home = settings.place
    home.prepare()
    deliver(home.landing / FIRST, FILES, FIRST)
    # killed after it took the delivery in, before it built anything
    note_taken_in(home, [FIRST])
    intake = intake_of(settings)[0]
    list(take_in(intake.survey().arrivals, intake))
    told = run(settings)
    assert (told.exit_code, told.facts["arrivals"], told.facts["earlier"]) == (5, [], [FIRST])
    assert [(one["file"], one["state"]) for one in told.facts["accounts"]] == [("a.csv", "loaded"), ("b.csv", "quarantined")]
    assert unreported(home) == []

    deliver(home.landing / SECOND, FILES, SECOND)
    with monkeypatch.context() as patched:
        patched.setattr(running, "write_journal", _killed)
        with pytest.raises(KeyboardInterrupt):
            run(settings)
    # published already, and told of by nobody
    told = run(settings)
    assert (told.exit_code, told.facts["earlier"]) == (5, [SECOND])
    assert [one["delivery"] for one in told.facts["accounts"]] == [SECOND, SECOND]
    assert run(settings).exit_code == 3


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_sound_delivery_of_a_killed_run_is_told_as_done(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home", lock_wait_seconds=0)
    nothing = Landing((), ())
    settings.place.prepare()
    deliver(settings.place.landing / FIRST, {"a.csv": FILES["a.csv"]}, FIRST)
    intake = intake_of(settings)[0]
    list(take_in(intake.survey().arrivals, intake))
    told = running._nothing_new(intake, nothing, [FIRST])
    assert (told.exit_code, [one["file"] for one in told.facts["accounts"]]) == (0, ["a.csv"])
    assert running._nothing_new(intake, nothing, []).exit_code == 3


def test_an_unreadable_note_or_journal_is_no_damage(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    for content in (b"\xff\x00", b"[1", b"{}", b'"x"', b""):
        home.unreported.write_bytes(content)
        assert unreported(home) == []
        home.journal.write_bytes(content)
        assert read_journal(home)[0] is None
        result = CliRunner().invoke(app, ["status", "--home", str(home.root)])
        assert (result.exit_code, result.exception) == (0, None)
        assert "run.json: cannot be read" in result.stderr
    note_taken_in(home, [FIRST])
    note_taken_in(home, [SECOND, FIRST])
    assert unreported(home) == [FIRST, SECOND]
