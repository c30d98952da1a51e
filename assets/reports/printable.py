"""Text from outside made fit to print: one line, and only characters a Word file can hold."""

import re

# XML 1.0, production Char; python-docx refuses anything else
UNPRINTABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SPACE_RUN = re.compile(r"\s+")


def printable(text: str) -> str:
    """``text`` on one line, with U+FFFD for every character that XML cannot hold."""
    return SPACE_RUN.sub(" ", UNPRINTABLE.sub("\ufffd", text)).strip()
