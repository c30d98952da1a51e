"""What a power cut could lose, told from a command's own effects: a model of a disk that keeps only what was forced to it.

A rename may reach the disk before the bytes of the file that it names, and a name may be lost while later ones are kept. DuckDB's
and SQLite's own files are theirs to order; the lock and what is written only to be read by people are no truth.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.faults.supervision import Passage

_TRUTH = ("lake/", "archive/", "published/", "secret.key")
_RECEIPTS = "lake/deliveries/"
_MANIFEST = "published/manifest.json"
_WORKSHOPS = ("published/.building-",)
# a file of the lake is named by its delivery, its place in it, and the beginning of its original's hash
_OF_DELIVERY = re.compile(r"lake/.*/(?P<delivery>[^/]+)_[0-9]{3}_(?P<original>[0-9a-f]{8})(_[0-9]+)?\.parquet")


@dataclass
class _Disk:
    """The files whose bytes, and the folders whose names, are not forced to the disk yet; each delivery's originals."""

    dirty: dict[int, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    originals: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def lost_at_a_power_cut(passages: Iterable[Passage]) -> list[str]:
    """Each breach of the order: bytes before their name, names before the one that vouches for them, all before the end."""
    disk = _Disk()
    found: list[str] = []
    for passage in passages:
        found += _breaches(passage, disk)
        _take(passage, disk)
    found += [f"{path} is not forced to the disk at the end" for path in disk.dirty.values() if _is_truth(path)]
    found += [f"the name {path} is not forced to the disk at the end" for path in disk.names if _is_truth(path)]
    return list(dict.fromkeys(found))


def _is_truth(path: str) -> bool:
    name = path.rpartition("/")[2]
    return path.startswith(_TRUTH) and not path.startswith(_WORKSHOPS) and not name.startswith(".")


def _breaches(passage: Passage, disk: _Disk) -> Iterator[str]:
    if passage.name not in ("rename", "link") or not _is_truth(passage.path):
        return
    # many files of a delivery are forced at once, before its receipt; nothing names them until then
    is_vouching = passage.path.startswith(_RECEIPTS) or passage.path == _MANIFEST
    if passage.inode in disk.dirty and not passage.path.startswith("lake/") | passage.path.startswith("archive/"):
        yield f"{passage.path} got its name before its bytes were on the disk"
    if not is_vouching:
        return
    room = ("lake/", "archive/") if passage.path.startswith(_RECEIPTS) else ("published/",)
    if passage.inode in disk.dirty:
        yield f"{passage.path} got its name before its bytes were on the disk"
    for path in [*disk.dirty.values(), *disk.names]:
        if (
            path.startswith(room)
            and _is_truth(path)
            and path != passage.path
            and not path.startswith(_RECEIPTS)
            and not _is_of_another(path, passage.path, disk)
        ):
            yield f"{passage.path} was put in force before {path} was on the disk"


def _is_of_another(path: str, receipt: str, disk: _Disk) -> bool:
    """Whether a receipt does not vouch for the file: those of the next delivery are read, and forced, while it is written."""
    if not receipt.startswith(_RECEIPTS):
        return False
    delivery = receipt.removeprefix(_RECEIPTS).removesuffix(".json")
    if path.startswith("archive/"):
        return path.rpartition("/")[2][:8] not in disk.originals[delivery]
    named = _OF_DELIVERY.fullmatch(path)
    return named is not None and named["delivery"] != delivery


def _take(passage: Passage, disk: _Disk) -> None:
    if passage.name in ("write", "truncate"):
        disk.dirty[passage.inode] = passage.path
    elif passage.name == "fsync":
        disk.dirty.pop(passage.inode, None)
        for path in [path for path in disk.names if path.rpartition("/")[0] == passage.path]:
            del disk.names[path]
    elif passage.name in ("rename", "link"):
        disk.names[passage.path] = passage.path
        if named := _OF_DELIVERY.fullmatch(passage.path):
            disk.originals[named["delivery"]].add(named["original"])
        disk.names.pop(passage.other, None)
        if passage.inode in disk.dirty and passage.name == "rename":
            disk.dirty[passage.inode] = passage.path
    elif passage.name == "unlink":
        disk.names.pop(passage.path, None)
        for inode in [inode for inode, path in disk.dirty.items() if path == passage.path]:
            del disk.dirty[inode]
