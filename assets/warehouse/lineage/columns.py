"""Column lineage: which columns a column comes from, within one model or through all models down to lake, ledger and rules.

Follows values (what a projection computes with) and conditions (what decides which rows count) apart. Not sqlglot's own
``lineage``: that knows no conditions, gives nothing for ``count(*)``, and takes all branches of a union for one.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlglot import exp

from assets.warehouse.lineage.steps import ROWS, Part, Step, deciding, steps_of
from assets.warehouse.models.model import Model


class ColumnRef(NamedTuple):
    """A column of a table, ``schema.table``; the column ``*`` stands for the rows of a table whose key is not known."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class Trace:
    """Where one column comes from: the columns it is computed from, those that decide which rows count.

    ``passed`` are the columns of other models on the way.
    """

    values: frozenset[ColumnRef] = frozenset()
    conditions: frozenset[ColumnRef] = frozenset()
    passed: frozenset[ColumnRef] = frozenset()

    def as_condition(self) -> "Trace":
        """The same, where it decides about rows and gives no value."""
        return Trace(frozenset(), self.values | self.conditions, self.passed)

    @property
    def all(self) -> frozenset[ColumnRef]:
        return self.values | self.conditions | self.passed


@dataclass(frozen=True, eq=False)
class Focus:
    """Which branches of the unions below a step are looked at: branches by number, or sources by alias, each with its own focus.

    Those where what is asked for is not constant, and where no constant is another than the one picked out
    (``case when measure = 'accepted' then counted else 0 end``). ``None`` in its place where there is no union.
    """

    parts: tuple[tuple[int | str, "Focus | None"], ...]

    def of(self, alias: str) -> "Focus | None":
        """The focus of one source."""
        return dict(self.parts).get(alias)


# columns of a step with the text that is picked out
Picked = frozenset[tuple[str, str]]


