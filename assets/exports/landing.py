"""What lies in the landing folder: deliveries that are new, that wait for a file, or that came back changed.

Looks only; nothing is read into the lake here.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from assets.exports.manifest import Manifest, ManifestError, ManifestFile, find_manifests, read_manifest, sha256_of
from assets.exports.receipt import Receipts


@dataclass(frozen=True)
class Arrival:
    """A complete delivery that is not in the lake yet."""

    manifest: Manifest
    folder: Path

    def path_of(self, file: ManifestFile) -> Path:
        return self.folder / file.name


@dataclass(frozen=True)
class Held:
    """A delivery that does not load, and the Chinese note that says why: it waits, or conflicts with what was loaded."""

    delivery: str
    manifest: Manifest | None
    state: Literal["waiting", "conflict"]
    note: str


@dataclass(frozen=True)
class Landing:
    """Arrivals in the order of (business date, sequence), and the deliveries that are held."""

    arrivals: tuple[Arrival, ...]
    held: tuple[Held, ...]


def survey(landing: Path, receipts: Receipts, through: date | None = None) -> Landing:
    """Find what is new below ``landing``, up to the business date ``through``."""
    arrivals: dict[str, Arrival] = {}
    held: dict[str, Held] = {}
    for path in find_manifests(landing):
        try:
            manifest = read_manifest(path)
        except ManifestError as error:
            name = path.stem.removeprefix("manifest_")
            held.setdefault(name, Held(name, None, "waiting", f"清单 {path.name} 无法读取：{error}"))
            continue
        if through is not None and manifest.business_date > through:
            continue
        _place(Arrival(manifest, path.parent), receipts, arrivals, held)
    in_order = sorted(arrivals.values(), key=lambda arrival: _order(arrival.manifest))
    return Landing(tuple(in_order), tuple(held[name] for name in sorted(held)))


def _order(manifest: Manifest) -> tuple[date, int, str]:
    return manifest.business_date, manifest.sequence, manifest.delivery


def _place(found: Arrival, receipts: Receipts, arrivals: dict[str, Arrival], held: dict[str, Held]) -> None:
    """Sort one complete or incomplete delivery into the right pile; the first copy of a name in path order stands."""
    name = found.manifest.delivery
    receipt = receipts.get(name)
    if receipt is not None:
        if receipt.content != found.manifest.content:
            held[name] = Held(name, found.manifest, "conflict", "同名批次内容已变：已入库的照旧计算；更正应作为下一序号批次送来")
        return
    if name in arrivals:
        if arrivals[name].manifest.content != found.manifest.content:
            held[name] = Held(name, found.manifest, "conflict", "落地目录中有两个同名而内容不同的批次，取路径在前者")
        return
    missing = _missing(found)
    if missing:
        held.setdefault(name, Held(name, found.manifest, "waiting", missing))
    else:
        held.pop(name, None)
        arrivals[name] = found


def _missing(found: Arrival) -> str:
    """What keeps a delivery incomplete, each with what was expected and found; empty where it is complete."""
    return "；".join(filter(None, (_fault(found.path_of(file), file) for file in found.manifest.files)))


def _fault(path: Path, file: ManifestFile) -> str:
    if path.is_symlink():
        return f"{file.name} 是链接，不读取"
    if not path.is_file():
        return f"缺 {file.name}"
    size = path.stat().st_size
    if size != file.bytes:
        return f"{file.name} 应为 {file.bytes} 字节，现为 {size} 字节"
    if sha256_of(path) != file.sha256:
        return f"{file.name} 的 SHA-256 与清单不符"
    return ""
