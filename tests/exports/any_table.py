"""Any table of a feed in any form of file, with what must come of each record: the newest versions, the refused lines, the warnings."""

import gzip
import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from random import Random

import xlsxwriter

from assets.exports.typing.pseudonym import PseudonymKey
from assets.exports.typing.reasons import Reason
from assets.platform.contract import Column, Feed
from tests.exports import any_cell
from tests.exports.any_cell import Cell, Meant
from tests.exports.feed_files import BUSINESS_DATE, ORIGIN, SECRET

NEW_COLUMNS = ("ext_flag", "备注1", "update,user", '区县"标识"', "org_code2")
# few, so that versions of one key meet; the last two are another key each
KEYS = ("P1", "P2", "510104-20230828-000001", "川A1", "P 1", "P01")


@dataclass(frozen=True)
class Form:
    """How a file is written."""

    packing: str
    encoding: str
    line_end: str
    quote_all: bool
    trailing_comma: bool
    final_line_end: bool

    @property
    def is_book(self) -> bool:
        return self.packing == "xlsx"


@dataclass
class Record:
    """A record as meant: its cells by column, or a line that breaks the grammar of CSV; ``line`` is known once it is written."""

    cells: dict[str, Meant] = field(default_factory=dict)
    key: tuple[object, ...] = ()
    structural: Reason | None = None
    line: int = 0

    @property
    def is_deletion(self) -> bool:
        return "cd_operation" in self.cells and self.cells["cd_operation"].value == "D"

    @property
    def refusal(self) -> tuple[str | None, Reason] | None:
        if self.structural is not None:
            return None, self.structural
        return next(((name, meant.refused) for name, meant in self.cells.items() if meant.refused), None)


@dataclass
class Table:
    """A feed's file: the columns in their order (unknown ones as bare names), and its records."""

    feed: Feed
    form: Form
    columns: list[Column | str]
    headers: list[str]
    records: list[Record]

    def expected_rows(self) -> list[dict[str, object]]:
        """The rows of the lake in the order of their lines: of each key, the one written last, or the lower of two."""
        newest: dict[tuple[object, ...], Record] = {}
        for record in self.records:
            standing = newest.get(record.key)
            if record.refusal is None and (standing is None or _written(record) >= _written(standing)):
                newest[record.key] = record
        return [self._stored(record) for record in sorted(newest.values(), key=lambda record: record.line)]

    def expected_refusals(self) -> list[tuple[int, str | None, str]]:
        found = [(record.line, record.refusal) for record in self.records if record.refusal]
        return [(line, refusal[0], refusal[1].value) for line, refusal in found if refusal]

    def expected_warnings(self) -> dict[tuple[str, str], int]:
        warned = Counter(
            (name, meant.warned.value) for record in self.records for name, meant in record.cells.items() if meant.warned
        )
        unknown = sum(isinstance(column, str) for column in self.columns)
        if unknown:
            warned["", Reason.UNKNOWN_COLUMN.value] = unknown
        if not self.form.final_line_end and not self.form.is_book and self.records:
            warned["", Reason.NO_FINAL_LINE_END.value] = 1
        return dict(warned)

    def _stored(self, record: Record) -> dict[str, object]:
        stored: dict[str, object] = {}
        for column in self.feed.columns:
            if column.inside is not None:
                meant = record.cells.get(column.name)
                stored[column.inside] = meant.value if meant else column.default
        if "applicant_pseudonym" in stored:
            code = stored["applicant_pseudonym"]
            stored["applicant_pseudonym"] = any_cell.pseudonym(code)
            stored["applicant_code_is_valid"] = any_cell.code_is_valid(code, stored["applyer_type"])
            stored["key_id"] = PseudonymKey(SECRET).key_id
        origin = {"delivery": ORIGIN.delivery, "business_date": BUSINESS_DATE, "sequence": 1, "file_index": 0}
        return stored | origin | {"line": record.line}


