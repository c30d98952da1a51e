"""Print bulletins of every length on the page by LibreOffice: the foot is at the lower edge of the last page, and never alone on one;
a line of text has 28 characters.

`.ci/foot.py FOLDER`: writes the PDF there; 1 where one is wrong.
"""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

from assets.reports.document import Bulletin, Foot, Head, Section, plain
from assets.reports.formats.as_docx import render_docx
from assets.reports.formats.as_pdf import render_pdf
from assets.reports.formats.word_page import CHARACTERS_A_LINE

LINES = range(11, 35)
# the lower edge of the text area, 297 mm less 35 mm, in points; the last line of the foot ends within a line of it
EDGE, LINE = 742.7, 29
_WORD = re.compile(r'<word xMin="[\d.]+" yMin="[\d.]+" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)</word>')


def bulletin(lines: int) -> Bulletin:
    """One of that many lines of text, with a publisher's name that needs three."""
    publisher = "示例省人民政府政务服务和公共资源交易服务中心综合窗口管理处及其派驻各市州工作站联合编印组"
    text = tuple(plain(f"第{at}行。") for at in range(lines))
    return Bulletin(
        issue_key="2023-34",
        dated=date(2023, 9, 11),
        head=Head("窗口工作周报", "2023年第34期（总第454期）", "（8月28日—9月1日）", publisher, "2023年12月31日"),
        sections=(Section(1, "一、甲", text),),
        notes=("数据截至2023年9月1日；本周数统计期为2023年8月26日至2023年9月1日，今年以来数截至2023年9月1日。",),
        event_sets=(),
        foot=Foot("送：领导。", "发：窗口。", "（共印91份）"),
    )


def faults(pdf: Path) -> list[str]:
    """What is wrong with the last page of the PDF."""
    listed = subprocess.run(["pdftotext", "-bbox", pdf, "-"], check=True, capture_output=True, text=True).stdout
    pages = [_WORD.findall(page) for page in listed.split("<page ")[1:]]
    last = {word: float(bottom) for bottom, word in pages[-1]}
    words = "".join(last)
    found = []
    if "送：领导。" not in words or any("送：" in word for page in pages[:-1] for _, word in page):
        found.append("the foot is not on the last page alone")
    elif not any("数据截至" in word for word in last):
        found.append("the foot is alone, or what the data reach to is split")
    lowest = max((bottom for word, bottom in last.items() if "共印" in word), default=0.0)
    if not EDGE - LINE < lowest <= EDGE + 3:
        found.append(f"the foot ends at {lowest} pt, not at the lower edge")
    return found


def longest_line(folder: Path) -> int:
    """How many characters a full line of text has."""
    one = bulletin(1)
    pdf = folder / "line.pdf"
    pdf.write_bytes(render_pdf(render_docx(replace(one, sections=(Section(1, "一、甲", (plain("国" * 120),)),))), one.dated))
    listed = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    return max(line.count("国") for line in listed.split("\n"))


def main(folder: Path) -> int:
    """Make, print and look."""
    wrong = [] if (longest := longest_line(folder)) == CHARACTERS_A_LINE else [f"a line has {longest} characters"]
    for lines in LINES:
        one = bulletin(lines)
        pdf = folder / f"foot-{lines}.pdf"
        pdf.write_bytes(render_pdf(render_docx(one), one.dated))
        wrong += [f"{pdf.name}: {fault}" for fault in faults(pdf)]
    print("\n".join(wrong) or f"the foot is right on {len(LINES)} lengths of a page, and a line has {longest} characters")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
