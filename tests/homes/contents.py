"""What a home holds, byte by byte."""

import hashlib

from assets.home import Home

_TREES = ("lake", "published", "archive", "landing")


def contents(home: Home) -> dict[str, str]:
    """The hash of each file that a release reads, by its name in the home."""
    files = [path for tree in _TREES for path in (home.root / tree).rglob("*") if path.is_file()] + [
        home.warehouse,
        home.layout_file,
    ]
    return {
        path.relative_to(home.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.exists()
    }