def _written(record: Record) -> datetime:
    moment = record.cells["cd_time"].value
    assert isinstance(moment, datetime)
    return moment


def any_table(choose: Random, feed: Feed, form: Form, count: int) -> Table:
    """Columns in any order, with new ones and without some optional ones, and ``count`` records, some of them to be refused."""
    kept = [column for column in feed.columns if column.required or choose.random() < 0.8]
    columns: list[Column | str] = [*kept, *choose.sample(NEW_COLUMNS, choose.choice([0, 0, 1, 2]))]
    choose.shuffle(columns)
    headers = [_header(choose, column) for column in columns]
    records = [_record(choose, feed, kept, form, is_first=number == 0) for number in range(count)]
    return Table(feed, form, columns, headers, records)


def _header(choose: Random, column: Column | str) -> str:
    name = column if isinstance(column, str) else choose.choice([column.name, column.header])
    return choose.choice(["", "", " ", "\u3000", "\t"]) + name + choose.choice(["", "", " ", "\u3000"])


def _record(choose: Random, feed: Feed, columns: list[Column], form: Form, is_first: bool) -> Record:
    # the first record shows whether a comma trails every line
    if not form.is_book and not (is_first and form.trailing_comma) and choose.random() < 0.1:
        return Record(structural=choose.choice([Reason.FIELD_COUNT, Reason.BROKEN_QUOTES, Reason.NUL_CHARACTER]))
    record = Record({column.name: _meant(choose, column, form) for column in columns})
    _set_key(choose, feed, record)
    if "cd_operation" in record.cells and choose.random() < 0.15:
        record.cells["cd_operation"] = Meant("D", "D")
        _forget(choose, feed, record)
    elif choose.random() < 0.2:
        _spoil(choose, feed, record, form)
    return record


def _meant(choose: Random, column: Column, form: Form) -> Meant:
    chance = choose.random()
    if not column.required and chance < 0.2:
        return any_cell.blank(choose, column)
    wrong = any_cell.wrong(choose, column) if chance < 0.25 else None
    return wrong if wrong is not None and not wrong.refused else any_cell.sound(choose, column, form.is_book)


def _set_key(choose: Random, feed: Feed, record: Record) -> None:
    for name in feed.key:
        if feed.column(name).type == "key":
            text = choose.choice(KEYS)
            record.cells[name] = Meant(any_cell.key(choose, text), text)
        else:
            number = choose.randint(1, 2)
            record.cells[name] = Meant(any_cell.dressed(choose, choose.choice(["", "0"]) + str(number)), number)
    record.key = tuple(record.cells[name].value for name in feed.key)


def _forget(choose: Random, feed: Feed, record: Record) -> None:
    """A deletion needs its key and its time only."""
    for column in feed.columns:
        if column.required and column.name not in (*feed.key, "cd_time") and choose.random() < 0.5:
            record.cells[column.name] = replace(any_cell.blank(choose, column), refused=None)


def _spoil(choose: Random, feed: Feed, record: Record, form: Form) -> None:
    """Put one value into a sound record for which it must be refused; what else would be warned of is made sound."""
    for name, meant in record.cells.items():
        if meant.warned:
            record.cells[name] = any_cell.blank(choose, feed.column(name))
            if record.cells[name].refused:
                record.cells[name] = any_cell.sound(choose, feed.column(name), form.is_book)
    column = choose.choice([column for column in feed.columns if column.name in record.cells and _can_refuse(column)])
    if column.name == feed.event and choose.random() < 0.5:
        record.cells[column.name] = any_cell.late(choose)
    elif form.is_book and column.type == "key" and choose.random() < 0.5:
        record.cells[column.name] = Meant(
            choose.choice([10**15, 1234567890123456, 51010420230828000001]), refused=Reason.DIGITS_LOST
        )
    else:
        wrong = any_cell.wrong(choose, column)
        spoiled = wrong if wrong is not None and wrong.refused and choose.random() < 0.6 else any_cell.blank(choose, column)
        record.cells[column.name] = spoiled if spoiled.refused or wrong is None else wrong


