"""CSV records without a quote: each line is one record, so that counting separators proves their structure.

Most batches of most files are plain. Any other goes to ``spans.py``, which finds the same in a plain batch in twice the time.
"""

import numpy as np
import numpy.typing as npt

COMMA, NEWLINE, RETURN = b",\n\r"

_Positions = npt.NDArray[np.int64]


def plain_records(data: bytes, fields: int, has_trailing_comma: bool, longest: int) -> tuple[bytes, int] | None:
    """The lines of ``data``, each ended by a single line feed, and their number; ``None`` if one is not plain.

    ``data`` has whole lines alone. Each must have so many fields, an empty last one under a trailing comma, at most ``longest``
    bytes, and neither a quote nor NUL nor a return but for its end.
    """
    if not fields or b'"' in data or b"\0" in data:
        return None
    # half the time of a replacement of each pair, of which the next test is the proof
    lines = data.translate(None, b"\r") if b"\r" in data else data
    octets = np.frombuffer(lines, np.uint8)
    ends = _ends(octets, fields)
    if ends is None or (lines is not data and not _have_returns(data, ends)):
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.min() == 0 or lengths.max() > longest:
        return None
    if has_trailing_comma and not (octets[ends - 1] == COMMA).all():
        return None
    return lines, len(ends)


def _ends(octets: npt.NDArray[np.uint8], fields: int) -> _Positions | None:
    """The line feeds, if each is the end of so many fields."""
    separators = np.flatnonzero((octets == COMMA) | (octets == NEWLINE))
    if not len(separators) or len(separators) % fields:
        return None
    is_end = octets[separators] == NEWLINE
    ends: _Positions = separators[fields - 1 :: fields]
    return ends if is_end[fields - 1 :: fields].all() and np.count_nonzero(is_end) == len(ends) else None


def _have_returns(data: bytes, ends: _Positions) -> bool:
    """Whether the line feeds at ``ends`` had one return each before them in ``data``, and nothing else had one."""
    octets = np.frombuffer(data, np.uint8)
    if len(data) != int(ends[-1]) + 1 + len(ends):
        return False
    feeds = ends + np.arange(1, len(ends) + 1)
    return bool((octets[feeds] == NEWLINE).all() and (octets[feeds - 1] == RETURN).all())
