"""Tables of kind ``sum``: additive, since each row that they read adds to one row of theirs.

The table changes by the model's query over the rows that came, less the same query over the rows that left; a row whose sums are
all 0 is deleted. Tables summed over an issue's days change by days that came and left, and by windows that did.
"""

from sqlglot import exp

from assets.warehouse.build.difference import OPENINGS, WINDOWS, Change, Difference, nothing
from assets.warehouse.build.relations import equal, listed, query_of
from assets.warehouse.models.model import Model


def renew(build: Difference, model: Model) -> None:
    """Renew the table of ``model``, so that it holds what its query returns over all rows."""
    inputs = [name for name in build.inputs(model) if build.has_changed(name)]
    # what is no input is as it was: an opening is the same, or all is built whole
    others = {OPENINGS: nothing(OPENINGS)} if OPENINGS in model.references else {}
    if WINDOWS in model.references:
        others[WINDOWS] = f'temp.main."before {WINDOWS}"'
    plus, minus = [], []
    if inputs:
        unchanged = {name: nothing(name) for name in build.inputs(model)}
        plus.append(query_of(model, others | unchanged | {name: build.come(name) for name in inputs}))
        minus.append(query_of(model, others | unchanged | {name: build.gone(name) for name in inputs}))
    windows = _changed_windows(build, model)
    if windows:
        plus.append(query_of(model, {WINDOWS: windows.come}))
        minus.append(query_of(model, {WINDOWS: windows.gone}))
    if plus:
        build.exchange(model, _added(build, model, plus, minus))


def _changed_windows(build: Difference, model: Model) -> Change | None:
    """The windows that came and left, if the model reads windows; otherwise ``None``."""
    if WINDOWS not in model.references:
        return None
    names = {column.name for column in model.parsed.find_all(exp.Column)}
    columns = listed(name for name in build.models[WINDOWS].header.columns if name in names)
    change = build.changes[WINDOWS]
    gone, come = f"select {columns} from {change.gone}", f"select {columns} from {change.come}"
    found = Change(f"({gone} except {come})", f"({come} except {gone})")
    return found if build.number(f"select count(*) from ({found.gone} union all {found.come})") else None


def _added(build: Difference, model: Model, plus: list[str], minus: list[str]) -> Change:
    """The rows of the table that change, with their new values: plus the sums of ``plus``, less those of ``minus``."""
    table, grain = model.full_name, model.header.grain
    measures = [name for name in model.header.columns if name not in grain]
    negative = ", ".join(f'-"{name}" as "{name}"' for name in measures)
    terms = [f"(select {listed((*grain, *measures))} from ({query}))" for query in plus]
    terms += [f"(select {listed(grain)}, {negative} from ({query}))" for query in minus]
    sums = ", ".join(f'sum("{name}") as "{name}"' for name in measures)
    is_any = " or ".join(f'sum("{name}") <> 0' for name in measures)
    changed = build.table(
        "changed",
        table,
        f"select {listed(grain)}, {sums} from ({' union all '.join(terms)}) group by {listed(grain)} having {is_any}",
    )
    held = build.table("held", table, f"select rowid as place, * from {table} semi join {changed} using ({listed(grain)})")
    total = {name: f'coalesce(held."{name}", 0) + changed."{name}"' for name in measures}
    columns = ", ".join(
        f'cast({total[name]} as {column.type}) as "{name}"' if name in total else f'changed."{name}"'
        for name, column in model.header.columns.items()
    )
    is_left = " or ".join(f"{sum_} <> 0" for sum_ in total.values())
    same = equal(grain, "held", "changed")
    come = f"select {columns} from {changed} as changed left join {held} as held on {same} where {is_left}"
    return Change(held, build.table("come", table, come))
