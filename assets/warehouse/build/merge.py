"""Tables of kind ``merge``: one row per key, the newest by the columns ``newest_by``.

Without ``newest_by`` all rows of one key are the same row. New rows compete with the table's row of their key. Only where a winner
was removed and no new row replaces it, the next best is searched among all rows of those keys.
"""

from assets.warehouse.build.difference import ORIGIN, REFUSALS, Change, Difference
from assets.warehouse.build.full import build_full
from assets.warehouse.build.relations import KEY_HASH, equal, key_hash, listed, query_of
from assets.warehouse.models.model import Model


def renew(build: Difference, model: Model) -> None:
    """Renew the table of ``model``, so that it holds what its query returns over all rows."""
    inputs, is_of_refusals = build.inputs(model), REFUSALS in model.references
    if not (build.lake.come if is_of_refusals else any(map(build.has_changed, inputs))):
        return
    if is_of_refusals and build.lake.lost:
        # what is no more refused, or came in rows that are no more
        build.verify(inputs)
        build_full(build.connection, model)
        return
    files = build.files_of_refused_keys() if is_of_refusals else None
    best = build.table("best", model.full_name, query_of(model, {name: build.come(name, files) for name in inputs}))
    lost = _lost(build, model, [] if is_of_refusals else [name for name in inputs if build.has_lost(name)])
    build.exchange(model, _compete(build, model, _with_next_best(build, model, lost, best), lost))


def _lost(build: Difference, model: Model, inputs: list[str]) -> str:
    """The table's rows that came from rows removed from ``inputs``."""
    table = model.full_name
    queries = [f"select rowid as place, * from {table} where false"]
    for name in inputs:
        gone = build.gone(name)
        # of a file that was removed, all lines are
        origin = listed(ORIGIN if name in build.changes else ORIGIN[:2])
        queries.append(f"select rowid as place, * from {table} semi join {gone} using ({origin})")
    return build.table("lost", table, " union all ".join(queries))


def _with_next_best(build: Difference, model: Model, lost: str, best: str) -> str:
    """``best``, plus the winner among all rows for each key whose winner is ``lost`` and that ``best`` does not replace."""
    table, key = model.full_name, listed(model.header.grain)
    is_beaten = f"{equal(model.header.grain, 'lost', 'best')} and {_version(model, 'best')} > {_version(model, 'lost')}"
    query = f"select {listed(model.header.grain, 'lost')} from {lost} as lost anti join {best} as best on {is_beaten}"
    sought = build.table("sought", table, query)
    if not build.number(f"select count(*) from {sought}"):
        return best
    build.verify(build.inputs(model))
    of_keys = {name: f"(select * from {name} semi join {sought} using ({key}))" for name in build.inputs(model)}
    chosen = f"(select * from {best} anti join {sought} using ({key})) union all ({query_of(model, of_keys)})"
    return build.table("chosen", table, chosen)


def _compete(build: Difference, model: Model, best: str, lost: str) -> Change:
    table = model.full_name
    # the hashes alone are searched through, then the few rows are read: a join on hash and key at once reads every key's text
    hashes = f"select {key_hash(model)} as {KEY_HASH} from {best}"
    places = build.table("places", table, f"select rowid as place from {table} semi join ({hashes}) using ({KEY_HASH})")
    near = build.table(
        "near",
        table,
        f"select rowid as place, * from {table} where rowid in (select place from {places} anti join {lost} using (place))",
    )
    same, stronger, weaker = equal(model.header.grain, "best", "near"), _version(model, "best"), _version(model, "near")
    beaten = f"select near.* from {near} as near semi join {best} as best on {same} and {stronger} > {weaker}"
    gone = build.table("gone", table, f"select * from {lost} union all ({beaten})")
    # what is left of them comes: few are beaten, and a copy of the others would cost as much as they do
    build.connection.execute(f"delete from {best} as best using {near} as near where {same} and {weaker} >= {stronger}")
    return Change(gone, best)


def _version(model: Model, of: str) -> str:
    return f"({listed(model.header.newest_by, of)})" if model.header.newest_by else "0"
