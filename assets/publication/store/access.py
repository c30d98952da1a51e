"""Who may read the publication: the group and modes of published files and folders, as the site decides."""

import grp
import os
from dataclasses import dataclass
from pathlib import Path

from assets.errors import StorageError, UsageError
from assets.home import PUBLIC_FILE, PUBLIC_FOLDER

_GROUP_FOLDER = 0o750
# nobody writes to a published file, not even its owner: each is replaced as a whole
_GROUP_FILE = 0o440


@dataclass(frozen=True)
class PublishingRules:
    """How many versions are kept, and the group (name or number) that alone may read; ``None`` lets every user read."""

    kept_versions: int = 10
    reader_group: str | int | None = None


@dataclass(frozen=True)
class Access:
    """The modes of folders and files, and the number of the group they belong to, ``None`` for the writer's own."""

    folder: int
    file: int
    group: int | None

    def give(self, path: Path) -> None:
        """Give ``path`` to the group. Raises ``StorageError`` where this user may not."""
        if self.group is not None:
            try:
                os.chown(path, -1, self.group)
            except PermissionError as error:
                raise StorageError(
                    f"reader_group: this user may not give files to the group {self.group}; make the user a member of it"
                ) from error

    def grant(self, path: Path) -> None:
        """Give ``path`` its group, then its mode. Raises as ``give``."""
        self.give(path)
        path.chmod(self.folder if path.is_dir() else self.file)

    def is_granted(self, path: Path) -> bool:
        """Whether ``path`` has its group and mode."""
        found = path.stat()
        wanted = self.folder if path.is_dir() else self.file
        return found.st_mode & 0o777 == wanted and self.group in (None, found.st_gid)


def access_of(rules: PublishingRules) -> Access:
    """The access that ``rules`` give. Raises ``UsageError`` where the machine has no such group."""
    if rules.reader_group is None:
        return Access(PUBLIC_FOLDER, PUBLIC_FILE, None)
    return Access(_GROUP_FOLDER, _GROUP_FILE, _group_number(str(rules.reader_group)))


def _group_number(name: str) -> int:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        if name.isascii() and name.isdigit():
            return int(name)
        raise UsageError(f"reader_group: there is no group '{name}' on this machine; nothing was published") from None
