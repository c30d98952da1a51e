"""The crafted packed files: zips and gz that are damaged, disguised or built to do harm, and workbooks of every kind."""

import stat
import struct
import zipfile
from datetime import datetime, timedelta
from typing import Any

from tests.exports.crafted import MORNING, SOUND, Case, bomb, book_of, gz, one, repacked, sheet, workbook, zipped

CSV = one()
PLAIN = zipped({"数据.csv": CSV})
STORED = [{"project_no": "P1", "result_date": datetime(2023, 8, 28, 10)}]
BOMB = CSV + b"\n" * 4_000_000
ENCRYPTED, STRONG = 0x1, 0x41
SERIAL = (MORNING - datetime(1899, 12, 30)) / timedelta(days=1)


def _flagged(flags: int) -> bytes:
    """The archive with general purpose flags set in its directory and before its member."""
    changed = bytearray(PLAIN)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.index(mark) + offset
        changed[at : at + 2] = struct.pack("<H", struct.unpack("<H", changed[at : at + 2])[0] | flags)
    return bytes(changed)


def _directory(offset: int, value: int, size: str = "<I") -> bytes:
    """The archive with one field of its directory entry changed."""
    changed = bytearray(PLAIN)
    at = changed.index(b"PK\x01\x02") + offset
    changed[at : at + struct.calcsize(size)] = struct.pack(size, value)
    return bytes(changed)


def _link() -> bytes:
    mode = (stat.S_IFLNK | 0o777) << 16
    return _directory(38, mode).replace(b"PK\x01\x02\x14\x00", b"PK\x01\x02\x14\x03")


def _named(name: str) -> bytes:
    return zipped({name: CSV})


def zips() -> list[Case]:
    """Every crafted zip."""
    harmless = {
        "a zip": PLAIN,
        "a zip with a folder": zipped({"导出/": b"", "导出/数据.csv": CSV}),
        "a member's name in GBK": _named("qq.csv").replace(b"qq.csv", "数.csv".encode("gbk")),
        "a member's name of no encoding": _named("qq.csv").replace(b"qq.csv", b"\xff\xff.csv"),
        "a zip stored": zipped({"a.csv": CSV}, zipfile.ZIP_STORED),
        "a backslash inside the folder": _named("导出\\数据.csv"),
        "two dots in a name": _named("a..csv"),
        "a comment behind": PLAIN[:-2] + b"\x03\x00abc",
    }
    paths = ("../a.csv", "a/../../b.csv", "/a.csv", "C:\\a.csv", "c:a.csv", "..\\a.csv", "\\\\server\\a.csv", "a.csv\0.txt")
    return [
        *(Case(clause, content, 1, 1, values=STORED) for clause, content in harmless.items()),
        *(Case(f"a member called {name!r}", _named(name), 4, reason="archive_path") for name in paths),
        Case("a folder above as a member", zipped({"../": b"", "a.csv": CSV}), 4, reason="archive_path"),
        Case("a member that is a link", _link(), 4, reason="archive_path"),
        Case("no member", zipped({}), 4, reason="archive_members"),
        Case("a folder alone", zipped({"a/": b""}), 4, reason="archive_members"),
        Case("two members", zipped({"a.csv": CSV, "b.csv": CSV}), 4, reason="archive_members"),
        Case("30,000 members", zipped({f"{at:040}": b"" for at in range(30_000)}), 4, reason="archive_members"),
        Case("a zip in a zip", zipped({"a.csv": PLAIN}), 4, reason="archive_nested"),
        Case("a gz in a zip", zipped({"a.csv": gz(CSV)}), 4, reason="archive_nested"),
        Case("a workbook in a zip", zipped({"a.csv": book_of({})}), 4, reason="archive_nested"),
        Case("a zip of an empty file", zipped({"a.csv": b""}), 4, reason="empty_file"),
        Case("encrypted", _flagged(ENCRYPTED), 4, reason="archive_encrypted"),
        Case("strongly encrypted", _flagged(STRONG), 4, reason="archive_encrypted"),
        Case("deflate64", _directory(10, 9, "<H"), 4, reason="archive_method"),
        Case("lzma", zipped({"a.csv": CSV}, zipfile.ZIP_LZMA), 4, reason="archive_method"),
        Case("a zip bomb", zipped({"a.csv": BOMB}), 4, reason="archive_ratio"),
        Case("a directory that says more than there is", _directory(24, 5 * 1024**3 % 2**32), 4, reason="archive_ratio"),
        Case("5 GiB by the directory", _directory(24, 2**32 - 2), 4, reason="archive_ratio"),
        Case("a directory that says less than there is", _directory(24, 20), 4, reason="damaged_archive"),
        Case("a wrong checksum", _directory(16, 1), 4, reason="damaged_archive"),
        Case("a member outside the file", _directory(42, 2**31), 4, reason="damaged_archive"),
        Case("one of several parts", _directory(34, 3, "<H"), 4, reason="damaged_archive"),
        Case("bytes before the archive", b"MZ\x90\x00" + PLAIN, 4, reason="unknown_format"),
        *(Case(f"a zip cut to {size} bytes", PLAIN[:size], 4, reason="damaged_archive") for size in (1, 2, 3, 4, 40, 100)),
    ]


