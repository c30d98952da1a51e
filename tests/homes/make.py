"""Make ``tests/homes/<version>.tar.xz`` with the program of a release: a few invented days, taken in, published and frozen.

``.venv/bin/python -m tests.homes.make PROGRAM``, where PROGRAM is the ``zhoubao`` of the release, in its own environment. To be run
when a release is made, before the layout or anything else in the home changes.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.homes import KEY, archive_of

# views of the warehouse hold it, and it says nothing of the machine
ROOT = Path("/var/tmp/zhoubao/home")
ISSUE, FIRST, LAST, OPENED = "2023-34", "2023-08-30", "2023-09-02", "2023-08-29"
# what the next program needs and cannot make again from the rest
KEPT = ("landing", "archive", "lake", "quarantine", "warehouse.duckdb", "published", "run.json", "opening.csv")
_OPENING = f"as_of,org_code,org_level,task_type,is_composite,measure,value\n{OPENED},,2,01,1,accepted,1000\n{OPENED},,2,01,1,consulted,77\n"
_QUARANTINED = 5


def make(program: Path) -> Path:
    """The archive of the home that ``program`` has made; no file in it is owned by anybody or younger than the data."""
    version = _version_of(program)
    ROOT.mkdir(parents=True)
    try:
        opening = ROOT / "opening.csv"
        opening.write_text(_OPENING, encoding="utf-8")
        days = ("--from", FIRST, "--to", LAST, "--cases-per-day", "4", "--seed", "11")
        _run(program, "simulate", str(ROOT / "landing"), *days, "--formats", "csv,gz", "--mess")
        _run(program, "opening", str(opening), "--home", str(ROOT))
        _run(program, "run", "--home", str(ROOT), ends_with=_QUARANTINED)
        _run(program, "bulletin", ISSUE, "--freeze", "--home", str(ROOT))
        target = archive_of(version)
        with tarfile.open(target, "w:xz") as archive:
            for name in KEPT:
                if (ROOT / name).exists():
                    archive.add(ROOT / name, name, filter=_anonymous)
    finally:
        shutil.rmtree(ROOT.parent)
    return target


def _version_of(program: Path) -> str:
    words = [str(program.with_name("python")), "-c", "from importlib.metadata import version; print(version('zhoubao'))"]
    found: str = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", found):
        raise ValueError(f"{program}: {found} is no version of a release")
    return found


def _run(program: Path, *words: str, ends_with: int = 0) -> None:
    environment = os.environ | {"ZHOUBAO_SECRET_KEY": KEY}
    ended = subprocess.run([program, *words], env=environment, stdout=subprocess.DEVNULL, check=False)
    if ended.returncode != ends_with:
        raise RuntimeError(f"{words[0]} ended with {ended.returncode}")


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    print(make(Path(sys.argv[1]).absolute()))
