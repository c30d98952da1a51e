"""The kinds of files of a home, and the ways in which one of them can be damaged: by a disk, by a hand, by a copy gone wrong."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# by the path relative to the home; the first that fits
KINDS: dict[str, tuple[str, ...]] = {
    "receipt": ("lake/deliveries/*.json",),
    "opening": ("lake/opening/*/*.parquet",),
    "opening receipt": ("lake/opening/*/*.json",),
    "refused rows": ("lake/refused/*/*.parquet",),
    "accepted rows": ("lake/[!.]*/*/*.parquet",),
    "freeze": ("lake/frozen/*.json",),
    "erratum": ("lake/frozen/*/*.json",),
    "frozen document": ("lake/frozen/*.documents/*",),
    "acceptance": ("lake/acceptances/*.json",),
    "withdrawal": ("lake/withdrawals/*.json",),
    "erasure": ("lake/erasures/*.json",),
    "record of keys": ("lake/keys.json",),
    "original": ("archive/*/*",),
    "private warehouse": ("warehouse.duckdb",),
    "hash of the warehouse": (".warehouse.sha256",),
    "published database": ("published/warehouse.duckdb",),
    "kept version": ("published/versions/*.duckdb",),
    "kept changes": ("published/versions/*.diff.json",),
    "kept manifest": ("published/versions/*.json",),
    "kept Parquet": ("published/versions/*/parquet/*/*.parquet",),
    "kept dictionary": ("published/versions/*.html",),
    "manifest": ("published/manifest.json",),
    "published Parquet": ("published/parquet/*/*.parquet",),
    "dictionary": ("published/dictionary.html",),
    "Dagster's storage": ("dagster/**/*.db",),
    "Dagster's configuration": ("dagster/dagster.yaml",),
    "layout": ("layout.json",),
    "journal": ("run.json",),
    "record of documents": ("reports/*/.written.json",),
    "key": ("secret.key",),
    "former key": ("keys/*.key",),
}
# what is damaged in landing is held or quarantined (tests/exports); the others are for people, or hold nothing
NOT_DAMAGED = ("landing/*/*", "reports/*", "reports/*/[!.]*", "quarantine/*/*", ".writer.lock", "truth.json")
# a figure can follow from these: their damage is damage, and no other word will do
OF_FIGURES = {
    "receipt", "opening", "opening receipt", "refused rows", "accepted rows", "freeze", "erratum", "frozen document",
    "acceptance", "withdrawal", "original", "private warehouse", "published database", "kept version", "kept Parquet", "manifest",
    "published Parquet",
}  # fmt: skip
_MOST_ZEROED = 4096


@dataclass(frozen=True)
class Damage:
    """One damage: the file, what was done to it, and with which random seed."""

    kind: str
    path: str
    way: str
    seed: int


def files_by_kind(root: Path) -> dict[str, list[str]]:
    """The files of each kind in the home; a file is of the first kind that it fits."""
    found: dict[str, list[str]] = {}
    taken: set[Path] = set()
    for kind, patterns in KINDS.items():
        paths = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()} - taken
        taken |= paths
        found[kind] = sorted(path.relative_to(root).as_posix() for path in paths)
    return found


def any_damage(chance: random.Random, files: dict[str, list[str]]) -> Damage:
    """Each kind as likely as another, then each file of it, then each way."""
    kind = chance.choice(sorted(files))
    return Damage(kind, chance.choice(files[kind]), chance.choice(sorted(WAYS)), chance.randrange(2**32))


def inflict(root: Path, damage: Damage) -> bool:
    """Damage the file; whether its bytes are others now. Its times stay, as a disk's decay leaves them."""
    path, chance = root / damage.path, random.Random(damage.seed)
    before, state = path.read_bytes(), path.stat()
    WAYS[damage.way](path, before, chance)
    if path.exists():
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        return damage.way == "duplicated" or path.read_bytes() != before
    return True


def _overwrite(path: Path, content: bytes) -> None:
    # the same file under all its names, as on a disk that decays
    with path.open("r+b") as stream:
        stream.write(content)
        stream.truncate()


def _flipped(path: Path, content: bytes, chance: random.Random) -> None:
    if content:
        at = chance.randrange(len(content))
        _overwrite(path, content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :])


def _cut(path: Path, content: bytes, chance: random.Random) -> None:
    _overwrite(path, content[: chance.randrange(len(content))] if content else b"")


def _zeroed(path: Path, content: bytes, chance: random.Random) -> None:
    if content:
        at = chance.randrange(len(content))
        length = min(chance.randint(1, _MOST_ZEROED), len(content) - at)
        _overwrite(path, content[:at] + bytes(length) + content[at + length :])


def _inserted(path: Path, content: bytes, chance: random.Random) -> None:
    at = chance.randint(0, len(content))
    _overwrite(path, content[:at] + bytes([chance.randrange(256)]) + content[at:])


def _removed(path: Path, content: bytes, chance: random.Random) -> None:
    del content, chance
    path.unlink()


def _duplicated(path: Path, content: bytes, chance: random.Random) -> None:
    """A copy under a name of the same kind, that sorts before or after it."""
    name = f"{path.stem}{chance.choice(['_1', '0', ' (1)'])}{path.suffix}"
    copy = path.with_name(name)
    copy.write_bytes(content)
    copy.chmod(path.stat().st_mode & 0o777)


def _exchanged(path: Path, content: bytes, chance: random.Random) -> None:
    """Another file of the same folder in its place, or its own older half doubled where it is alone."""
    others = [
        other for other in sorted(path.parent.iterdir()) if other.suffix == path.suffix and other != path and other.is_file()
    ]
    _overwrite(path, chance.choice(others).read_bytes() if others else content + content)


WAYS: dict[str, Callable[[Path, bytes, random.Random], None]] = {
    "flipped": _flipped,
    "cut": _cut,
    "zeroed": _zeroed,
    "byte inserted": _inserted,
    "removed": _removed,
    "duplicated": _duplicated,
    "exchanged": _exchanged,
}
