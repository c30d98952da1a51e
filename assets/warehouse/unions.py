"""Tables of kind ``union``: distinct rows of what refused keys came with later, to which new files and new refusals only add.

Where a file of the lake is another or gone, or a delivery has another receipt, as after a retry, the table is built whole.
"""

from collections.abc import Sequence

from assets.platform.contract import load_contract
from assets.warehouse.built import LakeFile
from assets.warehouse.increment import Increment
from assets.warehouse.models import Model
from assets.warehouse.relations import listed, query_of
from assets.warehouse.whole import build_whole

_REFUSALS = "ledger.refusals"


def renew(build: Increment, model: Model) -> None:
    """Add what the new files bring of all refused keys, and what later files brought of the newly refused ones."""
    come, gone = (_apart_from_liveness(files) for files in (build.lake_changes.come, build.lake_changes.gone))
    if set(gone) - set(come) or build.lake_changes.is_any_retaken:
        build.verify_feeds(model.references)
        build_whole(build.connection, model)
        return
    new = [come[entry] for entry in sorted(set(come) - set(gone))]
    # a file that is refused as a whole has keys and no file in the lake
    refusing = build.lake_changes.deliveries
    if not (new or refusing) or not build.number(f"select count(*) from {_REFUSALS}"):
        return
    table, columns = model.full_name, listed(model.header.columns)
    of_new_files = query_of(model, _lake(build, model, "new", new))
    refusals = build.view("new", _REFUSALS, f"select * from {_REFUSALS} semi join {build.deliveries(refusing)} using (delivery)")
    later = build.files_after(refusals) if build.number(f"select count(*) from {refusals}") else []
    of_new_refusals = query_of(model, {_REFUSALS: refusals} | _lake(build, model, "later", later))
    build.connection.execute(
        f"insert into {table} ({columns}) ({of_new_files} union {of_new_refusals}) except select {columns} from {table}"
    )


def _apart_from_liveness(files: Sequence[LakeFile]) -> dict[tuple[str, int, str, str], LakeFile]:
    return {(file.delivery, file.file_index, file.lake_file, file.receipt_sha256): file for file in files}


def _lake(build: Increment, model: Model, what: str, files: Sequence[LakeFile]) -> dict[str, str]:
    feeds = [name for name in load_contract().feeds if f"lake.{name}" in model.references]
    return {f"lake.{feed}": build.rows_of_files(what, feed, [file for file in files if file.feed == feed]) for feed in feeds}
