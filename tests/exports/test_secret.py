"""Where the key of the pseudonyms comes from, and when a new one would be a mistake."""

import stat
from pathlib import Path

import pytest

from assets.errors import UsageError
from assets.exports.keys.secret import pseudonym_key
from assets.home import Home


def _home_with_receipt(root: Path) -> Home:
    home = Home(root)
    home.prepare()
    receipts = home.lake / "deliveries"
    receipts.mkdir()
    (receipts / "20230828_01.json").write_text("{}")
    return home


def test_a_fresh_home_gets_a_private_key_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    key, is_new = pseudonym_key(home, None)
    assert is_new
    assert stat.S_IMODE(home.key_file.stat().st_mode) == 0o600
    assert pseudonym_key(home, None) == (key, False)


def test_two_homes_have_two_keys(tmp_path: Path) -> None:
    homes = Home(tmp_path / "a"), Home(tmp_path / "b")
    for home in homes:
        home.prepare()
    assert len({pseudonym_key(home, None)[0].key_id for home in homes}) == 2


def test_a_home_with_receipts_and_no_key_refuses(tmp_path: Path) -> None:
    home = _home_with_receipt(tmp_path)
    with pytest.raises(UsageError, match=r"secret.key"):
        pseudonym_key(home, None)
    assert not home.key_file.exists()


def test_a_key_from_the_settings_or_another_file(tmp_path: Path) -> None:
    home = _home_with_receipt(tmp_path / "home")
    (tmp_path / "elsewhere.key").write_text("sixteen-or-more-bytes\n")
    assert pseudonym_key(home, None, tmp_path / "elsewhere.key")[0].secret == b"sixteen-or-more-bytes"
    assert pseudonym_key(home, "another-of-the-settings")[0].secret == b"another-of-the-settings"


def test_a_short_key_refuses_without_telling_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        pseudonym_key(Home(tmp_path), "short")
    assert "short" not in str(caught.value).replace("shorter", "")


@pytest.mark.parametrize("weak", ["1111111111111111", "0123456789abcdef"])
def test_a_weak_key_refuses_with_the_next_step(weak: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"easily guessed.*zhoubao key rotate") as caught:
        pseudonym_key(Home(tmp_path), weak)
    assert weak not in str(caught.value)
