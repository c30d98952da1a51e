"""Examines what belongs to no step: the home's layout, whether it can be written to, and what killed programs left in it.

Nothing is changed: a folder is tried with a file that never has a name, so that even its times stay.
"""

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assets.condition import Condition, State, command, put_aside, sound_unless
from assets.errors import DamageError
from assets.home import LAYOUT, Home
from assets.layout import layout_of, release_needed, said_of_newer
from assets.stray_files import stray_files

# left by what was ended, with the command that removes it; a warehouse set aside is looked into first
_LEFTOVERS = {
    "published/.building-*": "publish",
    "lake/.retry": "run",
    ".duckdb-spill": "run",
    ".warehouse.duckdb.anew": "rebuild",
}
_SET_ASIDE = ("warehouse.duckdb.damaged*", "dagster/*.damaged*")
_SETTINGS = ("secret.key", "zhoubao.toml", "calendar.csv")


def examine_layout(home: Home) -> Iterator[Condition]:
    """Whether this program can write the home as it is, must upgrade it, or is too old for it."""
    try:
        layout = layout_of(home)
    except DamageError as error:
        yield Condition("layout", State.DAMAGED, str(error), command("rm", home.layout_file))
        return
    if layout > LAYOUT:
        yield Condition("layout", State.REFUSED, said_of_newer(home, layout), release_needed(layout))
    elif layout < LAYOUT and home.lake.exists():
        note = f"{home.root} has layout {layout}, of an older release; lake and warehouse are examined once it is upgraded to {LAYOUT}"
        yield Condition("layout", State.NOTICE, note, command("zhoubao", "upgrade"))
    else:
        yield Condition("layout", State.SOUND, f"layout {LAYOUT}")


def examine_rights(home: Home) -> Iterator[Condition]:
    """Each folder that commands write to takes a file, and the files that are written in place may be written."""
    if not home.root.exists():
        yield Condition("rights", State.NOTICE, f"{home.root} is not there yet", command("zhoubao", "run", "--home", home.root))
        return
    roots = (home.archive, home.lake, home.quarantine, home.published, home.reports, home.dagster)
    top = (home.root, home.landing, home.editorial, *roots)
    deeper = (path for root in roots for path in sorted(root.rglob("*")) if path.is_dir() and not path.is_symlink())
    folders = [path for path in top if path.exists()] + list(deeper)
    found = [condition for path in folders if (condition := _folder(path))]
    found += [condition for path in (home.warehouse, home.lock_file) if path.exists() and (condition := _file(path))]
    found += [condition for name in _SETTINGS if (home.root / name).exists() and (condition := _readable(home.root / name))]
    yield from sound_unless("rights", iter(found), f"{len(folders)} folders can be written to")


def _folder(path: Path) -> Condition | None:
    if not path.is_dir():
        return Condition("rights", State.STORAGE, f"{path} is not a folder", put_aside(path))
    try:
        # without a name on Linux: a folder's times stay as they are
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"\0")
            file.flush()
    except OSError as error:
        return _refused(path, error, command("chmod", "u+rwx", path))
    return None


def _file(path: Path) -> Condition | None:
    return _opened(path, os.O_RDWR, command("chmod", "u+rw", path))


def _readable(path: Path) -> Condition | None:
    return _opened(path, os.O_RDONLY, command("chmod", "u+r", path))


def _opened(path: Path, flags: int, fix: str) -> Condition | None:
    try:
        os.close(os.open(path, flags))
    except OSError as error:
        return _refused(path, error, fix)
    return None


def _refused(path: Path, error: OSError, fix: str) -> Condition:
    words = os.strerror(error.errno or errno.EIO)
    fixes = {
        errno.EROFS: f"mount the disk of {path} for writing",
        errno.ENOSPC: f"make room on the disk of {path}",
        errno.EDQUOT: f"make room on the disk of {path}",
        errno.EPERM: command("chattr", "-i", path),
        errno.EIO: f"replace the disk of {path}",
    }
    return Condition("rights", State.STORAGE, f"{path} cannot be written to: {words}", fixes.get(error.errno or errno.EIO, fix))


def examine_leftovers(home: Home, is_held: bool) -> Iterator[Condition]:
    """What killed programs left, private data among it; while a writer is at work (``is_held``), what it works with is none."""
    if is_held:
        yield Condition("leftovers", State.NOTICE, "not looked for while another writes")
        return
    yield from sound_unless("leftovers", _leftovers(home), "no killed program left anything")


def _leftovers(home: Home) -> Iterator[Condition]:
    found = dict.fromkeys(stray_files(home), "run")
    found |= {path: name for pattern, name in _LEFTOVERS.items() for path in home.root.glob(pattern)}
    for path, name in sorted(found.items()):
        yield Condition("leftovers", State.NOTICE, f"{path} was left by a command that was ended", command("zhoubao", name))
    for path in sorted(path for pattern in _SET_ASIDE for path in home.root.glob(pattern)):
        note = f"{path} was damaged and set aside; nothing reads it"
        yield Condition("leftovers", State.NOTICE, note, command("rm", "-r", path))
