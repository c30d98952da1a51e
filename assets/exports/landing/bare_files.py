"""Files without a manifest, where a site allows them: each is a delivery of its own, named by the file.

Says what one such file is and whether it is at rest; how it stands to manifests and the lake is ``landing/scan.py``'s.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from assets.clock import BEIJING
from assets.exports.landing.bounds import MAX_COUNT, is_plausible_day
from assets.exports.landing.manifest import Manifest, ManifestFile
from assets.hashing import sha256_of
from assets.platform.contract import load_contract

OK_SUFFIX = ".ok"
MAX_OK_BYTES = 4096
_BARE_NAME = re.compile(r"(?P<feed>[a-z]+)_(?P<day>[0-9]{8})_(?P<sequence>[0-9]{2,9})\.(?:csv|csv\.gz|zip|xlsx)")
_OK_LINE = re.compile(r"(?P<what>rows|sha256)\s*=\s*(?P<value>[0-9a-fA-F]+)")


class BareFiles(BaseModel):
    """Whether files without a manifest are deliveries, and how long such a file must not have changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = False
    quiet_seconds: float = Field(default=300, ge=0)


NO_BARE_FILES = BareFiles()


class BareFileError(ValueError):
    """A bare file that is not taken yet; the message says why in Chinese."""


@dataclass(frozen=True)
class BareName:
    """What a bare file's name says; ``delivery`` is that of a manifest that could name it, such as ``20230828_01``."""

    feed: str
    business_date: date
    delivery: str


@dataclass(frozen=True)
class Promise:
    """What ``<file>.ok`` says of its file; ``None`` where it does not say."""

    rows: int | None = None
    sha256: str | None = None


def parse_name(name: str) -> BareName | None:
    """The feed and day of ``<feed>_<yyyymmdd>_<nn>.<csv|csv.gz|zip|xlsx>``, ``None`` for any other name."""
    match = _BARE_NAME.fullmatch(name)
    if match is None or match["feed"] not in load_contract().feeds:
        return None
    try:
        day = datetime.strptime(match["day"], "%Y%m%d").date()
    except ValueError:
        return None
    return BareName(match["feed"], day, f"{match['day']}_{match['sequence']}") if is_plausible_day(day) else None


def read_bare_file(path: Path, name: BareName, rule: BareFiles, now: float) -> Manifest:
    """The delivery that the file at ``path`` is; ``now`` in seconds since 1970. Raises ``BareFileError`` while it is not at rest."""
    try:
        if path.is_symlink():
            raise BareFileError("是链接，不读取")
        promise = _promise(path, rule, now)
        _see_rest(path, rule, now)
        size, digest = path.stat().st_size, sha256_of(path)
    except OSError as error:
        raise BareFileError(f"无法读取（{error.strerror}）") from None
    if promise.sha256 is not None and promise.sha256 != digest:
        raise BareFileError(f"{OK_SUFFIX} 文件说 SHA-256 应为 {promise.sha256}，现为 {digest}")
    file = ManifestFile(name=path.name, feed=name.feed, rows=promise.rows, bytes=size, sha256=digest)
    return Manifest(delivery=path.name, business_date=name.business_date, files=(file,))


def _see_rest(path: Path, rule: BareFiles, now: float) -> None:
    changed = path.stat().st_mtime
    if now - changed < rule.quiet_seconds:
        raise BareFileError(
            f"没有清单的文件须静止 {rule.quiet_seconds:g} 秒；{path.name} 最后改于"
            f" {datetime.fromtimestamp(changed, BEIJING):%Y-%m-%d %H:%M:%S}"
        )


def _promise(path: Path, rule: BareFiles, now: float) -> Promise:
    """What the ``.ok`` file alongside ``path`` promises; nothing where there is none."""
    ok = path.with_name(path.name + OK_SUFFIX)
    if not ok.is_file() or ok.is_symlink():
        return Promise()
    # half of `rows=12` is a promise too, and a wrong one
    _see_rest(ok, rule, now)
    with ok.open("rb") as file:
        words = file.read(MAX_OK_BYTES + 1).decode("utf-8-sig", "replace").split("\n")
    matches = [_OK_LINE.fullmatch(word.strip()) for word in words if word.strip()]
    said = {match["what"]: match["value"].lower() for match in matches if match is not None}
    if not said or None in matches or len(said) != len(matches) or not _is_sound(said):
        raise BareFileError(f"{OK_SUFFIX} 文件的内容应为 rows=<整数>、sha256=<64 位十六进制> 各至多一行")
    return Promise(int(said["rows"]) if "rows" in said else None, said.get("sha256"))


def _is_sound(said: dict[str, str]) -> bool:
    rows, digest = said.get("rows", "0"), said.get("sha256", "0" * 64)
    return len(digest) == 64 and rows.isdecimal() and len(rows) < len(str(MAX_COUNT))
