"""Putting a finished publication in the place of the one in force, or of an older one kept: all of it or none.

Each file takes its name whole; the manifest goes last. An open reader keeps the file it has opened.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from assets.home import PUBLIC_FILE, PUBLIC_FOLDER, Home, storage_errors, sync

KEPT_VERSIONS = 10
_BUILDING = ".building-"
_FORMER = ".former"


def versions_folder(home: Home) -> Path:
    return home.published / "versions"


def version_file(home: Home, version: str) -> Path:
    """The database of ``version``; the same file as ``published/warehouse.duckdb`` while it is in force."""
    return versions_folder(home) / f"{version}.duckdb"


def version_manifest(home: Home, version: str) -> Path:
    """The manifest with which ``version`` was published, kept for going back to it."""
    return versions_folder(home) / f"{version}.json"


def version_changes(home: Home, version: str) -> Path:
    """What ``version`` changed against the one before it; it goes with its version."""
    return versions_folder(home) / f"{version}.diff.json"


@contextmanager
def building(home: Home) -> Iterator[Path]:
    """A fresh folder on the same disk as the publication; removed afterwards, like any that a killed run left."""
    with storage_errors(home.published):
        home.prepare()
        for left in home.published.glob(f"{_BUILDING}*"):
            rmtree(left)
        folder = Path(mkdtemp(prefix=_BUILDING, dir=home.published))
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def swap(folder: Path, published: Path, files: list[str]) -> None:
    """Move ``files`` (relative names, in this order) from ``folder`` to ``published``, replacing what is there.

    When one of them fails, those already replaced are put back before the error goes on. A killed process can leave some
    replaced; each is then still whole, and the manifest, the last, still names the former version's own database file.
    """
    with storage_errors(published):
        for name in files:
            _make_durable(folder / name)
            _make_folder(published, (published / name).parent)
        former = {name: _keep_former(folder, published, name) for name in files}
        done: list[str] = []
        try:
            for name in files:
                done.append(name)
                (folder / name).replace(published / name)
            for parent in {(published / name).parent for name in files}:
                sync(parent)
        except BaseException:
            for name in reversed(done):
                _put_back(published / name, former[name])
            raise


def prune(home: Home, current: str, listed: Collection[str]) -> None:
    """Remove all but the newest ``KEPT_VERSIONS`` versions (``current`` whatever its age), and Parquet files not ``listed``."""
    with storage_errors(versions_folder(home)):
        for path in sorted(versions_folder(home).glob("*.duckdb"), reverse=True)[KEPT_VERSIONS:]:
            if path.stem != current:
                path.unlink()
                version_manifest(home, path.stem).unlink(missing_ok=True)
                version_changes(home, path.stem).unlink(missing_ok=True)
        # a table that is no longer published would go on being read
        for path in home.published.glob("parquet/*/*.parquet"):
            if path.relative_to(home.published).as_posix() not in listed:
                path.unlink()


def _make_durable(path: Path) -> None:
    path.chmod(PUBLIC_FILE)
    sync(path)


def _make_folder(published: Path, folder: Path) -> None:
    """Folders from ``published`` down to ``folder``, open to readers whatever the umask."""
    for part in reversed([folder, *folder.parents]):
        if part.is_relative_to(published):
            part.mkdir(exist_ok=True)
            part.chmod(PUBLIC_FOLDER)


def _keep_former(folder: Path, published: Path, name: str) -> Path | None:
    if not (published / name).exists():
        return None
    kept = folder / _FORMER / name
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.hardlink_to(published / name)
    return kept


def _put_back(path: Path, former: Path | None) -> None:
    if former is None:
        path.unlink(missing_ok=True)
    else:
        former.replace(path)
