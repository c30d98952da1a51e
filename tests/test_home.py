"""The home's folders: others may pass through to what is published, and nowhere else, whatever the umask."""

import os
from pathlib import Path

import pytest

from assets.home import Home


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_others_reach_published_alone(tmp_path: Path, umask: int) -> None:
    home = Home(tmp_path / "home")
    before = os.umask(umask)
    try:
        home.prepare()
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (home.root, *home.root.iterdir())}
    assert modes.pop("home") == 0o711
    assert modes.pop("published") == 0o755
    assert modes.pop("layout.json") == 0o600
    assert set(modes.values()) == {0o700}
