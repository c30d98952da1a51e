"""Whether a text is strong enough as the key of the pseudonyms: long, and not one that somebody would try.

Certificate numbers are few, so whoever guesses the key has every number; what a key is worth is estimated, never looked up.
"""

import itertools
import math

MIN_KEY_BYTES = 16
# 32 hexadecimal characters by chance are estimated at 60 and more, 16 random bytes at 50 and more
MIN_KEY_BITS = 40
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEXT_ON_A_KEYBOARD = {(ord(row[at]), ord(row[at + 1])) for row in _ROWS for at in range(len(row) - 1)}


def weakness(key: bytes) -> str | None:
    """Why ``key`` is too weak, in words that reveal nothing of it; ``None`` if it is strong enough."""
    if len(key) < MIN_KEY_BYTES:
        return f"is shorter than {MIN_KEY_BYTES} bytes"
    if estimated_bits(key) < MIN_KEY_BITS:
        return "is easily guessed: it repeats few characters, or runs along the alphabet or a keyboard"
    return None


def estimated_bits(key: bytes) -> float:
    """A low estimate of the entropy of ``key`` in bits: a byte counts only if the two before it do not predict it."""
    if not key:
        return 0.0
    # upper and lower case of one word are one guess
    text = key.lower() if key.isascii() else key
    steps = list(itertools.pairwise(text))
    fresh = 1 + sum(not _is_expected(steps, at) for at in range(len(steps)))
    return fresh * math.log2(len(set(text)))


def _is_expected(steps: list[tuple[int, int]], at: int) -> bool:
    """Whether the step repeats one before it, stands still, goes on as the step before it, or to a neighbouring key."""
    before, after = steps[at]
    distance = after - before
    runs_on = at > 0 and distance == steps[at - 1][1] - steps[at - 1][0]
    neighbours = {(before, after), (after, before)} & _NEXT_ON_A_KEYBOARD
    return abs(distance) <= 1 or runs_on or bool(neighbours) or (before, after) in steps[:at]
