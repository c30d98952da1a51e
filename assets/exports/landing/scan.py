"""Surveys the landing folder: deliveries that are new, that wait for a file, or that came back changed.

Nothing is read into the lake here. Manifests decide first; a file that no manifest names is a bare file, if the site allows those.
"""

import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from assets.clock import beijing_now
from assets.exports.lake.receipt import Receipt, Receipts
from assets.exports.landing.bare_files import NO_BARE_FILES, OK_SUFFIX, BareFileError, BareFiles, parse_name, read_bare_file
from assets.exports.landing.bounds import BUSINESS_DAYS_AHEAD, last_business_date
from assets.exports.landing.files import LandingFiles, shown, walk_landing
from assets.exports.landing.known_hashes import KnownHashes
from assets.exports.landing.manifest import DeliveryContent, Manifest, ManifestError, ManifestFile, read_manifest


@dataclass(frozen=True)
class Arrival:
    """A complete delivery that is not in the lake yet."""

    manifest: Manifest
    folder: Path

    def path_of(self, file: ManifestFile) -> Path:
        return self.folder / file.name


@dataclass(frozen=True)
class Held:
    """A delivery that is not loaded, because it waits or conflicts with what was loaded; the note says why in Chinese."""

    delivery: str
    manifest: Manifest | None
    state: Literal["waiting", "conflict"]
    note: str


@dataclass(frozen=True)
class Landing:
    """Arrivals in the order of (business date, sequence), and the deliveries that are held."""

    arrivals: tuple[Arrival, ...]
    held: tuple[Held, ...]


@dataclass
class _Survey:
    """The survey while it grows: arrivals, held deliveries, and the names and folders that manifests claim."""

    receipts: Receipts
    through: date | None
    last_day: date
    hashes: KnownHashes
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    unread: set[Path] = field(default_factory=set)

    def hold(self, delivery: str, manifest: Manifest | None, state: Literal["waiting", "conflict"], note: str) -> None:
        # a conflict is the graver news
        if state == "conflict" or delivery not in self.held:
            self.held[delivery] = Held(delivery, manifest, state, note)

    def is_later(self, business_date: date) -> bool:
        return self.through is not None and business_date > self.through


def survey(
    landing: Path,
    receipts: Receipts,
    through: date | None = None,
    bare: BareFiles = NO_BARE_FILES,
    days_ahead: int = BUSINESS_DAYS_AHEAD,
    hashes: KnownHashes | None = None,
) -> Landing:
    """Find what is new below ``landing``, up to the business date ``through``; a folder that is not there holds nothing.

    A business date more than ``days_ahead`` days after today is held.
    """
    found = walk_landing(landing)
    state = _Survey(receipts, through, last_business_date(beijing_now(), days_ahead), hashes or KnownHashes())
    for path in found.manifests:
        _look_at_manifest(path, state)
    if bare.enabled:
        _look_at_bare_files(found, state, bare)
    for folder in found.unreadable:
        state.hold(shown(folder.name), None, "waiting", "文件夹无权读取")
    in_order = sorted(state.arrivals.values(), key=lambda arrival: _order(arrival.manifest))
    return Landing(tuple(in_order), tuple(state.held[name] for name in sorted(state.held)))


def _order(manifest: Manifest) -> tuple[date, int, str]:
    return manifest.business_date, manifest.sequence, manifest.delivery


def _look_at_manifest(path: Path, state: _Survey) -> None:
    try:
        manifest = read_manifest(path)
    except ManifestError as error:
        state.unread.add(path.parent)
        delivery = shown(path.stem.removeprefix("manifest_"))
        note = f"清单 {shown(path.name)}：{error}"
        if delivery in state.arrivals:
            return
        if state.receipts.get(delivery) is not None:
            state.hold(delivery, None, "conflict", f"{note}；已入库的照旧计算")
        else:
            state.hold(delivery, None, "waiting", note)
        return
    state.named.update(file.name for file in manifest.files)
    if not state.is_later(manifest.business_date):
        _place(Arrival(manifest, path.parent), state)


def _look_at_bare_files(found: LandingFiles, state: _Survey, rule: BareFiles) -> None:
    names = {path.name for path in found.others}
    now = time.time()
    for path in found.others:
        is_ok = path.name.endswith(OK_SUFFIX) and path.name.removesuffix(OK_SUFFIX) in names
        # alongside a manifest that cannot be read yet, nobody knows whose the files are
        if not is_ok and path.name not in state.named and path.parent not in state.unread:
            _look_at_bare_file(path, state, rule, now)


