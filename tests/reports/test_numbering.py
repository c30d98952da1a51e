"""Numbers of items: which are taken off, which are text, and which nobody can tell, so that the office is asked."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.reports.editorial.findings import FileFindings
from assets.reports.editorial.front_matter import EditorialFile
from assets.reports.editorial.markdown_items import read_copy

from .editorial_copy import hall, words


@pytest.mark.parametrize(
    "text",
    [
        "1. 甲事\n2. 乙事\n",
        "- 甲事\n- 乙事\n",
        "甲事\n\n乙事\n",
        "1.甲事\n\n2.乙事\n",
        "1.甲事\n2.乙事\n",
        "1. 甲事\n2.乙事\n",
        "1.甲事\n2. 乙事\n",
        "1、甲事\n2、乙事\n",
        "1)甲事\n2)乙事\n",
        "1）甲事\n2）乙事\n",
        "1．甲事\n2.乙事\n",
        "　　1、甲事\n\n　　2、乙事　\n",
        "1. 甲\n事\n2. 乙事  \n",
        "1.甲\n事\n2.乙\n事\n",
    ],
)
def test_list_items_paragraphs_and_numbered_lines_are_items(tmp_path: Path, text: str) -> None:
    assert words(tmp_path, text) == (["甲事", "乙事"], [])


@pytest.mark.parametrize(
    ("text", "items"),
    [
        # the number of the item, then a day
        (
            "1.9月1日，开会。\n2.8月29日至30日，培训。\n3.近日，印发通知。\n",
            ["9月1日，开会。", "8月29日至30日，培训。", "近日，印发通知。"],
        ),
        ("1. 9月1日，开会。\n2. 8月29日，培训。\n", ["9月1日，开会。", "8月29日，培训。"]),
        ("1、9月1日，开会。\n\n2、8月29日，培训。\n", ["9月1日，开会。", "8月29日，培训。"]),
        ("1.9 月 1 日，开会。\n", ["9 月 1 日，开会。"]),
        ("1.9月份，开会。\n2.2023年以来，办件增加。\n", ["9月份，开会。", "2023年以来，办件增加。"]),
        # a day at the beginning of the item whose number its month has
        ("甲\n\n" * 8 + "9月1日，开会。\n", [*"甲甲甲甲甲甲甲甲", "9月1日，开会。"]),
        ("".join(f"{n}.甲\n" for n in range(1, 9)) + "9.9月1日，开会。\n", [*"甲甲甲甲甲甲甲甲", "9月1日，开会。"]),
        # in a numbered file the expected number is one, whatever follows
        ("1.甲\n\n2.乙\n\n3.13个部门联合办公。\n", ["甲", "乙", "13个部门联合办公。"]),
        # decimals and lists of numbers
        ("1.5万件办结。\n\n9月1日，开会。\n\n2023、2024年。\n", ["1.5万件办结。", "9月1日，开会。", "2023、2024年。"]),
        ("1. 1.5万件办结。\n2. 2.3万件受理。\n", ["1.5万件办结。", "2.3万件受理。"]),
        ("1.甲事，办结\n3.5万件。\n2.乙事\n", ["甲事，办结3.5万件。", "乙事"]),
        ("甲事，见\n9月1日通知。\n", ["甲事，见9月1日通知。"]),
    ],
)
def test_a_number_goes_only_where_it_is_the_item_s(tmp_path: Path, text: str, items: list[str]) -> None:
    assert words(tmp_path, text) == (items, [])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("1. 甲\n1. 乙\n", 2, "编号是1，应为2"),
        ("1.甲\n3.乙\n", 2, "编号是3，应为2"),
        ("2.甲\n", 1, "编号是2，应为1"),
        ("1.甲\n\n2.乙\n\n2.丙\n", 5, "编号是2，应为3"),
        ("1、甲\n\n2.乙\n", 3, "编号写法不一：前面用「1、」，这里用「1.」"),
        ("1. 甲\n2）乙\n", 2, "编号写法不一"),
        ("甲\n\n1. 乙\n", 1, "有的条目有编号、有的没有"),
        ("1. 甲\n\n- 乙\n", 3, "有的条目有编号、有的没有"),
        ("甲事\n3.乙事\n", 2, "有的条目有编号、有的没有"),
        ("甲事\n2.乙事\n", 2, "有的条目有编号、有的没有"),
        ("- 甲\n2.乙\n", 2, "有的条目有编号、有的没有"),
        ("1. 1.甲\n", 1, "编号写了两次"),
        ("1. 甲\n2.\n", 2, "条目没有文字"),
        ("1.甲\n2.\n", 2, "条目没有文字"),
        # 3.5万 or item 3 with 5万; a figure is never guessed
        ("1.甲\n\n2.乙\n\n3.5万件办结。\n", 5, "分不清"),
        ("1.5万件办结。\n", 1, "分不清"),
        ("1、2月份，开会。\n", 1, "分不清"),
        ("1.甲\n2.乙，共\n3.13个\n", 3, "分不清"),
        ("1.1 甲\n\n1.2 乙\n", 1, "分不清"),
    ],
)
def test_a_number_that_is_not_clear_is_told_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    (error,) = [finding for finding in words(tmp_path, text)[1] if "错误" in finding]
    assert error.startswith(f"{line}: 错误：{message}")


def test_an_item_may_have_several_paragraphs(tmp_path: Path) -> None:
    assert words(tmp_path, "1. 甲\n\n   又甲\n2. 乙\n") == (["甲¶又甲", "乙"], [])


def test_a_paragraph_without_number_between_numbered_ones_stays_with_its_item_and_is_told(tmp_path: Path) -> None:
    for text in ("1.甲\n\n又甲\n\n2.乙\n", "1. 甲\n\n　　又甲\n\n2. 乙\n"):
        items, (finding,) = words(tmp_path, text)
        assert items == ["甲¶又甲", "乙"]
        assert finding.startswith("3: 请核对：这一段没有编号，印作第1条的又一段")


@pytest.mark.parametrize("start", ["（1）", "(一)", "①", "一、"])
def test_another_kind_of_number_is_printed_and_told(tmp_path: Path, start: str) -> None:
    items, (finding,) = words(tmp_path, f"1. {start}甲\n2. 乙\n")
    assert items == [f"{start}甲", "乙"]
    assert finding.startswith("1: 请核对：行首的")


BEGINNINGS = ("近日，", "9月1日，", "12月31日至1月2日，", "2023年以来，", "“一件事”", "**甲局**", "A类", "（试行）", "·")


@given(
    st.lists(
        st.tuples(st.sampled_from(BEGINNINGS), st.text("甲乙丙，。0123456789.、月日万件", max_size=8)), min_size=1, max_size=12
    ),
    st.sampled_from(["{}.", "{}. ", "{}、", "{}、 ", "{}）", "{})", "{}．", "- "]),
    st.sampled_from(["\n", "\n\n", "\n　\n　　"]),
)
@settings(max_examples=150, deadline=None)
def test_items_come_out_as_they_were_written_in_every_way_of_numbering(
    parts: list[tuple[str, str]], style: str, between: str
) -> None:
    texts = ["".join(part) for part in parts]
    body = between.join(style.format(number) + text for number, text in enumerate(texts, start=1))
    findings = FileFindings(Path("hall.md"))
    copy = read_copy(EditorialFile(findings.file, "", body, 1), findings)
    assert findings.found == []
    assert ["".join(passage.text for passage in item) for item in copy] == [text.replace("**", "") for text in texts]


def test_weights_stay_where_a_number_goes(tmp_path: Path) -> None:
    items, findings = hall(tmp_path, "**1.甲局**开会\n2.**乙局**开会\n")
    assert items == [[[("甲局", True), ("开会", False)]], [[("乙局", True), ("开会", False)]]]
    assert findings == []
