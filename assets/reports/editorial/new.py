"""The editorial files of an issue laid out for the office: commented, with what the last issue's copy has that stays the same.

Comments are in the head between two lines ``---``, where the reading of copy passes over them. Nothing that is there is written over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from assets.calendar import KEY_PATTERN, Issue
from assets.home import write_whole
from assets.reports.document import Item, Paragraph
from assets.reports.editorial.editorial import Masthead
from assets.reports.editorial.findings import FileFindings
from assets.reports.editorial.folder import DUTY, HALL, MASTHEAD, NEWS, OTHER_WORK
from assets.reports.editorial.front_matter import FENCE, read_editorial_file, read_matter
from assets.reports.editorial.head_faults import CHINESE
from assets.reports.editorial.markdown_items import items_of, read_copy
from assets.reports.text.patterns import WORDING_FILE, default_text
from assets.reports.wording import day_text, number_line

_ITEMS = (
    "一段一条，编号从 1 起（1. 2. 3.），也可以都不编号；一条有几段的，后面的段行首空三格。",
    "部门名称用 ** 加粗：**水利厅**印发《办法》。不能有标题、表格、图片、链接。",
    "条目写在下面第二行 --- 之后；行首有 # 的是说明，不印，可以删。",
)
_SECTIONS = {OTHER_WORK: "一（三）其它工作开展情况", HALL: "三、大厅工作动态", NEWS: "五、政务资讯"}


@dataclass(frozen=True)
class LaidOut:
    """The files written, the files that were there and stayed, and the issue whose copy was taken up, if there was one."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    last_issue: str | None


def lay_out(editorial: Path, issue: Issue) -> LaidOut:
    """Write the five files of the issue and ``wording.toml``, each only where it is not there. Raises StorageError."""
    last = _last_issue(editorial, issue.issue_key)
    folder = editorial / issue.issue_key
    contents = {
        folder / MASTHEAD: _masthead(issue, _last_masthead(last)),
        folder / OTHER_WORK: _section(issue, OTHER_WORK, _unfinished(last)),
        folder / HALL: _section(issue, HALL, ()),
        folder / DUTY: _duty(issue),
        folder / NEWS: _section(issue, NEWS, ()),
        editorial / WORDING_FILE: _wording(),
    }
    written = []
    for path, text in contents.items():
        if not path.exists():
            write_whole(path, text.encode())
            written.append(path)
    return LaidOut(tuple(written), tuple(path for path in contents if path not in written), last.name if last else None)


def _last_issue(editorial: Path, issue_key: str) -> Path | None:
    """The folder of the newest issue before this one that has copy."""
    folders = (
        [path for path in editorial.iterdir() if path.is_dir() and KEY_PATTERN.fullmatch(path.name)] if editorial.is_dir() else []
    )
    return max((path for path in folders if path.name < issue_key), key=lambda path: path.name, default=None)


def _last_masthead(last: Path | None) -> Masthead | None:
    """The last issue's masthead, if it can be read."""
    if last is None or not (last / MASTHEAD).exists():
        return None
    findings = FileFindings(last / MASTHEAD)
    source = read_editorial_file(last / MASTHEAD, findings)
    head = read_matter(source, Masthead, findings) if source else None
    return head.matter if head else None


def _unfinished(last: Path | None) -> tuple[Item, ...]:
    """The last issue's items of other work, of which some go on."""
    if last is None or not (last / OTHER_WORK).exists():
        return ()
    findings = FileFindings(last / OTHER_WORK)
    source = read_editorial_file(last / OTHER_WORK, findings)
    return items_of(read_copy(source, findings)) if source else ()


def _masthead(issue: Issue, last: Masthead | None) -> str:
    comments = (
        f"{number_line(issue)}的报头、报尾。五个键都要有，键后是英文冒号和一个空格；空着的是缺稿，只能印草稿。",
        "送、发末尾的句号可写可不写；印数只写数字。",
        *(("主办单位、送、发、印数照上期，请核对。",) if last else ()),
        f"日期是印发日期，不早于截止日（{issue.cutoff_date}），写成 2023-09-11 的样子。",
    )
    carried = last.model_dump(exclude={"date"}) if last else {}
    return _file(comments, [f"{CHINESE[key]}: {_value(carried.get(key))}".rstrip() for key in Masthead.model_fields])


def _value(value: str | int | None) -> str:
    """The value as YAML reads it back, in quotation marks only where it must have them; nothing where there is none."""
    if value is None:
        return ""
    return yaml.safe_dump(value, allow_unicode=True, width=10**6).removesuffix("\n").removesuffix("\n...")


def _duty(issue: Issue) -> str:
    comments = (
        f"{number_line(issue)}的厅（局）长进大厅，{day_text(issue.shown_start)}至{day_text(issue.shown_end)}。",
        "一人三行，照下面的样子，去掉行首的 # 再改；没有人值守的写 名单: []；空着的是缺稿。",
    )
    # below the key: what is uncommented there is the list, and no second key
    return _file(comments, ["名单:", "#   - 部门: 民政厅", "#     职务: 副厅长", "#     姓名: 林示远"])


def _section(issue: Issue, file: str, unfinished: Sequence[Item]) -> str:
    offered: list[str] = []
    if unfinished:
        offered = ["上期的条目，还在办的移到下面，去掉行首的 #："]
        for number, item in enumerate(unfinished, start=1):
            first, *others = [_marked(paragraph) for paragraph in item.paragraphs]
            offered += [f"{number}. {first}", *(f"   {other}" for other in others)]
    heading = f"{number_line(issue)}的「{_SECTIONS[file]}」，统计周 {issue.window_start} 至 {issue.cutoff_date}。"
    return _file((heading, *_ITEMS, *offered), [])


def _marked(paragraph: Paragraph) -> str:
    """A paragraph with its bold departments marked again."""
    return "".join(f"**{run.text}**" if run.bold else run.text for run in paragraph)


def _file(comments: Sequence[str], lines: Sequence[str]) -> str:
    return "\n".join([FENCE, *(f"# {comment}" for comment in comments), *lines, FENCE, ""])


def _wording() -> str:
    """The project's own sentences, each as a comment: what is not changed follows the program."""
    lines = default_text().split("\n")
    return "\n".join(f"# {line}" if line and not line.startswith(("#", "[")) else line for line in lines)
