"""The feed contract as typed values, read once from ``feeds.yaml``.

Knows what a feed must look like; how files are read and values cleaned is the exports step's.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

ColumnType = Literal["key", "code", "text", "timestamp", "date", "integer", "flag"]
Unknown = Literal["quarantine", "keep", "blank", "other"]

# how each type is stored in the lake
STORED_AS: dict[ColumnType, str] = {
    "key": "VARCHAR",
    "code": "VARCHAR",
    "text": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "integer": "BIGINT",
    "flag": "BOOLEAN",
}

# every row of the lake says where it came from; the last three order versions of one key at equal cd_time
ORIGIN_COLUMNS = {
    "delivery": ("VARCHAR", "交付批次"),
    "business_date": ("DATE", "交付批次的业务日期"),
    "sequence": ("BIGINT", "业务日期内的批次序号"),
    "file_index": ("BIGINT", "文件在清单中的序号，从 0 起"),
    "line": ("BIGINT", "记录在文件中的起始行号，表头为第 1 行"),
}


@dataclass(frozen=True)
class CodeList:
    """The values a code column may have, with their Chinese words."""

    name: str
    values: dict[str, str]
    other: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Column:
    """One column of a feed. ``inside`` is its name in the lake, ``None`` where it is dropped at load."""

    name: str
    header: str
    type: ColumnType
    required: bool
    personal: Literal["drop", "pseudonym"] | None
    inside: str | None
    codes: CodeList | None
    unknown: Unknown
    pattern: str | None
    minimum: int | None
    maximum: int | None
    default: str | int | None
    digits: int | None

    @property
    def stored_as(self) -> str:
        return STORED_AS[self.type]


@dataclass(frozen=True)
class Feed:
    """One feed: its key, the column whose day counts, and its columns in the contract's order."""

    name: str
    title: str
    measure: str | None
    key: tuple[str, ...]
    event: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def key_inside(self) -> tuple[str, ...]:
        """The key's columns as the lake names them."""
        return tuple(self.column(name).inside or name for name in self.key)

    @property
    def has_operations(self) -> bool:
        """Whether rows can delete their key; a handbook is a full list each time and has no such column."""
        return any(column.name == "cd_operation" for column in self.columns)

    @property
    def lake_columns(self) -> dict[str, str]:
        """Name → DuckDB type of every column of the feed's Parquet files, in their order."""
        own = {column.inside: column.stored_as for column in self.columns if column.inside}
        if any(column.personal == "pseudonym" for column in self.columns):
            own |= {"applicant_code_is_valid": "BOOLEAN", "key_id": "VARCHAR"}
        return own | {name: stored for name, (stored, _) in ORIGIN_COLUMNS.items()}


@dataclass(frozen=True)
class Contract:
    """All feeds and code lists of the interface."""

    feeds: dict[str, Feed]
    codes: dict[str, CodeList]


@cache
def load_contract() -> Contract:
    """Read the contract that comes with the package."""
    document = yaml.safe_load(files("assets.platform").joinpath("feeds.yaml").read_text(encoding="utf-8"))
    codes = {name: CodeList(**entry) for name, entry in document["codes"].items()}
    shared = document["shared"]
    feeds = {name: _feed(name, entry, shared, codes) for name, entry in document["feeds"].items()}
    return Contract(feeds, codes)


def _feed(name: str, entry: dict[str, Any], shared: list[dict[str, Any]], codes: dict[str, CodeList]) -> Feed:
    optional = entry.get("optional_shared", [])
    columns = [_column(column, codes) for column in entry["columns"]]
    if entry.get("shared", True):
        columns += [_column(column | {"required": False} if column["name"] in optional else column, codes) for column in shared]
    return Feed(name, entry["name"], entry.get("measure"), tuple(entry["key"]), entry["event"], tuple(columns))


def _column(entry: dict[str, Any], codes: dict[str, CodeList]) -> Column:
    personal = entry.get("personal")
    return Column(
        name=entry["name"],
        header=entry["header"],
        type=entry["type"],
        required=entry.get("required", False),
        personal=personal,
        inside=None if personal == "drop" else entry.get("inside", entry["name"]),
        codes=codes[entry["codes"]] if "codes" in entry else None,
        # a required column has no blank to fall back to
        unknown=entry.get("unknown", "quarantine" if entry.get("required") else "blank"),
        pattern=entry.get("pattern"),
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
        default=entry.get("default"),
        digits=entry.get("digits"),
    )
