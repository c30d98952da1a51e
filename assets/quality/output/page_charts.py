"""The drawings of the page of quality as SVG: a check's pass rate over the runs, and failed checks per run."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from assets.quality.output.page_facts import Point, RunCount

WIDTH, HEIGHT, MARGIN = 180, 30, 4
_RUN_HEIGHT, _RUNS_WIDTH, _BAR = 120, 960, 14
# below this a fall is drawn to scale; above, small falls would be a line that looks whole
_FLOOR = 0.9
_COLOURS = {"ERROR": "#b3261e", "WARN": "#c77700", "INFO": "#3b6ea5"}
_DOTS = {"passed": "#2e7d32", "failed": "#b3261e", "broken": "#6a1b9a"}
_MOST_BARS_LABELLED = 12


def pass_rate_chart(points: Sequence[Point]) -> Markup:
    """The share of rows that keep the rule, run by run, from the lowest (at most 90 %) to 100 %; a dot where it failed or broke.

    A rule whose rows are not counted is drawn as kept (top) or not (bottom).
    """
    rates = [_rate(point) for point in points]
    floor = min([_FLOOR, *rates])
    step = (WIDTH - 2 * MARGIN) / max(len(points) - 1, 1)
    at = [
        (MARGIN + place * step, HEIGHT - MARGIN - (rate - floor) / (1 - floor) * (HEIGHT - 2 * MARGIN))
        for place, rate in enumerate(rates)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    last = len(points) - 1
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{_DOTS[point.status]}"/>'
        for place, (point, (x, y)) in enumerate(zip(points, at, strict=True))
        if point.status != "passed" or place == last
    ]
    title = f"{points[0].run_at:%Y-%m-%d} 至 {points[-1].run_at:%Y-%m-%d}，{len(points)} 次，最低 {min(rates):.2%}"
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>"
        f'<line x1="0" x2="{WIDTH}" y1="{MARGIN}" y2="{MARGIN}" stroke="#d5dbe1"/>'
        f'<polyline points="{line}" fill="none" stroke="#5f7285" stroke-width="1.5"/>{"".join(dots)}</svg>'
    )


def runs_chart(runs: Sequence[RunCount]) -> Markup:
    """How many checks failed in each run, by severity, the newest at the right."""
    highest = max([1, *(sum(run.failed.values()) for run in runs)])
    scale = (_RUN_HEIGHT - 36) / highest
    width = min(_RUNS_WIDTH, 60 + len(runs) * (_BAR + 2))
    labelled = len(runs) <= _MOST_BARS_LABELLED
    parts = [_bar(run, 40 + place * (_BAR + 2), scale) for place, run in enumerate(runs)]
    base = _RUN_HEIGHT - 20
    dates = [(0, runs[0])] if labelled or len(runs) == 1 else [(0, runs[0]), (len(runs) - 1, runs[-1])]
    labels = [
        f'<text x="{40 + place * (_BAR + 2) + (_BAR if place else 0)}" y="{_RUN_HEIGHT - 5}"'
        f' text-anchor="{"end" if place else "start"}">{run.run_at:%m-%d}</text>'
        for place, run in dates
    ]
    return Markup(
        f'<svg viewBox="0 0 {width} {_RUN_HEIGHT}" width="{width}" height="{_RUN_HEIGHT}" role="img" aria-label="各次运行未通过的项数">'
        f'<line x1="36" x2="{width}" y1="{base}" y2="{base}" stroke="#9aa7b4"/>'
        f'<text x="30" y="{base}" text-anchor="end">0</text>'
        f'<text x="30" y="{base - highest * scale + 4:.1f}" text-anchor="end">{highest}</text>{"".join(parts + labels)}</svg>'
    )


def _bar(run: RunCount, x: int, scale: float) -> str:
    drawn, top = [], float(_RUN_HEIGHT - 20)
    for severity, colour in _COLOURS.items():
        height = run.failed[severity] * scale
        top -= height
        if height:
            drawn.append(f'<rect x="{x}" y="{top:.1f}" width="{_BAR}" height="{height:.1f}" fill="{colour}"/>')
    words = "，".join(f"{severity} {run.failed[severity]}" for severity in _COLOURS)
    return f"<g><title>{run.run_at:%Y-%m-%d %H:%M}：{words}，共 {run.checks} 项</title>{''.join(drawn)}</g>"


def _rate(point: Point) -> float:
    if point.rate is None:
        return 1.0 if point.status == "passed" else 0.0
    return point.rate
