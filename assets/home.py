"""The home: where landing, lake, warehouse and publication lie, and how files are written there.

Paths only, and the two ways of writing (whole file or nothing, private or not). What is in the files is each step's own.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assets.errors import StorageError, UsageError
from assets.visible import visible

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
# analysts and the report job are other users of the machine, and read only here
PUBLIC_FOLDER = 0o755
PUBLIC_FILE = 0o644
# raised with every change that an older program could not read or a newer one must migrate: `assets/warehouse/migrations/`
LAYOUT = 2


@dataclass(frozen=True)
class Home:
    """The folder ``ZHOUBAO_HOME``; every path of the project's data is a property of it."""

    root: Path

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def published_database(self) -> Path:
        return self.published / "warehouse.duckdb"

    @property
    def manifest(self) -> Path:
        return self.published / "manifest.json"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def template(self) -> Path:
        """The office's own Word template, where it has one."""
        return self.root / "templates" / "周报模板.docx"

    @property
    def editorial(self) -> Path:
        return self.root / "editorial"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def settings_file(self) -> Path:
        return self.root / "zhoubao.toml"

    @property
    def key_file(self) -> Path:
        return self.root / "secret.key"

    @property
    def retired_keys(self) -> Path:
        """The keys that were in use before, each by its id."""
        return self.root / "keys"

    @property
    def calendar_file(self) -> Path:
        return self.root / "calendar.csv"

    @property
    def lock_file(self) -> Path:
        return self.root / ".writer.lock"

    @property
    def journal(self) -> Path:
        """What the last run did and how it ended, for ``status`` while the warehouse is locked."""
        return self.root / "run.json"

    @property
    def alerts(self) -> Path:
        """Which alerts were sent to whom, until they change."""
        return self.root / "alerts.json"

    @property
    def unreported(self) -> Path:
        """Deliveries that a run takes in, until one has told of them."""
        return self.root / "unreported.json"

    @property
    def layout_file(self) -> Path:
        """Which layout the home has; releases before there were several wrote none."""
        return self.root / "layout.json"

    @property
    def backups(self) -> Path:
        """The home as it was before each upgrade."""
        return self.root / "backups"

    def prepare(self) -> None:
        """Create the folders that are missing; existing ones stay as they are."""
        with storage_errors(self.root):
            # only ``published`` is for others: they pass through the root but cannot list it
            is_new = not self.root.exists()
            self.root.mkdir(parents=True, exist_ok=True)
            if is_new:
                # the commands' umask would keep the others out
                self.root.chmod(0o711)
            if not self.lake.exists() and not self.warehouse.exists():
                # before the lake: a home with a lake and without a layout is an old one
                note_layout(self, LAYOUT)
            for private in (
                self.landing,
                self.archive,
                self.lake,
                self.quarantine,
                self.reports,
                self.editorial,
                self.dagster,
            ):
                private.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
            if not self.published.exists():
                self.published.mkdir()
                # each publication gives it the modes that the site has set
                self.published.chmod(PUBLIC_FOLDER)


# Dagster takes the path of its configuration for a pattern and that of its records for an address: it would miss the one, so
# that telemetry is on and what steps print is kept, and mistake or not find the other
_UNFIT = frozenset("*?[]%")


def refuse_unfit(home: Home) -> None:
    """Raise ``UsageError`` if the home's path has a character that breaks Dagster's configuration, or that cannot be printed."""
    path = str(home.root)
    unfit = sorted({letter for letter in path if letter in _UNFIT or visible(letter) != letter})
    if unfit:
        raise UsageError(
            f"home {visible(path)}: its path may not have {' '.join(visible(letter) for letter in unfit)}, under which Dagster"
            " loses its configuration and records; choose a path without * ? [ ] % and control characters"
        )


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an OS error met inside into a ``StorageError`` that names ``path`` and, in the system's own words, what is wrong."""
    try:
        yield
    except OSError as error:
        # a library may put rows into `strerror`
        words = "cannot be read or written" if error.errno is None else os.strerror(error.errno)
        raise StorageError(f"{path}: {words}", path) from error


@contextmanager
def replacing(path: Path, mode: int = PRIVATE_FILE, durable: bool = True) -> Iterator[Path]:
    """Give a temporary path alongside ``path`` to write to; on success it takes the name ``path``, durably.

    Readers see the old file or the new one, never a part. On an error the temporary file is removed and the old file stays.
    Where it is not to be ``durable`` yet, the caller syncs many at once (``sync_all``) before it relies on them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(mode)
        if durable:
            sync(temporary)
        temporary.replace(path)
        if durable:
            sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, mode: int = PRIVATE_FILE) -> None:
    """Write ``content`` as the whole of ``path``, or leave ``path`` as it was."""
    with storage_errors(path), replacing(path, mode) as temporary:
        temporary.write_bytes(content)


def note_layout(home: Home, layout: int) -> None:
    """Say durably which layout the home has."""
    write_whole(home.layout_file, layout_document(layout))


def layout_document(layout: int) -> bytes:
    """What says that a home has this layout; its checksum tells a flipped digit from another layout."""
    digest = hashlib.sha256(f"layout {layout}".encode()).hexdigest()
    return f'{{"layout": {layout}, "checksum": "{digest}"}}\n'.encode()


def sync_all(root: Path, paths: Iterable[Path]) -> None:
    """Force files below ``root`` to the disk, then each of their folders up to ``root`` once."""
    files = list(paths)
    for path in files:
        with storage_errors(path):
            sync(path)
    folders = {folder for path in files for folder in path.parents if folder == root or folder.is_relative_to(root)}
    for folder in sorted(folders, reverse=True):
        with storage_errors(folder):
            sync(folder)


def sync(path: Path) -> None:
    """Force a file or folder to the disk: after a power cut, a renamed file is otherwise found empty."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