def _look_at_bare_file(path: Path, state: _Survey, rule: BareFiles, now: float) -> None:
    delivery, name = shown(path.name), parse_name(path.name)
    if name is None:
        state.hold(delivery, None, "waiting", "没有清单，文件名也不是 <种类>_<yyyymmdd>_<nn>.<csv|csv.gz|zip|xlsx>")
        return
    receipt = state.receipts.get(delivery)
    if state.is_later(name.business_date) or (receipt is not None and _is_untouched(path, receipt)):
        return
    if _is_of_a_loaded_manifest(path.name, state.receipts.get(name.delivery)):
        return
    try:
        manifest = read_bare_file(path, name, rule, now)
    except BareFileError as error:
        # one that is loaded says nothing new before it is at rest
        if receipt is None and delivery not in state.arrivals:
            state.hold(delivery, None, "waiting", f"{delivery}：{error}")
        return
    _place(Arrival(manifest, path.parent), state)


def _is_untouched(path: Path, receipt: Receipt) -> bool:
    """Whether the file cannot have changed since it was taken in; otherwise each survey would hash all that was ever delivered."""
    try:
        status = path.stat()
    except OSError:
        return False
    return status.st_size == receipt.files[0].bytes and receipt.is_before_intake(status.st_ctime)


def _is_of_a_loaded_manifest(name: str, receipt: Receipt | None) -> bool:
    """Whether the delivery of the file's own day and number had a manifest that named it, though the manifest is missing."""
    return receipt is not None and any(file.file == name for file in receipt.files)


def _place(found: Arrival, state: _Survey) -> None:
    """Sort one delivery into arrivals or held ones; of several complete copies of a name the first in path order counts."""
    manifest = found.manifest
    name = manifest.delivery
    receipt = state.receipts.get(name)
    if receipt is not None:
        if receipt.content != manifest.content:
            what = _differences(receipt.content, manifest.content)
            state.hold(name, manifest, "conflict", f"同名批次内容已变：{what}；已入库的照旧计算，更正应作为下一序号批次送来")
        return
    if name in state.arrivals:
        first = state.arrivals[name].manifest.content
        if first != manifest.content:
            what = _differences(first, manifest.content)
            state.hold(name, manifest, "conflict", f"落地目录中有两个同名而内容不同的批次，取路径在前者：{what}")
        return
    if manifest.business_date > state.last_day:
        note = f"业务日期 {manifest.business_date} 晚于 {state.last_day}（今天之后的天数由设置 business_days_ahead 限定），请平台方核对"
        state.hold(name, manifest, "waiting", note)
        return
    missing = "；".join(filter(None, (_fault(found.path_of(file), file, state.hashes) for file in manifest.files)))
    if missing:
        state.hold(name, manifest, "waiting", missing)
    else:
        state.held.pop(name, None)
        state.arrivals[name] = found


def _fault(path: Path, file: ManifestFile, hashes: KnownHashes) -> str:
    """How a file differs from its manifest, with what was expected and found; empty if it does not."""
    name = shown(file.name)
    if path.is_symlink():
        return f"{name} 是链接，不读取"
    try:
        if not path.is_file():
            return f"缺 {name}"
        size = path.stat().st_size
        if size != file.bytes:
            return f"{name} 应为 {file.bytes} 字节，现为 {size} 字节"
        digest = hashes.of(path)
    except OSError as error:
        return f"{name} 无法读取（{error.strerror}）"
    return "" if digest == file.sha256 else f"{name} 的 SHA-256 应为 {file.sha256}，现为 {digest}"


def _differences(expected: DeliveryContent, found: DeliveryContent) -> str:
    """The differences of two contents of one delivery, file by file: what was expected, what was found."""
    parts = []
    if expected.business_date != found.business_date:
        parts.append(f"业务日期原为 {expected.business_date}，现为 {found.business_date}")
    if expected.mode != found.mode:
        parts.append(f"方式原为 {expected.mode}，现为 {found.mode}")
    old, new = ({file.name: file for file in content.files} for content in (expected, found))
    parts += [f"少了 {shown(name)}" for name in old if name not in new]
    parts += [f"多了 {shown(name)}" for name in new if name not in old]
    for name in (name for name in old if name in new):
        if old[name].feed != new[name].feed:
            parts.append(f"{shown(name)} 的种类原为 {old[name].feed}，现为 {new[name].feed}")
        if old[name].sha256 != new[name].sha256:
            parts.append(f"{shown(name)} 的 SHA-256 原为 {old[name].sha256}，现为 {new[name].sha256}")
    return "；".join(parts)
