"""Tables of kind ``newest``: per key the row that no other beats by the columns ``newest_by``.

New rows compete with what the table holds of their keys. Only where a winner has gone and nothing new beats it is the next best
looked for among all rows, of just those keys.
"""

from assets.warehouse.increment import Increment
from assets.warehouse.models import Model
from assets.warehouse.relations import KEY_HASH, key_hash, listed, query_of


def renew(build: Increment, model: Model) -> None:
    """Bring the table of ``model`` to what its query would give over all rows."""
    inputs = build.row_inputs(model)
    if not any(build.has_changed(name) for name in inputs):
        return
    table, key = model.full_name, listed(model.header.grain)
    lost = build.table("lost", table, _lost(build, model, inputs))
    best = build.table("best", table, query_of(model, {name: build.come(name) for name in inputs}))
    sought = build.table(
        "sought",
        table,
        f"select {listed(model.header.grain, 'lost')} from {lost} as lost anti join {best} as best"
        f" on {_same_key(model, 'lost', 'best')} and {_version(model, 'best')} > {_version(model, 'lost')}",
    )
    if build.number(f"select count(*) from {sought}"):
        of_keys = {name: build.view("keys of", name, f"select * from {name} semi join {sought} using ({key})") for name in inputs}
        found = build.table("found", table, query_of(model, of_keys))
        best = build.table(
            "chosen", table, f"(select * from {best} anti join {sought} using ({key})) union all select * from {found}"
        )
    _compete(build, model, lost, best)


def _lost(build: Increment, model: Model, inputs: list[str]) -> str:
    """The table's rows that came from what is gone."""
    table = model.full_name
    feeds = [name.split(".")[1] for name in inputs if name.startswith("lake.")]
    if feeds:
        files = [file for feed in feeds for file in build.files_gone(feed)]
        # no parameters in the text of a table, and a name from outside is text like any other
        listed_files = ", ".join(f"('{file.delivery.replace(chr(39), chr(39) * 2)}', {file.file_index})" for file in files)
        where = f"(delivery, file_index) in ({listed_files})" if files else "false"
        return f"select rowid as place, * from {table} where {where}"
    gone = query_of(model, {name: build.gone(name) for name in inputs})
    columns = listed(dict.fromkeys((*model.header.grain, *model.header.newest_by)))
    return f"select rowid as place, * from {table} semi join ({gone}) using ({columns})"


def _compete(build: Increment, model: Model, lost: str, best: str) -> None:
    table, key = model.full_name, listed(model.header.grain)
    # the hashes alone are searched through, then the few rows are read: a join on hash and key at once reads every key's text
    places = build.table(
        "places",
        table,
        f"select rowid as place from {table} semi join (select {key_hash(model)} as {KEY_HASH} from {best}) using ({KEY_HASH})",
    )
    near = build.table(
        "near",
        table,
        f"select rowid as place, * from {table} where rowid in (select place from {places} anti join {lost} using (place))",
    )
    rivals = build.table("rivals", table, f"select * from {near} semi join {best} using ({key})")
    same, stronger, weaker = _same_key(model, "best", "rivals"), _version(model, "best"), _version(model, "rivals")
    come = build.table(
        "come", table, f"select best.* from {best} as best anti join {rivals} as rivals on {same} and {weaker} >= {stronger}"
    )
    gone = build.table(
        "gone",
        table,
        f"select * from {lost} union all"
        f" (select rivals.* from {rivals} as rivals semi join {best} as best on {same} and {stronger} > {weaker})",
    )
    build.exchange(model, gone, come)


def _same_key(model: Model, one: str, other: str) -> str:
    return " and ".join(f'{one}."{name}" = {other}."{name}"' for name in model.header.grain)


def _version(model: Model, of: str) -> str:
    return f"({listed(model.header.newest_by, of)})"
