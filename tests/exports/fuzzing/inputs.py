"""An input of the fuzzer → a data file: the first byte says which feed and which packing, the rest is packed rightly.

So mutations reach the records inside an archive or workbook, which its checksum would otherwise keep them from.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from assets.platform.contract import Feed, load_contract
from assets.platform.simulator import simulate
from tests.exports import feed_files

FEEDS = tuple(load_contract().feeds.values())
PACKINGS = ("raw", "gz", "zip", "sheet")
_SHEET = "xl/worksheets/sheet1.xml"
_SEED_BYTES = 6000


def unpacked(data: bytes) -> tuple[Feed, str, bytes]:
    """The feed, the packing and the content that an input stands for."""
    selector = data[0] if data else 0
    return FEEDS[selector % len(FEEDS)], PACKINGS[selector // len(FEEDS) % len(PACKINGS)], data[1:]


def selected(feed: Feed, packing: str, content: bytes) -> bytes:
    """The input that stands for them."""
    return bytes([FEEDS.index(feed) + len(FEEDS) * PACKINGS.index(packing)]) + content


def packed(packing: str, content: bytes) -> bytes:
    """The bytes of a data file that holds ``content``."""
    if packing == "gz":
        return gzip.compress(content, 1, mtime=0)
    if packing == "zip":
        return _zipped({"a.csv": content})
    return _zipped(_workbook_parts(FEEDS[0].name, 0) | {_SHEET: content}) if packing == "sheet" else content


def _zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


@cache
def _workbook_parts(name: str, count: int) -> dict[str, bytes]:
    """The members of a workbook of the feed ``name`` whose cells hold their own texts."""
    feed, target = load_contract().feeds[name], io.BytesIO()
    rows = feed_files.invented_rows(feed, count)
    with xlsxwriter.Workbook(target, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}) as workbook:
        sheet = workbook.add_worksheet()
        header: list[feed_files.Value] = [column.header for column in feed.columns]
        for number, cells in enumerate([header, *(list(row.values()) for row in rows)]):
            for position, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(number, position, cell)
                else:
                    sheet.write(number, position, cell)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def seeds() -> Iterator[bytes]:
    """Sound files of every feed in every form, and the beginnings of untidy ones of the simulator."""
    writers = (
        feed_files.write_csv,
        feed_files.write_chinese_gb18030,
        feed_files.write_gz,
        feed_files.write_zip,
        feed_files.write_xlsx,
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, "seed")
        for feed in FEEDS:
            for writer in writers:
                writer(path, feed, feed_files.invented_rows(feed, 3))
                yield selected(feed, "raw", path.read_bytes())
                if writer is feed_files.write_csv:
                    yield from (selected(feed, packing, path.read_bytes()) for packing in ("gz", "zip"))
            yield selected(feed, "sheet", _workbook_parts(feed.name, 2)[_SHEET])
        yield from _untidy(Path(folder))


def _untidy(folder: Path) -> Iterator[bytes]:
    day = date(2023, 8, 28)
    for seed in range(4):
        landing = folder / str(seed) / "landing"
        simulate(landing, day, day, cases_per_day=20, seed=seed, encoding="mixed", mess=True)
        for path in sorted(landing.rglob("*.csv")):
            feed = load_contract().feeds.get(path.name.split("_")[0])
            if feed is not None:
                yield selected(feed, "raw", path.read_bytes()[:_SEED_BYTES])
