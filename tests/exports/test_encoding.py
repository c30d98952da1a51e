"""Decoding in pieces of any size says the same as Python's own codec of the whole."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets.exports.reading.encoding import NotInThisEncodingError, decoded, looks_like

# cut characters, surrogates, overlong forms, a lead byte at the end
PIECES = [
    b"\xe4\xb8\xad",
    b"\xf0\x9f\x98\x80",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xe4\xb8",
    b"\xff",
    b"\x80",
    b"a",
    b"\xef\xbb\xbf",
]
GB_PIECES = ["䶮".encode("gb18030"), "中".encode("gb18030"), b"\x81\x30", b"\x80", b"\xff", b"a", b"\x83\x36\xd0\x30"]


def _joined(content: bytes, size: int, encoding: str) -> bytes | None:
    chunks = (content[start : start + size] for start in range(0, len(content), size))
    try:
        return b"".join(decoded(chunks, encoding))  # type: ignore[arg-type]
    except NotInThisEncodingError:
        return None


def _by_codec(content: bytes, encoding: str) -> bytes | None:
    try:
        return content.decode(encoding).encode()
    except UnicodeError:
        return None


@given(st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join), st.integers(1, 7))
@example("䶮县".encode(), 2)
def test_utf8_in_pieces(content: bytes, size: int) -> None:
    expected = _by_codec(content, "utf-8")
    assert _joined(content, size, "utf-8") == (expected if expected is None else expected.removeprefix(b"\xef\xbb\xbf"))


@given(st.lists(st.sampled_from(GB_PIECES), max_size=8).map(b"".join), st.integers(1, 7))
def test_gb18030_in_pieces(content: bytes, size: int) -> None:
    expected = _by_codec(content, "gb18030")
    assert _joined(content, size, "gb18030") == (expected if expected is None else expected.removeprefix(b"\xef\xbb\xbf"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("办件编号,部门编码\n".encode("utf-16"), "utf-16"),
        (("受理信息與辦件編號" * 20 + "\n").encode("big5"), "big5"),
        (b"\xff\xfe\x00\x00", "utf-32"),
    ],
)
def test_another_encoding_is_named(content: bytes, expected: str) -> None:
    assert looks_like(content).startswith(expected)
