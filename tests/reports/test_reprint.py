"""A frozen issue printed again: byte for byte what was printed, whatever has changed since, and notes on a page of their own."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from assets.errors import LakeDamageError, RefusedError
from assets.home import Home
from assets.reports.bulletin import RENDERERS, document_name, prepare_issue
from assets.reports.fitness import UnfitError
from assets.reports.fitness_limits import DEFAULT_LIMITS
from assets.reports.freeze import FreezeTerms, freeze_issue, refuse_second_freeze
from assets.reports.printing import print_issue
from assets.reports.reprint import from_record
from assets.reports.sample import copy_sample
from assets.warehouse.frozen import FrozenIssues

from .published_database import FIRST, ISSUE, SECOND, make_published

FORMATS = ("docx", "html", "md", "xlsx", "json")
AT = datetime(2023, 9, 11, 9)
TERMS = FreezeTerms("test", AT, {"counting": {"uncounted_result_types": ["4", "5"]}})
FREEZE_TABLES = (
    "create table marts.opening_balances (as_of date, accepted bigint)",
    "alter table meta.files add column sha256 varchar; alter table meta.files add column loaded bigint;"
    "alter table meta.files add column superseded bigint; alter table meta.files add column quarantined bigint",
    "update meta.deliveries set received_at = null",
)
# the list came again with the same total and other departments; figures, names, rules and copy are others too
LATER = (
    "update meta.rules set value = '4' where rule = 'counting.uncounted_result_types'",
    f"update marts.handbook_progress set finished_in_week = 10 where org_code = '{FIRST}'",
    f"update marts.handbook_progress set finished_in_week = 21, org_name = '示例新名厅' where org_code = '{SECOND}'",
    "update marts.bulletin_figures set value = 775, status = 'revised' where figure = 'composite.accepted.week'",
    "insert into marts.revisions values ('2023-34', 'composite.accepted.week', 774, 775, 1, '2023-09-12', '20230911_01')",
    "insert into marts.published_figures select issue_key, figure, value, timestamp '2023-09-11 09:00', 'test'"
    " from marts.bulletin_figures where figure <> 'composite.accepted.week'"
    " union all select '2023-34', 'composite.accepted.week', 774, timestamp '2023-09-11 09:00', 'test'",
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a publication and copy, of which the issue is fit to print."""
    home = Home(tmp_path / "home")
    home.prepare()
    make_published(home.published_database, FREEZE_TABLES)
    copy_sample(home.editorial)
    return home


def change(home: Home, *statements: str) -> None:
    with duckdb.connect(str(home.published_database)) as con:
        for statement in statements:
            con.execute(statement)


