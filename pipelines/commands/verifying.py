"""``zhoubao bulletin verify FILE.docx``: figures that were altered by hand in a Word file of the bulletin."""

from pathlib import Path
from typing import Any

import typer

from assets.errors import RefusedError
from pipelines.printing.lines import line, print_table


def verify(settings: Any, file: Path) -> None:
    """Hold the figures of the file against the issue's own, frozen or current; 4 where one differs."""
    from assets.reports.formats.word_verify import altered, read_figures
    from assets.reports.printing import composed_issue

    found = read_figures(file)
    wrong = altered(found, composed_issue(settings.place, found.issue_key, settings.fitness, settings.bulletin))
    if wrong:
        rows = [(each.figure, each.title, each.expected, "（控件已删）" if each.found is None else each.found) for each in wrong]
        print_table("", ("figure", "名称", "应为", "文件中"), rows)
        raise typer.Exit(RefusedError.exit_code)
    line(f"{file}: issue {found.issue_key}, {len(found.figures)} figures as they were composed")
