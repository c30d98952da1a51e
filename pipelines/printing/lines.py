"""What the commands print: results on stdout, messages and progress on stderr. No logic of the warehouse is here."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets.visible import visible, visible_lines

if TYPE_CHECKING:
    from rich.console import Console

# the demonstration's first day, of the year or of the week, and its last
_YEAR_START, _WEEK_START, _CUTOFF = date(2023, 1, 1), date(2023, 8, 26), date(2023, 9, 1)
_PLAIN_WIDTH = 200
# what a table draws round each cell
_BORDER = 3


def line(text: object) -> None:
    """Print one line of a result; control characters in names from outside are spelled out."""
    print(visible(str(text)))


def blank() -> None:
    """An empty line between two parts of a result."""
    print()


def print_text(text: str) -> None:
    """This project's own text of several lines."""
    for one in text.split("\n"):
        line(one)


def say(message: str) -> None:
    """Print a message for the person on stderr; its further lines are indented, so that none looks like another message."""
    print(visible_lines(message), file=sys.stderr)


def path_if_there(path: Path | None) -> str | None:
    """A file as it is printed; ``None`` where a run ended before it was written."""
    return str(path) if path is not None and path.exists() else None


def print_json(document: object) -> None:
    """Print a result as JSON for a program; control characters are escaped, so that no terminal obeys them."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    print("".join(letter if letter == "\n" or visible(letter) == letter else json.dumps(letter)[1:-1] for letter in text))


def print_figures(comparisons: Sequence[Any]) -> None:
    """The demonstration's figures alongside the published ones."""
    from rich.table import Table

    table = Table("figure", "published", "this run", "equal")
    for row in comparisons:
        counted = "missing" if row.counted is None else f"{row.counted:.4f}" if row.published < 1 else f"{row.counted:.0f}"
        published = f"{row.published:.4f}" if row.published < 1 else f"{row.published:.0f}"
        table.add_row(row.figure, published, counted, "yes" if row.is_equal else "NO")
    _console().print(table)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text under a title, nothing if there are none; a terminal that is too narrow gets each cell as a line, uncut."""
    if not rows:
        return
    from rich.cells import cell_len
    from rich.table import Column, Table
    from rich.text import Text

    console = _console()
    widths = [max(cell_len(visible(text)) for text in column) for column in zip(columns, *rows, strict=True)]
    if console.is_terminal and sum(widths) + _BORDER * len(widths) + 1 > console.width:
        _print_rows(title, columns, rows)
        return
    table = Table(*(Column(name, overflow="fold") for name in columns), title=title or None, title_justify="left")
    for row in rows:
        # neither markup nor control characters of a cell do anything
        table.add_row(*(Text(visible(cell)) for cell in row))
    console.print(table)


def _print_rows(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Each cell on a line of its own: a wrapped id could not be copied."""
    if title:
        line(title)
    for row in rows:
        blank()
        for name, cell in zip(columns, row, strict=True):
            if cell:
                line(f"{name}: {cell}" if name else cell)


def _console() -> "Console":
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)


@contextmanager
def progress(full: bool) -> Iterator[tuple[Callable[[str], None], Callable[[date, int], None]]]:
    """A bar of days on a terminal, plain lines otherwise."""
    days = (_CUTOFF - (_YEAR_START if full else _WEEK_START)).days + 1
    if not sys.stderr.isatty():
        yield say, lambda day, rows: say(f"  {day}: {rows} rows")
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=days)
        yield (
            lambda text: bar.update(task, description=text),
            lambda day, rows: bar.update(task, advance=1, description=f"{day}: {rows} rows"),
        )


def print_outcome(outcome: Any) -> None:
    """Print what a run did: each file's account, held deliveries, the checks that refused it."""
    facts = outcome.facts
    _print_notes(facts)
    for account in facts.get("accounts", []):
        line(
            f"{account['delivery']}  {account['file']}  {account['state']}  records {account['records']} = loaded {account['loaded']}"
            f" + superseded {account['superseded']} + quarantined {account['quarantined']}"
            + (f"  {account['reason']}，由{account['who_fixes']}处理" if "reason" in account else "")
        )
    for held in facts.get("held", []):
        line(f"{held['delivery']}  {held['state']}  {held['note']}")
    for file in facts.get("without_original", []):
        line(f"{file['delivery']}  {file['file']}  {file['note']}")
    _print_checks(facts)
    if facts.get("error"):
        say(f"zhoubao: {facts['error']}")
    for path in facts.get("workbooks", []):
        line(path)
    _print_removed(facts)
    if facts.get("version"):
        line(f"published version {facts['version']}")
    if not facts.get("run_id") and not facts.get("accounts"):
        line("nothing to do")


def _print_removed(facts: dict[str, Any]) -> None:
    if any(facts.get("removed", {}).values()):
        line(f"removed originals: {facts['removed']['archive']} from archive, {facts['removed']['landing']} from landing")
        line(f"removed workbooks: {facts['removed']['workbooks']}")
    if facts.get("removed_runs"):
        line(f"removed the records of {facts['removed_runs']} old runs")
    if facts.get("blanked"):
        line(f"rows of {facts['blanked']} old deliveries have lost their pseudonyms")


def _print_notes(facts: dict[str, Any]) -> None:
    for note in facts.get("notes", []):
        say(f"zhoubao: {note}")
    for name in facts.get("earlier", []):
        say(f"zhoubao: {name} was taken in by a run that was ended before it could say so")


def _print_checks(facts: dict[str, Any]) -> None:
    for check in facts.get("refused_by", []):
        line(f"refused by {check['check_id']}: {check['rule']}（由{check['who_fixes']}处理）")
    if facts.get("refused_by"):
        line(
            f"not published; the last good publication stays in force, 数据截至 {facts['business_date_through'] or '（尚未发布）'}"
        )
    checks = facts.get("checks")
    if checks:
        for name in checks["not_accepted"]:
            say(f"zhoubao: {name} did not fail, so no waiver was recorded")
        for path in filter(None, (checks["workbook"], checks["page"])):
            line(path)
