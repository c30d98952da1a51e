"""How far back a key has to be searched for in a table of kind ``newest``: for each business date the last key of its rows.

Platforms number by time, so that a day's rows have the keys of that day and of a few weeks before, and the rows of older dates
need not be looked through, however long the history. Where keys come in any order, or an old one comes, more is looked through, up
to all of it. A row that goes leaves the date's last key as it was: that is never too little, and a whole build puts it right.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

import duckdb

from assets.warehouse.increment import Increment, is_of_lake
from assets.warehouse.models import Model

_DAY = "business_date"
# a key out of order on one date makes a run of its own
_MOST_RUNS = 20
_SCHEMA = """
create table if not exists ledger.last_keys (
    table_name varchar not null, business_date date not null, last_key varchar not null, primary key (table_name, business_date)
)
"""


def note_all(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> None:
    """All tables were built whole."""
    connection.execute(_SCHEMA)
    connection.execute("delete from ledger.last_keys where true")
    for model in filter(_has_days, models):
        connection.execute(f"insert into ledger.last_keys {_last_keys(model, model.full_name)}")


def note(build: Increment) -> None:
    """Take in the rows that came into each table."""
    changed = [(build.models[name], change) for name, change in build.changes.items() if _has_days(build.models[name])]
    if changed:
        found = " union all ".join(_last_keys(model, change.come) for model, change in changed)
        build.connection.execute(
            f"insert into ledger.last_keys {found} on conflict do update set last_key = greatest(last_keys.last_key, excluded.last_key)"
        )


def where_found(build: Increment, model: Model, rows: str) -> str:
    """A condition that every row of the table meets whose key is a key of ``rows``, and that most others do not."""
    if not _has_days(model):
        return "true"
    first = build.value(f"select min({_key(model)}) from {rows}")
    dates = build.connection.execute(
        f"select {_DAY}, last_key >= $first from ledger.last_keys where table_name = $table order by {_DAY}",
        {"table": model.full_name, "first": first},
    ).fetchall()
    runs = [[day for day, _ in run] for may_have_them, run in groupby(dates, key=itemgetter(1)) if may_have_them]
    if len(runs) > _MOST_RUNS:
        runs = [[runs[0][0], runs[-1][-1]]]
    return " or ".join(f"{_DAY} between date '{run[0]}' and date '{run[-1]}'" for run in runs) or "false"


def _has_days(model: Model) -> bool:
    # a table over others of core has a row for each department
    return model.header.kind == "newest" and _DAY in model.header.columns and any(map(is_of_lake, model.references))


def _last_keys(model: Model, rows: str) -> str:
    return f"select '{model.full_name}' as table_name, {_DAY}, max({_key(model)}) as last_key from {rows} group by {_DAY}"


def _key(model: Model) -> str:
    return f'"{model.header.grain[0]}"::varchar'
