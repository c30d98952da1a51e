"""Pseudonyms against the standard library's HMAC."""

import hashlib
import hmac
from dataclasses import replace

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.exports.typing.pseudonym import PseudonymKey, pseudonyms
from assets.platform.contract import load_contract

CODE = load_contract().feeds["accept"].column("applyer_page_code")
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80)
# a site's own key may be any bytes; a text is hashed first where it is longer than a block
SECRETS = st.one_of(st.binary(min_size=16, max_size=100), TEXTS.filter(bool).map(lambda text: (text * 16).encode()))


@settings(max_examples=40)
@given(st.lists(st.one_of(st.none(), TEXTS), min_size=1, max_size=20), SECRETS)
def test_is_hmac_sha256_of_column_and_value_and_keeps_nulls(texts: list[str | None], secret: bytes) -> None:
    expected = [
        None if text is None else hmac.new(secret, f"applyer_page_code:{text}".encode(), hashlib.sha256).hexdigest()
        for text in texts
    ]
    assert pseudonyms(pl.Series(texts, dtype=pl.String), CODE, PseudonymKey(secret)).to_list() == expected


def test_no_values_no_pseudonyms() -> None:
    assert pseudonyms(pl.Series([], dtype=pl.String), CODE, PseudonymKey(b"k" * 32)).to_list() == []


def test_rows_keep_their_order_beyond_one_vector_of_the_engine() -> None:
    texts = [f"甲{number}" for number in range(5000)]
    expected = [hmac.digest(b"k" * 32, f"applyer_page_code:{text}".encode(), "sha256").hex() for text in texts]
    assert pseudonyms(pl.Series(texts), CODE, PseudonymKey(b"k" * 32)).to_list() == expected


def test_one_value_in_two_columns_has_two_pseudonyms_and_under_two_keys_too() -> None:
    value = pl.Series(["11010519491231002X"])
    key = PseudonymKey(b"k" * 32)
    found = {
        pseudonyms(value, CODE, key)[0],
        pseudonyms(value, replace(CODE, name="receiver_code"), key)[0],
        pseudonyms(value, CODE, PseudonymKey(b"l" * 32))[0],
    }
    assert len(found) == 3


def test_a_key_shows_its_id_and_never_itself() -> None:
    key = PseudonymKey(b"never shown anywhere at all")
    assert repr(key) == f"PseudonymKey({key.key_id})"
    assert "never" not in f"{key} {key.key_id}"
    assert key.key_id != PseudonymKey(b"never shown anywhere at alL").key_id
