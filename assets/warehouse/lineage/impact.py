"""The impact of a change of one model: later tables and columns, by column lineage, and the bulletin's figures."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import exp

from assets.warehouse.lineage.columns import ColumnRef, Lineage
from assets.warehouse.lineage.steps import Part, Step, deciding
from assets.warehouse.models.figures import FIGURES, figures_of
from assets.warehouse.models.model import Model


@dataclass(frozen=True)
class Impact:
    """``changed`` are the columns of the model itself, ``touched`` those of models after it, by table and in the order of building."""

    model: str
    changed: tuple[str, ...]
    touched: dict[str, tuple[str, ...]]
    figures: tuple[str, ...]

    @property
    def columns(self) -> frozenset[ColumnRef]:
        """All columns changed and touched."""
        own = {ColumnRef(self.model, column) for column in self.changed}
        return frozenset(own | {ColumnRef(table, column) for table, columns in self.touched.items() for column in columns})


def impact_of(
    models: Mapping[str, Model],
    sources: Mapping[str, Collection[str]],
    name: str,
    classes: Collection[str],
    before: Model | None = None,
) -> Impact:
    """What follows from the model ``name``; ``classes`` are the site's classes of task types.

    With ``before``, another state of the model, only what follows from the columns that differ; without, from all of them.
    """
    model = models[name]
    lineage = Lineage(models, sources, across=True)
    changed = tuple(model.header.columns) if before is None else changed_columns(before, model, lineage)
    seeds = {ColumnRef(name, column) for column in changed}
    touched = {}
    for other in models.values():
        columns = tuple(column for column in other.header.columns if lineage.of(other.full_name, column).all & seeds)
        if columns and other is not model:
            touched[other.full_name] = columns
    return Impact(name, changed, touched, _figures(lineage, models, name, seeds, classes, before))


def _figures(
    lineage: Lineage,
    models: Mapping[str, Model],
    name: str,
    seeds: set[ColumnRef],
    classes: Collection[str],
    before: Model | None,
) -> tuple[str, ...]:
    if FIGURES not in models:
        return ()
    figures = figures_of(lineage, classes)
    if name != FIGURES:
        return tuple(figure.name for figure in figures if figure.trace.all & seeds)
    if before is None:
        return tuple(figure.name for figure in figures)
    older = {figure.name: spelled(figure.step) for figure in figures_of(_with(lineage, models, before), classes)}
    return tuple(figure.name for figure in figures if spelled(figure.step) != older.get(figure.name))


def _with(lineage: Lineage, models: Mapping[str, Model], before: Model) -> Lineage:
    sources = {name: lineage.columns_of(name) or () for name in before.references if name not in models}
    return Lineage({**models, before.full_name: before}, sources, across=True)


def changed_columns(before: Model, now: Model, lineage: Lineage) -> tuple[str, ...]:
    """The columns whose type or definition differs between two states of a model, those taken out among them."""
    older = _with(lineage, {}, before)
    then, current = older.step(before.full_name), lineage.step(now.full_name)
    names = dict.fromkeys([*now.header.columns, *before.header.columns])
    return tuple(
        name for name in names if _type(before, name) != _type(now, name) or spelled(then, [name]) != spelled(current, [name])
    )


def _type(model: Model, name: str) -> str | None:
    column = model.header.columns.get(name)
    return column.type if column else None


# the SQL of an output and, nested, of all within its model that it follows from
Spelling = tuple[object, ...]


def spelled(step: Step, names: Collection[str] | None = None) -> Spelling:
    """The SQL of all within its model that the outputs ``names`` of a step follow from: all outputs by default."""
    kept: dict[tuple[int, str], Spelling] = {}
    return tuple(_spelled(step, name, kept) for name in (step.outputs if names is None else names))


def _spelled(step: Step, name: str, kept: dict[tuple[int, str], Spelling]) -> Spelling:
    key = (id(step), name)
    if key not in kept:
        # a column that is defined by itself, as in a recursive query, ends here
        kept[key] = ()
        kept[key] = _spelled_union(step, name, kept) if step.branches else _spelled_select(step, name, kept)
    return kept[key]


def _spelled_union(step: Step, name: str, kept: dict[tuple[int, str], Spelling]) -> Spelling:
    branches = enumerate(step.branches)
    return tuple(_spelled(branch, other, kept) for index, branch in branches for other in step.in_branch(index, [name]))


def _spelled_select(step: Step, name: str, kept: dict[tuple[int, str], Spelling]) -> Spelling:
    part = step.projection(name)
    parts = [part, *deciding(step, name, part)] if part else []
    own = tuple(_spelled_part(each) for each in parts)
    reads = dict.fromkeys(read for each in parts for read in each.reads)
    return own, *(_spelled_read(step.sources[alias], column, kept) for alias, column in reads)


def _spelled_part(part: Part) -> str:
    """Its SQL; nothing where a column is handed on as it is, by name or by ``*``, under whatever name."""
    node = part.node.this if isinstance(part.node, exp.Alias) else part.node
    return "" if isinstance(node, (exp.Column, exp.Star)) else node.sql("duckdb")


def _spelled_read(read: Step | str, column: str, kept: dict[tuple[int, str], Spelling]) -> Spelling:
    return _spelled(read, column, kept) if isinstance(read, Step) else (f"{read}.{column}",)
