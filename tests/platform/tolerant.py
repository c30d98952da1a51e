"""A naive reader of untidy CSV files, row by row, by part 6 of the interface: what it cannot read it refuses, with line and column.

Gives tidy rows under English names, so that the recount can count them.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from assets.platform.contract import Column, Feed, load_contract

BLANKS = {"", "NULL", "null", "\\N", "无", "-"}
FORMS = ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y/%m/%d %H:%M", "%Y-%m-%d")
FLAGS = {"1": "1", "0": "0", "是": "1", "否": "0"}

Row = dict[str, str]


def moment(text: str) -> datetime | None:
    """The Beijing time, or None where there is no such time."""
    text, ahead = (text[:-6], int(text[-6:-3])) if re.search(r"[+-]\d\d:\d\d$", text) else (text, 8)
    text = re.sub(r"\.\d+$", "", text.replace("T", " " if "-" in text else ""))
    for form in FORMS:
        try:
            found = datetime.strptime(text, form) + timedelta(hours=8 - ahead)
        except ValueError:
            continue
        return found if found.year >= 1990 else None
    return None


def tidy(text: str, column: Column) -> str:
    """The cell without its dress; blank as nothing."""
    text = text.strip()
    if column.type != "text":
        text = unicodedata.normalize("NFKC", text).strip().removeprefix("'").strip()
    text = "" if text in BLANKS or re.match(r"(0000|1753)-0[01]-0[01]", text) else text
    if column.type in ("timestamp", "date"):
        found = moment(text)
        return f"{found:%Y-%m-%d %H:%M:%S}" if found else "" if not text or column.required else text
    if column.type == "flag":
        return FLAGS.get(text, "" if not text else "?")
    return text.upper() if column.type in ("key", "code") else text


def refusal(feed: Feed, row: Row, business_date: date) -> str | None:
    """The column for which a row is refused."""
    if row.get("cd_operation") == "D":
        return next((name for name in (*feed.key, "cd_time") if not row[name]), None)
    for column in feed.columns:
        text = row.get(column.name, "")
        if column.required and not text:
            return column.name
        if text and column.unknown == "quarantine" and not known(column, text):
            return column.name
    return feed.event if row[feed.event][:10] > str(business_date) else None


def known(column: Column, text: str) -> bool:
    """Whether the text means something in a column whose other values refuse the row."""
    if column.codes is not None:
        return text in column.codes.values
    if column.type == "integer":
        return text.isdigit() and int(text) >= (column.minimum or 0)
    return text in ("0", "1") if column.type == "flag" else True


def read(raw: bytes, feed_name: str, business_date: date) -> Iterator[tuple[int, Row, str | None]]:
    """(line, tidy row, column it is refused for) of every record."""
    feed = load_contract().feeds[feed_name]
    columns = {name: column for column in feed.columns for name in (column.name, column.header)}
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    lines = csv.reader(io.StringIO(text, newline=""))
    header = [columns.get(name.strip()) for name in next(lines)]
    begins = lines.line_num + 1
    for cells in lines:
        row = {column.name: tidy(cell, column) for column, cell in zip(header, cells, strict=True) if column}
        yield begins, row, refusal(feed, row, business_date)
        begins = lines.line_num + 1