class Lineage:
    """The columns behind each column of ``models``, found when asked for and kept.

    ``sources`` are the tables that no model makes, with their columns. With ``across`` a trace goes on through the models that are
    read; without, it ends at them.
    """

    def __init__(self, models: Mapping[str, Model], sources: Mapping[str, Collection[str]], *, across: bool) -> None:
        self._models = models
        self._sources = sources
        self._across = across
        self._steps: dict[str, Step] = {}
        self._focused: dict[tuple[int, frozenset[str], Picked], Focus | None] = {}
        # equal ones are one object: to hash them all the way down, at each look, took half of the time
        self._foci: dict[tuple[tuple[int | str, Focus | None], ...], Focus] = {}
        self._branching: dict[int, bool] = {}
        self._kept: dict[tuple[int, str, Focus | None], Trace] = {}

    def of(self, table: str, column: str) -> Trace:
        """The trace of one column of a model; itself, for a table that no model makes."""
        if table not in self._models:
            return Trace(frozenset([ColumnRef(table, column)]))
        return self.of_step(self.step(table), column)

    def of_step(self, step: Step, column: str) -> Trace:
        """The trace of one output of a query's step."""
        return self._trace(step, column, self._focus(step, frozenset([column])))

    def of_branch(self, table: str, column: str, alias: str, index: int) -> Trace:
        """The trace of one column of a model where, of the union that it reads as ``alias``, one branch alone is looked at."""
        step = self.step(table)
        union = step.sources[alias]
        if not isinstance(union, Step):
            return self.of(table, column)
        asked = frozenset(union.branches[index].outputs)
        others = self._select_focus(step, frozenset([column])).parts
        one = self._one(((index, self._focus(union.branches[index], asked)),))
        parts = tuple((source, one if source == alias else focus) for source, focus in others)
        return self._trace(step, column, self._one(parts))

    def step(self, table: str) -> Step:
        """The last step of a model."""
        if table not in self._steps:
            self._steps[table] = steps_of(self._models[table].parsed, self.columns_of)
        return self._steps[table]

    def columns_of(self, table: str) -> Collection[str] | None:
        """The columns of a model or source, ``None`` for a table that is neither."""
        return self._models[table].header.columns if table in self._models else self._sources.get(table)

    def _trace(self, step: Step, name: str, focus: Focus | None) -> Trace:
        key = (id(step), name, focus)
        if key not in self._kept:
            # a column that is defined by itself, as in a recursive query, ends here
            self._kept[key] = Trace()
            self._kept[key] = self._of_union(step, name, focus) if step.branches else self._of_select(step, name, focus)
        return self._kept[key]

    def _of_union(self, step: Step, name: str, focus: Focus | None) -> Trace:
        return _joined(
            [
                self._trace(step.branches[int(index)], other, inner)
                for index, inner in (focus.parts if focus else ())
                for other in step.in_branch(int(index), [name])
            ]
        )

    def _of_select(self, step: Step, name: str, focus: Focus | None) -> Trace:
        part = step.projection(name)
        if part is None:
            return Trace()
        return _joined(
            [
                self._of_part(step, part, focus),
                *(self._of_part(step, other, focus).as_condition() for other in deciding(step, name, part)),
            ]
        )

    def _of_part(self, step: Step, part: Part, focus: Focus | None) -> Trace:
        traces = [self._of_read(step, alias, column, focus) for alias, column in part.reads]
        if part.counts_rows:
            traces += [self._rows(step, alias, focus) for alias in step.sources]
        traces += [self.of_step(inner, name) for inner in part.inner for name in inner.outputs]
        return _joined(traces)

    def _of_read(self, step: Step, alias: str, column: str, focus: Focus | None) -> Trace:
        read = step.sources[alias]
        inner = focus.of(alias) if focus else None
        if isinstance(read, Step):
            return self._trace(read, column, inner)
        ref = frozenset([ColumnRef(read, column)])
        if not self._goes_on(read):
            return Trace(values=ref)
        trace = self._trace(self.step(read), column, inner)
        return Trace(trace.values, trace.conditions, trace.passed | ref)

    def _rows(self, step: Step, alias: str, focus: Focus | None) -> Trace:
        """What a row of a source is: of a model its grain, of a step the rows that it reads."""
        read = step.sources[alias]
        if isinstance(read, Step):
            inner = focus.of(alias) if focus else None
            return self._rows_of(read, inner)
        if read not in self._models:
            return Trace(frozenset([ColumnRef(read, ROWS)]))
        return _joined([self._of_read(step, alias, column, focus) for column in self._models[read].header.grain])

    def _rows_of(self, step: Step, focus: Focus | None) -> Trace:
        if step.branches:
            return _joined([self._rows_of(step.branches[int(index)], inner) for index, inner in (focus.parts if focus else ())])
        conditions = [self._of_part(step, condition.part, focus).as_condition() for condition in step.conditions]
        return _joined([*(self._rows(step, alias, focus) for alias in step.sources), *conditions])

    def _focus(self, step: Step, asked: frozenset[str], picked: Picked = frozenset()) -> Focus | None:
        """The branches to look at when the values ``asked`` are wanted of the same rows, those that are ``picked``."""
        if not self._has_union(step):
            return None
        key = (id(step), asked, picked)
        if key not in self._focused:
            self._focused[key] = None
            of_kind = self._union_focus if step.branches else self._select_focus
            self._focused[key] = of_kind(step, asked, picked)
        return self._focused[key]

    def _union_focus(self, step: Step, asked: frozenset[str], picked: Picked) -> Focus:
        here = []
        for index, branch in enumerate(step.branches):
            of_branch = frozenset((other, text) for name, text in picked for other in step.in_branch(index, [name]))
            if not _contradicts(branch, of_branch):
                here.append((index, branch, step.in_branch(index, asked), of_branch))
        telling = [entry for entry in here if not _is_constant(entry[1], entry[2])]
        return self._one(
            tuple((index, self._focus(branch, names, of_branch)) for index, branch, names, of_branch in telling or here)
        )

    def _select_focus(self, step: Step, asked: frozenset[str], picked: Picked = frozenset()) -> Focus:
        wanted: dict[str, set[str]] = {alias: set() for alias in step.sources}
        parts = [part for part in map(step.projection, asked) if part]
        for alias, column in (read for part in parts for read in part.reads):
            wanted[alias].add(column)
        # what all of them pick out, and what is picked out already of a column that is handed on as it is
        found = {
            alias: set.intersection(*({*_picks(part, alias)} for part in parts)) if parts else set() for alias in step.sources
        }
        for name, text in picked:
            handed = step.projection(name)
            if handed and len(handed.reads) == 1 and isinstance(handed.node.unalias(), (exp.Column, exp.Star)):
                alias, column = handed.reads[0]
                found[alias].add((column, text))
        return self._one(
            tuple(
                (alias, self._focus_of(read, frozenset(wanted[alias]), frozenset(found[alias])))
                for alias, read in step.sources.items()
            )
        )

    def _one(self, parts: tuple[tuple[int | str, Focus | None], ...]) -> Focus:
        return self._foci.setdefault(parts, Focus(parts))

    def _focus_of(self, read: Step | str, asked: frozenset[str], picked: Picked) -> Focus | None:
        if isinstance(read, Step):
            return self._focus(read, asked, picked)
        return self._focus(self.step(read), asked, picked) if self._goes_on(read) else None

    def _has_union(self, step: Step) -> bool:
        if id(step) not in self._branching:
            self._branching[id(step)] = False
            below = [self.step(read) if isinstance(read, str) else read for read in step.sources.values() if self._goes_on(read)]
            self._branching[id(step)] = bool(step.branches) or any(self._has_union(read) for read in below)
        return self._branching[id(step)]

    def _goes_on(self, read: Step | str) -> bool:
        return isinstance(read, Step) or (self._across and read in self._models)


def _is_constant(step: Step, names: frozenset[str]) -> bool:
    parts = [step.projection(name) for name in names]
    return bool(names) and all(part is not None and part.is_constant for part in parts)


def _picks(part: Part, alias: str) -> Iterator[tuple[str, str]]:
    """The columns of a source that must be a text, else the expression is constant."""
    for case in part.node.find_all(exp.Case):
        (first, *others), default = case.args["ifs"], case.args.get("default")
        test = first.this
        if (
            not others
            and isinstance(default, exp.Literal)
            and isinstance(test, exp.EQ)
            and isinstance(test.expression, exp.Literal)
        ):
            column = test.this
            if isinstance(column, exp.Column) and (alias, column.name) in part.reads and first.args["true"].find(exp.Column):
                yield column.name, test.expression.name


def _contradicts(step: Step, picked: Picked) -> bool:
    """Whether a column that is picked out is constant there, and another."""
    constants = ((step.projection(name), text) for name, text in picked)
    return any(
        part is not None and isinstance(node := part.node.unalias(), exp.Literal) and node.name != text
        for part, text in constants
    )


def _joined(traces: list[Trace]) -> Trace:
    if len(traces) == 1:
        return traces[0]
    return Trace(
        frozenset().union(*(trace.values for trace in traces)),
        frozenset().union(*(trace.conditions for trace in traces)),
        frozenset().union(*(trace.passed for trace in traces)),
    )
