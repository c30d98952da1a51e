"""Invented people, each value unique, and deliveries in which they stand in every personal column, in sound and broken records.

Nothing of the loader is used: a file is made of the contract's column names and text.
"""

import csv
import gzip
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter
from stdnum.cn import ric

from assets.platform.contract import Column, Feed, load_contract

DAY = "2023-08-28"
Row = dict[str, str]


@dataclass
class People:
    """Makes personal values that occur nowhere else, and remembers each with the parts that would give it away."""

    needles: set[str] = field(default_factory=set)
    id_numbers: list[str] = field(default_factory=list)
    _made: int = 0

    def name(self) -> str:
        self._made += 1
        chosen = random.Random(self._made).sample(range(0x4E00, 0x9FA5), 2)
        # the first is outside GBK, so that GB18030 needs four bytes for it
        return self._known("䶮" + "".join(map(chr, chosen)))

    def phone(self) -> str:
        self._made += 1
        digits = f"{random.Random(self._made).randrange(10**8):08d}"
        self._known(digits)
        return "199" + digits

    def id_number(self) -> str:
        self._made += 1
        number = f"51010619{random.Random(self._made).randrange(10**9):09d}"
        number += str(ric.calc_check_digit(number))
        # a workbook's float keeps fifteen digits of it
        self._known(number[:15])
        self.id_numbers.append(number)
        return number.lower()

    def text(self) -> str:
        return f"Ｃanary {self.name()}，电话{self.phone()}，“请\n回复”"

    def of(self, column: Column) -> str:
        makers = {"applyer_page_code": self.id_number, "contact_mobile": self.phone, "content": self.text}
        return makers.get(column.name, self.name)()

    def _known(self, value: str) -> str:
        self.needles.add(value)
        return value


@dataclass(frozen=True)
class File:
    """A data file as the platform might send it; ``rows`` is what its manifest says."""

    feed: str
    name: str
    content: bytes
    rows: int


def sound_row(feed: Feed, people: People, number: int) -> Row:
    """A record that loads, with a new person in each personal column."""
    return {column.name: people.of(column) if column.personal else _sound(column, number) for column in feed.columns}


def _sound(column: Column, number: int) -> str:
    if column.type == "key":
        return f"510000-20230828-{number:06d}"
    if column.codes is not None:
        return next(iter(column.codes.values))
    plain = {"org_code": "11510000MB1234567X", "area_code": "510000000000", "task_code": "A1", "applyer_page_type": "111"}
    by_type = {"timestamp": f"{DAY} 09:05:00", "date": DAY, "integer": "1", "flag": "1", "text": "某某事项", "code": "1"}
    return plain.get(column.name, by_type[column.type])


def broken_rows(feed: Feed, people: People) -> Iterator[Row]:
    """Records refused, or read with a blank, for one column each; the person stands in that column too, where that is not kept."""
    for number, column in enumerate(feed.columns, 100):
        row = sound_row(feed, people, number)
        if column.required:
            yield row | {column.name: ""}
        if column.type in ("timestamp", "date", "integer", "flag") or (column.codes and column.unknown != "keep"):
            yield sound_row(feed, people, number) | {column.name: people.name()}
    yield sound_row(feed, people, 200) | {feed.event: "2023-08-30 09:00:00"}


def csv_bytes(feed: Feed, rows: list[Row], encoding: str = "utf-8", without: str | None = None) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    names = [column.name for column in feed.columns if column.name != without]
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    return target.getvalue().encode(encoding)


def misshapen(feed: Feed, people: People) -> bytes:
    """Lines with a field too many, one too few, a stray quote, a NUL; one sound record each between."""
    names = [column.name for column in feed.columns]

    def line() -> list[str]:
        row = sound_row(feed, people, 300)
        return [row[name].replace("\n", " ").replace(",", " ") for name in names]

    lines = [names, [*line(), people.name()], line()[:-1], line(), line(), line()]
    lines[3][1] += f'"{people.name()}" '
    lines[4][2] += "\0" + people.name()
    return ("\n".join(",".join(cells) for cells in lines) + "\n").encode()


