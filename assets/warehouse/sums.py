"""Tables of kind ``sum``: each row of what they read adds to one row of theirs, so that differences add up too.

The model's query over the rows that came, less the same over the rows that went, is what the table changes by; a row of which
nothing is left goes. Where it is summed over an issue's days, an issue whose window is another is computed anew.
"""

from assets.warehouse.increment import OPENINGS, WINDOWS, Change, Increment
from assets.warehouse.models import Model
from assets.warehouse.parts import ISSUE, of_issues, reached_issues
from assets.warehouse.relations import listed, query_of


def renew(build: Increment, model: Model) -> None:
    """Bring the table of ``model`` to what its query would give over all rows."""
    inputs = build.row_inputs(model)
    issues = reached_issues(build, model) if ISSUE in model.header.grain else None
    if issues is not None or any(build.has_changed(name) for name in inputs):
        build.exchange(model, build.found_beforehand(model) or found(build, model, issues=issues))


def found(build: Increment, model: Model, *, issues: str | None = None) -> Change:
    """The rows that go, each with its place, and those that come; those of ``issues`` all go and are computed anew."""
    table = model.full_name
    come, gone = _changed_sums(build, model, build.row_inputs(model), issues)
    if issues is not None:
        anew = query_of(model, {WINDOWS: of_issues(build, WINDOWS, issues)})
        come += f" union all ({anew})"
        held = f"select * from {gone} union all (select rowid as place, * from {table} semi join {issues} using ({ISSUE}))"
        gone = build.table("gone", table, held)
    return Change(gone, build.table("come", table, come))


def _changed_sums(build: Increment, model: Model, inputs: list[str], issues: str | None) -> tuple[str, str]:
    """The rows to put in, as a query, and those to take out, each with its place, as a relation."""
    table, grain = model.full_name, model.header.grain
    measures = [name for name in model.header.columns if name not in grain]
    others = _other_inputs(build, model, issues)
    plus = query_of(model, others | {name: build.come(name) for name in inputs})
    minus = query_of(model, others | {name: build.gone(name) for name in inputs})
    negative = ", ".join(f'-"{name}" as "{name}"' for name in measures)
    sums = ", ".join(f'sum("{name}") as "{name}"' for name in measures)
    changed = build.table(
        "changed",
        table,
        f"select {listed(grain)}, {sums} from ((select {listed((*grain, *measures))} from ({plus}))"
        f" union all (select {listed(grain)}, {negative} from ({minus})))"
        f" group by {listed(grain)} having {' or '.join(f'sum({chr(34)}{name}{chr(34)}) <> 0' for name in measures)}",
    )
    held = build.table("held", table, f"select rowid as place, * from {table} semi join {changed} using ({listed(grain)})")
    total = {name: f'coalesce(held."{name}", 0) + changed."{name}"' for name in measures}
    columns = ", ".join(
        f'cast({total[name]} as {column.type}) as "{name}"' if name in total else f'changed."{name}"'
        for name, column in model.header.columns.items()
    )
    same = " and ".join(f'held."{name}" = changed."{name}"' for name in grain)
    left = " or ".join(f"{sum_} <> 0" for sum_ in total.values())
    return f"select {columns} from {changed} as changed left join {held} as held on {same} where {left}", held


def _other_inputs(build: Increment, model: Model, issues: str | None) -> dict[str, str]:
    """What else the model reads: windows of the issues that are not computed anew, and no opening, as none is otherwise there."""
    others = {OPENINGS: build.nothing(OPENINGS)} if OPENINGS in model.references else {}
    if issues is not None:
        kept = f"select * from {WINDOWS} anti join {issues} using ({ISSUE})"
        others[WINDOWS] = build.view("other issues of", WINDOWS, kept)
    return others
