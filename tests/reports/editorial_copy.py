"""Editorial copy for tests: an issue, the departments that are known, files in a folder and what is found in them."""

from datetime import date
from pathlib import Path

from assets.calendar import Issue
from assets.reports.editorial.editorial import Editorial, read_editorial

ISSUE = Issue(
    *("2023-34", 2023, 34, 454),
    *(date(2023, 8, 28), date(2023, 9, 1), date(2023, 8, 26), date(2023, 9, 1)),
    *(2023, 35, 5),
)
KNOWN = ("示例厅", "甲局", "乙局", "民政厅", "水利厅", "省林业和草原局", "市场监督管理局", "药监局", "甲厅")

MASTHEAD = "---\n主办单位: 示例中心\n日期: 2023-09-11\n送: 领导\n发: 窗口\n印数: 91\n---\n"
DUTY = "---\n名单:\n  - 部门: 示例厅\n    职务: 副厅长\n    姓名: 林示远\n---\n"


def read(folder: Path, **files: str) -> tuple[Editorial, list[str]]:
    """The copy of these files, and the findings as ``hall.md:3: 错误：…``."""
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    copy, findings = read_editorial(folder, ISSUE, KNOWN)
    return copy, [str(finding).removeprefix(f"{folder}/") for finding in findings]


def hall(folder: Path, text: str) -> tuple[list[list[list[tuple[str, bool]]]], list[str]]:
    """Items → paragraphs → (text, bold) of hall.md with this text, and the findings without the file's name."""
    copy, findings = read(folder, hall=text)
    items = [[[(run.text, run.bold) for run in paragraph] for paragraph in item.paragraphs] for item in copy.hall or ()]
    return items, [finding.removeprefix("hall.md:") for finding in findings]


def words(folder: Path, text: str) -> tuple[list[str], list[str]]:
    """The items of hall.md as text, paragraphs parted by ¶, and the findings."""
    items, findings = hall(folder, text)
    return ["¶".join("".join(run for run, _ in paragraph) for paragraph in item) for item in items], findings


def faults(folder: Path, name: str, text: str) -> list[str]:
    """The findings of one file, each as ``3: 错误：…``."""
    _, findings = read(folder, **{name: text})
    return [finding.removeprefix(f"{name}.md:") for finding in findings if finding.startswith(f"{name}.md:")]
