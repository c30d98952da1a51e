"""A frozen issue printed again: byte for byte what was printed, whatever has changed since, and notes on a page of their own."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from assets.errors import DamageError, LakeDamageError, RefusedError, UsageError
from assets.home import Home
from assets.reports.bulletin import RENDERERS, document_name, prepare_issue
from assets.reports.editorial.sample_copy import copy_sample
from assets.reports.fitness.fitness import UnfitError
from assets.reports.fitness.limits import DEFAULT_LIMITS
from assets.reports.freeze import FreezeTerms, freeze_issue, record_erratum, refuse_second_freeze
from assets.reports.printing import print_issue
from assets.reports.reprint import from_record
from assets.warehouse.models.rules import CountingRules
from assets.warehouse.state.freeze_files import FrozenIssues

from .published_database import FIRST, ISSUE, SECOND, make_published
from .small_site import OTHER, Site, case, completion, item

FORMATS = ("docx", "html", "md", "xlsx", "json")
AT = datetime(2023, 9, 11, 9)
TERMS = FreezeTerms("test", AT)
FREEZE_TABLES = (
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
    after = frozen(home)
    assert set(after) == set(before)
    # page, workbook and JSON say beside the text that the figures are published now
    assert {name: after[name] for name in after if name.endswith((".docx", ".md"))} == {
        name: before[name] for name in before if name.endswith((".docx", ".md"))
    }
    assert "尚未定稿" in before[document_name(ISSUE, "html")].decode()
    assert "尚未定稿" not in after[document_name(ISSUE, "html")].decode()
    kept = FrozenIssues(home.lake).get(ISSUE)
    assert kept is not None
    assert {document.name for document in kept.documents} == set(before) == {document_name(ISSUE, name) for name in RENDERERS}
    # those that the publication was counted by
    assert kept.rules == {
        "rules": {"counting.uncounted_result_types": "4,5"},
        "codes": {"feed": {"accept": "受理信息", "consult": "咨询信息"}},
    }
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


def test_without_the_published_database_no_reprint_hides_what_has_changed(home: Home) -> None:
    frozen(home)
    change(home, *LATER)
    home.published_database.rename(home.published / "elsewhere.duckdb")
    with pytest.raises(RefusedError, match="nothing is published yet"):
        print_issue(home, ISSUE, formats=FORMATS)
    home.manifest.write_text("{}", encoding="utf-8")
    with pytest.raises(DamageError, match="is damaged; `zhoubao doctor`"):
        print_issue(home, ISSUE, formats=FORMATS)


def test_a_page_of_notes_goes_on_to_be_right_when_nothing_differs_any_more(home: Home) -> None:
    frozen(home)
    change(home, *LATER)
    printed = {path.name for path in print_issue(home, ISSUE, formats=("md",)).paths}
    assert f"bulletin-{ISSUE}-notes.md" in printed
    change(home, "delete from marts.revisions")
    (notes,) = (path for path in print_issue(home, ISSUE, formats=("md",)).paths if "notes" in path.name)
    text = notes.read_text(encoding="utf-8")
    assert "现值" not in text
    assert "定稿后没有修订，也没有更正" in text


def test_a_site_s_frozen_issue_is_reprinted_after_a_correction_another_list_and_another_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(tmp_path / "home", monkeypatch)
    other = {"org_code": OTHER, "org_name": "乙局"}
    site.deliver(
        "20230828_01",
        accept=[case("A", "2023-08-28", "2023-08-28")],
        result=[completion("A", "2023-08-28", "2023-08-28", result_type="4")],
        handbook=[item("H1", "2023-08-28", "2023-08-28"), item("H2", "", "2023-08-28") | other],
    )
    site.deliver("20230901_01", accept=[case("B", "2023-09-01", "2023-09-01")])
    site.run()
    site.freeze(ISSUE)
    before = contents(print_issue(site.home, ISSUE, formats=FORMATS).paths)
    assert "完成甲局1个办理项" in before[f"bulletin-{ISSUE}.md"].decode()
    assert "不含办结结果为作废、删除的件" in before[f"bulletin-{ISSUE}.md"].decode()

    later = Site(site.home.root, monkeypatch, CountingRules(uncounted_result_types=()))
    later.at = site.at
    later.deliver("20230904_01", accept=[case("C", "2023-08-29", "2023-09-04")])
    # the same number of items in the week, of another department, under another name
    renamed = other | {"org_name": "乙委"}
    later.deliver("20230901_02", handbook=[item("H1", "", "2023-09-01"), item("H2", "2023-08-29", "2023-09-01") | renamed])
    later.run()
    now: dict[str, float] = dict(
        later.rows(f"select figure, value from marts.bulletin_figures where issue_key = '{ISSUE}' and status = 'revised'")
    )
    assert now == {
        "composite.accepted.week": 3,
        "composite.accepted.ytd": 3,
        "licence.accepted.ytd": 3,
        "licence.completed.ytd": 1,
    }
    assert later.rows("select org_name from marts.handbook_progress where finished_in_week > 0") == [("乙委",)]
    again = contents(print_issue(site.home, ISSUE, site.home.root / "again", FORMATS).paths)
    assert {name: again.pop(name) for name in before} == before
    notes = again[f"bulletin-{ISSUE}-notes.md"].decode().replace("\\", "")
    assert all(words in notes for words in ("省本级综窗受理（本周）发布值2", "现值3（交付批次20230904_01）"))


def test_an_issue_whose_freeze_was_removed_is_not_printed_as_if_it_were_not_frozen(home: Home) -> None:
    frozen(home)
    change(home, *LATER)
    FrozenIssues(home.lake).path_of(ISSUE).unlink()
    again = prepare_issue(home.published_database, home.editorial, ISSUE)
    for command in (
        lambda: print_issue(home, ISSUE, formats=FORMATS),
        lambda: freeze_issue(home, again, TERMS),
        lambda: record_erratum(home, ISSUE, "更正", "test", AT),
    ):
        with pytest.raises(LakeDamageError, match="is missing, though the issue is published as frozen"):
            command()


def test_the_kept_document_is_known_by_its_hash(home: Home) -> None:
    frozen(home)
    (document,) = (home.lake / "frozen").glob("*.documents/*.md")
    document.write_bytes(document.read_bytes().replace(b"774", b"775"))
    with pytest.raises(LakeDamageError, match="not the document that was frozen"):
        print_issue(home, ISSUE, formats=("md",))
    (damage,) = FrozenIssues(home.lake).damaged_documents()
    assert document.name in str(damage)
    document.unlink()
    with pytest.raises(LakeDamageError, match="is missing"):
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
    assert "“统计口径”的文字现在不同" in str(refused.value)
    assert "三、大厅工作动态" not in str(refused.value)
    assert "报头" not in str(refused.value)
    masthead = home.editorial / ISSUE / "masthead.md"
    masthead.write_text(masthead.read_text(encoding="utf-8").replace("91", "92"), encoding="utf-8")
    with pytest.raises(RefusedError, match="“报头、报尾”的文字现在不同"):
        prepare()


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


def test_a_reason_for_an_issue_that_is_fit_is_refused(home: Home) -> None:
    why = "以防万一"
    prepared = prepare_issue(home.published_database, home.editorial, ISSUE, despite=why)
    with pytest.raises(UsageError, match="is fit to print"):
        freeze_issue(home, prepared, replace(TERMS, despite=why))
    assert FrozenIssues(home.lake).get(ISSUE) is None


def test_no_person_s_number_is_printed_in_a_reason_or_an_erratum(home: Home) -> None:
    change(home, "insert into marts.coverage_gaps values ('2023-08-29', 'consult', 'no_file')")
    why = "已电13800138000核实"
    prepared = prepare_issue(home.published_database, home.editorial, ISSUE, despite=why)
    with pytest.raises(UsageError, match="--despite: it holds what looks like"):
        freeze_issue(home, prepared, replace(TERMS, despite=why))
    assert FrozenIssues(home.lake).get(ISSUE) is None
    freeze_issue(home, prepared, replace(TERMS, despite="已电话核实"))
    with pytest.raises(UsageError, match="--erratum: it holds what looks like"):
        record_erratum(home, ISSUE, why, "test", AT)
    assert FrozenIssues(home.lake).next_erratum(ISSUE) == 1


def test_what_a_killed_freeze_left_is_no_freeze(home: Home) -> None:
    prepared = prepare_issue(home.published_database, home.editorial, ISSUE)
    folder = home.lake / "frozen" / f"{ISSUE}.documents"
    folder.mkdir(parents=True)
    (folder / document_name(ISSUE, "md")).write_bytes(b"half a docu")
    assert print_issue(home, ISSUE, formats=("md",)).documents
    freeze_issue(home, prepared, TERMS)
    assert print_issue(home, ISSUE, home.root / "again", ("md",)).paths[0].read_bytes() == prepared.documents(["md"]).popitem()[1]
