"""The archive of originals: each data file once, by its hash, readable by the pipeline's user only.

Nothing else keeps the values of personal columns.
"""

import shutil
from pathlib import Path

from assets.home import replacing, storage_errors


def archived_path(archive: Path, sha256: str) -> Path:
    """Where the original with this hash lies, or will lie."""
    return archive / sha256[:2] / sha256


def keep_original(archive: Path, path: Path, sha256: str) -> Path:
    """Copy ``path`` into the archive, unless it is there; landing and archive may be different disks."""
    target = archived_path(archive, sha256)
    if not target.exists():
        with storage_errors(target), replacing(target) as temporary:
            shutil.copyfile(path, temporary)
    return target
