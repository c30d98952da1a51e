"""Editorial files: what is read from them, and that every fault is named by file and line without repeating a person's name."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.reports.document import Item, Run, plain, text_of
from assets.reports.editorial.editorial import DutyEntry, Editorial, Masthead, read_editorial
from assets.reports.text.patterns import default_wording
from assets.reports.text.sentences import duty_list

from .editorial_copy import DUTY, ISSUE, KNOWN, MASTHEAD, faults, hall, read, words


def test_a_folder_that_is_not_there_is_an_issue_without_copy(tmp_path: Path) -> None:
    assert read_editorial(tmp_path / "2023-34", ISSUE, KNOWN) == (Editorial(), [])


@pytest.mark.parametrize("name", ["masthead", "other_work", "hall", "duty", "news"])
def test_an_empty_file_is_a_section_without_copy(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, **{name: " \n\n"}) == (Editorial(), [])


def test_heads_are_read_in_chinese_and_in_english(tmp_path: Path) -> None:
    masthead = Masthead(publisher="示例中心", date=date(2023, 9, 11), send="领导", distribute="窗口", copies=91)
    assert read(tmp_path, masthead=MASTHEAD)[0].masthead == masthead
    english = "---\npublisher: 示例中心\ndate: 2023-09-11\nsend: 领导\ndistribute: 窗口\ncopies: 91\n---"
    assert read(tmp_path, masthead=english)[0].masthead == masthead
    entry = DutyEntry(department="示例厅", post="副厅长", name="林示远")
    assert read(tmp_path, duty=DUTY)[0].duty == (entry,)
    assert read(tmp_path, duty="---\nentries: [{department: 示例厅, post: 副厅长, name: 林示远}]\n---\n")[0].duty == (entry,)
    assert read(tmp_path, duty="---\n名单: []\n---\n")[0].duty == ()


def test_a_file_saved_by_a_windows_editor_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "masthead.md").write_bytes(b"\xef\xbb\xbf" + MASTHEAD.replace("\n", "\r\n").encode())
    (tmp_path / "hall.md").write_bytes("\ufeff1. 甲\r\n2. 乙\r\n".encode())
    copy, findings = read_editorial(tmp_path, ISSUE, KNOWN)
    assert findings == []
    assert copy.masthead is not None
    assert copy.masthead.copies == 91
    assert copy.hall == (Item(((Run("甲"),),)), Item(((Run("乙"),),)))


def test_departments_stay_bold(tmp_path: Path) -> None:
    text = "近日，**示例厅**印发通知。**甲局**与**乙局**联合\n办公。"
    items, findings = hall(tmp_path, text)
    assert findings == []
    assert items == [
        [
            [
                *(("近日，", False), ("示例厅", True), ("印发通知。", False)),
                *(("甲局", True), ("与", False), ("乙局", True), ("联合办公。", False)),
            ]
        ]
    ]


def test_latin_words_keep_the_blank_of_a_line_end(tmp_path: Path) -> None:
    assert words(tmp_path, "上线 Online\nService 系统\n一期") == (["上线 Online Service 系统一期"], [])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("甲\n\n# 标题\n", 3),
        ("- 甲\n  - 乙\n", 2),
        ("甲\n\n| a | b |\n\n```\nx\n```\n", 5),
        ("甲\n\n> 引文\n", 3),
        ("甲\n\n    缩进\n", 3),
        ("甲[链接](https://example.invalid)\n", 1),
        ("甲\n\n![图](a.png)\n", 3),
        ("甲<b>乙</b>\n", 1),
        ("<div>\n甲\n</div>\n", 1),
        ("甲*斜*乙\n", 1),
        ("甲`码`\n", 1),
        ("甲\n---\n", 1),
        ("甲\n\n***\n", 3),
        ("甲\\\n乙\n", 1),
        ("甲\n\n近日，**《办法》**印发\n", 3),
        ("甲\n\n乙\x0b丙\n", 3),
        ("---\n主办单位: 示例\n---\n甲\n", 2),
    ],
)
def test_what_the_bulletin_has_no_place_for_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    assert [finding for finding in faults(tmp_path, "hall", text) if finding.startswith(f"{line}: 错误：")]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("印数: 91\n", "", 2),
        ("印数: 91", "印数: '91'", 6),
        ("印数: 91", "印数: 0", 6),
        ("印数: 91", "印数: 91\n份数: 9", 7),
        ("印数: 91", "copies: 91\n印数: 92", 7),
        ("2023-09-11", "2023-9-11", 3),
        ("2023-09-11", "2023-02-30", 3),
        ("主办单位: 示例中心", '主办单位: ""', 2),
        ("主办单位: 示例中心", "主办单位: 2023", 2),
        ("送: 领导", "送: [领导", 5),
        ("\n---\n", "\n", 1),
        (MASTHEAD, "主办单位: 示例中心\n", 1),
        (MASTHEAD, MASTHEAD + "\n正文\n", 9),
        (MASTHEAD, "---\n- 91\n---\n", 2),
    ],
)
def test_a_faulty_masthead_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert old in MASTHEAD
    found = faults(tmp_path, "masthead", MASTHEAD.replace(old, new, 1))
    assert [finding for finding in found if finding.startswith(f"{line}: 错误：")], found


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("职务: 副厅长", "职务:", 4),
        ("    职务: 副厅长\n", "", 3),
        ("职务: 副厅长", "职位: 副厅长", 4),
        ("  - 部门: 示例厅", "  - 部门: 示例厅\n    部门: 另厅", 4),
    ],
)
def test_a_faulty_duty_list_is_refused_with_its_line_and_no_name(tmp_path: Path, old: str, new: str, line: int) -> None:
    found = faults(tmp_path, "duty", DUTY.replace(old, new))
    assert [finding for finding in found if finding.startswith(f"{line}: 错误：")], found
    assert "林示远" not in "".join(found)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("职务: 副厅长", "职务: 3", "4: 错误：名单（entries）、第1项、职务（post）应是文字"),
        ("    职务: 副厅长\n", "", "3: 错误：缺少名单（entries）、第1项、职务（post）"),
        ("职务: 副厅长", "职位: 副厅长", "4: 错误：不认识这个键；可用的键是部门（department）、职务（post）、姓名（name）"),
        ("林示远", '"林示远', "5: 错误：文件头不是正确的 YAML"),
        ("名单:", "名单: 3\n名单:", "3: 错误：名单（entries）写了两次"),
    ],
)
def test_the_faults_of_a_head_are_told_in_the_office_s_words(tmp_path: Path, old: str, new: str, message: str) -> None:
    found = faults(tmp_path, "duty", DUTY.replace(old, new))
    assert [finding for finding in found if finding.startswith(message)], found
    assert "林示远" not in "".join(found)


@pytest.mark.parametrize(
    ("line", "left_blank"),
    [
        ("主办单位: 示例中心", "publisher"),
        ("日期: 2023-09-11", "date"),
        ("送: 领导", "send"),
        ("发: 窗口", "distribute"),
        ("印数: 91", "copies"),
    ],
)
def test_a_masthead_may_be_left_blank_in_part(tmp_path: Path, line: str, left_blank: str) -> None:
    assert line in MASTHEAD
    copy, findings = read(tmp_path, masthead=MASTHEAD.replace(line, line.split(" ", maxsplit=1)[0]))
    assert findings == []
    assert copy.masthead is not None
    assert [name for name, value in copy.masthead if value is None] == [left_blank]


def test_a_duty_list_left_blank_is_no_copy_and_not_nobody(tmp_path: Path) -> None:
    copy, findings = read(tmp_path, duty="---\n名单:\n---\n")
    assert (copy.duty, findings) == (None, [])
    assert read(tmp_path, duty="---\n名单: []\n---\n")[0].duty == ()


@pytest.mark.parametrize("value", ["&甲 [*甲]", '!!int ""', "!!timestamp 甲", "*甲", "领导\x0b", "领导\x7f", "@领导"])
def test_what_yaml_can_and_a_head_need_not(tmp_path: Path, value: str) -> None:
    found = faults(tmp_path, "masthead", MASTHEAD.replace("领导", value))
    assert {finding.split("：")[0] for finding in found} == {"4: 错误"}


PIECES = (
    *(
        "甲厅",
        "1.",
        "2. ",
        "1、",
        "- ",
        "\n",
        "\n\n",
        "   ",
        "|",
        "---",
        "**",
        "*",
        "`",
        "```\n",
        "<b>",
        "<!--",
        "# ",
        "> ",
        "[x](y)",
    ),
    *(
        "\\",
        "\u3000",
        "9月1日",
        "2月30日",
        "&amp;",
        ": ",
        "部门",
        "[",
        "]",
        "{",
        "'",
        '"',
        "&a",
        "*a",
        "!!int",
        "\t",
        "9",
        ".",
        "\r",
        "\x0b",
        "%",
    ),
)


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
@settings(max_examples=100, deadline=None)
def test_whatever_is_written_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("copy")
    duty, masthead = DUTY.replace("示例厅", text), MASTHEAD.replace("领导", text)
    copy, findings = read(folder, hall=text, news=f"---\n{text}\n---\n", duty=duty, masthead=masthead)
    for name, section in (("duty.md", copy.duty), ("masthead.md", copy.masthead)):
        assert section is not None or any(finding.startswith(name) for finding in findings)


def test_all_keys_that_a_masthead_lacks_are_told(tmp_path: Path) -> None:
    assert faults(tmp_path, "masthead", "---\n日期: 2023-09-11\n---\n") == [
        f"2: 错误：缺少{key}" for key in ("主办单位（publisher）", "印数（copies）", "发（distribute）", "送（send）")
    ]


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "hall.md").write_bytes(b"1. a\n2. " + "甲".encode("gb18030"))
    assert read(tmp_path)[1] == ["hall.md:2: 错误：不是 UTF-8 编码；请另存为 UTF-8"]


def test_the_office_s_page_shows_copy_that_can_be_printed(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/readers/办公室.md").read_text(encoding="utf-8")
    examples = dict(re.findall(r"```(\w+)\.md\n(.*?)```", page, re.DOTALL))
    assert set(examples) == {"masthead", "duty", "hall", "news"}
    copy, findings = read(tmp_path, **examples)
    assert findings == []
    assert [len(copy.hall or ()), len(copy.news or ()), len(copy.duty or ())] == [3, 2, 2]
    on_duty = {"duty.list": plain(duty_list(copy.duty or ()))}
    assert text_of(default_wording().paragraph("duty", "several", on_duty)) in page
