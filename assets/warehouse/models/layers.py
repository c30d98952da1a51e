"""Which schema may read which (layers read only downwards), and which folders may hold models."""

from collections.abc import Iterator
from pathlib import Path

from assets.warehouse.lint.query_places import line_of, tables_of
from assets.warehouse.models.findings import Finding
from assets.warehouse.models.model import Model

# views ← marts ← core ← lake; meta tells of loading and knows no counts
MAY_READ = {
    "core": ("core", "lake", "ledger", "ref"),
    # what changed since a freeze: compared with the published figures, told in marts.revisions
    "history": ("history", "marts", "core", "lake", "ledger", "ref"),
    "marts": ("marts", "history", "core", "lake", "ledger", "ref"),
    "meta": ("meta", "core", "lake", "ledger", "ref"),
    "views": ("marts",),
}


def misplaced_files(folder: Path) -> Iterator[Finding]:
    """SQL files below ``folder`` that no build would find, because they are not in the folder of a schema."""
    for path in sorted(folder.rglob("*.sql")):
        place = path.relative_to(folder).parts
        if len(place) != 2 or place[0] not in MAY_READ:
            fix = f"move it to {', '.join(f'{folder.name}/{schema}/' for schema in MAY_READ)}: one file, one table"
            yield Finding(path, 1, "folder", f"`{'/'.join(place[:-1]) or '.'}` is not a schema's folder", fix)


def reading_upwards(model: Model) -> Iterator[Finding]:
    """References from a layer to one that it may not read."""
    allowed = MAY_READ.get(model.schema, ())
    for table in tables_of(model.parsed):
        if table.db and table.db not in allowed:
            message = f"`{model.schema}` may not read `{table.db}.{table.name}`: layers read only downwards"
            yield model.finding(line_of(table), "layers", message, f"read one of the schemas {', '.join(allowed)}")
