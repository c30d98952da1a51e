"""Blocks of lines → items: where an item begins, and the number typed before it, which is taken off (the printed one is counted).

A number is taken off only where it is the expected one; ``1.5万件`` and ``9月1日`` begin a sentence. Where the two cannot be told
apart, a finding asks for a blank: a wrong figure is worse than no bulletin.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assets.reports.editorial.findings import FileFindings
from assets.reports.editorial.markdown_blocks import Block, Line

_TYPED = re.compile(r"\s*(\d{1,2})([.．、)）])(\s*)")
# what follows a number without a blank and cannot be its decimals: 1.9月1日, 2.2023年; after 、 a month may be a list: 1、2月份
_DAY = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*[日至到—、-]|\d{4}\s*年")
_MONTH = re.compile(r"\d{1,2}\s*月")
_DECIMALS = re.compile(r"\d+\s*(?:[万亿千百%％‰倍元米吨分]|个百分点|公里|平方|公顷)")
# what some number items with; it is printed after the bulletin's own number
_OTHER_NUMBER = re.compile(r"\s*(?:[（(]\s*[\d一二三四五六七八九十]+\s*[）)]|[①-⑳]|[一二三四五六七八九十]+、)")
# ways of writing that look alike in print
_STYLES = {"．": ".", "）": ")"}

Item = list[list[Line]]


@dataclass(frozen=True)
class _Typed:
    """A line's beginning that looks like an item's number; ``is_sure`` where it can be nothing else."""

    number: int
    style: str
    length: int
    rest: str
    is_sure: bool


@dataclass
class _Numbering:
    findings: FileFindings
    # at least one item certainly has a number; at least one certainly has none
    is_numbered: bool
    has_plain: bool
    expected: int = 1
    style: str | None = None
    items: list[Item] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)


def number_items(blocks: Sequence[Block], findings: FileFindings) -> list[Item]:
    """The items, each a list of paragraphs of lines, without their numbers; a finding for each number that is not clear."""
    typed = [_typed(block.paragraphs[0][0].text) if not block.mark else None for block in blocks]
    state = _Numbering(
        findings,
        any(block.number is not None for block in blocks) or any(number is not None and number.is_sure for number in typed),
        any(block.number is None and number is None for block, number in zip(blocks, typed, strict=True)),
    )
    for block in blocks:
        _take_block(state, block)
    for item, at in zip(state.items, state.begins, strict=True):
        _check_item(item, at, findings)
    return state.items


def _check_item(item: Item, at: int, findings: FileFindings) -> None:
    is_empty = not any(line.text.strip() for paragraph in item for line in paragraph)
    if is_empty and at not in {finding.line for finding in findings.found}:
        findings.error(at, "条目没有文字")
    elif not is_empty and _OTHER_NUMBER.match(item[0][0].text):
        findings.warn(at, "行首的「（1）」「①」「一、」不当作编号，会印在程序所编的号之后")


def _typed(text: str) -> _Typed | None:
    match = _TYPED.match(text)
    if match is None:
        return None
    style, rest = _STYLES.get(match[2], match[2]), text[match.end() :]
    is_sure = bool(match[3]) or not rest[:1].isdecimal() or bool(_DAY.match(rest)) or (style == "." and bool(_MONTH.match(rest)))
    return _Typed(int(match[1]), style, match.end(), rest, is_sure)


def _take_block(state: _Numbering, block: Block) -> None:
    if block.mark:
        _begin(state, block.at, block.number, block.mark)
    for index, paragraph in enumerate(block.paragraphs):
        if index == 0 and block.mark:
            _refuse_second_number(state, block, paragraph[0])
            state.items[-1].append([paragraph[0]])
        else:
            _take_first_line(state, paragraph[0], is_inside=index > 0)
        for line in paragraph[1:]:
            if not _begins_item(state, line, after_blank=False):
                state.items[-1][-1].append(line)


def _take_first_line(state: _Numbering, line: Line, is_inside: bool) -> None:
    """The first line of a paragraph that has no mark of its own."""
    if _begins_item(state, line, after_blank=True):
        return
    if is_inside:
        state.items[-1].append([line])
    elif state.is_numbered and state.items:
        state.findings.warn(line.at, f"这一段没有编号，印作第{len(state.items)}条的又一段；是另一条的请编号，不是的请行首空三格")
        state.items[-1].append([line])
    else:
        _begin(state, line.at, None, "")
        state.items[-1].append([line])


def _begins_item(state: _Numbering, line: Line, after_blank: bool) -> bool:
    """Whether the line has a number of its own; then an item is begun with it."""
    typed = _typed(line.text)
    if typed is None or not (typed.is_sure or _is_number(state, line, typed, after_blank)):
        return False
    _begin(state, line.at, typed.number, typed.style)
    state.items[-1].append([line.without(typed.length)])
    return True


def _is_number(state: _Numbering, line: Line, typed: _Typed, after_blank: bool) -> bool:
    """Whether digits that follow the mark at once belong to the text: ``3.13个部门`` is item 3 only where 3 is expected."""
    if typed.number != state.expected:
        return False
    if state.is_numbered and after_blank and not (typed.style == "." and _DECIMALS.match(typed.rest)):
        return True
    if state.is_numbered or (after_blank and not state.has_plain):
        # told once, not a second time as the only number of the section
        state.is_numbered = True
        state.findings.error(line.at, "分不清行首是编号还是小数（或并列的数）；是编号的，请在编号后空一格，不是的请换个开头")
        return True
    return False


def _refuse_second_number(state: _Numbering, block: Block, line: Line) -> None:
    typed = _typed(line.text)
    if typed is not None and typed.is_sure and block.number is not None and typed.number == block.number:
        state.findings.error(line.at, "编号写了两次；请留一个")


def _begin(state: _Numbering, at: int, number: int | None, style: str) -> None:
    if (number is not None) != state.is_numbered:
        state.findings.error(at, "有的条目有编号、有的没有；请都编号，或都不编")
    elif number is None:
        state.expected += 1
    else:
        if number != state.expected:
            state.findings.error(at, f"编号是{number}，应为{state.expected}；编号须从1起，不重不漏")
        if state.style not in (None, style):
            state.findings.error(at, f"编号写法不一：前面用「1{state.style}」，这里用「1{style}」")
        state.style, state.expected = style, number + 1
    state.items.append([])
    state.begins.append(at)
