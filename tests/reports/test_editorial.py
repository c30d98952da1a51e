"""Editorial files: what is read from them, and that every fault is named by file and line without repeating a person's name."""

import traceback
from datetime import date
from pathlib import Path

import pytest

from assets.errors import UsageError
from assets.reports.document import Item, Run
from assets.reports.editorial import DutyEntry, Editorial, Masthead, read_editorial

MASTHEAD = "---\n主办单位: 示例中心\n日期: 2023-09-11\n送: 领导\n发: 窗口\n印数: 91\n---\n"
DUTY = "---\n名单:\n  - 部门: 示例厅\n    职务: 副厅长\n    姓名: 林示远\n---\n"


def read(folder: Path, **files: str) -> Editorial:
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return read_editorial(folder)


def items(folder: Path, text: str) -> list[list[list[tuple[str, bool]]]]:
    """Items → paragraphs → (text, bold) of hall.md with this text."""
    hall = read(folder, hall=text).hall
    return [[[(run.text, run.bold) for run in paragraph] for paragraph in item.paragraphs] for item in hall or ()]


def fault(folder: Path, name: str, text: str) -> str:
    with pytest.raises(UsageError) as refusal:
        read(folder, **{name: text})
    message = str(refusal.value)
    assert message.startswith(f"{folder / name}.md:")
    return message.removeprefix(f"{folder / name}.md:")


def test_a_folder_that_is_not_there_is_an_issue_without_copy(tmp_path: Path) -> None:
    assert read_editorial(tmp_path / "2023-34") == Editorial()


@pytest.mark.parametrize("name", ["masthead", "other_work", "hall", "duty", "news"])
def test_an_empty_file_is_a_section_without_copy(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, **{name: " \n\n"}) == Editorial()


def test_heads_are_read_in_chinese_and_in_english(tmp_path: Path) -> None:
    masthead = Masthead(publisher="示例中心", date=date(2023, 9, 11), send="领导", distribute="窗口", copies=91)
    assert read(tmp_path, masthead=MASTHEAD).masthead == masthead
    english = "---\npublisher: 示例中心\ndate: 2023-09-11\nsend: 领导\ndistribute: 窗口\ncopies: 91\n---"
    assert read(tmp_path, masthead=english).masthead == masthead
    entry = DutyEntry(department="示例厅", post="副厅长", name="林示远")
    assert read(tmp_path, duty=DUTY).duty == (entry,)
    assert read(tmp_path, duty="---\nentries: [{department: 示例厅, post: 副厅长, name: 林示远}]\n---\n").duty == (entry,)
    assert read(tmp_path, duty="---\n名单: []\n---\n").duty == ()


def test_a_file_saved_by_a_windows_editor_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "masthead.md").write_bytes(b"\xef\xbb\xbf" + MASTHEAD.replace("\n", "\r\n").encode())
    (tmp_path / "hall.md").write_bytes("\ufeff1. 甲\r\n2. 乙\r\n".encode())
    copy = read_editorial(tmp_path)
    assert copy.masthead is not None
    assert copy.masthead.copies == 91
    assert copy.hall == (Item(((Run("甲"),),)), Item(((Run("乙"),),)))


@pytest.mark.parametrize(
    "text",
    [
        "1. 甲事\n2. 乙事\n",
        "- 甲事\n- 乙事\n",
        "甲事\n\n乙事\n",
        "1.甲事\n\n2.乙事\n",
        "　　1、甲事\n\n　　乙事　\n",
        "1. 甲\n事\n3. 乙事  \n",
    ],
)
def test_list_items_and_paragraphs_are_items(tmp_path: Path, text: str) -> None:
    assert items(tmp_path, text) == [[[("甲事", False)]], [[("乙事", False)]]]


def test_departments_stay_bold(tmp_path: Path) -> None:
    text = "近日，**示例厅**印发通知。**甲局**与**乙局**联合\n办公。"
    assert items(tmp_path, text) == [
        [
            [
                *(("近日，", False), ("示例厅", True), ("印发通知。", False)),
                *(("甲局", True), ("与", False), ("乙局", True), ("联合办公。", False)),
            ]
        ]
    ]


def test_an_item_may_have_several_paragraphs(tmp_path: Path) -> None:
    assert items(tmp_path, "1. 甲\n\n   又甲\n2. 乙\n") == [[[("甲", False)], [("又甲", False)]], [[("乙", False)]]]


def test_numbers_that_are_no_item_numbers_stay(tmp_path: Path) -> None:
    assert items(tmp_path, "1.5万件办结。\n\n9月1日，开会。\n\n2023、2024年。") == [
        [[("1.5万件办结。", False)]],
        [[("9月1日，开会。", False)]],
        [[("2023、2024年。", False)]],
    ]


def test_latin_words_keep_the_blank_of_a_line_end(tmp_path: Path) -> None:
    assert items(tmp_path, "上线 Online\nService 系统\n一期") == [[[("上线 Online Service 系统一期", False)]]]


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
        ("1. 甲\n2.\n", 2),
        ("1.甲事\n2.乙事\n", 1),
        ("甲\n\n近日，**《办法》**印发\n", 3),
        ("甲\n\n乙\x0b丙\n", 3),
        ("---\n主办单位: 示例\n---\n甲\n", 2),
    ],
)
def test_what_the_bulletin_has_no_place_for_is_refused_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    assert fault(tmp_path, "hall", text).startswith(f"{line}: ")


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
        ("主办单位: 示例中心", "主办单位:", 2),
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
    assert fault(tmp_path, "masthead", MASTHEAD.replace(old, new, 1)).startswith(f"{line}: ")


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
    message = fault(tmp_path, "duty", DUTY.replace(old, new))
    assert message.startswith(f"{line}: ")
    assert "林示远" not in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("职务: 副厅长", "职务: 3", r":4: entries\(名单\)\.1\.post\(职务\)"), ("林示远", '"林示远', ":5: the head is not YAML")],
)
def test_a_refused_head_does_not_carry_its_values_along(tmp_path: Path, old: str, new: str, message: str) -> None:
    (tmp_path / "duty.md").write_text(DUTY.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError, match=message) as refusal:
        read_editorial(tmp_path)
    assert "林示远" not in "".join(traceback.format_exception(refusal.value))


def test_a_file_under_a_wrong_name_is_refused(tmp_path: Path) -> None:
    assert "hall.md" in fault(tmp_path, "halls", "甲")


def test_other_files_beside_the_copy_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".hall.md").write_text("# 锁\n")
    (tmp_path / "草稿.docx").write_bytes(b"PK")
    assert read(tmp_path, news="甲").news == (Item(((Run("甲"),),)),)


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "hall.md").write_bytes(b"1. a\n2. " + "甲".encode("gb18030"))
    with pytest.raises(UsageError, match=r"hall\.md:2: not UTF-8"):
        read_editorial(tmp_path)
