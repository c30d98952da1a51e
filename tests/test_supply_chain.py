"""What is installed: everything by version and hash, from no address that is written down, under licences that were reviewed."""

import importlib.util
import re
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest

from tests.conventions import ROOT


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-uv.lock"])
def test_every_package_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.replace("\\\n", " "))
    packages = [block for block in blocks if block.strip() and not block.startswith("#")]
    assert packages
    assert not [block[:40] for block in packages if "==" not in block or "--hash=sha256:" not in block]
    assert "://" not in text


def test_the_installer_is_installed_by_its_hash() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in makefile.splitlines() if "-m pip install" in line]
    assert installs
    assert not [line for line in installs if "--require-hashes -r requirements-uv.lock" not in line]


@pytest.fixture(scope="module")
def licences() -> Any:
    """The step of CI, as a module."""
    spec = importlib.util.spec_from_file_location("licences", ROOT / ".ci" / "licences.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_licence_of_what_runs_was_reviewed(licences: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert licences.main() == 0
    assert "duckdb" in capsys.readouterr().out


@pytest.mark.parametrize(("stated", "found"), [("", "MIT"), ("License: GPL-3.0\n", "GPL-3.0")])
def test_a_licence_that_was_read_counts_only_where_the_package_states_none(
    licences: Any, tmp_path: Path, stated: str, found: str
) -> None:
    folder = tmp_path / "odd-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: Odd\nVersion: 1\n{stated}", encoding="utf-8")
    assert licences.reviewed_licence(Distribution.at(folder), {"odd": "MIT"}) == found
    assert licences.reviewed_licence(Distribution.at(folder), {}) == (found if stated else "none")


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT / GPL", False),
        ("none", False),
    ],
)
def test_of_alternatives_one_is_enough_and_of_several_together_all_count(licences: Any, licence: str, is_allowed: bool) -> None:
    assert licences.is_allowed(licence, {"MIT"}) is is_allowed
