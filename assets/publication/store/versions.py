"""The versions kept in ``published/versions/``: names of their files, which versions exist, and how they are removed.

A version is ``<yyyymmddThhmmss>-<8 hex digits>``; its database is the same file as ``published/warehouse.duckdb`` while in force,
and its Parquet files, in a folder of its name, are the same as those of ``published/parquet/``.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree

from assets.errors import DamageError
from assets.home import Home

_FORM = re.compile(r"(?P<version>\d{8}T\d{6}-[0-9a-f]{8})(\.(duckdb|json|diff\.json|dictionary\.html))?")
_TIME = "%Y%m%dT%H%M%S"
_LOG = ".wal"


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


def version_page(home: Home, version: str) -> Path:
    """The dictionary of ``version``; the same file as ``published/dictionary.html`` while it is in force."""
    return versions_folder(home) / f"{version}.dictionary.html"


def newest_parquet(table: str) -> str:
    """Where the Parquet file in force of ``table`` (its full name) lies, relative to ``published/``."""
    return f"parquet/{table.replace('.', '/')}.parquet"


def version_parquet(version: str, table: str) -> str:
    """Where ``version`` keeps its own; the same file while it is in force."""
    return f"versions/{version}/{newest_parquet(table)}"


def version_name(built_at: datetime, digest: str) -> str:
    """The name of the version built then, by the hash of what it holds."""
    return f"{built_at:{_TIME}}-{digest[:8]}"


def kept_versions(home: Home) -> list[str]:
    """The versions that can be put in force again, oldest first."""
    names = {match["version"] for path in _files(home) if (match := _FORM.fullmatch(path.name))}
    return sorted(name for name in names if version_file(home, name).exists() and version_manifest(home, name).exists())


def all_versions(home: Home) -> list[str]:
    """The versions of which any file is there, oldest first."""
    return sorted({match["version"] for path in _files(home) if (match := _FORM.fullmatch(path.name))})


def after_all(home: Home, at: datetime, in_force: datetime | None) -> datetime:
    """``at``, or a second after the newest version, so that versions sort by the order of publication whatever the clock says."""
    known = [datetime.strptime(match["version"][:15], _TIME) for path in _files(home) if (match := _FORM.fullmatch(path.name))]
    newest = max([*known, *([in_force] if in_force else [])], default=None)
    return at if newest is None or newest < at else newest.replace(microsecond=0) + timedelta(seconds=1)


def drop_versions(home: Home, current: str, kept: int) -> None:
    """Remove every file of a version that is neither ``current`` nor one of the newest ``kept``; other files are not ours."""
    stay = {current, *kept_versions(home)[-kept:]}
    for path in _files(home):
        match = _FORM.fullmatch(path.name)
        if match and match["version"] not in stay:
            _remove(path)


def remove_version(home: Home, version: str) -> None:
    """Remove every file of ``version``."""
    for path in _files(home):
        match = _FORM.fullmatch(path.name)
        if match and match["version"] == version:
            _remove(path)


def stray_logs(home: Home) -> list[Path]:
    """Logs alongside published databases: the publisher leaves none, so another program has opened one for writing.

    DuckDB replays such a log, even over a database that has taken the name since, so readers would see rows never published.
    """
    return [path for folder in (home.published, versions_folder(home)) for path in sorted(folder.glob(f"*.duckdb{_LOG}"))]


def stray_log(database: Path) -> Path | None:
    """The log alongside one published ``database``, if there is one."""
    log = database.with_name(database.name + _LOG)
    return log if log.exists() else None


def refuse_stray_log(database: Path) -> None:
    """Raise ``DamageError`` where another program has left a log alongside the published ``database``: DuckDB would replay it."""
    log = stray_log(database)
    if log is not None:
        raise DamageError(
            f"{log}: another program has opened the published database for writing; zhoubao run removes what it wrote"
        )


def _remove(path: Path) -> None:
    if path.is_dir():
        rmtree(path)
    else:
        path.unlink()


def _files(home: Home) -> list[Path]:
    return sorted(versions_folder(home).glob("*"))
