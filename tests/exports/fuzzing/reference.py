"""A slow reader of CSV text by RFC 4180, one character at a time: where records begin and how many fields they have.

Written from the interface and owing nothing to the reader that it judges.
"""

from dataclasses import dataclass


@dataclass
class Record:
    """A record: its physical line, its fields as text, and whether its quotes keep to the grammar."""

    line: int
    fields: list[str]
    is_sound: bool = True


def text_of(data: bytes) -> str | None:
    """The text of a file by the interface's encodings; ``None`` where it is of neither."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
            text.encode()
        except UnicodeError:
            continue
        return text.removeprefix("\ufeff")
    return None


def records(text: str) -> list[Record] | None:
    """All records, the header first, blank lines left out; ``None`` where a quote is never closed."""
    found: list[Record] = []
    position, line = 0, 1
    while position < len(text):
        if text.startswith(("\n", "\r\n"), position):
            # a blank line is no record; a line of one empty field in quotes is
            position, line = text.index("\n", position) + 1, line + 1
            continue
        record = Record(line, [])
        position, line = _record(text, position, line, record)
        if position < 0:
            return None
        found.append(record)
    return found


def _record(text: str, position: int, line: int, record: Record) -> tuple[int, int]:
    """Read one record into ``record``; where and on which line the next begins, or -1."""
    while True:
        field, is_quoted = "", text[position : position + 1] == '"'
        if is_quoted:
            position += 1
            while text[position : position + 1] != '"' or text[position + 1 : position + 2] == '"':
                if position >= len(text):
                    return -1, line
                line += text[position] == "\n"
                field += text[position]
                position += 2 if text[position] == '"' else 1
            position += 1
        rest = position
        while position < len(text) and text[position] not in ",\n":
            position += 1
        loose = text[rest:position]
        at_end = position >= len(text) or text[position] == "\n"
        loose = loose.removesuffix("\r") if at_end and is_quoted else loose
        record.is_sound &= '"' not in loose and not (is_quoted and loose)
        record.fields.append(field + loose)
        if at_end:
            return position + 1, line + 1
        position += 1


def is_plain(text: str) -> bool:
    """Whether every construct of the text has one meaning: no NUL, and each carriage return belongs to a line end."""
    return "\0" not in text and "\r" not in text.replace("\r\n", "")
