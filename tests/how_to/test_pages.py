"""The pages of ``docs/how-to/``, followed to the letter on a copy of the project: each edit applies, each command says what it should."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
COPIED = (
    "assets",
    "pipelines",
    "sql",
    "expectations",
    "tests",
    "docs",
    "benchmarks",
    "pyproject.toml",
    "Makefile",
    "CHANGELOG.md",
)
_BLOCK = re.compile(r"^```(diff|console)\n(.*?)^```$", re.M | re.S)
_FILE = re.compile(r"^\+\+\+ b/(.+)$", re.M)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_can_be_followed(page: Path, copy: Path) -> None:
    text = page.read_text(encoding="utf-8")
    edited, written = set(), 0
    for kind, block in _BLOCK.findall(text):
        if kind == "diff":
            subprocess.run(["git", "apply", "--unidiff-zero"], input=block, text=True, cwd=copy, check=True)
            edited |= set(_FILE.findall(block))
            continue
        for command, expected in _commands(block):
            said = _run(command, copy)
            lines = iter(said.splitlines())
            for line in expected:
                assert any(_is_said(line, one) for one in lines), f"{command}: {line!r} is not said, but:\n{said}"
            written += sum(line.startswith("wrote ") for line in said.splitlines())
    by_hand, by_command = (int(number) for number in re.findall(r"\*\*(\d+) files? by", text))
    assert (len(edited), written) == (by_hand, by_command)


def test_every_page_of_the_list_is_there() -> None:
    assert {page.stem for page in PAGES} >= {"add-a-column", "add-a-published-table", "change-a-counting-rule", "add-a-check"}


def _commands(block: str) -> Iterator[tuple[str, list[str]]]:
    for part in block.split("$ ")[1:]:
        command, *expected = part.splitlines()
        yield command, expected


def _run(command: str, copy: Path) -> str:
    # the environment is the project's own, and nothing is installed for a copy
    command = re.sub(r"^make ", "make --silent --old-file=.venv/.made ", command)
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=copy,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(copy), "HOME": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def _is_said(expected: str, line: str) -> bool:
    """Whether the line is the expected one, which may end with … for anything."""
    return line.startswith(expected.removesuffix("…")) if expected.endswith("…") else line == expected
