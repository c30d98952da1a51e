"""A delivery's manifest: which files there are, of which feed, with how many rows, bytes and which hash.

Written last by the platform, so its presence is the sign that the rest should be there.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from assets.clock import naive_beijing
from assets.platform.contract import load_contract

IGNORED_PREFIXES = (".", "~$")
IGNORED_SUFFIXES = (".part", ".tmp", ".filepart")
_MANIFEST_NAME = re.compile(r"manifest.*\.json", re.IGNORECASE)
# business date, mode, and each file's name, feed and hash
DeliveryContent = tuple[str, str, tuple[tuple[str, str, str], ...]]
_DELIVERY = re.compile(r"(\d{8})_(\d{2,})")


def _is_base_name(name: str) -> str:
    # a manifest is data: it must not make this project read outside the delivery's folder
    if not name or name in (".", "..") or any(character in name for character in "/\\\0"):
        raise ValueError("a file name without a path is expected")
    return name


def _is_feed(name: str) -> str:
    if name not in load_contract().feeds:
        raise ValueError(f"one of {', '.join(load_contract().feeds)} is expected")
    return name


class ManifestFile(BaseModel):
    """One data file as the platform declares it."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, AfterValidator(_is_base_name)]
    feed: Annotated[str, AfterValidator(_is_feed)]
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: Annotated[str, BeforeValidator(lambda text: str(text).lower()), Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """The manifest; ``produced_at`` in naive Beijing time."""

    model_config = ConfigDict(frozen=True)

    delivery: str = Field(min_length=1)
    business_date: date
    produced_at: Annotated[datetime, AfterValidator(naive_beijing)] | None = None
    mode: Literal["upsert", "replace"] = "upsert"
    files: tuple[ManifestFile, ...]

    @property
    def sequence(self) -> int:
        """``nn`` of the delivery's name: its place among the deliveries of its business date; 1 where the name has none."""
        match = _DELIVERY.fullmatch(self.delivery)
        return int(match[2]) if match else 1

    @property
    def content(self) -> DeliveryContent:
        """What makes two deliveries of one name the same."""
        return str(self.business_date), self.mode, tuple((file.name, file.feed, file.sha256) for file in self.files)


class ManifestError(ValueError):
    """A manifest that cannot be read; the message says why, without a value."""


def read_manifest(path: Path) -> Manifest:
    """Read and check a manifest. Raises ``ManifestError``."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
        manifest = Manifest.model_validate(document)
    except (ValueError, RecursionError) as error:
        raise ManifestError(_why(error)) from None
    names = [file.name for file in manifest.files]
    if len(names) != len(set(names)):
        raise ManifestError("names one file twice")
    return manifest


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'document'}: {item['msg']}" for item in error.errors()[:3])
    return "is not JSON in UTF-8 (perhaps still being written)"


def find_manifests(landing: Path) -> Iterator[Path]:
    """Every manifest below ``landing`` in the order of their paths; links are not followed, ignored names not entered."""
    # Path.walk is not in Python 3.11; os.walk does not follow links to folders
    for folder, folders, names in os.walk(landing):
        folders[:] = sorted(name for name in folders if not is_ignored(name))
        for name in sorted(names):
            path = Path(folder, name)
            if _MANIFEST_NAME.fullmatch(name) and not is_ignored(name) and not path.is_symlink():
                yield path


def is_ignored(name: str) -> bool:
    """Whether the interface says that this name is still being written or belongs to an editor."""
    return name.startswith(IGNORED_PREFIXES) or name.lower().endswith(IGNORED_SUFFIXES)


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
