"""A landing file is read once as long as it stays as it is, and again after any change of it."""

import hashlib
import os
from pathlib import Path

import pytest

from assets.exports.landing import known_hashes
from assets.exports.landing.known_hashes import KnownHashes
from assets.hashing import sha256_of


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read, each time anew."""
    found: list[Path] = []

    def counted(path: Path) -> str:
        found.append(path)
        return sha256_of(path)

    monkeypatch.setattr(known_hashes, "sha256_of", counted)
    return found


def test_a_file_is_read_again_only_after_a_change(tmp_path: Path, read: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_hashes, "_TICKS_APART", -(10**9))
    path, hashes = tmp_path / "a.csv", KnownHashes()
    path.write_bytes(b"one")
    assert [hashes.of(path), hashes.of(path)] == [hashlib.sha256(b"one").hexdigest()] * 2
    assert len(read) == 1
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_bytes(b"two")
    # of the same size and time of content; the time of the change is the system's own
    os.utime(path, ns=times)
    assert hashes.of(path) == hashlib.sha256(b"two").hexdigest()
    replacement = tmp_path / "b.csv"
    replacement.write_bytes(b"six")
    replacement.replace(path)
    assert hashes.of(path) == hashlib.sha256(b"six").hexdigest()
    assert len(read) == 3


def test_a_file_that_has_just_changed_is_not_remembered(tmp_path: Path, read: list[Path]) -> None:
    path, hashes = tmp_path / "a.csv", KnownHashes()
    path.write_bytes(b"one")
    assert hashes.of(path) == hashes.of(path)
    assert len(read) == 2


def test_a_file_that_cannot_be_read_is_an_error_each_time(tmp_path: Path) -> None:
    hashes = KnownHashes()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            hashes.of(tmp_path / "a.csv")
