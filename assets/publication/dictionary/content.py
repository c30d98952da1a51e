"""The content of the dictionary in any format: published tables and views, columns, sources, examples, code lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from assets.platform.contract import load_contract
from assets.publication.snapshot.catalogue import PublishedTable, published_tables, published_views
from assets.publication.snapshot.origins import column_sources
from assets.publication.store.manifest import PublishedManifest
from assets.warehouse.models.code_lists import published_codes
from assets.warehouse.models.model import Model


@dataclass(frozen=True)
class Example:
    """A question and the query that answers it."""

    question: str
    sql: str


@dataclass(frozen=True)
class ColumnEntry:
    """One column; ``codes`` is the Chinese name of the code list of its values, where it has one."""

    name: str
    type: str
    description: str
    source: str
    codes: str | None


@dataclass(frozen=True)
class TableEntry:
    """One table or view, as it is asked for in SQL."""

    name: str
    is_view: bool
    description: str
    nuance: str | None
    grain: tuple[str, ...]
    made_from: tuple[str, ...]
    columns: tuple[ColumnEntry, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class CodeEntry:
    """One code list; ``key`` is its name in ``marts.codes``, ``None`` where only the platform's files use it."""

    name: str
    values: dict[str, str]
    key: str | None = None
    source: str | None = None
    other: str | None = None


@dataclass(frozen=True)
class Dictionary:
    """All of it; ``manifest`` is the publication in force, for the day up to which its data reach."""

    views: tuple[TableEntry, ...]
    tables: tuple[TableEntry, ...]
    codes: tuple[CodeEntry, ...]
    manifest: PublishedManifest | None

    @property
    def freshness(self) -> str:
        """One sentence on what is published now."""
        if self.manifest is None:
            return "尚无发布。"
        through = self.manifest.business_date_through or "（尚无数据）"
        return f"数据截至 {through}，版本 {self.manifest.version}，生成于 {self.manifest.built_at:%Y-%m-%d %H:%M}。"


def build_dictionary(models: Mapping[str, Model], manifest: PublishedManifest | None = None) -> Dictionary:
    """The dictionary of what these models publish."""
    sources = column_sources(models)
    views = tuple(_entry(view, True, sources) for view, _ in published_views(models))
    return Dictionary(
        views=tuple(sorted(views, key=lambda view: view.name)),
        tables=tuple(_entry(table, False, sources) for table in published_tables(models)),
        codes=_codes(),
        manifest=manifest,
    )


@cache
def example_queries() -> dict[str, tuple[Example, ...]]:
    """The example queries of each table, by its full name."""
    document = yaml.safe_load(files(__package__).joinpath("examples.yaml").read_text(encoding="utf-8"))
    return {
        name: tuple(Example(entry["question"], entry["sql"].strip()) for entry in listed) for name, listed in document.items()
    }


def _entry(table: PublishedTable, is_view: bool, sources: Mapping[tuple[str, str], str]) -> TableEntry:
    header = table.header
    return TableEntry(
        name=table.full_name,
        is_view=is_view,
        description=header.description,
        nuance=header.nuance,
        grain=header.grain,
        made_from=table.source,
        columns=tuple(
            ColumnEntry(
                name,
                column.type,
                column.description,
                sources.get((table.full_name, name), ""),
                _codes_of(table.full_name, name),
            )
            for name, column in header.columns.items()
        ),
        examples=example_queries().get(table.full_name, ()),
    )


def _codes_of(table: str, column: str) -> str | None:
    """The code list of a column, named in the list with its table or, where many tables have it, without."""
    found = (codes.name for codes in published_codes().values() if {column, f"{table}.{column}"} & set(codes.columns))
    return next(found, None)


def _codes() -> tuple[CodeEntry, ...]:
    published = published_codes()
    contract = load_contract().codes
    others = {name: codes.other for name, codes in contract.items()}
    entries = [CodeEntry(codes.name, codes.values, key, codes.source, others.get(key)) for key, codes in published.items()]
    entries += [
        CodeEntry(codes.name, codes.values, None, codes.source, codes.other)
        for name, codes in contract.items()
        if name not in published
    ]
    return tuple(entries)
