"""Publications without rest while readers in other processes look, and the publisher is killed now and then.

``make faults`` makes 500 publications with 50 kills; the tests do a tenth. Wrong is a reader that saw a torn file, could not open one,
or saw an older version after a newer; and anything that is left over.
"""

import json
import os
import random
import signal
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from assets.publication.publish import damaged_files
from assets.publication.store.access import PublishingRules
from assets.publication.store.manifest import current_manifest
from assets.publication.store.swap import leftovers
from assets.publication.store.versions import kept_versions

from .loops import Place, publish_all, read_all_the_time
from .small_warehouse import small_models, small_warehouse

READERS = 4
RULES = PublishingRules(kept_versions=10)
_PATIENCE = 900.0
# processes start in milliseconds from a server that has imported everything and opened nothing
_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.publication.loops"])


@dataclass(frozen=True)
class Report:
    """How it went: ``in_the_midst`` kills met a publication at work, ``half_swapped`` of them one whose database was in force."""

    publications: int
    kills: int
    in_the_midst: int
    half_swapped: int
    reads: tuple[int, ...]
    versions_seen: tuple[int, ...]
    errors: tuple[str, ...]


def stress(folder: Path, publications: int, kills: int, seed: int = 0) -> Report:
    """Run it in ``folder``, which must be empty."""
    place = Place(folder)
    small_models(place.sql)
    small_warehouse(place.home).close()
    publisher = _start_publisher(place, 1)
    publisher.join()
    results = [folder / f"reader-{number}.json" for number in range(READERS)]
    readers = [_started(_CONTEXT.Process(target=read_all_the_time, args=(place, result))) for result in results]
    met = _publish_with_kills(place, publications, kills, random.Random(seed))
    place.stop.touch()
    for reader in readers:
        reader.join(_PATIENCE)
    seen = [json.loads(result.read_text()) for result in results]
    errors = [error for each in seen for error in each["errors"]] + _left_over(place)
    return Report(
        place.finished(),
        kills,
        sum(midst for midst, _ in met),
        sum(half for _, half in met),
        tuple(each["reads"] for each in seen),
        tuple(each["versions"] for each in seen),
        tuple(errors),
    )


def _publish_with_kills(place: Place, publications: int, kills: int, chance: random.Random) -> list[tuple[bool, bool]]:
    """Kill the publisher at random moments, as evenly over the publications as may be; what each kill met."""
    met = []
    publisher, began = _start_publisher(place, publications), time.monotonic()
    for number in range(1, kills + 1):
        _wait_for(place, publications * number // (kills + 1), publisher)
        each = (time.monotonic() - began) / place.finished()
        time.sleep(chance.uniform(0, 2 * each))
        if publisher.pid is not None and publisher.is_alive():
            os.kill(publisher.pid, signal.SIGKILL)
        publisher.join()
        met.append(_met(place))
        publisher = _start_publisher(place, publications)
    publisher.join(_PATIENCE)
    assert publisher.exitcode == 0, f"the last publisher ended with {publisher.exitcode}"
    return met


def _start_publisher(place: Place, publications: int) -> BaseProcess:
    return _started(_CONTEXT.Process(target=publish_all, args=(place, publications, RULES)))


def _started(process: BaseProcess) -> BaseProcess:
    process.start()
    return process


def _wait_for(place: Place, finished: int, publisher: BaseProcess) -> None:
    until = time.monotonic() + _PATIENCE
    while place.finished() < finished:
        assert publisher.is_alive(), f"the publisher ended with {publisher.exitcode}"
        assert time.monotonic() < until, f"{place.finished()} publications are all there are"
        time.sleep(0.005)


def _met(place: Place) -> tuple[bool, bool]:
    """Whether the kill met a publication at work, and one whose database was in force but not its manifest."""
    manifest = current_manifest(place.home)
    assert manifest is not None
    own = place.home.published / manifest.database.file
    return bool(leftovers(place.home)), not own.samefile(place.home.published_database)


def _left_over(place: Place) -> list[str]:
    """What should not be there when the last publication is finished."""
    left = [f"left over: {path.name}" for path in leftovers(place.home)]
    left += [f"damaged: {name}" for name in damaged_files(place.home)]
    kept = kept_versions(place.home)
    return left if len(kept) == RULES.kept_versions else [*left, f"{len(kept)} versions are kept"]
