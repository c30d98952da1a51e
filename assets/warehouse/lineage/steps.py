"""A query as the steps it consists of: what each reads, gives, and counts by. The ground that ``lineage.py`` walks on.

Columns are resolved here, once per query; one that nothing has is kept as unknown, with its place.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, build_scope

ROWS = "*"
# the columns of a table by its full name, ``None`` where they cannot be known
NamesOf = Callable[[str], Collection[str] | None]


@dataclass(frozen=True)
class Part:
    """One expression of a step: the columns it reads as (source, column), whether it counts whole rows, the queries inside it."""

    node: exp.Expr
    reads: tuple[tuple[str, str], ...]
    counts_rows: bool = False
    inner: tuple["Step", ...] = ()

    @property
    def is_constant(self) -> bool:
        return not (self.reads or self.counts_rows or self.inner)


@dataclass(frozen=True)
class Condition:
    """What decides about a step's rows. A left join does so only for what reads ``source``, a ``having`` only for the groups."""

    part: Part
    source: str | None = None
    of_groups: bool = False


@dataclass
class Step:
    """One select, or the union of several: ``branches``.

    ``sources`` are steps or names of tables by alias, ``projections`` the expressions by output, in their order; the output ``*``
    stands for the columns of a table that is taken whole and not known. ``keys`` are the outputs that it groups by.
    """

    sources: dict[str, "Step | str"] = field(default_factory=dict)
    projections: dict[str, Part] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    keys: frozenset[str] = frozenset()
    branches: tuple["Step", ...] = ()
    unknown: list[exp.Column] = field(default_factory=list)

    @property
    def outputs(self) -> list[str]:
        return self.branches[0].outputs if self.branches else list(self.projections)

    def projection(self, name: str) -> Part | None:
        """The expression behind an output; through a ``*`` over a table that is not known, the column of that name."""
        found = self.projections.get(name)
        if found is None and ROWS in self.projections:
            star = self.projections[ROWS]
            return Part(star.node, tuple((source, name) for source, _ in star.reads[:1]))
        return found

    def in_branch(self, index: int, names: Iterable[str]) -> frozenset[str]:
        """The outputs ``names`` as the branch at ``index`` calls them: a union goes by position."""
        position = dict(zip(self.outputs, self.branches[index].outputs, strict=False))
        return frozenset(position.get(name, name) for name in names)

    def all_steps(self) -> Iterator["Step"]:
        """This step and every other that it is made of, each once."""
        seen: set[int] = set()
        waiting: list[Step] = [self]
        while waiting:
            step = waiting.pop()
            if id(step) in seen:
                continue
            seen.add(id(step))
            yield step
            parts = [*step.projections.values(), *(condition.part for condition in step.conditions)]
            waiting += [source for source in step.sources.values() if isinstance(source, Step)]
            waiting += [*step.branches, *(inner for part in parts for inner in part.inner)]


def steps_of(query: exp.Expr, names_of: NamesOf) -> Step:
    """The last step of ``query``, from which the others are reached."""
    scope = build_scope(query)
    if scope is None:
        raise TypeError("a query that is no select")
    return _Reader(names_of).step(scope)


