"""Swaps a finished publication, or a kept version, into force: all of it or nothing.

Each file takes its name whole. The database's rename decides: a publication killed before it has not happened, one killed after
it is finished by the next publisher. The manifest goes last. An open reader keeps the file it has opened.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from assets.home import Home, storage_errors, sync
from assets.publication.store.access import Access
from assets.publication.store.versions import drop_versions, newest_parquet, versions_folder

_BUILDING = ".building-"
_FORMER = ".former"


@contextmanager
def building(home: Home, access: Access) -> Iterator[Path]:
    """A fresh folder on the same disk as the publication, removed afterwards.

    Its group is given at once, so that a group this user may not give files to is met before anything is built.
    """
    with storage_errors(home.published):
        home.prepare()
        folder = Path(mkdtemp(prefix=_BUILDING, dir=home.published))
    try:
        access.give(folder)
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def leftovers(home: Home) -> list[Path]:
    """The folders of publications that were killed; only who holds the writer's lock may ask, or sees one at work."""
    return sorted(home.published.glob(f"{_BUILDING}*"))


def remove_leftover(folder: Path) -> None:
    """Remove what a killed publication left."""
    with storage_errors(folder):
        rmtree(folder)


def swap(folder: Path, published: Path, files: Sequence[str], access: Access) -> None:
    """Move ``files`` (relative names, in this order) from ``folder`` to ``published``, replacing what is there.

    The last, the switch for programs, moves when the others are durable. When one fails, those already replaced are put back
    before the error goes on. A killed process leaves ``folder`` with what was not moved yet: see ``move_rest``.
    """
    with storage_errors(published):
        done: dict[str, Path | None] = {}
        try:
            for name in files:
                access.grant(folder / name)
                sync(folder / name)
                _make_folder(published, (published / name).parent, access)
            _sync_folders(folder, files)
            former = {name: _keep_former(folder, published, name) for name in files}
            for name in _each_durable(published, files):
                done[name] = former[name]
                (folder / name).replace(published / name)
        except BaseException:
            for name in reversed(done):
                _put_back(published / name, done[name])
            _remove_empty_folders(published, files)
            raise


def move_rest(folder: Path, published: Path, files: Sequence[str]) -> None:
    """Finish a ``swap`` that was killed: move those of ``files`` that are still in ``folder``."""
    with storage_errors(published):
        for name in _each_durable(published, files):
            if (folder / name).exists():
                (folder / name).replace(published / name)


def prune(home: Home, current: str, tables: Collection[str], kept: int) -> None:
    """Remove all but the newest ``kept`` versions (``current`` whatever its age), and Parquet files of no table of ``tables``."""
    listed = set(map(newest_parquet, tables))
    with storage_errors(versions_folder(home)):
        drop_versions(home, current, kept)
        # a table that is no longer published would go on being read
        for path in home.published.glob("parquet/*/*.parquet"):
            if path.relative_to(home.published).as_posix() not in listed:
                path.unlink()


def _each_durable(published: Path, files: Sequence[str]) -> Iterator[str]:
    """The names in their order; what was done with all but the last is forced to the disk before the last is given, and it after."""
    *most, last = files
    yield from most
    _sync_folders(published, most)
    yield last
    sync((published / last).parent)


def _sync_folders(root: Path, files: Iterable[str]) -> None:
    """Force the entries of ``files`` to the disk: their folders, and those folders' own entries up to ``root``."""
    folders = {root / parent for name in files for parent in Path(name).parents}
    for folder in sorted(folders, reverse=True):
        sync(folder)


def _make_folder(published: Path, folder: Path, access: Access) -> None:
    """Folders from ``published`` down to ``folder``, open to their readers whatever the umask."""
    for part in reversed([folder, *folder.parents]):
        if part.is_relative_to(published):
            part.mkdir(exist_ok=True)
            if not access.is_granted(part):
                access.grant(part)


def _remove_empty_folders(published: Path, files: Iterable[str]) -> None:
    """Remove the folders of ``files`` below ``published`` that hold nothing: a failed publication leaves no version behind."""
    folders = {published / parent for name in files for parent in Path(name).parents} - {published}
    for folder in sorted(folders, reverse=True):
        with suppress(OSError):
            folder.rmdir()


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