def gzs() -> list[Case]:
    """Every crafted gz."""
    packed = gz(CSV)
    middle = len(CSV) // 2
    damaged = packed[:-12] + bytes([packed[-12] ^ 0xFF]) + packed[-11:]
    return [
        Case("a gz", packed, 1, 1, values=STORED),
        Case("a gz of two parts", gz(CSV[:middle]) + gz(CSV[middle:]), 1, 1, values=STORED),
        Case("a gz with zeros behind", packed + bytes(512), 1, 1, values=STORED),
        Case("a gz with rubbish behind", packed + b"rubbish", 4, reason="damaged_archive"),
        Case("a gz with a damaged byte", damaged, 4, reason="damaged_archive"),
        Case("a gz in a gz", gz(packed), 4, reason="archive_nested"),
        Case("a zip in a gz", gz(PLAIN), 4, reason="archive_nested"),
        Case("a gz of an empty file", gz(b""), 4, reason="empty_file"),
        Case("a gz bomb", gz(BOMB), 4, reason="archive_ratio"),
        *(Case(f"a gz cut to {size} bytes", packed[:size], 4, reason="damaged_archive") for size in (1, 2, 5, 30, 60)),
        Case("an old xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), 4, reason="unknown_format"),
        Case("a rar", b"Rar!\x1a\x07\x01\x00" + bytes(range(256)), 4, reason="unknown_format"),
    ]


def _sheets(book: Any) -> None:
    book.add_worksheet("说明").write(0, 0, "本表由平台导出")
    for name in ("旧", "更旧"):
        hidden = sheet(book, {"project_no": "OLD"}, name=name)
        hidden.hide() if name == "旧" else hidden.very_hidden()
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=说明!$A$1:$A$2"})
    book.add_chartsheet("图").set_chart(chart)
    sheet(book, {}, name="数据")
    sheet(book, {"project_no": "LATER"}, name="另一份")


def _stray(row: int, column: int) -> bytes:
    return workbook(lambda book: sheet(book, {}).write(row, column, "x"))


def _cells(book: Any) -> None:
    page = sheet(
        book,
        {"org_name": "x", "area_code": "510000000000"},
        *({"project_no": f"P{at}"} | {"org_name": "x", "area_code": "510000000000"} for at in range(2, 7)),
    )
    names = [*SOUND, "org_name", "area_code"]
    org, area, level = names.index("org_name"), names.index("area_code"), names.index("org_level")
    page.write_formula(1, org, '="甲"&"厅"', None, "甲厅")
    page.write_formula(2, area, "=NA()", None, "#N/A")
    page.write_rich_string(3, org, book.add_format({"bold": True}), "甲", book.add_format({"italic": True}), "乙厅")
    page.write_boolean(4, area, True)
    page.write_formula(5, level, "=1/0", None, "#DIV/0!")
    page.write_string(6, org, "=1+1")


def workbooks() -> list[Case]:
    """Every crafted workbook."""
    book = book_of({})
    times: list[object] = [MORNING, SERIAL, str(SERIAL), "45166", 20230828090500.0, 20230828, "2023/8/28 9:05", 0.5, "2023-02-30"]
    stored = [MORNING, MORNING, MORNING, datetime(2023, 8, 28), MORNING, datetime(2023, 8, 28), MORNING]
    in_1904: list[dict[str, object]] = [
        {"project_no": "A", "result_date": MORNING},
        {"project_no": "B", "result_date": SERIAL - 1462},
    ]
    digits: list[dict[str, object]] = [
        {"project_no": 1234567890123456},
        {"project_no": 123456789012345},
        {"project_no": "1234567890123456"},
        {"project_no": "P4", "org_code": 915100001234567890},
    ]
    strings, sheets, main = "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"
    return [
        Case("a workbook", book, 1, 1, values=STORED),
        Case("a workbook of several sheets", workbook(_sheets), 1, 1, values=STORED),
        Case(
            "times of a workbook",
            book_of(*({"project_no": f"T{at}", "result_date": time} for at, time in enumerate(times))),
            9,
            7,
            values=[{"result_date": time} for time in stored],
            refusals=[(9, "result_date", "invalid_time"), (10, "result_date", "invalid_time")],
        ),
        Case("a workbook that counts from 1904", book_of(*in_1904, date_1904=True), 2, 2, values=[{"result_date": MORNING}] * 2),
        Case(
            "digits that are lost",
            book_of(*digits),
            4,
            2,
            values=[{"project_no": "123456789012345"}, {"project_no": "1234567890123456"}],
            refusals=[(2, "project_no", "digits_lost"), (5, "org_code", "digits_lost")],
        ),
        Case(
            "formulas, errors, rich text and booleans",
            workbook(_cells),
            6,
            5,
            values=[{"org_name": "甲厅"}, {"area_code": None}, {"org_name": "甲乙厅"}, {"area_code": None}, {"org_name": "=1+1"}],
            refusals=[(6, "org_level", "missing_required")],
            warnings={("area_code", "impossible_value"): 1},
        ),
        Case("a workbook's header alone", book_of(), 0),
        Case("empty rows above, between and below", workbook(_spread), 2, 2, values=[{"line": 5}, {"line": 8}]),
        Case("an empty workbook", workbook(lambda made: made.add_worksheet()), 4, reason="empty_file"),
        Case("hidden sheets alone", workbook(_hidden), 1, reason="header_unknown", records=0),
        Case(
            "a workbook without a required column",
            workbook(_without_level),
            1,
            reason="header_missing_column",
            column="org_level",
        ),
        Case("256 columns", _stray(0, 255), 1, 1, warnings={("", "unknown_column"): 1}),
        Case("257 columns", _stray(0, 256), 4, reason="workbook_too_wide"),
        Case("a cell in XFD1048576", _stray(1048575, 16383), 4, reason="workbook_limits"),
        Case(
            "a bomb of shared strings",
            repacked(book, strings, lambda xml: bomb(xml, b"sst", b">P1")),
            4,
            reason="damaged_workbook",
        ),
        Case(
            "a bomb in the workbook's part",
            repacked(book, main, lambda xml: bomb(xml, b"workbook", b"Sheet1")),
            4,
            reason="damaged_workbook",
        ),
        Case(
            "a part that unpacks too far",
            repacked(book, strings, lambda xml: xml + b" " * 4_000_000),
            4,
            reason="workbook_limits",
        ),
        Case("a sheet that is no XML", repacked(book, sheets, lambda _: b"\0" * 100), 4, reason="damaged_workbook"),
        Case(
            "a document of another kind",
            zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
            4,
            reason="damaged_workbook",
        ),
        Case(
            "NUL and a long text in cells",
            repacked(
                book_of({"org_name": "AB"}, {"project_no": "P2", "org_name": "CD"}, {"project_no": "P3", "org_name": "E"}),
                strings,
                lambda xml: xml.replace(b"AB", b"A_x0000_B").replace(b"CD", b"C" * 70_000),
            ),
            3,
            1,
            values=[{"line": 4}],
            refusals=[(2, None, "nul_character"), (3, None, "field_too_long")],
        ),
        *(
            Case(f"a workbook cut, {name}", book[:size], 4, reason="damaged_archive")
            for name, size in (("its beginning", 3), ("half", len(book) // 2), ("all but its end", len(book) - 1))
        ),
    ]


def _spread(book: Any) -> None:
    page = book.add_worksheet()
    page.write_row(2, 3, list(SOUND))
    for row, key in ((4, "P1"), (7, "P2")):
        page.write_row(row, 3, list((SOUND | {"project_no": key}).values()))


def _hidden(book: Any) -> None:
    book.add_worksheet("说明").write(0, 0, "本表由平台导出")
    sheet(book, {}, name="数据").hide()


def _without_level(book: Any) -> None:
    book.add_worksheet("说明").write(0, 0, "本表由平台导出")
    page = book.add_worksheet("数据")
    for row, cells in enumerate((list(SOUND), list(SOUND.values()))):
        page.write_row(row, 0, [cell for name, cell in zip(SOUND, cells, strict=True) if name != "org_level"])


def cases() -> list[Case]:
    """Every crafted packed file."""
    return [*zips(), *gzs(), *workbooks()]
