"""What copy says that cannot be right, and files that the folder should not hold: told at once, with file and line."""

from datetime import date
from pathlib import Path

import pytest

from assets.errors import UsageError
from assets.reports.bulletin import write_bulletin
from assets.reports.editorial.editorial import read_editorial

from .editorial_copy import DUTY, ISSUE, KNOWN, MASTHEAD, faults, hall, read, words
from .published_database import make_published


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("1. 8月26日、9月1日，开会。", []),
        ("1. 2月30日，开会。", ["1: 错误：历法中没有2月30日"]),
        ("1.2月30日，开会。", ["1: 错误：历法中没有2月30日"]),
        ("甲\n\n自2023年9月31日起", ["3: 错误：历法中没有9月31日"]),
        ("8月30日至32日", ["1: 错误：历法中没有8月32日"]),
        ("13月1日", ["1: 错误：历法中没有13月1日"]),
        # 2024 is a leap year, 2023 is none
        ("2024年2月29日", ["1: 请核对：2月29日不在本期统计周"]),
        ("2月29日", ["1: 错误：历法中没有2月29日"]),
        ("甲，\n8月25日，开会。", ["2: 请核对：8月25日不在本期统计周（2023-08-26至2023-09-01）之内"]),
        ("2022年8月30日", ["1: 请核对：8月30日不在本期统计周"]),
        ("8月29日—9月2日", ["1: 请核对：9月2日不在"]),
        ("8月29—30日、31日", []),
        ("9 月 2 日", ["1: 请核对：9月2日不在"]),
        ("9月份，13个月，2023年第34期", []),
    ],
)
def test_days(tmp_path: Path, text: str, findings: list[str]) -> None:
    _, found = words(tmp_path, text)
    assert len(found) == len(findings), found
    assert all(one.startswith(start) for one, start in zip(found, findings, strict=True)), found


def test_a_week_over_the_new_year_has_days_of_both(tmp_path: Path) -> None:
    (tmp_path / "hall.md").write_text("12月31日、1月3日，开会；1月9日，再开。", encoding="utf-8")
    days = {"window_start": date(2023, 12, 30), "shown_start": date(2024, 1, 2)}
    issue = type(ISSUE)(**(vars(ISSUE) | days | {"cutoff_date": date(2024, 1, 5), "shown_end": date(2024, 1, 5)}))
    _, (finding,) = read_editorial(tmp_path, issue, ())
    assert "1月9日不在" in finding.text


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("水利厅", None),
        ("省水利厅", None),
        ("林业和草原局", None),
        # abbreviations leave characters out
        ("省林草局", None),
        ("省市场监管局", None),
        ("水利厅、民政厅", None),
        ("水力厅", "错误"),
        ("水利厅、民正厅", "错误"),
        ("水利局", "错误"),
        ("水厅", "错误"),
        ("水利利厅", "请核对"),
        ("省药品监管局", "请核对"),
        ("外事办", "请核对"),
    ],
)
def test_departments(tmp_path: Path, name: str, severity: str | None) -> None:
    duty = faults(tmp_path, "duty", DUTY.replace("示例厅", name))
    bold = faults(tmp_path, "hall", f"甲\n\n近日，**{name}**开会")
    assert [finding.split("：")[0] for finding in duty] == ([] if severity is None else [f"3: {severity}"])
    assert [finding.split("：")[0] for finding in bold] == ([] if severity is None else [f"3: {severity}"])


def test_the_nearest_department_is_offered(tmp_path: Path) -> None:
    (finding,) = faults(tmp_path, "duty", DUTY.replace("示例厅", "水力厅"))
    assert "「水利厅」" in finding


def test_the_office_s_own_list_of_departments_is_believed(tmp_path: Path) -> None:
    folder = tmp_path / "2023-34"
    folder.mkdir()
    (tmp_path / "departments.txt").write_text("\ufeff# 没有办件的部门\n水力厅 # 新设\n\n", encoding="utf-8")
    assert faults(folder, "duty", DUTY.replace("示例厅", "水力厅")) == []
    (tmp_path / "departments.txt").write_bytes("水利厅\n水力厅".encode("gb18030"))
    _, (_, finding) = read(folder)
    assert "departments.txt:1: 错误：不是 UTF-8" in finding


def test_a_person_s_name_is_never_repeated(tmp_path: Path) -> None:
    wrong = DUTY.replace("示例厅", "林示远").replace("职务: 副厅长", "林示远: 副厅长") + "林示远\n"
    _, findings = read(tmp_path, duty=wrong, hall="近日，**林示远**讲话，**林示远")
    assert len(findings) > 3
    assert "林示远" not in "".join(findings)


