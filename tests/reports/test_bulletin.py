"""One issue end to end: from a published database and editorial files to the files of every format."""

import io
import re
import time
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from python_calamine import CalamineWorkbook

from assets.errors import DamageError, RefusedError, UsageError
from assets.reports.bulletin import write_bulletin
from assets.reports.editorial.sample_copy import copy_sample

from .published_database import FIGURES, ISSUE, PRINTED_PERCENTAGE, make_published

FORMATS = ("docx", "html", "md", "xlsx")
# handbook.items is the denominator of the share: it is in the workbook alone
IN_TEXT = [
    f"{value:.0f}{unit}" for name, (value, unit, *_) in FIGURES.items() if name not in ("handbook.items", "handbook.share")
]


# what the page shows beside the bulletin's own text, and does not print
ON_SCREEN_ALONE = re.compile(r'(?s)<style>.*?</style>|<nav class="screen".*?</nav>|<section class="panel screen".*?</section>')


def written(folder: Path, *changes: str, sample: bool = True, formats: tuple[str, ...] = FORMATS) -> dict[str, bytes]:
    database = make_published(folder / "warehouse.duckdb", changes)
    if sample:
        copy_sample(folder / "editorial")
    paths = write_bulletin(database, folder / "editorial", folder / "reports", ISSUE, formats, draft=True).paths
    assert [path.name for path in paths] == [f"bulletin-{ISSUE}.{name}" for name in formats]
    return {path.suffix[1:]: path.read_bytes() for path in paths}


def texts(files: dict[str, bytes]) -> dict[str, str]:
    """The words of each text format, without marks."""
    word = Document(io.BytesIO(files["docx"]))
    lines = ["".join(text.text or "" for text in each.iter(qn("w:t"))) for each in word.element.body.iter(qn("w:p"))]
    return {
        "docx": "\n".join(lines),
        "html": re.sub(r"<[^>]+>", "", ON_SCREEN_ALONE.sub("", files["html"].decode())),
        "md": files["md"].decode(),
    }


def test_every_published_figure_stands_in_every_text(tmp_path: Path) -> None:
    for name, text in texts(written(tmp_path)).items():
        for figure in (*IN_TEXT, PRINTED_PERCENTAGE, "示例民政厅31个办理项", "2023年第34期（总第454期）", "（8月28日—9月1日）"):
            assert figure in text, (name, figure)
        assert "数据截至2023年9月1日" in text, name
        assert "〔" not in text, name
        assert not re.search(r"\d,\d", text), name


def test_the_figure_sentences_are_those_of_the_office_s_form(tmp_path: Path) -> None:
    text = texts(written(tmp_path))["md"]
    assert (
        "本周，共计咨询1724人次、受理774件、颁发6613件、流转12471件；"
        "今年以来，累计咨询46612人次、受理12658件、颁发115944件、流转204351件。"
    ) in text
    assert (
        "据省一体化政务服务平台统计，今年以来（截至9月1日），省本级行政许可事项受理332407件，办结327016件；"
        "公共服务事项受理7273758件，办结5972103件，其它6类行权事项受理25602件，累计办结25738件。"
    ) in text


def test_the_parts_stand_in_the_office_s_order(tmp_path: Path) -> None:
    parts = (
        *("一、综窗改革攻坚行动", "（一）省本级综窗办件情况", "（二）事项授权及受理手册编制推进情况", "（三）其它工作开展情况"),
        *(
            "二、省级政务服务事项受理办理情况",
            "三、大厅工作动态",
            "四、厅（局）长进大厅",
            "五、政务资讯",
            "送：",
            "发：",
            "（共印91份）",
        ),
    )
    for name, text in texts(written(tmp_path)).items():
        places = [text.index(part) for part in parts]
        assert places == sorted(places), name


def test_sections_without_copy_are_printed_as_missing(tmp_path: Path) -> None:
    for name, text in texts(written(tmp_path, sample=False)).items():
        for file in ("other_work.md", "hall.md", "duty.md", "news.md"):
            assert f"〔本节缺稿：{file}〕" in text, name
        assert "〔缺：masthead.md〕" in text, name
        assert all(figure in text for figure in IN_TEXT), name


