"""Which files the folder of an issue may hold, and what becomes of the others: a section under another name is not printed."""

from difflib import get_close_matches
from pathlib import Path

from assets.reports.editorial.findings import FileFindings, Finding

MASTHEAD, OTHER_WORK, HALL, DUTY, NEWS = "masthead.md", "other_work.md", "hall.md", "duty.md", "news.md"
SECTIONS = {MASTHEAD: "报头", OTHER_WORK: "其它工作开展情况", HALL: "大厅工作动态", DUTY: "厅（局）长进大厅", NEWS: "政务资讯"}
# what Word, Windows and macOS leave in a folder by themselves
_OWN_ACCORD = ("~$", ".")
_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}
_TEMPORARY = (".tmp", ".wbk", ".lnk")


def check_folder(folder: Path) -> list[Finding]:
    """A finding for each file that is not one of the sections'."""
    foreign = [path for path in sorted(folder.iterdir()) if not _is_expected(path.name)] if folder.is_dir() else []
    return [finding for path in foreign for finding in _foreign(path)]


def _is_expected(name: str) -> bool:
    lower = name.lower()
    return name in SECTIONS or name.startswith(_OWN_ACCORD) or lower in _SYSTEM_FILES or lower.endswith(_TEMPORARY)


def _foreign(path: Path) -> list[Finding]:
    findings = FileFindings(path)
    stem = path.name.lower().split(".")[0]
    meant = f"{stem}.md"
    if meant in SECTIONS and not (path.parent / meant).exists():
        findings.error(1, f"不读这个文件，「{SECTIONS[meant]}」会印作缺稿；请另存为 {meant}（UTF-8 纯文本）")
    elif path.suffix.lower() == ".md":
        near = get_close_matches(meant, SECTIONS, n=1)
        hint = f"，最接近的是 {near[0]}" if near else ""
        listed = "、".join(f"{name}（{title}）" for name, title in SECTIONS.items())
        findings.error(1, f"没有这个名称的节{hint}；各节的文件是{listed}")
    else:
        findings.warn(1, "不是编辑稿的文件，公报不读它；请移到别处")
    return findings.found