def _can_refuse(column: Column) -> bool:
    return column.required or (column.unknown == "quarantine" and column.type != "text")


def write(path: Path, table: Table, choose: Random) -> None:
    """Write the file, and each record's line into the record."""
    if table.form.is_book:
        _write_book(path, table, choose)
        return
    content = _csv(table, choose)
    if table.form.packing == "gz":
        content = gzip.compress(content, mtime=0)
    elif table.form.packing == "zip":
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", choose.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
            archive.writestr(choose.choice(["a.csv", "导出/数据.csv", "无后缀"]), content)
        content = target.getvalue()
    path.write_bytes(content)


def _csv(table: Table, choose: Random) -> bytes:
    form = table.form
    lines = [_joined(table.headers, form)]
    lines += [_line(record, table, choose) for record in table.records]
    line = 1
    for record, text in zip(table.records, lines, strict=False):
        # a physical line ends at its line feed, inside a field too
        line += text.count("\n") + 1
        record.line = line
    text = form.line_end.join(lines) + (form.line_end if form.final_line_end else "")
    return ("\ufeff" + text if form.encoding.endswith("BOM") else text).encode(form.encoding.split()[0])


def _line(record: Record, table: Table, choose: Random) -> str:
    cells = [_text(record.cells.get(column if isinstance(column, str) else column.name), choose) for column in table.columns]
    if record.structural is Reason.NUL_CHARACTER:
        return _joined(["\0", *cells[1:]], table.form)
    if record.structural is Reason.BROKEN_QUOTES:
        return choose.choice(['a"b', '"a"b']) + _joined(["", *cells[1:]], replace(table.form, quote_all=False))
    if record.structural is Reason.FIELD_COUNT:
        cells = choose.choice([cells[:-1], [*cells, "x"], [*cells, "x", "y"], ["x"]])
        return _joined(
            cells, replace(table.form, trailing_comma=table.form.trailing_comma and choose.random() < 0.5 and len(cells) > 1)
        )
    return _joined(cells, table.form)


def _text(meant: Meant | None, choose: Random) -> str:
    if meant is None:
        return choose.choice(["", "新增,字段", 'x"'])
    return str(meant.cell)


def _joined(cells: list[str], form: Form) -> str:
    quoted = ['"' + cell.replace('"', '""') + '"' if form.quote_all or set(cell) & set(',"\r\n') else cell for cell in cells]
    return ",".join(quoted) + ("," if form.trailing_comma else "")


def _write_book(path: Path, table: Table, choose: Random) -> None:
    with xlsxwriter.Workbook(
        path, {"date_1904": choose.random() < 0.5, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    ) as workbook:
        if choose.random() < 0.5:
            workbook.add_worksheet("说明").write_string(0, 0, "本表由平台导出")
        if choose.random() < 0.5:
            hidden = workbook.add_worksheet("旧")
            hidden.write_row(0, 0, [column.name for column in table.feed.columns])
            hidden.hide()
        sheet = workbook.add_worksheet("数据")
        # else the writer shows a hidden sheet that comes first
        sheet.activate()
        serial = workbook.add_format({"num_format": "General"})
        for position, header in enumerate(table.headers):
            sheet.write_string(0, position, header)
        for row, record in enumerate(table.records, 1):
            record.line = row + 1
            for position, column in enumerate(table.columns):
                meant = record.cells.get(column if isinstance(column, str) else column.name)
                _write_cell(sheet, row, position, meant.cell if meant else "新增", serial if choose.random() < 0.3 else None)


def _write_cell(sheet: xlsxwriter.workbook.Worksheet, row: int, position: int, cell: Cell, serial: object) -> None:
    if isinstance(cell, date):
        sheet.write_datetime(row, position, cell, serial)
    elif isinstance(cell, int | float):
        sheet.write_number(row, position, cell)
    elif cell:
        sheet.write_string(row, position, cell)
