"""Whether every version published is what its manifest says, and follows from deliveries that the lake still has."""

from collections.abc import Iterator

import duckdb

from assets.condition import Condition, State, command, of_error, put_back, sound_unless
from assets.errors import DamageError
from assets.exports.lake.receipt import Receipts
from assets.home import Home
from assets.publication.publish import damaged_files, damaged_of_version, unfinished_versions
from assets.publication.store.manifest import PublishedManifest, current_manifest
from assets.publication.store.versions import all_versions, version_parquet

_PUBLISH = command("zhoubao", "publish")


def examine_publication(home: Home) -> Iterator[Condition]:
    """The publication in force and the versions kept, read as readers do, so that a run under way does not matter."""
    try:
        manifest = current_manifest(home)
    except DamageError as error:
        yield of_error("publication", error, _PUBLISH)
        # which version is in force is not known, so none is said to be one of the past
        return
    if manifest is None:
        yield _without_manifest(home)
        return
    note = f"version {manifest.version}, 数据截至 {manifest.business_date_through}"
    yield from sound_unless("publication", _in_force(home, manifest), note)
    passed_over = {manifest.version, *unfinished_versions(home)}
    past = [version for version in all_versions(home) if version not in passed_over]
    yield from sound_unless("versions", _past(home, past), f"{len(past)} of the past are kept")


def _without_manifest(home: Home) -> Condition:
    if unfinished_versions(home):
        return Condition("publication", State.NOTICE, "the first publication is not finished", command("zhoubao", "run"))
    if home.published_database.exists() or all_versions(home):
        return Condition("publication", State.DAMAGED, f"{home.manifest} was removed, though there is a publication", _PUBLISH)
    return Condition("publication", State.NOTICE, "nothing is published yet", command("zhoubao", "run"))


def _in_force(home: Home, manifest: PublishedManifest) -> Iterator[Condition]:
    damaged = damaged_files(home)
    # a version that is whole, but for Parquet, which follows from its database, is put in force again; else the warehouse is published
    again = command("zhoubao", "publish", "--rollback", manifest.version)
    remade = {version_parquet(manifest.version, name) for name in manifest.tables}
    fix = again if set(damaged_of_version(home, manifest.version)) <= remade else _PUBLISH
    for name in damaged:
        yield Condition("publication", State.DAMAGED, f"{home.published / name} is not what the manifest says", fix)
    if not damaged:
        yield from _lost_deliveries(home)


def _past(home: Home, versions: list[str]) -> Iterator[Condition]:
    for version in versions:
        for name in damaged_of_version(home, version):
            fix = command("zhoubao", "publish", "--forget", version)
            yield Condition("versions", State.DAMAGED, f"{home.published / name} is not what was published", fix)


def _lost_deliveries(home: Home) -> Iterator[Condition]:
    with duckdb.connect(home.published_database, read_only=True) as connection:
        rows = connection.execute("select delivery from meta.deliveries where state in ('loaded', 'withdrawn')").fetchall()
    receipts = Receipts(home.lake)
    for (delivery,) in rows:
        path = receipts.path_of(delivery)
        if not path.exists():
            yield Condition("publication", State.DAMAGED, f"{path} was removed, though its delivery is published", put_back(path))
