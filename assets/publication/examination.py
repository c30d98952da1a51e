"""Whether what is published is what the manifest says, and follows from deliveries that the lake still has."""

from collections.abc import Iterator

import duckdb

from assets.condition import Condition, State, of_error, sound_unless
from assets.errors import DamageError
from assets.exports.receipt import Receipts
from assets.home import Home
from assets.publication.manifest import current_manifest
from assets.publication.publish import damaged_files


def examine_publication(home: Home) -> Iterator[Condition]:
    """The publication in force, read as its readers do, so that a run under way does not matter."""
    try:
        manifest = current_manifest(home)
    except DamageError as error:
        yield of_error("publication", error)
        return
    if manifest is None:
        yield Condition("publication", State.NOTICE, "nothing is published yet", "zhoubao run publishes")
        return
    note = f"version {manifest.version}, 数据截至 {manifest.business_date_through}"
    yield from sound_unless("publication", _damaged(home), note)


def _damaged(home: Home) -> Iterator[Condition]:
    damaged = damaged_files(home)
    for name in damaged:
        note = f"{home.published / name} is not what the manifest says"
        yield Condition("publication", State.DAMAGED, note, "zhoubao publish writes it anew")
    if not damaged:
        yield from _lost_deliveries(home)


def _lost_deliveries(home: Home) -> Iterator[Condition]:
    with duckdb.connect(home.published_database, read_only=True) as connection:
        rows = connection.execute("select delivery from meta.deliveries where state in ('loaded', 'withdrawn')").fetchall()
    receipts = Receipts(home.lake)
    for (delivery,) in rows:
        if not receipts.path_of(delivery).exists():
            note = f"{receipts.path_of(delivery)} is gone, though the publication counts the delivery"
            yield Condition("publication", State.DAMAGED, note, "put it back from a copy of the lake")
