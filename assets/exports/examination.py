"""Examines lake and archive against the receipts, and the key of the pseudonyms against the lake.

It reads everything and changes nothing: whether a file can be remade from its original is tried outside the home.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.condition import Condition, State, command, of_error, put_aside, put_back, sound_unless
from assets.errors import DamageError, LakeDamageError, StorageError, UsageError
from assets.exports.erasing.record import erased_originals, verify_erasures
from assets.exports.keys.record import record_path, refuse_another_key
from assets.exports.keys.secret import is_rotation_pending, known_keys
from assets.exports.keys.strength import weakness
from assets.exports.lake.archive import archived_path
from assets.exports.lake.opening_files import earlier_openings, opening_name, opening_paths, read_opening
from assets.exports.lake.receipt import FileReceipt, Receipt, Receipts, read_receipt
from assets.exports.lake.sealed import verify_seal, written_once
from assets.exports.typing.pseudonym import PseudonymKey
from assets.hashing import sha256_of
from assets.home import PRIVATE_FILE, Home, storage_errors

# folders of the lake whose receipts are read as such
_OWN_RECEIPTS = {"deliveries", "opening"}
_REMAKE = command("zhoubao", "rebuild", "--lake")
_RUN = command("zhoubao", "run")
# the names, within the lake, of those files of an original that come out of it as they were
Remakable = Callable[[Receipt, FileReceipt], set[str]]


def _nothing(_receipt: Receipt, _file: FileReceipt) -> set[str]:
    return set()


def readable_receipts(lake: Path) -> tuple[list[Receipt], list[Condition]]:
    """The receipts of the lake, and what is wrong with those that cannot be read."""
    receipts: list[Receipt] = []
    wrong: list[Condition] = []
    for path in Receipts(lake).paths():
        try:
            receipts.append(read_receipt(path))
        except (DamageError, StorageError) as error:
            wrong.append(of_error("lake", error))
    return receipts, wrong


def examine_lake(home: Home, remakable: Remakable = _nothing) -> Iterator[Condition]:
    """Each receipt, opening, freeze and other record is as it was written, and each file that a receipt names has its hash."""
    receipts, wrong = readable_receipts(home.lake)
    owned = [(receipt, file) for receipt in receipts for file in receipt.files]
    files = [file for _, file in owned]
    # hashing lets go of the interpreter
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        damaged = list(pool.map(lambda file: list(_of_lake_file(home.lake, file)), files))
    of_files = (_with_step(home.lake, owner, of_one, remakable) for owner, of_one in zip(owned, damaged, strict=True) if of_one)
    found = chain(chain.from_iterable(of_files), _of_openings(home.lake), _of_records(home.lake))
    note = f"{len(receipts)} deliveries, {sum(file.loaded for file in files)} rows"
    yield from wrong
    yield from sound_unless("lake", found, note)
    yield from _nameless(home.lake, {name for file in files for name in (file.lake_file, file.refusals_file) if name})


def _with_step(
    lake: Path, owner: tuple[Receipt, FileReceipt], found: list[Condition], remakable: Remakable
) -> Iterator[Condition]:
    """What is wrong with the files of an original; files that can be remade from it need no copy."""
    steps = {put_back(lake / name) for name in remakable(*owner)}
    for condition in found:
        yield replace(condition, fix=_REMAKE) if condition.fix in steps else condition


def _of_lake_file(lake: Path, file: FileReceipt) -> Iterator[Condition]:
    for name, digest, rows in (
        (file.lake_file, file.lake_sha256, file.loaded),
        (file.refusals_file, file.refusals_sha256, file.quarantined),
    ):
        if name is None:
            continue
        path = lake / name
        if not path.is_file():
            yield Condition("lake", State.DAMAGED, f"{path} is missing, though a receipt names it", put_back(path))
            continue
        try:
            with storage_errors(path):
                found = sha256_of(path)
        except StorageError as error:
            yield of_error("lake", error)
            continue
        if digest is not None and found != digest:
            yield Condition("lake", State.DAMAGED, f"{path}: its bytes are not those that were taken in", put_back(path))
        elif digest is None and _rows_in(path) != rows:
            note = f"{path} is no Parquet file of {rows} rows, as its receipt says"
            yield Condition("lake", State.DAMAGED, note, put_back(path))


def _rows_in(path: Path) -> int | None:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        # a flipped bit in a footer shows as either
        return None


def _of_openings(lake: Path) -> Iterator[Condition]:
    """Each opening by its receipt."""
    receipts = opening_paths(lake, "json")
    for path in receipts:
        try:
            read_opening(path)
        except (LakeDamageError, StorageError) as error:
            yield of_error("lake", error)
    lost = {name for path in receipts for name in earlier_openings(path)} - {opening_name(path) for path in receipts}
    for path in (lake / "opening" / f"{name}.{suffix}" for name in sorted(lost) for suffix in ("parquet", "json")):
        if not path.exists():
            yield Condition("lake", State.DAMAGED, f"{path} is missing, though a later opening names it", put_back(path))
    said = {opening_name(path) for path in receipts} | lost
    for path in opening_paths(lake):
        if opening_name(path) not in said:
            # its receipt may be what was lost, so it is kept under a name that nothing reads
            note = f"{path}: no receipt says that this opening was loaded"
            yield Condition("lake", State.DAMAGED, note, put_aside(path))


def _of_records(lake: Path) -> Iterator[Condition]:
    """Freezes, errata, waivers and whatever else is written once."""
    folders = [folder.name for folder in sorted(lake.glob("*")) if folder.is_dir() and folder.name not in _OWN_RECEIPTS]
    for path in (path for folder in folders for path in written_once(lake, folder)):
        try:
            verify_seal(path)
        except (LakeDamageError, StorageError) as error:
            yield of_error("lake", error)


def _nameless(lake: Path, named: set[str]) -> Iterator[Condition]:
    """Files of no receipt: a crash leaves them, and the delivery is taken in again."""
    kept = {"deliveries", "opening", "frozen"}
    data = (path for folder in lake.glob("*") if folder.name not in kept for path in folder.rglob("*.parquet"))
    strange = sum(path.relative_to(lake).as_posix() not in named for path in data)
    if strange:
        yield Condition("lake", State.NOTICE, f"{strange} files belong to no receipt and are not read")


def examine_archive(home: Home, keeps_all: bool, hashed: bool) -> Iterator[Condition]:
    """Each original exists and, if ``hashed``, is unchanged; a removed one is damage at a site that keeps all originals."""
    receipts, _ = readable_receipts(home.lake)
    originals = {file.sha256: file for receipt in receipts for file in receipt.files}
    erased = erased_originals(home.lake)
    found = (
        condition
        for file in originals.values()
        for condition in _of_original(home.archive, file, keeps_all and file.sha256 not in erased, hashed)
    )
    gone = 0
    damaged: list[Condition] = []
    for condition in found:
        gone += condition.state is State.NOTICE
        damaged += [] if condition.state is State.NOTICE else [condition]
    how = "by their hashes" if hashed else "by their sizes"
    yield from sound_unless("archive", iter(damaged), f"{len(originals) - gone} originals, compared {how}")
    if gone:
        yield Condition("archive", State.NOTICE, f"{gone} originals are no longer kept; a retry cannot read them")


def _of_original(archive: Path, file: FileReceipt, keeps_all: bool, hashed: bool) -> Iterator[Condition]:
    path = archived_path(archive, file.sha256)
    if not path.exists():
        state = State.DAMAGED if keeps_all else State.NOTICE
        yield Condition("archive", state, f"{path} is missing", put_back(path))
        return
    try:
        with storage_errors(path):
            is_same = sha256_of(path) == file.sha256 if hashed else path.stat().st_size == file.bytes
    except StorageError as error:
        yield of_error("archive", error)
        return
    if not is_same:
        yield Condition("archive", State.DAMAGED, f"{path} is not the original it was", put_back(path))


def examine_key(home: Home, key_text: bytes | None, key_file: Path | None) -> Iterator[Condition]:
    """The key is there, private, strong enough, and the one in use."""
    path = key_file or home.key_file
    is_in_file = key_text is None
    if key_text is None and not path.exists():
        has_data = bool(Receipts(home.lake).paths())
        fix = put_back(path) if has_data else _RUN
        yield Condition("key", State.DAMAGED if has_data else State.NOTICE, f"{path} is not there", fix)
        return
    if key_text is None:
        with storage_errors(path):
            key_text, mode = path.read_bytes().strip(), path.stat().st_mode & 0o777
        if mode & 0o077:
            yield Condition("key", State.NOTICE, f"{path} has mode {mode:04o}", command("chmod", f"{PRIVATE_FILE:04o}", path))
    if not record_path(home.lake).exists() and any(home.retired_keys.glob("*.key")):
        note = f"{record_path(home.lake)} was removed, though the key was rotated"
        yield Condition("key", State.DAMAGED, note, put_back(record_path(home.lake)))
        return
    if is_rotation_pending(home):
        yield Condition("key", State.NOTICE, "the rotation of the key was broken off", _RUN)
        return
    try:
        refuse_another_key(home.lake, PseudonymKey(key_text))
    except UsageError as error:
        fix = put_back(path) if is_in_file else "set secret_key to the key in use"
        yield Condition("key", State.DAMAGED, str(error), fix)
        return
    # of the key in use alone: a damaged one is put back, not rotated
    weak = weakness(key_text)
    if weak is not None:
        yield Condition("key", State.NOTICE, f"the key {weak}", command("zhoubao", "key", "rotate"))
    yield from _of_retired_keys(home)
    key = PseudonymKey(key_text)
    keys = known_keys(home, key)
    erasures = verify_erasures(home.lake, keys)
    unverified = sum(erasure.key_id not in {known.key_id for known in keys} for erasure in erasures)
    signed = f", {len(erasures) - unverified} of {len(erasures)} erasures compared with their signatures" if erasures else ""
    yield Condition("key", State.SOUND, f"id {key.key_id}{signed}")


def _of_retired_keys(home: Home) -> Iterator[Condition]:
    """Each file in ``keys/`` holds the key whose id is its name."""
    for path in sorted(home.retired_keys.glob("*.key")):
        with storage_errors(path):
            text = path.read_bytes().strip()
        try:
            key_id = PseudonymKey(text).key_id
        except UsageError:
            key_id = None
        if key_id != path.stem:
            yield Condition("key", State.DAMAGED, f"{path} is not the key that it was", put_back(path))