@pytest.mark.parametrize(
    ("day", "count"), [("2023-09-01", 0), ("2023-11-02", 0), ("2023-08-31", 1), ("2022-09-11", 1), ("2024-09-11", 1)]
)
def test_a_masthead_of_another_issue_is_told(tmp_path: Path, day: str, count: int) -> None:
    found = faults(tmp_path, "masthead", MASTHEAD.replace("2023-09-11", day))
    assert [finding.split("：")[0] for finding in found] == ["3: 请核对"] * count


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("~$hall.docx", None),
        (".DS_Store", None),
        (".hall.md", None),
        (".~lock.hall.md#", None),
        ("Thumbs.db", None),
        ("~WRL0001.tmp", None),
        ("halls.md", "错误：没有这个名称的节，最接近的是 hall.md"),
        ("大厅工作动态.md", "错误：没有这个名称的节；各节的文件是"),
        ("hall.docx", "错误：不读这个文件，「大厅工作动态」会印作缺稿；请另存为 hall.md"),
        ("Hall.md", "错误：不读这个文件，「大厅工作动态」会印作缺稿；请另存为 hall.md"),
        ("news.md.txt", "错误：不读这个文件，「政务资讯」会印作缺稿"),
        ("duty.docx", "请核对：不是编辑稿的文件"),
        ("草稿.docx", "请核对：不是编辑稿的文件"),
    ],
)
def test_files_that_are_no_section(tmp_path: Path, name: str, finding: str | None) -> None:
    (tmp_path / name).write_bytes(b"PK")
    _, found = read(tmp_path, duty=DUTY)
    assert [one[: len(f"{name}:1: {finding}")] for one in found] == ([] if finding is None else [f"{name}:1: {finding}"])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("甲\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n", 3, "公报里不能有表格"),
        ("甲\n| 甲 | 乙 |\n| 1 | 2 |\n", 2, "公报里不能有表格"),
        ("甲\n\n# 大厅工作动态\n\n乙", 3, "公报里不能有标题"),
        ("甲\n乙<b>丙", 2, "公报里不能有HTML"),
        ("<div>\n甲\n</div>\n\n乙", 1, "公报里不能有HTML"),
        ("甲\n\n![图](a.png)\n", 3, "公报里不能有图片"),
        ("甲\n\n近日，**甲局印发\n", 3, "粗体没有闭合"),
        ("甲\n\n近日，**《办法》**印发\n", 3, "这里的 ** 没有读成粗体"),
    ],
)
def test_what_markdown_has_and_the_bulletin_has_not(tmp_path: Path, text: str, line: int, message: str) -> None:
    _, (finding,) = hall(tmp_path, text)
    assert finding.startswith(f"{line}: 错误：{message}")


def test_everything_is_told_at_once_and_nothing_is_printed(tmp_path: Path) -> None:
    folder = tmp_path / "editorial" / "2023-34"
    folder.mkdir(parents=True)
    (folder / "草稿.docx").write_bytes(b"PK")
    (folder / "masthead.md").write_text("---\n主办单位: 示例中心\n日期: 2023-02-30\n---\n正文\n", encoding="utf-8")
    (folder / "hall.md").write_text("1.2月30日，开会\n1.**示例民正厅**\n# 标题\n8月1日\n", encoding="utf-8")
    (folder / "duty.md").write_text(DUTY.replace("示例厅", "示例水力厅"), encoding="utf-8")
    database = make_published(tmp_path / "warehouse.duckdb")
    with pytest.raises(UsageError) as refusal:
        write_bulletin(database, tmp_path / "editorial", tmp_path / "reports", "2023-34")
    assert not (tmp_path / "reports").exists()
    first, *lines = str(refusal.value).splitlines()
    assert first == f"{folder}：编辑稿有10处错误、3处请核对，改好错误之后再印"
    places = [line.removeprefix(f"{folder}/").split("：")[0] for line in lines]
    assert places == [
        *(
            "duty.md:3: 错误",
            "hall.md:1: 错误",
            "hall.md:2: 错误",
            "hall.md:2: 错误",
            "hall.md:3: 错误",
            "hall.md:4: 请核对",
            "hall.md:4: 请核对",
        ),
        *("masthead.md:2: 错误", "masthead.md:2: 错误", "masthead.md:2: 错误", "masthead.md:3: 错误", "masthead.md:5: 错误"),
        "草稿.docx:1: 请核对",
    ]


def test_what_is_only_to_be_looked_at_is_printed_and_told(tmp_path: Path) -> None:
    folder = tmp_path / "editorial" / "2023-34"
    folder.mkdir(parents=True)
    (folder / "hall.md").write_text("1. 8月1日，开会。\n", encoding="utf-8")
    database = make_published(tmp_path / "warehouse.duckdb")
    printed = write_bulletin(database, tmp_path / "editorial", tmp_path / "reports", "2023-34", ("md",), draft=True)
    message = printed.messages[0]
    assert message.startswith(f"{folder / 'hall.md'}:1: 请核对：8月1日")
    assert "8月1日，开会。" in printed.paths[0].read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_has_no_findings(tmp_path: Path) -> None:
    assert read_editorial(tmp_path / "2023-34", ISSUE, KNOWN)[1] == []
