"""Small homes as releases left them, from which upgrades are tested: one ``<version>.tar.xz`` each, made by ``make.py``."""

import tarfile
from pathlib import Path

from assets.home import Home

# invented, as the people in the files are; a release reads it from the environment, so that no key is in the archive
KEY = "5f0b7c1de92a4836b07d41c9e85f3a260d94f7e1c8b25a6390ed7f41b2c8605a"
RELEASES = sorted(path.name.removesuffix(".tar.xz") for path in Path(__file__).parent.glob("*.tar.xz"))


def archive_of(release: str) -> Path:
    return Path(__file__).parent / f"{release}.tar.xz"


def unpacked(release: str, root: Path) -> Home:
    """The home of the release in the folder ``root``, hard links and modes as they were."""
    with tarfile.open(archive_of(release)) as archive:
        archive.extractall(root, filter="tar")
    return Home(root)
