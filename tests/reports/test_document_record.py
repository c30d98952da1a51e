"""Documents that somebody worked on are never overwritten: the new ones get a number, and the message names both."""

import json
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import dagster as dg
import pytest

from assets.home import Home
from assets.publication.store.manifest import PublishedDatabase, PublishedManifest
from assets.reports.assets import Press, note_issues, report_assets
from assets.reports.bulletin import PrintedBulletin, write_bulletin
from assets.reports.bulletin_style import DEFAULT_STYLE
from assets.reports.document_record import RECORD, write_documents
from assets.reports.fitness.limits import DEFAULT_LIMITS

from .published_database import ISSUE, make_published

FORMATS = ("docx", "html", "md", "xlsx")
CHANGE = "update marts.bulletin_figures set value = 775 where figure = 'composite.accepted.week'"


def write(folder: Path, **documents: str) -> list[str]:
    """Write documents of these formats; the names they got."""
    made = {f"b.{name}": text.encode() for name, text in documents.items()}
    return [document.path.name for document in write_documents(folder, made)]


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.name != RECORD}


def test_our_own_document_is_replaced(tmp_path: Path) -> None:
    assert write(tmp_path, md="first") == ["b.md"]
    assert write(tmp_path, md="second") == ["b.md"]
    assert contents(tmp_path) == {"b.md": "second"}
    assert json.loads((tmp_path / RECORD).read_text()) == {"b.md": sha256(b"second").hexdigest()}


def test_a_document_edited_by_hand_is_kept_and_the_new_one_gets_a_number(tmp_path: Path) -> None:
    write(tmp_path, docx="first", md="first")
    (tmp_path / "b.docx").write_text("edited")
    assert write(tmp_path, docx="second", md="second") == ["b_2.docx", "b.md"]
    assert contents(tmp_path) == {"b.docx": "edited", "b_2.docx": "second", "b.md": "second"}
    # the numbered one is ours, so that a third run makes no third file
    assert write(tmp_path, docx="third") == ["b_2.docx"]
    (tmp_path / "b_2.docx").write_text("edited too")
    assert write(tmp_path, docx="fourth") == ["b_3.docx"]
    assert contents(tmp_path) == {"b.docx": "edited", "b_2.docx": "edited too", "b_3.docx": "fourth", "b.md": "second"}


def test_the_newest_document_has_the_highest_number(tmp_path: Path) -> None:
    write(tmp_path, md="first")
    (tmp_path / "b.md").write_text("edited")
    write(tmp_path, md="second")
    (tmp_path / "b.md").unlink()
    assert write(tmp_path, md="third") == ["b_2.md"]
    assert contents(tmp_path) == {"b_2.md": "third"}


def test_a_document_of_unknown_origin_is_kept(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("somebody's")
    (tmp_path / "b_note.md").write_text("another document")
    assert write(tmp_path, md="ours") == ["b_2.md"]
    assert contents(tmp_path) == {"b.md": "somebody's", "b_2.md": "ours", "b_note.md": "another document"}


@pytest.mark.parametrize("record", ["", "{", "[]", '{"b.md": 3}', None])
def test_without_a_sound_record_only_an_equal_document_is_replaced(tmp_path: Path, record: str | None) -> None:
    write(tmp_path, md="first")
    if record is None:
        (tmp_path / RECORD).unlink()
    else:
        (tmp_path / RECORD).write_text(record)
    assert write(tmp_path, md="first") == ["b.md"]
    assert write(tmp_path, md="second") == ["b.md"]
    (tmp_path / RECORD).write_text(record or "{}")
    assert write(tmp_path, md="third") == ["b_2.md"]


def test_a_folder_of_the_document_s_name_is_kept(tmp_path: Path) -> None:
    (tmp_path / "b.md").mkdir()
    assert write(tmp_path, md="first") == ["b_2.md"]


def test_the_message_names_both_documents(tmp_path: Path) -> None:
    write_documents(tmp_path, {"b.md": b"first"})
    (tmp_path / "b.md").write_text("edited")
    (document,) = write_documents(tmp_path, {"b.md": b"second"})
    assert document.kept == tmp_path / "b.md"
    assert document.message is not None
    assert str(tmp_path / "b.md") in document.message
    assert str(tmp_path / "b_2.md") in document.message
    (replaced,) = write_documents(tmp_path / "other", {"b.md": b"second"})
    assert (replaced.kept, replaced.message) == (None, None)


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PrintedBulletin]:
    """An issue printed, edited by hand in every format, and printed again with another figure."""
    folder = tmp_path_factory.mktemp("edited")
    printed = write_bulletin(
        make_published(folder / "first.duckdb"), folder / "editorial", folder / "reports", ISSUE, FORMATS, draft=True
    )
    for path in printed.paths:
        path.write_bytes(path.read_bytes() + b"by hand")
    changed = make_published(folder / "second.duckdb", [CHANGE])
    return folder / "reports", write_bulletin(changed, folder / "editorial", folder / "reports", ISSUE, FORMATS, draft=True)


@pytest.mark.parametrize("name", FORMATS)
def test_a_bulletin_edited_by_hand_is_kept_in_every_format(edited: tuple[Path, PrintedBulletin], name: str) -> None:
    folder, printed = edited
    assert (folder / f"bulletin-{ISSUE}.{name}").read_bytes().endswith(b"by hand")
    assert folder / f"bulletin-{ISSUE}_2.{name}" in printed.paths
    assert any(f"bulletin-{ISSUE}.{name}" in text and f"bulletin-{ISSUE}_2.{name}" in text for text in printed.messages)


def test_dagster_keeps_a_bulletin_edited_by_hand(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    make_published(home.published_database)
    own = home.reports / ISSUE / f"bulletin-{ISSUE}.docx"
    own.parent.mkdir()
    own.write_bytes(b"by hand")
    home.manifest.write_bytes(_manifest_of(ISSUE).as_json())
    living: list[str] = []
    handed = {"press": Press(home, DEFAULT_LIMITS, DEFAULT_STYLE, living.append)}
    with dg.DagsterInstance.ephemeral() as instance:
        note_issues(instance, [ISSUE])
        result = dg.materialize([report_assets()], instance=instance, partition_key=ISSUE, resources=handed)
    assert living == [result.run_id]
    assert own.read_bytes() == b"by hand"
    metadata = result.asset_materializations_for_node("reports__bulletin")[0].metadata
    assert metadata["文件"].value == [f"bulletin-{ISSUE}_2.docx", f"bulletin-{ISSUE}.html", f"bulletin-{ISSUE}.md"]
    assert str(own) in str(metadata["须看"].value)
    # no copy is there, so it is not fit to print
    assert metadata["草稿"].value is True


def _manifest_of(issue: str) -> PublishedManifest:
    return PublishedManifest(
        version="20230902T023000-00000000",
        built_at=datetime(2023, 9, 2, 2, 30),
        code_version="test",
        business_date_through=date(2023, 9, 1),
        issues=[issue],
        last_refused_run=None,
        inputs_sha256="",
        database=PublishedDatabase(file="warehouse.duckdb", sha256="", bytes=0),
        tables={},
    )