def test_figures_that_are_not_known_are_missing_and_never_zero(tmp_path: Path) -> None:
    files = written(
        tmp_path,
        "delete from marts.bulletin_figures where figure like 'handbook.%'",
        "update marts.bulletin_figures set value = null where figure like 'composite.%.ytd'",
        "delete from marts.cumulative_counts",
    )
    for name, text in texts(files).items():
        assert "今年以来，累计咨询〔缺〕、受理〔缺〕、颁发〔缺〕、流转〔缺〕。" in text, name
        assert "占比〔缺〕" in text, name
        assert "截止日前没有收到受理工作手册清单" in text, name
        assert "截止日早于期初余额的截止日" in text, name
        assert "行政许可事项受理332407件" in text, name
        assert not re.search(r"(?<!\d)0(件|人次|个)", text), name
    figures = sheet(files["xlsx"], "本期（草稿）")
    # nothing is published yet, and what is counted now is not known
    assert figures["handbook.items"][2:4] == ["", "缺"]
    departments = sheet(files["xlsx"], "部门")
    assert departments["示例民政厅"][1:] == [1000, 700, 650, 6000, 12000, *["缺"] * 5]


def test_incomplete_days_are_named(tmp_path: Path) -> None:
    files = written(
        tmp_path,
        "delete from meta.deliveries where business_date in ('2023-08-26', '2023-08-27', '2023-08-31', '2023-03-01')",
        "update meta.deliveries set state = 'waiting' where business_date = '2023-08-29'",
        "update marts.issue_coverage set week_days_delivered = 3, year_days_delivered = 239, is_complete = false",
    )
    for name, text in texts(files).items():
        assert "本周统计期应有7天数据，缺4天：8月26日至8月27日、8月29日、8月31日。" in text, name
        assert "今年以来应有244天数据，缺5天。" in text, name


def test_waivers_that_touch_the_issue_are_printed(tmp_path: Path) -> None:
    def accepted(check_id: str, reason: str, first: str, last: str, is_in_force: bool) -> str:
        return (
            f"insert into meta.acceptances values ('{check_id}', '2023-09-02 03:00', '周环比不超过三倍。', '{reason}', 1,"
            f" '20230901_01', {first}, {last}, {is_in_force})"
        )

    files = written(
        tmp_path,
        accepted("week_jump", "集中补录\n已核实", "'2023-09-08'", "'2023-09-08'", True),
        accepted("of_its_week", "平台确认", "'2023-09-01'", "'2023-09-04'", False),
        accepted("of_its_week", "前一理由", "'2023-08-20'", "'2023-08-26'", False).replace("09-02 03:00", "08-27 03:00"),
        accepted("of_another_week", "上周的理由", "'2023-08-19'", "'2023-08-25'", False),
        accepted("of_no_delivery", "口径已改", "null", "null", False),
    )
    for name, text in texts(files).items():
        assert "（week_jump）：周环比不超过三倍。放行理由：集中补录 已核实。" in text, name
        assert "（of_its_week）：周环比不超过三倍。放行理由：平台确认。" in text.replace("\\_", "_"), name
        assert "前一理由" not in text, name
        assert "上周的理由" not in text, name
        assert "口径已改" not in text, name


def test_a_frozen_issue_is_printed_as_it_was_published(tmp_path: Path) -> None:
    files = written(
        tmp_path,
        "insert into marts.published_figures"
        f" select issue_key, figure, value, '2023-09-11', 'v1' from marts.bulletin_figures where issue_key = '{ISSUE}'",
        "update marts.bulletin_figures set value = 775 where figure = 'composite.accepted.week'",
        "update marts.bulletin_figures set value = 0.5515, numerator = 910 where figure = 'handbook.share'",
        "insert into marts.revisions values"
        f" ('{ISSUE}', 'composite.accepted.week', 774, 775, 1, '2023-09-20 03:00', '20230919_01,20230919_02')",
    )
    for name, text in texts(files).items():
        assert "受理774件" in text, name
        assert PRINTED_PERCENTAGE in text, name
        assert "省本级综窗受理（本周）发布值774，2023年9月20日起，现值775（交付批次20230919_01、20230919_02）" in text.replace(
            "\\_", "_"
        ), name
    assert sheet(files["xlsx"], "本期")["composite.accepted.week"][2:4] == [774, 775]


