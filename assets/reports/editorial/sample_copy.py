"""The demonstration's editorial copy, which comes with the package: invented items about invented matters and people."""

from importlib.resources import as_file, files
from pathlib import Path

from assets.home import write_whole


def copy_sample(editorial: Path) -> list[Path]:
    """Copy the sample issues into the folder ``editorial``; return the files written. A file that is there stays as it is."""
    written = []
    with as_file(files("assets.reports").joinpath("sample")) as samples:
        for source in sorted(samples.glob("*/*.md")):
            target = editorial / source.relative_to(samples)
            if not target.exists():
                write_whole(target, source.read_bytes())
                written.append(target)
    return written
