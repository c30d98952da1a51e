"""``python -m tests.exports.fuzzing SECONDS [--go-on]``: look for bytes that break a law of the reader, guided by coverage.

Needs atheris, which is no dependency of the project (``make fuzz`` installs it beside). What is found is kept under ``cases/``.
"""

import hashlib
import os
import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CASES = Path(__file__).with_name("cases")
# inputs that ran out of time or memory, as the fuzzer's own bytes
ARTIFACTS = Path("var", "fuzzing")
TOKENS = [
    b'"', b'""', b",", b'","', b"\r\n", b"\n", b"\r", b"\x00", b"\xef\xbb\xbf", b"\x84\x31\x95\x33", b"\x82\x35\x87\x38", b"'", b"\t",
    b"NULL", b"\\N", "无".encode(), "无".encode("gb18030"), "Ｐ".encode(), "１".encode(), "\u3000".encode(), "\u3000".encode("gb18030"),
    b"0000-00-00", b"1753-01-01", b"2023-08-28T09:05:00+08:00", b"20230828090500", b"2023/8/28 9:05", b"24:00:00", b"99999999999999999999",
    b"-1", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"1e309", b"nan", b"cd_operation", b"cd_time", b"D", b"x", b'<c r="A1" t="inlineStr"><is><t>', b"</t></is></c>", b't="e"', b't="b"',
    b'r="XFD1048576"', b'<row r="1048576">', b'<v>1234567890123456789</v>', b'<v>-1</v>', b"&#0;", b"&#x10FFFF;", b"<!DOCTYPE", b"_x000D_",
]  # fmt: skip


def main() -> None:
    seconds, go_on = int(sys.argv[1]), "--go-on" in sys.argv
    # the machine is shared, and the files are small
    os.environ["POLARS_MAX_THREADS"] = "1"
    atheris: Any = import_module("atheris")

    with atheris.instrument_imports(include=["assets.exports", "assets.platform.identifiers"]):
        from tests.exports.fuzzing import inputs
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        for content in inputs.seeds():
            Path(corpus, hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
        words = Path(folder, "words")
        words.write_text("".join(map(_word, TOKENS)))
        limits = [
            f"-max_total_time={seconds}",
            "-timeout=60",
            "-report_slow_units=60",
            "-rss_limit_mb=3000",
            "-max_len=20000",
            "-len_control=0",
        ]
        arguments = [sys.argv[0], f"-dict={words}", *limits, f"-artifact_prefix={ARTIFACTS}/", str(corpus)]
        atheris.Setup(arguments, _one_input(Path(folder, "here"), go_on))
        atheris.Fuzz()


def _word(token: bytes) -> str:
    """A line of libFuzzer's dictionary."""
    return '"' + "".join(f"\\x{octet:02x}" for octet in token) + '"\n'


def _one_input(folder: Path, go_on: bool) -> Callable[[bytes], None]:
    from tests.exports.fuzzing import examination, inputs

    folder.mkdir()
    path = folder / "a"
    known: set[str] = set()

    def one_input(data: bytes) -> None:
        feed, packing, content = inputs.unpacked(data)
        path.write_bytes(inputs.packed(packing, content))
        try:
            examination.examine(path, feed)
        except examination.BrokenLawError as error:
            _keep(path, feed.name, error, known)
            if not go_on:
                raise
        finally:
            _empty(folder)

    return one_input


def _empty(folder: Path) -> None:
    for left in folder.iterdir():
        left.unlink()


def _keep(path: Path, feed: str, error: Exception, known: set[str]) -> None:
    """Keep the first file that breaks a law in a certain way, under a name that says for which feed it was read."""
    way = re.sub(r"[0-9]+", "N", str(error))
    if way in known:
        return
    known.add(way)
    content = path.read_bytes()
    kept = CASES / f"{feed}-{hashlib.sha256(content).hexdigest()[:12]}"
    kept.write_bytes(content)
    print(f"{kept}: {error}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
