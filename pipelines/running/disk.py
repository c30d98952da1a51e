"""Whether the disk has room for what a run may write."""

import shutil

from assets.condition import Condition, State
from assets.home import Home

# a build writes the warehouse and a publication the published file again, alongside the old ones
_FILES_WRITTEN_AGAIN = 2


def disk_condition(home: Home) -> Condition:
    """How much is free on the home's disk, against what a run may write."""
    files = [path for path in (home.warehouse, home.published_database) if path.exists()]
    needed = _FILES_WRITTEN_AGAIN * sum(path.stat().st_size for path in files)
    folder = next(folder for folder in (home.root, *home.root.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    note = f"{free // 2**20} MiB free, a run may write {needed // 2**20} MiB"
    if free > needed:
        return Condition("disk", State.SOUND, note)
    return Condition("disk", State.STORAGE, note, f"make room on the disk of {folder}")