class _Reader:
    """Turns sqlglot's scopes into steps, each once."""

    def __init__(self, names_of: NamesOf) -> None:
        self._names_of = names_of
        self._steps: dict[int, Step] = {}

    def step(self, scope: Scope) -> Step:
        if id(scope) not in self._steps:
            # made first, since a recursive query reads itself
            step = self._steps[id(scope)] = Step()
            if scope.set_operation_scopes:
                step.branches = tuple(self._branches(scope))
            else:
                self._fill(step, scope)
        return self._steps[id(scope)]

    def _branches(self, scope: Scope) -> Iterator[Step]:
        for branch in scope.set_operation_scopes:
            step = self.step(branch)
            yield from step.branches or [step]

    def _fill(self, step: Step, scope: Scope) -> None:
        # sqlglot leaves out what is joined for its absence or presence alone
        half_joined = {alias: scope.sources[alias] for alias in scope.semi_or_anti_join_tables if alias in scope.sources}
        for alias, read in ({name: read for name, (_, read) in scope.selected_sources.items()} | half_joined).items():
            step.sources[alias] = self.step(read) if isinstance(read, Scope) else f"{read.db}.{read.name}"
        select = scope.expression
        if not isinstance(select, exp.Query):
            raise TypeError("a step that is no select")
        own_names = {projection.alias_or_name for projection in select.selects}
        for index, projection in enumerate(select.selects):
            if projection.is_star:
                self._take_whole(step, projection)
            else:
                # in a union's later branches columns go without names, and each still has its position
                is_named = isinstance(projection, (exp.Column, exp.Alias))
                name = projection.alias_or_name if is_named else f"#{index}"
                step.projections[name] = self._part(step, scope, projection, frozenset())
        for key in ("where", "qualify", "group", "distinct"):
            if isinstance(select.args.get(key), exp.Expr):
                step.conditions.append(Condition(self._part(step, scope, select.args[key], own_names)))
        if select.args.get("having"):
            step.conditions.append(Condition(self._part(step, scope, select.args["having"], own_names), of_groups=True))
        for join in select.args.get("joins") or []:
            self._join(step, scope, join)
        if select.args.get("group"):
            step.keys = self._keys(step, self._part(step, scope, select.args["group"], own_names))

    def _take_whole(self, step: Step, projection: exp.Expr) -> None:
        aliases = [projection.table] if isinstance(projection, exp.Column) else list(step.sources)
        for alias in aliases:
            for name in self._columns_of(step.sources[alias]) or [ROWS]:
                step.projections[name] = Part(projection, ((alias, name),))

    def _join(self, step: Step, scope: Scope, join: exp.Join) -> None:
        source = join.alias_or_name if join.side == "LEFT" else None
        if join.args.get("on"):
            step.conditions.append(Condition(self._part(step, scope, join.args["on"], frozenset()), source))
        for shared in join.args.get("using") or []:
            reads = tuple(
                (alias, shared.name) for alias, read in step.sources.items() if shared.name in (self._columns_of(read) or ())
            )
            step.conditions.append(Condition(Part(shared, reads), source))

    def _keys(self, step: Step, group: Part) -> frozenset[str]:
        return frozenset(name for name, part in step.projections.items() if part.reads and set(part.reads) <= set(group.reads))

    def _part(self, step: Step, scope: Scope, node: exp.Expr, own_names: Collection[str]) -> Part:
        reads: dict[tuple[str, str], None] = {}
        for column in _columns_within(node):
            source = self._source_of(step, column)
            if source is not None:
                reads[source, column.name] = None
            elif column.name in own_names and not column.table:
                # an output named again, as in `group by` or `having`
                reads |= dict.fromkeys(step.projections[column.name].reads)
            elif not self._is_of_outer(scope, column):
                step.unknown.append(column)
        inner = [found for found in scope.subquery_scopes if any(found.expression is query for query in node.find_all(exp.Query))]
        for query in inner:
            outer = [column for column in query.find_all(exp.Column) if column.table in step.sources and not column.is_star]
            reads |= {(column.table, column.name): None for column in outer}
        counts_rows = any(isinstance(count.this, exp.Star) for count in node.find_all(exp.Count))
        return Part(node, tuple(reads), counts_rows, tuple(self.step(query) for query in inner))

    def _source_of(self, step: Step, column: exp.Column) -> str | None:
        """The alias that ``column`` belongs to; a table whose columns are not known may have any."""
        candidates = [column.table] if column.table else list(step.sources)
        named = {alias: self._columns_of(step.sources[alias]) for alias in candidates if alias in step.sources}
        having = [alias for alias, names in named.items() if names is not None and column.name in names]
        return next(iter(having + [alias for alias, names in named.items() if names is None]), None)

    def _is_of_outer(self, scope: Scope, column: exp.Column) -> bool:
        return scope.is_subquery and scope.parent is not None and column.table in scope.parent.selected_sources

    def _columns_of(self, read: "Step | str") -> Collection[str] | None:
        if isinstance(read, str):
            return self._names_of(read)
        return None if ROWS in read.outputs else read.outputs


def _columns_within(node: exp.Expr) -> Iterator[exp.Column]:
    """The columns of an expression, those of queries inside it left out."""
    for found in node.walk(prune=lambda part: isinstance(part, exp.Query)):
        if isinstance(found, exp.Column) and not found.is_star:
            yield found


def columns_read(query: exp.Expr, names_of: NamesOf) -> frozenset[tuple[str, str]]:
    """Every column of a table, as (table, column), that ``query`` reads anywhere."""
    found: set[tuple[str, str]] = set()
    for step in steps_of(query, names_of).all_steps():
        parts = [*step.projections.values(), *(condition.part for condition in step.conditions)]
        for alias, column in (read for part in parts for read in part.reads):
            source = step.sources[alias]
            if isinstance(source, str):
                found.add((source, column))
        # of a table that is only counted or joined, the rows are read
        found |= {(source, ROWS) for source in step.sources.values() if isinstance(source, str)}
    return frozenset(found)


def deciding(step: Step, name: str, part: Part) -> list[Part]:
    """The conditions that say which rows count for the output ``name``, whose expression is ``part``."""
    return [condition.part for condition in step.conditions if _decides(step, condition, name, part)]


def _decides(step: Step, condition: Condition, name: str, part: Part) -> bool:
    """Whether a condition says which rows count for the output ``name``."""
    if condition.of_groups:
        # it drops groups, and never changes the value of one that stays
        return name in step.keys
    if condition.source is None:
        return True
    others = [other.part for other in step.conditions if other.source is None and not other.of_groups]
    return part.counts_rows or any(alias == condition.source for read in (part, *others) for alias, _ in read.reads)