def workbook_bytes(feed: Feed, people: People) -> bytes:
    """Two records as text; in a third, numbers that lost digits stand in each personal column."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("数据")
        sheet.write_row(0, 0, [column.name for column in feed.columns])
        for number in (1, 2, 3):
            for position, (name, value) in enumerate(sound_row(feed, people, number).items()):
                if number == 3 and feed.column(name).personal:
                    sheet.write_number(number, position, int(people.id_number()[:17] + "1"))
                else:
                    sheet.write_string(number, position, value)
        # a person's sheet beside the data
        book.add_worksheet("备注").write_string(0, 0, people.text())
    return target.getvalue()


def zip_bytes(*members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"数据{number}.csv", member)
    return target.getvalue()


def sound_files(feed: Feed, people: People) -> Iterator[File]:
    """The same feed in every format and encoding, each with its own people."""

    def rows() -> list[Row]:
        return [sound_row(feed, people, number) for number in (1, 2, 2)]

    formats: dict[str, Callable[[], bytes]] = {
        "plain.csv": lambda: csv_bytes(feed, rows()),
        "gb18030.csv": lambda: csv_bytes(feed, rows(), "gb18030"),
        "packed.csv.gz": lambda: gzip.compress(csv_bytes(feed, rows())),
        "packed.zip": lambda: zip_bytes(csv_bytes(feed, rows(), "gb18030")),
        "book.xlsx": lambda: workbook_bytes(feed, people),
    }
    for name, content in formats.items():
        yield File(feed.name, name, content(), 3)


def refused_files(feed: Feed, people: People) -> Iterator[File]:
    """Files with refused records."""
    broken = list(broken_rows(feed, people))
    yield File(feed.name, "broken.csv", csv_bytes(feed, broken), len(broken))
    yield File(feed.name, "misshapen.csv", misshapen(feed, people), 5)


def slipped_files(feed: Feed, people: People) -> Iterator[File]:
    """Records whose cells have slipped by every number of columns, so that a person stands in the key; a number there too."""
    names = [column.name for column in feed.columns]
    rows = []
    for offset in range(1, len(names)):
        values = list(sound_row(feed, people, offset).values())
        rows.append(dict(zip(names, values[offset:] + values[:offset], strict=True)))
    for column in feed.columns:
        if column.personal:
            person = people.of(column)
            key = feed.key[0]
            rows += [
                sound_row(feed, people, 1) | {key: person, "cd_time": ""},
                sound_row(feed, people, 1) | {key: f"A-{person}", "cd_time": ""},
            ]
    yield File(feed.name, "slipped.csv", csv_bytes(feed, rows), len(rows))


def defective_files(feed: Feed, people: People) -> Iterator[File]:
    """Files that are quarantined as a whole."""

    def one() -> bytes:
        return csv_bytes(feed, [sound_row(feed, people, 1)])

    wholes = {
        "no_column.csv": csv_bytes(feed, [sound_row(feed, people, 1)], without=feed.key[0]),
        "no_header.csv": one().partition(b"\n")[2],
        "open_quote.csv": one() + b'"' + people.text().encode(),
        "wrong_count.csv": one() * 2,
        "mojibake.csv": one() + b"\xff\xff",
        "cut.csv.gz": gzip.compress(one())[:-12],
        "two_members.zip": zip_bytes(one(), one()),
        "cut.zip": zip_bytes(one())[:-30],
    }
    for name, content in wholes.items():
        yield File(feed.name, name, content, 7)


def deliver(landing: Path, delivery: str, files: list[File]) -> None:
    """Write a delivery with its manifest."""
    folder = landing / delivery
    folder.mkdir(parents=True)
    entries = []
    for number, file in enumerate(files):
        name = f"{file.feed}_{number}_{file.name}"
        (folder / name).write_bytes(file.content)
        digest = hashlib.sha256(file.content).hexdigest()
        entries.append({"name": name, "feed": file.feed, "rows": file.rows, "bytes": len(file.content), "sha256": digest})
    manifest = {"delivery": delivery, "business_date": DAY, "mode": "upsert", "files": entries}
    (folder / f"manifest_{delivery}.json").write_text(json.dumps(manifest), encoding="utf-8")


def deliver_all(landing: Path, people: People) -> None:
    """Sound files of every feed, files with broken records of every feed, and files that are broken as a whole."""
    feeds = list(load_contract().feeds.values())
    deliver(landing, "20230828_01", [file for feed in feeds for file in sound_files(feed, people)])
    deliver(landing, "20230828_02", [file for feed in feeds for file in refused_files(feed, people)])
    deliver(landing, "20230828_03", [file for feed in feeds[:1] for file in defective_files(feed, people)])