def sheet(content: bytes, title: str) -> dict[str, list[object]]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(title).to_python()
    return {str(row[0]): list(row) for row in rows}


def test_the_same_data_make_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = written(tmp_path)
    hour = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: hour)
    monkeypatch.setattr(time, "localtime", lambda _=None: time.gmtime(hour))
    again = write_bulletin(tmp_path / "warehouse.duckdb", tmp_path / "editorial", tmp_path / "again", ISSUE, FORMATS).paths
    assert {path.suffix[1:]: path.read_bytes() for path in again} == first


def test_files_of_the_zip_formats_are_dated_by_the_issue(tmp_path: Path) -> None:
    files = written(tmp_path)
    for name in ("docx", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(files[name])) as archive:
            assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert b"2023-09-11T00:00:00Z" in archive.read("docProps/core.xml")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (("update marts.issue_calendar set cutoff_date = '2023-09-08' where issue_key = '2023-34'",), "after 2023-09-01"),
        (("update marts.issue_coverage set week_days_delivered = 0",), "no day of its accounting week 2023-08-26 to 2023-09-01"),
        (("delete from marts.issue_coverage",), "no day of its accounting week"),
        ((), "7 days are there"),
    ],
)
def test_an_issue_without_figures_is_refused_with_the_reason(tmp_path: Path, changes: tuple[str, ...], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        written(tmp_path, "delete from marts.bulletin_figures", *changes)
    assert not (tmp_path / "reports").exists()


def test_what_cannot_be_printed_is_refused(tmp_path: Path) -> None:
    database, editorial = make_published(tmp_path / "warehouse.duckdb"), tmp_path / "editorial"
    with pytest.raises(RefusedError, match="no issue 2031-01"):
        write_bulletin(database, editorial, tmp_path, "2031-01")
    with pytest.raises(RefusedError, match="2023-35 has no figures: its cut-off 2023-09-08 is after 2023-09-01"):
        write_bulletin(database, editorial, tmp_path, "2023-35")
    with pytest.raises(RefusedError, match="nothing is published"):
        write_bulletin(tmp_path / "none.duckdb", editorial, tmp_path, ISSUE)
    with pytest.raises(UsageError, match=r"'odt' is not known; the formats are docx, html, md, xlsx, .*pdf"):
        write_bulletin(database, editorial, tmp_path, ISSUE, ("md", "odt"))
    with pytest.raises(UsageError, match="not an issue"):
        write_bulletin(database, editorial, tmp_path, "../2023-34")
    assert not list(tmp_path.glob("bulletin*"))


def test_what_is_no_published_database_is_told_apart(tmp_path: Path) -> None:
    text = tmp_path / "text.duckdb"
    text.write_text("not a database")
    with pytest.raises(DamageError, match=r"text\.duckdb"):
        write_bulletin(text, tmp_path, tmp_path, ISSUE)
    with pytest.raises(DamageError, match="not a published database"):
        write_bulletin(make_published(tmp_path / "old.duckdb", ["drop table marts.revisions"]), tmp_path, tmp_path, ISSUE)


def test_a_count_that_is_no_whole_number_is_damage(tmp_path: Path) -> None:
    with pytest.raises(DamageError, match=r"composite\.accepted\.week"):
        written(tmp_path, "update marts.bulletin_figures set value = 774.5 where figure = 'composite.accepted.week'")


def test_the_published_database_is_left_as_it_is(tmp_path: Path) -> None:
    database = make_published(tmp_path / "warehouse.duckdb")
    before = (database.read_bytes(), set(tmp_path.iterdir()))
    write_bulletin(database, tmp_path / "editorial", tmp_path / "reports", ISSUE, draft=True)
    assert (database.read_bytes(), set(tmp_path.iterdir()) - {tmp_path / "reports"}) == before


def test_the_sample_leaves_what_is_there(tmp_path: Path) -> None:
    own = tmp_path / ISSUE / "hall.md"
    own.parent.mkdir()
    own.write_text("本中心的稿件。", encoding="utf-8")
    copied = copy_sample(tmp_path)
    assert own not in copied
    assert own.read_text(encoding="utf-8") == "本中心的稿件。"
    assert {path.name for path in copied} == {"masthead.md", "other_work.md", "duty.md", "news.md"}
    assert copy_sample(tmp_path) == []