def contents(paths: list[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths}


def frozen(home: Home) -> dict[str, bytes]:
    """Freeze the issue, and give what a print of it gives."""
    freeze_issue(home, prepare_issue(home.published_database, home.editorial, ISSUE), TERMS)
    return contents(print_issue(home, ISSUE, formats=FORMATS).paths)


def test_a_freeze_keeps_what_was_printed(home: Home) -> None:
    before = contents(print_issue(home, ISSUE, formats=FORMATS).paths)
    assert frozen(home) == before
    kept = FrozenIssues(home.lake).get(ISSUE)
    assert kept is not None
    assert {document.name for document in kept.documents} == set(before) == {document_name(ISSUE, name) for name in RENDERERS}
    assert kept.rules == TERMS.rules
    assert {file.file for file in kept.copy_files} == {path.name for path in (home.editorial / ISSUE).glob("*.md")}
    assert kept.bulletin is not None
    words = ["".join(run.text for run in each) for section in from_record(kept.bulletin).sections for each in section.paragraphs]
    assert any("示例民政厅31个办理项" in sentence for sentence in words)


def test_a_reprint_is_equal_byte_for_byte_after_a_changed_list_a_correction_a_changed_rule_and_other_copy(home: Home) -> None:
    before = frozen(home)
    change(home, *LATER)
    (home.editorial / ISSUE / "hall.md").write_text("1. 另一件事。\n", encoding="utf-8")
    (home.editorial / ISSUE / "news.md").unlink()
    again = contents(print_issue(home, ISSUE, home.root / "again", FORMATS).paths)
    assert {name: again.pop(name) for name in before} == before
    # what has changed since is on a page of its own, in each format that has words
    assert set(again) == {f"bulletin-{ISSUE}-notes.{name}" for name in ("docx", "html", "md")}
    notes = again[f"bulletin-{ISSUE}-notes.md"].decode()
    assert "发布值774" in notes
    assert "现值775" in notes
    assert "20230911_01" in notes.replace("\\", "")


def test_without_changes_there_is_no_page_of_notes(home: Home) -> None:
    before = frozen(home)
    assert contents(print_issue(home, ISSUE, home.root / "again", FORMATS).paths) == before


def test_the_kept_document_is_known_by_its_hash(home: Home) -> None:
    frozen(home)
    (document,) = (home.lake / "frozen").glob("*.documents/*.md")
    document.write_bytes(document.read_bytes().replace(b"774", b"775"))
    with pytest.raises(LakeDamageError, match="not the document that was frozen"):
        print_issue(home, ISSUE, formats=("md",))
    (damage,) = FrozenIssues(home.lake).damaged_documents()
    assert document.name in str(damage)
    document.unlink()
    with pytest.raises(LakeDamageError, match="is gone"):
        print_issue(home, ISSUE, formats=("md",))


def test_a_second_freeze_is_refused_and_says_what_differs_now(home: Home) -> None:
    frozen(home)
    change(home, *LATER)

    def prepare() -> None:
        refuse_second_freeze(
            home, ISSUE, lambda: prepare_issue(home.published_database, home.editorial, ISSUE, DEFAULT_LIMITS).bulletin
        )

    with pytest.raises(RefusedError, match="was frozen at 2023-09-11") as refused:
        prepare()
    assert "省本级综窗受理（本周）：定稿 774，现为 775" in str(refused.value)
    assert "“（二）事项授权及受理手册编制推进情况”的文字现在不同" in str(refused.value)
    assert "三、大厅工作动态" not in str(refused.value)


def test_an_unfit_issue_is_frozen_only_with_a_reason_that_is_printed(home: Home) -> None:
    change(home, "insert into marts.coverage_gaps values ('2023-08-29', 'consult', 'no_file')")
    with pytest.raises(UnfitError):
        freeze_issue(home, prepare_issue(home.published_database, home.editorial, ISSUE), TERMS)
    assert FrozenIssues(home.lake).get(ISSUE) is None
    why = "平台方来函说明当日没有咨询"
    prepared = prepare_issue(home.published_database, home.editorial, ISSUE, despite=why)
    kept = freeze_issue(home, prepared, replace(TERMS, despite=why))
    assert (kept.despite, kept.unfit) == (why, ("统计周缺种类：8月29日的咨询信息没有送来（由平台方处理）",))
    text = print_issue(home, ISSUE, formats=("md",)).paths[0].read_text(encoding="utf-8")
    assert f"仍予刊印的理由：{why}" in text
    assert "草稿" not in text


def test_what_a_killed_freeze_left_is_no_freeze(home: Home) -> None:
    prepared = prepare_issue(home.published_database, home.editorial, ISSUE)
    folder = home.lake / "frozen" / f"{ISSUE}.documents"
    folder.mkdir(parents=True)
    (folder / document_name(ISSUE, "md")).write_bytes(b"half a docu")
    assert print_issue(home, ISSUE, formats=("md",)).documents
    freeze_issue(home, prepared, TERMS)
    assert print_issue(home, ISSUE, home.root / "again", ("md",)).paths[0].read_bytes() == prepared.documents(["md"]).popitem()[1]
