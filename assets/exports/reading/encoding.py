"""Bytes of a file → UTF-8 bytes, strictly: UTF-8 with or without BOM first, then GB18030.

UTF-8 is only validated, by Arrow (12 times Python's decoding and encoding again). GB18030 is decoded by Python's own codec: DuckDB
has none, and polars' ``encoding=`` is 3 to 9 times slower and loses four-byte characters in silence.
"""

import codecs
from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
import pyarrow as pa

Encoding = Literal["utf-8", "gb18030"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "gb18030")
_LONGEST_CHARACTER = 4
SAMPLE_BYTES = 64 * 1024
_MARKS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class NotInThisEncodingError(Exception):
    """The bytes are not of the encoding that was tried."""


def decoded(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The same text as UTF-8 bytes, cut at characters, without a byte-order mark.

    Raises ``NotInThisEncodingError`` at the first byte that does not fit.
    """
    pieces = _validated(chunks) if encoding == "utf-8" else _from_gb18030(chunks)
    is_first = True
    for piece in pieces:
        if piece:
            yield piece.removeprefix(codecs.BOM_UTF8) if is_first else piece
            is_first = False


def looks_like(sample: bytes) -> str:
    """The encoding that the first bytes of a file look like, by its common name; ``unknown`` where nothing fits."""
    for mark, name in _MARKS.items():
        if sample.startswith(mark):
            return name
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else "unknown"


def _validated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        piece = rest + chunk if rest else chunk
        end = _last_boundary(piece)
        # what is cut off is judged with the next chunk; a rest that grows past a character is none
        rest = piece[end:]
        piece = piece[:end]
        _validate(piece)
        yield piece
    _validate(rest)
    yield rest


def _last_boundary(piece: bytes) -> int:
    """Where the last character of ``piece`` begins, if it may go on in the next chunk; else the end."""
    for length in range(1, min(_LONGEST_CHARACTER, len(piece)) + 1):
        octet = piece[-length]
        if octet >= 0xC0:
            return len(piece) - length
        if octet < 0x80:
            break
    return len(piece)


def _validate(piece: bytes) -> None:
    offsets = pa.py_buffer(np.array([0, len(piece)], dtype=np.int64))
    try:
        pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(piece)).validate(full=True)
    except pa.ArrowInvalid:
        raise NotInThisEncodingError from None


def _from_gb18030(chunks: Iterable[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()
    # it can spell half of a surrogate pair, which no UTF-8 can
    except UnicodeError:
        raise NotInThisEncodingError from None
