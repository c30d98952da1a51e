"""Drawings of the web page as SVG: a line over the last weeks, and bars of shares. Words in them are text, not outlines.

Drawn here and not by a library of charts: a frozen page must come out the same on every machine, whatever is installed there.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

from assets.reports.figures.background import DepartmentHandbooks, Period
from assets.reports.wording import share_text

WEEKS_SHOWN = 13
_WIDTH, _HEIGHT, _MARGIN, _LABEL = 300, 84, 8, 14
_LINE, _FAINT, _INK = "#8a1c1c", "#d9d4cc", "#3d3a36"
_BAR_WIDTH, _BAR_ROW, _BAR_HEIGHT = 340, 40, 12


def sparkline(points: Sequence[tuple[Period, int]], unit: str, sentence: str) -> Markup:
    """A measure's weeks from 0 up, the newest at the right with its number; a week that is not complete is a hollow dot."""
    highest = max([1, *(value for _, value in points)])
    step = (_WIDTH - 2 * _MARGIN) / max(len(points) - 1, 1)
    floor = _HEIGHT - _LABEL - _MARGIN
    at = [
        (_MARGIN + place * step, floor - value / highest * (floor - _MARGIN - _LABEL)) for place, (_, value) in enumerate(points)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    last_x, last_y = at[-1]
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_LINE if period.is_complete else "#fff"}" stroke="{_LINE}"/>'
        for place, ((period, _), (x, y)) in enumerate(zip(points, at, strict=True))
        if not period.is_complete or place == len(points) - 1
    )
    first, last = points[0][0].issue_key, points[-1][0].issue_key
    words = (
        _text(last_x, last_y - 8, f"{points[-1][1]}{unit}", "end")
        + _text(_MARGIN, _HEIGHT - 3, f"{first}期", "start")
        + _text(_WIDTH - _MARGIN, _HEIGHT - 3, f"{last}期", "end")
    )
    return _drawing(
        _WIDTH,
        _HEIGHT,
        sentence,
        f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{floor}" y2="{floor}" stroke="{_FAINT}"/>'
        f'<polyline points="{line}" fill="none" stroke="{_LINE}" stroke-width="2"/>{dots}{words}',
    )


def share_bars(rows: Sequence[DepartmentHandbooks], sentence: str) -> Markup:
    """One bar a department, as long as its share; the name and the counts stand above it."""
    parts = []
    for place, row in enumerate(rows):
        top = place * _BAR_ROW
        long = _BAR_WIDTH * (row.share or 0)
        parts.append(
            _text(0, top + 14, row.org_name, "start")
            + _text(_BAR_WIDTH, top + 14, f"{row.finished_total}/{row.items_total}，{share_text(None, None, row.share)}", "end")
            + f'<rect x="0" y="{top + 20}" width="{_BAR_WIDTH}" height="{_BAR_HEIGHT}" fill="{_FAINT}"/>'
            + f'<rect x="0" y="{top + 20}" width="{long:.1f}" height="{_BAR_HEIGHT}" fill="{_LINE}"/>'
        )
    return _drawing(_BAR_WIDTH, max(1, len(rows)) * _BAR_ROW, sentence, "".join(parts))


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{_INK}">{escape(words)}</text>'


def _drawing(width: int, height: int, sentence: str, content: str) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(sentence)}"><title>{escape(sentence)}</title>{content}</svg>'
    )
