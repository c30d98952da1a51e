"""The home as it was before an upgrade, in ``backups/<layout>_<time>/``, and the way back to it.

Files that are never written in place are hard links, so a backup of years takes little room. The warehouse is a copy. What pseudonyms
the lake had, the backup still has: an erasure removes it.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from assets.clock import beijing_now
from assets.errors import UsageError
from assets.home import PRIVATE_FOLDER, Home, storage_errors, sync, sync_all

# what an upgrade or a run after it writes and an older program reads
_KEPT = ("lake", "warehouse.duckdb", "warehouse.duckdb.wal", "published", "run.json", "layout.json")
_WRITTEN_IN_PLACE = frozenset({"warehouse.duckdb", "warehouse.duckdb.wal"})
# readers go by the manifest, then open the database
_PUBLISHED_LAST = ("published/warehouse.duckdb", "published/manifest.json")
_MAKING, _RESTORING, _REPLACED = ".making", ".restoring", "replaced_"
_TIME = "%Y%m%dT%H%M%S"


def make_backup(home: Home, layout: int) -> Path | None:
    """Keep the home as it is; ``None`` where it holds nothing yet. The caller holds the writer's lock.

    A backup of the layout that is there was made by an upgrade that was killed, and is the right one.
    """
    names = _files_of(home.root)
    if not names:
        return None
    with storage_errors(home.backups):
        home.backups.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
        for part in home.backups.glob(f"*{_MAKING}"):
            shutil.rmtree(part)
        made = [path for path in _complete(home) if path.name.startswith(f"{layout}_")]
        if made:
            return made[-1]
        target = home.backups / f"{layout}_{beijing_now().strftime(_TIME)}"
        making = target.with_name(target.name + _MAKING)
        making.mkdir(mode=PRIVATE_FOLDER)
        for name in names:
            place = making / name
            place.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
            if name in _WRITTEN_IN_PLACE:
                shutil.copy2(home.root / name, place)
            else:
                _link(home.root / name, place)
        sync_all(making, (making / name for name in names))
        making.replace(target)
        sync(home.backups)
    return target


def begin_rollback(home: Home) -> None:
    """Let the newest backup be put back by ``finish_rollback``. Raises ``UsageError`` where there is none."""
    made = _complete(home)
    if not made:
        raise UsageError(f"{home.backups} holds no backup of an upgrade: nothing was upgraded here, or an erasure removed it")
    with storage_errors(home.backups):
        made[-1].replace(made[-1].with_name(made[-1].name + _RESTORING))
        sync(home.backups)


def finish_rollback(home: Home) -> Path | None:
    """Put a begun rollback's files back, also after a kill; where the files are that they replaced, ``None`` where none was begun.

    Each file takes its name at once, the published manifest last, so that readers see the old publication or the new one.
    """
    for backup in home.backups.glob(f"*{_RESTORING}"):
        aside = home.backups / f"{_REPLACED}{backup.name.removesuffix(_RESTORING)}"
        with storage_errors(backup):
            kept = _files_of(backup)
            for name in kept:
                _put_back(backup / name, home.root / name, aside / name)
            for name in set(_files_of(home.root)) - set(kept):
                (aside / name).parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
                (home.root / name).replace(aside / name)
            sync_all(home.root, (home.root / name for name in kept))
            shutil.rmtree(backup)
        return aside
    return None


def forget_backups(home: Home, before: datetime) -> None:
    """Remove every backup, and what a rollback replaced, of that moment (Beijing time) and earlier."""
    for path in home.backups.glob("*_*"):
        if path.name.split("_")[-1].split(".")[0] <= before.strftime(_TIME):
            with storage_errors(path):
                shutil.rmtree(path)


def is_begun(home: Home) -> bool:
    """Whether a rollback waits to be finished."""
    return any(home.backups.glob(f"*{_RESTORING}"))


def _complete(home: Home) -> list[Path]:
    """The backups that are whole, oldest first."""
    names = (path for path in home.backups.glob("[0-9]*_*") if "." not in path.name)
    return sorted(names, key=lambda path: path.name.partition("_")[2])


def _files_of(root: Path) -> list[str]:
    """What is kept of a home or lies in a backup, by its name; working folders of killed commands apart."""
    found = [path.relative_to(root) for name in _KEPT for path in _below(root / name)]
    chosen = {str(path) for path in found if not any(part.startswith(".") for part in path.parts)}
    return sorted(
        chosen, key=lambda name: (name in _PUBLISHED_LAST, _PUBLISHED_LAST.index(name) if name in _PUBLISHED_LAST else 0, name)
    )


def _below(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (one for one in path.rglob("*") if one.is_file())


def _put_back(source: Path, target: Path, aside: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    if target.exists():
        if target.samefile(source):
            return
        aside.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        if not aside.exists():
            _link(target, aside)
    put = target.with_name(f".{target.name}.putback0.tmp")
    put.unlink(missing_ok=True)
    _link(source, put)
    put.replace(target)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # not every file system has hard links
        shutil.copy2(source, target)
