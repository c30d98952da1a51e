"""Tables of kind ``newest``: per key the row that no other beats by the columns ``newest_by``.

New rows compete with what the table holds of their keys. Only where a winner has gone and nothing new beats it is the next best
looked for among all rows, of just those keys.
"""

from collections.abc import Mapping

from assets.warehouse import last_keys
from assets.warehouse.increment import Change, Increment, TooEarlyError, is_of_lake
from assets.warehouse.models import Model
from assets.warehouse.relations import KEY_HASH, key_hash, listed, query_of


def renew(build: Increment, model: Model) -> None:
    """Bring the table of ``model`` to what its query would give over all rows."""
    inputs = build.row_inputs(model)
    if any(build.has_changed(name) for name in inputs):
        build.exchange(model, build.found_beforehand(model) or found(build, model))


def found(build: Increment, model: Model, *, others: Mapping[str, str] | None = None) -> Change:
    """The rows that go, each with its place, and those that come; ``others`` are read for what is no input.

    Raises ``TooEarlyError`` where the inputs' own rows would be looked through and these are not renewed yet.
    """
    inputs, table = build.row_inputs(model), model.full_name
    best = build.table("best", table, query_of(model, {**(others or {}), **{name: build.come(name) for name in inputs}}))
    if not any(build.has_lost(name) for name in inputs):
        return _compete(build, model, best)
    lost = build.table("lost", table, _lost(build, model, inputs))
    return _compete(build, model, _with_next_best(build, model, inputs, lost, best), lost)


def _with_next_best(build: Increment, model: Model, inputs: list[str], lost: str, best: str) -> str:
    """``best``, and of keys whose winner is ``lost`` and not beaten by it, the winner among all rows there are now."""
    table, key = model.full_name, listed(model.header.grain)
    sought = build.table(
        "sought",
        table,
        f"select {listed(model.header.grain, 'lost')} from {lost} as lost anti join {best} as best"
        f" on {_same_key(model, 'lost', 'best')} and {_version(model, 'best')} > {_version(model, 'lost')}",
    )
    if not build.number(f"select count(*) from {sought}"):
        return best
    if build.is_beforehand:
        raise TooEarlyError
    build.verify_feeds(inputs)
    of_keys = {name: build.view("keys of", name, f"select * from {name} semi join {sought} using ({key})") for name in inputs}
    found = build.table("found", table, query_of(model, of_keys))
    return build.table(
        "chosen", table, f"(select * from {best} anti join {sought} using ({key})) union all select * from {found}"
    )


def _lost(build: Increment, model: Model, inputs: list[str]) -> str:
    """The table's rows that came from what is gone."""
    table = model.full_name
    feeds = [name.split(".")[1] for name in inputs if is_of_lake(name)]
    if feeds:
        files = [file for feed in feeds for file in build.files_gone(feed)]
        # no parameters in the text of a table, and a name from outside is text like any other
        listed_files = ", ".join(f"('{file.delivery.replace(chr(39), chr(39) * 2)}', {file.file_index})" for file in files)
        where = f"(delivery, file_index) in ({listed_files})" if files else "false"
        return f"select rowid as place, * from {table} where {where}"
    gone = query_of(model, {name: build.gone(name) for name in inputs})
    columns = listed(dict.fromkeys((*model.header.grain, *model.header.newest_by)))
    return f"select rowid as place, * from {table} semi join ({gone}) using ({columns})"


def _compete(build: Increment, model: Model, best: str, lost: str | None = None) -> Change:
    table = model.full_name
    # the hashes alone are searched through, of dates that may have such keys, then the few rows are read: a join on hash and key at
    # once reads every key's text
    places = build.table(
        "places",
        table,
        f"select rowid as place from {table} semi join (select {key_hash(model)} as {KEY_HASH} from {best}) using ({KEY_HASH})"
        f" where ({last_keys.where_found(build, model, best)})",
    )
    others = f" anti join {lost} using (place)" if lost else ""
    near = build.table(
        "near",
        table,
        f"select rowid as place, * from {table} where rowid in (select place from {places}{others})",
    )
    same, stronger, weaker = _same_key(model, "best", "near"), _version(model, "best"), _version(model, "near")
    beaten = f"select near.* from {near} as near semi join {best} as best on {same} and {stronger} > {weaker}"
    gone = build.table("gone", table, f"select * from {lost} union all ({beaten})" if lost else beaten)
    # what is left of them comes: few are beaten, and a copy of the others would cost as much as they do
    build.connection.execute(f"delete from {best} as best using {near} as near where {same} and {weaker} >= {stronger}")
    return Change(gone, best)


def _same_key(model: Model, one: str, other: str) -> str:
    return " and ".join(f'{one}."{name}" = {other}."{name}"' for name in model.header.grain)


def _version(model: Model, of: str) -> str:
    return f"({listed(model.header.newest_by, of)})"
