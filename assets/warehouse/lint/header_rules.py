"""The rules for a model's header: Chinese descriptions, an owner, a checked grain, and names that follow the grammar."""

import re
from collections.abc import Collection, Iterator, Mapping

from assets.warehouse.models.findings import Finding
from assets.warehouse.models.model import Model

GRAIN_IS_UNIQUE = "grain_is_unique"
VIEWS = "views"
_MAY_HAVE_VIEWS = "core"

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# the ending or beginning of a name says the type
_TYPE_OF_NAME = (
    # first, since `has_year_to_date` is no date
    (re.compile(r"(.*_)?(is|has)_.*"), "BOOLEAN"),
    (re.compile(r".*_date"), "DATE"),
    (re.compile(r".*_at"), "TIMESTAMP"),
    (re.compile(r".*_share"), "DOUBLE"),
)


def wrong_words(model: Model) -> Iterator[Finding]:
    """What the header says of the table as a whole: description, owner, kind, checks, and the table's name."""
    header = model.header
    if not _CHINESE.search(header.description):
        yield model.header_finding(("description",), "words", "the description is not in Chinese", "the centre's staff read it")
    if not _NAME.fullmatch(header.owner):
        fix = "write a team such as data_team: small letters, digits and _"
        yield model.header_finding(("owner",), "owner", f"`{header.owner}` is not an owner", fix)
    kind = "view" if model.schema == VIEWS else "table"
    # core may have one too: of rows that lie in the lake, a copy would be the whole history
    if (header.kind == "view") != (kind == "view") and not (header.kind == "view" and model.schema == _MAY_HAVE_VIEWS):
        message = f"a model in {model.schema}/ is a {kind}, and the header says {header.kind}"
        yield model.header_finding(("kind",), "kind", message, f"write kind: {kind}, or move the file")
    if kind == "table" and not _NAME.fullmatch(model.name):
        fix = "rename the file: small letters, digits and _ (a Spark catalog and Dagster take no other)"
        yield Finding(model.path, 1, "names", f"`{model.name}` is not a table's name", fix)
    for unknown in (check for check in header.checks if check != GRAIN_IS_UNIQUE):
        yield model.header_finding(("checks",), "checks", f"there is no check `{unknown}`", f"write [{GRAIN_IS_UNIQUE}]")


def wrong_columns(model: Model) -> Iterator[Finding]:
    """Columns without a description in Chinese, or whose name and type do not go together."""
    for name, column in model.header.columns.items():
        place = ("columns", name)
        if not _CHINESE.search(column.description):
            yield model.header_finding(place, "words", f"`{name}` is not described in Chinese", "say what it means, and its unit")
        if model.schema == VIEWS:
            continue
        if not _NAME.fullmatch(name):
            yield model.header_finding(place, "names", f"`{name}` is not a column's name", "use small letters, digits and _")
        expected = next((kind for pattern, kind in _TYPE_OF_NAME if pattern.fullmatch(name)), None)
        if expected and column.type != expected:
            message = f"`{name}` is {column.type}, and a column of such a name is {expected}"
            yield model.header_finding(place, "names", message, "give it the type of its name, or the name of its type")
        if column.type == "BOOLEAN" and expected != "BOOLEAN":
            yield model.header_finding(place, "names", f"`{name}` is BOOLEAN", f"call it is_{name} or has_{name}")


def wrong_grain(model: Model, unique: Mapping[str, Collection[frozenset[str]]]) -> Iterator[Finding]:
    """A grain that is empty or names no column, or that no suite checks; ``unique`` has the column sets checked, by table."""
    header = model.header
    if not header.grain:
        yield model.header_finding(("grain",), "grain", "the grain is empty", "name the columns that tell its rows apart")
    for name in header.grain:
        if name not in header.columns:
            fix = f"name some of {', '.join(header.columns)}"
            yield model.header_finding(("grain",), "grain", f"the grain names `{name}`, which is not a column", fix)
    if header.kind == "view":
        # a view has the rows of what it reads, whose grain is checked
        return
    if GRAIN_IS_UNIQUE not in header.checks:
        fix = f"write checks: [{GRAIN_IS_UNIQUE}]"
        yield model.header_finding(("checks",), "grain", "the header does not promise that the grain is unique", fix)
    if frozenset(header.grain) not in unique.get(model.full_name, ()):
        suite = f"expectations/{model.full_name.replace('.', '_')}.yaml"
        message = f"no check proves that {', '.join(header.grain)} is unique"
        fix = f"add to {suite} a check that these columns, and no others, are unique"
        yield model.header_finding(("grain",), "grain", message, fix)
