"""How ``zhoubao models`` shows its documents to a person, on stdout."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from assets.warehouse.models.findings import Finding
from pipelines.printing.lines import blank, line, print_text

Document = dict[str, Any]


def shown(finding: Finding) -> str:
    """A finding in one line, its file relative to the current folder."""
    place = finding.path
    if place.is_absolute() and place.is_relative_to(Path.cwd()):
        place = place.relative_to(Path.cwd())
    return f"{place}:{finding.line}: {finding.message}; {finding.fix} [{finding.rule}]"


def print_impact(document: Document) -> None:
    """What a change reaches, by kind."""
    changed = document["changed_columns"]
    against = document["compared_with"]
    if against and not changed and not document["figures"]:
        line(f"{document['model']}: no column is defined otherwise than in {against}; nothing is touched")
        return
    of = f"differs from {against} in" if against else "as it is; a change of any of"
    line(f"{document['model']} ({of} {', '.join(changed) or 'no column by itself'}) touches")
    for title, tables in (("tables", document["tables"]), ("views", document["views"])):
        _print_list(title, [f"{table}: {', '.join(columns)}" for table, columns in tables.items()])
    _print_list("figures", document["figures"])
    _print_list(
        "checks", [f"{check['id']} ({check['severity']}, {check['table']}): {check['rule']}" for check in document["checks"]]
    )
    _print_list("reports", document["reports"])


def print_table(document: Document) -> None:
    """A table's page."""
    line(f"{document['table']} ({document['kind']}, owner {document['owner']})")
    print_text(document["description"])
    if document["nuance"]:
        line(f"注意：{document['nuance']}")
    line(f"grain: {', '.join(document['grain'])}")
    if document["file"]:
        line(f"file: {document['file']}")
    blank()
    line("columns")
    _print_columns(document["columns"])
    _print_list("reads", document["reads"])
    _print_list("read by", [*document["read_by"], *document["reports"]])
    _print_list("checks", [f"{check['id']} ({check['severity']}): {check['rule']}" for check in document["checks"]])
    blank()
    line(f"rows: {document['rows_note']}" if document["rows"] is None else "rows")
    for row in document["rows"] or ():
        line("  " + " · ".join(f"{name}={'' if value is None else value}" for name, value in row.items()))


def _print_columns(columns: list[Document]) -> None:
    rows = [(column["name"], column["type"], column["description"]) for column in columns]
    widths = [max(cell_len(row[index]) for row in rows) for index in range(2)]
    for row, column in zip(rows, columns, strict=True):
        line("  " + "  ".join([*(_padded(text, width) for text, width in zip(row, widths, strict=False)), row[2]]))
        if column["source"]:
            line(f"  {' ' * widths[0]}  ← {column['source']}")


def _padded(text: str, width: int) -> str:
    # a Chinese letter is two cells wide
    return text + " " * (width - cell_len(text))


def _print_list(title: str, lines: Iterable[str]) -> None:
    listed = list(lines)
    blank()
    line(f"{title}: none" if not listed else title)
    for one in listed:
        line(f"  {one}")
