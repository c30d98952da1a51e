"""A delivery's manifest: which files there are, of which feed, with how many rows, bytes and which hash.

Written last by the platform, so its presence is the sign that the rest should be there. It decides which files a delivery has,
whatever they are called; where manifests lie in the landing folder is ``landing/scan.py``'s.
"""

import json
import os
import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assets.clock import naive_beijing
from assets.exports.landing.bounds import FIRST_DAY, LAST_DAY, MAX_COUNT, is_plausible_day
from assets.platform.contract import load_contract

MAX_MANIFEST_BYTES = 16 * 1024 * 1024
MAX_NAME_BYTES = 255
# `20230828_01`; a bare file is a delivery of its own, named `accept_20230828_01.csv`
_DELIVERY = re.compile(r"(?:[a-z]+_)?(?P<day>[0-9]{8})_(?P<sequence>[0-9]{2,9})(?:\.[a-z.]+)?")
_MANIFEST_NAME = re.compile(r"manifest_(?P<delivery>[0-9]{8}_[0-9]{2,9})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHOWN_ERRORS = 3


class FileContent(BaseModel):
    """What makes a file of a delivery the same file when it comes again."""

    model_config = ConfigDict(frozen=True)

    name: str
    feed: str
    sha256: str


class DeliveryContent(BaseModel):
    """The content by which two deliveries of one name are equal; the order of files and their row counts do not matter."""

    model_config = ConfigDict(frozen=True)

    business_date: date
    mode: str
    files: tuple[FileContent, ...]


def content_of(business_date: date, mode: str, files: tuple[FileContent, ...]) -> DeliveryContent:
    """The content with its files sorted, so that the order of the manifest does not matter."""
    return DeliveryContent(
        business_date=business_date, mode=mode, files=tuple(sorted(files, key=lambda file: (file.name, file.sha256)))
    )


def _printable(name: str) -> str:
    # it becomes a row's origin, a line on a terminal and a cell of a workbook
    if len(name.encode()) > MAX_NAME_BYTES or not name.isprintable():
        raise ValueError("过长或含有控制字符")
    return name


def _is_base_name(name: str) -> str:
    # a manifest is data: it must not make this project read outside the delivery's folder
    if not name or name in (".", "..") or any(character in name for character in "/\\\0"):
        raise ValueError("应为不含路径的文件名")
    if len(name.encode()) > MAX_NAME_BYTES:
        raise ValueError("文件名过长")
    return name


def _is_feed(name: str) -> str:
    if name not in load_contract().feeds:
        raise ValueError(f"应为 {'、'.join(load_contract().feeds)} 之一")
    return name


def _is_day(value: Any) -> Any:
    # pydantic would take a number for seconds since 1970
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("应为 2023-08-28 这样的日期")


def _is_plausible(day: date) -> date:
    if not is_plausible_day(day):
        raise ValueError(f"应在 {FIRST_DAY} 至 {LAST_DAY} 之间")
    return day


def _plausible_beijing(moment: datetime) -> datetime:
    # first: near the ends of the calendar an offset leads out of it
    _is_plausible(moment.date())
    return naive_beijing(moment)


class ManifestFile(BaseModel):
    """One data file as the platform declares it; ``rows`` is ``None`` only for a bare file that nobody counted."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, AfterValidator(_is_base_name)]
    feed: Annotated[str, AfterValidator(_is_feed)]
    rows: int | None = Field(ge=0, le=MAX_COUNT)
    bytes: int = Field(ge=0, le=MAX_COUNT)
    sha256: Annotated[str, BeforeValidator(lambda text: str(text).lower()), Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """The manifest; ``produced_at`` in naive Beijing time."""

    model_config = ConfigDict(frozen=True)

    delivery: Annotated[str, Field(min_length=1), AfterValidator(_printable)]
    business_date: Annotated[date, BeforeValidator(_is_day), AfterValidator(_is_plausible)]
    produced_at: Annotated[datetime, AfterValidator(_plausible_beijing)] | None = None
    mode: Literal["upsert", "replace"] = "upsert"
    files: tuple[ManifestFile, ...]

    @property
    def sequence(self) -> int:
        """``nn`` of the delivery's name: its place among the deliveries of its business date; 1 where the name has none."""
        match = _DELIVERY.fullmatch(self.delivery)
        return int(match["sequence"]) if match else 1

    @property
    def content(self) -> DeliveryContent:
        """What makes two deliveries of one name the same."""
        files = tuple(FileContent(name=file.name, feed=file.feed, sha256=file.sha256) for file in self.files)
        return content_of(self.business_date, self.mode, files)


class ManifestError(ValueError):
    """A manifest that cannot be taken; the message says why in Chinese, without a value."""


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest. Raises ``ManifestError``."""
    document = _document(path)
    try:
        manifest = Manifest.model_validate(document)
    except ValidationError as error:
        raise ManifestError(_why(error)) from None
    fault = _inner_fault(manifest) or _name_fault(path, manifest)
    if fault:
        raise ManifestError(fault)
    return manifest


def _document(path: Path) -> Any:
    try:
        # a link could lead out of the landing folder
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            content = file.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise ManifestError("是链接，不读取" if path.is_symlink() else f"打不开（{error.strerror}）") from None
    if len(content) > MAX_MANIFEST_BYTES:
        raise ManifestError(f"超过 {MAX_MANIFEST_BYTES} 字节，不像清单")
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ManifestError("不是完整的 UTF-8 JSON，可能还在写") from None


def _inner_fault(manifest: Manifest) -> str:
    names = [file.name for file in manifest.files]
    if len(names) != len(set(names)):
        return "同一文件列了两次"
    if any(file.rows is None for file in manifest.files):
        return "files.rows：应为整数"
    return ""


def _name_fault(path: Path, manifest: Manifest) -> str:
    """The fault of a manifest whose name and content differ: it may be a copy that was edited only in part."""
    delivery = _DELIVERY.fullmatch(manifest.delivery)
    if delivery and delivery["day"] != f"{manifest.business_date:%Y%m%d}":
        return f"批次名 {manifest.delivery} 与业务日期 {manifest.business_date} 不符"
    named = _MANIFEST_NAME.fullmatch(path.stem)
    if named and named["delivery"] != manifest.delivery:
        return f"清单名与其中的批次名 {manifest.delivery} 不符"
    return ""


def _why(error: ValidationError) -> str:
    return "；".join(f"{'.'.join(map(str, item['loc'])) or '整个文件'}：{_word(item)}" for item in error.errors()[:_SHOWN_ERRORS])


def _word(item: Any) -> str:
    if item["type"] == "missing":
        return "缺少"
    # pydantic's own words are English; ours of the validators above are Chinese
    return str(item["ctx"]["error"]) if item["type"] == "value_error" else "不合接口要求"
