"""The sentences of wording.toml: the project's own, and over them those that the office has written in ``editorial/wording.toml``.

A sentence is text with slots, ``{composite.accepted.week}``. Here they are read and checked, each fault with its line; what fills a
slot is in ``sentences.py``.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

from assets.errors import UsageError
from assets.home import storage_errors
from assets.reports.document import Paragraph, Run
from assets.reports.editorial.findings import FileFindings
from assets.reports.printable import UNPRINTABLE
from assets.warehouse.models.code_lists import FIGURE_NAMES

WORDING_FILE = "wording.toml"
WEEK_SLOTS = ("week.start", "week.end", "week.days", "week.last_year_days", "cutoff")
_SLOT = re.compile(r"\{([^{}]*)\}")
_ODD_BRACE = re.compile(r"[{}]")
_TABLE = re.compile(r"\s*\[\s*([^\]\s]+)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_SYNTAX_LINE = re.compile(r"at line (\d+)")

Sentences = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Wording:
    """The sentences in force, by table and variant."""

    sentences: Sentences

    def paragraph(self, table: str, variant: str, slots: Mapping[str, Paragraph]) -> Paragraph:
        """The sentence with its slots filled; a figure stays a run of its own, neighbours of plain text are one."""
        runs: list[Run] = []
        for at, part in enumerate(_SLOT.split(self.sentences[table][variant])):
            for run in slots[part.strip()] if at % 2 else (Run(part),):
                _append(runs, run)
        return tuple(runs)


def _append(runs: list[Run], run: Run) -> None:
    if runs and run.figure is None and runs[-1].figure is None and run.bold == runs[-1].bold:
        runs[-1] = Run(runs[-1].text + run.text, run.bold)
    elif run.text:
        runs.append(run)


def joined(*paragraphs: Paragraph) -> Paragraph:
    """Sentences of one paragraph."""
    runs: list[Run] = []
    for paragraph in paragraphs:
        for run in paragraph:
            _append(runs, run)
    return tuple(runs)


@cache
def default_wording() -> Wording:
    """The project's own sentences."""
    return Wording(tomllib.loads(default_text()))


def default_text() -> str:
    """The file of the project's own sentences, with what it tells the office."""
    return files("assets.reports.text").joinpath(WORDING_FILE).read_text(encoding="utf-8")


def read_wording(editorial: Path) -> tuple[Wording, FileFindings]:
    """The sentences in force with ``editorial/wording.toml``, which may be missing, and what is wrong with that file.

    Sentences with an ERROR are not taken up. Raises StorageError where the file cannot be read.
    """
    file = editorial / WORDING_FILE
    findings = FileFindings(file)
    if not file.exists():
        return default_wording(), findings
    text = _text(file, findings)
    own = {} if text is None else _parsed(text, findings)
    lines = [] if text is None else text.split("\n")
    taken: dict[str, dict[str, str]] = {table: dict(variants) for table, variants in default_wording().sentences.items()}
    for table, variants in own.items():
        if table not in taken or not isinstance(variants, dict):
            findings.error(_line(lines, table), f"没有叫 {table} 的节{_nearest(table, taken)}")
            continue
        for variant, sentence in variants.items():
            at = _line(lines, table, variant)
            if _is_sound(table, variant, sentence, _Place(lines, at, findings)):
                taken[table][variant] = sentence
    return Wording(taken), findings


def refuse_faulty(findings: FileFindings) -> None:
    """Raise UsageError, a line for each fault, where the office's sentences have an ERROR."""
    if any(finding.severity == "ERROR" for finding in findings.found):
        raise UsageError("\n".join([f"{findings.file}：语句有错，改好之后再印", *map(str, findings.found)]))


@dataclass(frozen=True)
class _Place:
    """Where a sentence begins in its file."""

    lines: list[str]
    at: int
    findings: FileFindings

    def line_of(self, words: str) -> int:
        """The line of the sentence, which may have several, on which ``words`` first appear."""
        later = range(self.at - 1, len(self.lines))
        return next((number + 1 for number in later if words in self.lines[number]), self.at)


def _text(file: Path, findings: FileFindings) -> str | None:
    with storage_errors(file):
        content = file.read_bytes()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        findings.error(content.count(b"\n", 0, error.start) + 1, "不是 UTF-8 编码；请另存为 UTF-8")
        return None


def _parsed(text: str, findings: FileFindings) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _SYNTAX_LINE.search(str(error))
        line = int(found[1]) if found else len(text.split("\n"))
        findings.error(line, '写法不对：一句一行，写成 键 = "语句"；引号用半角，语句里的引号用全角')
        return {}


def _is_sound(table: str, variant: str, sentence: object, place: _Place) -> bool:
    known = default_wording().sentences[table]
    if variant not in known:
        place.findings.error(place.at, f"[{table}] 中没有叫 {variant} 的语句{_nearest(variant, known)}")
    elif not isinstance(sentence, str) or not sentence.strip():
        place.findings.error(place.at, "语句应是引号里的一段文字")
    else:
        faults = list(_faults(sentence, known[variant]))
        for words, fault in faults:
            place.findings.error(place.line_of(words), fault)
        for slot in [] if faults else [slot for slot in slots_of(known[variant]) if slot not in slots_of(sentence)]:
            place.findings.warn(place.at, f"原句中的 {{{slot}}} 不印了；确要如此的不必理会")
        return not faults
    return False


def _faults(sentence: str, own: str) -> Iterator[tuple[str, str]]:
    """The faults of a sentence, each with the words to find it by.

    Its slots may be the figures, the week's days, and those of the project's ``own``.
    """
    if odd := _ODD_BRACE.search(_SLOT.sub("", sentence)):
        yield odd[0], "花括号没有成对"
    if UNPRINTABLE.search(sentence) or "\n" in sentence:
        yield sentence.split("\n", maxsplit=1)[0], "一句话里不能换行，也不能有控制字符"
    allowed = tuple(dict.fromkeys((*FIGURE_NAMES, *WEEK_SLOTS, *slots_of(own))))
    for slot in slots_of(sentence):
        if slot not in allowed:
            yield f"{{{slot}", f"没有叫 {slot} 的数字{_nearest(slot, allowed)}"


def slots_of(sentence: str) -> tuple[str, ...]:
    """The slots of a sentence in order, each once."""
    return tuple(dict.fromkeys(slot.strip() for slot in _SLOT.findall(sentence)))


def _nearest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"，最接近的是 {near[0]}" if near else f"；有 {'、'.join(known)}" if len(known) < 10 else ""


def _line(lines: list[str], table: str, variant: str | None = None) -> int:
    """The line on which a table, or a sentence in it, begins; 1 where the file writes it in a way of its own."""
    current = ""
    for number, line in enumerate(lines, start=1):
        if header := _TABLE.match(line):
            current = header[1].strip("\"'")
            if variant is None and current == table:
                return number
        elif (key := _KEY.match(line)) and key[1] == (variant or table) and current == (table if variant else ""):
            return number
    return 1
