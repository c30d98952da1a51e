"""Which keys are refused as weak: those that somebody would try."""

import random
import secrets

import pytest

from assets.exports.keys.strength import weakness

WEAK = [
    "1111111111111111",
    "abababababababab",
    "0123456789abcdef",
    "fedcba9876543210",
    "1234567812345678",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjkl",
    "QWERTYuiopqwertyUIOP",
    "password12345678",
    "passwordpasswordpassword",
    "aaaaaaaabbbbbbbbcccccccc",
    "k" * 64,
    "13579bdf13579bdf",
    "secretsecretsecret",
]


@pytest.mark.parametrize("key", WEAK)
def test_a_key_that_somebody_would_try_is_refused_without_being_told(key: str) -> None:
    found = weakness(key.encode())
    assert found is not None
    assert key not in found


@pytest.mark.parametrize("key", [b"", b"short", b"0f9e2c7a81b3d64"])
def test_a_short_key_is_refused(key: bytes) -> None:
    assert weakness(key) == "is shorter than 16 bytes"


def test_keys_made_by_chance_are_accepted() -> None:
    chance = random.Random(1)
    assert [key for key in (chance.randbytes(16) for _ in range(500)) if weakness(key)] == []
    assert [key for key in (chance.randbytes(16).hex() for _ in range(500)) if weakness(key.encode())] == []
    assert [key for key in (secrets.token_hex(32) for _ in range(50)) if weakness(key.encode())] == []
    assert weakness(b"sixteen-or-more-bytes") is None
