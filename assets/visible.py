"""Shows text from outside on one line with nothing hidden: names of files and deliveries, and errors that quote them."""

# a full-width space is no control character, though Python does not call it printable
_SPACE = "\u3000"


def visible(text: str) -> str:
    """``text`` on one line, its control characters spelled out: a terminal would obey an ESC, and a line feed begins a line.

    So are characters that turn the direction of writing, that have no width, and bytes that are no UTF-8.
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter == _SPACE else _spelled(letter) for letter in text)


def visible_lines(text: str) -> str:
    """``text`` with its lines kept, all but the first indented: none of them can be taken for a line of this program."""
    return "\n    ".join(visible(line) for line in text.split("\n"))


def _spelled(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
