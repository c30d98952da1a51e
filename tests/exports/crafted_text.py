"""The crafted CSV files: encodings, headers, values, times, versions, and structures that break."""

from datetime import datetime

from tests.exports.crafted import CHINESE, MORNING, SOUND, Case, one, text

ORG = "虚构县䶮厅"
NOON = datetime(2023, 8, 28, 10)
TIMES = {
    "2023-08-28 09:05:00": MORNING,
    "2023-08-28 09:05:00.0": MORNING,
    "2023-08-28T09:05:00": MORNING,
    "2023/8/28 9:05": MORNING,
    "20230828090500": MORNING,
    "20230828T090500": MORNING,
    "2023-08-28": datetime(2023, 8, 28),
    "2023-08-28 09:05:00.1234567890123": MORNING.replace(microsecond=123456),
    "2023-08-28T09:05:00+08:00": MORNING,
    "2023-08-28T01:05:00Z": MORNING,
    "2023-08-27T20:05:00.000-05:00": MORNING,
    "'2023-08-28 09:05:00": MORNING,
    "\t２０２３－０８－２８　０９：０５：００": MORNING,
}
IMPOSSIBLE_TIMES = ("2023-02-30", "2023-08-28 24:00:00", "23-08-28 09:05:00", "1899-12-31", "2999-01-01", "昨天", "45166.5")
BLANKS = ("", "NULL", "null", "\\N", "无", "-", " 　", "'")
PEOPLE = {
    "accept_date": "2023-08-28 10:00:00",
    "applyer_type": "1",
    "applyer_name": "甲某",
    "apply_date": "",
}


def _accept(*rows: dict[str, str]) -> bytes:
    """A file of the feed ``accept``: a result's shared columns and its own."""
    content = text(*({**PEOPLE, **row} for row in rows))
    lines = content.split("\n")
    return "\n".join([lines[0].replace("result_type", "a").replace("result_date", "b"), *lines[1:]]).encode()


def _encodings() -> list[Case]:
    content = text({"org_name": ORG})
    stored = [{"project_no": "P1", "org_name": ORG, "result_date": NOON}]
    spellings = {
        "utf-8": content.encode(),
        "utf-8 with a mark": content.encode("utf-8-sig"),
        "gb18030 with a character outside GBK": content.encode("gb18030"),
        "gb18030 with a mark": ("\ufeff" + content).encode("gb18030"),
        "crlf": content.replace("\n", "\r\n").encode(),
        "lf without the last": content.encode()[:-1],
    }
    cases = [Case(name, data, 1, 1, values=stored, warnings=_cut_warning(name)) for name, data in spellings.items()]
    return [
        *cases,
        Case("utf-16", content.encode("utf-16"), 1, reason="unknown_encoding"),
        Case("latin bytes", content.replace(ORG, "x").encode() + b"\xff\xff,\n", 1, reason="unknown_encoding"),
        Case("two encodings in one file", content.encode() + content.encode("gb18030"), 1, reason="unknown_encoding"),
    ]


def _cut_warning(name: str) -> dict[tuple[str, str], int]:
    return {("", "no_final_line_end"): 1} if name == "lf without the last" else {}


def _headers() -> list[Case]:
    stored = [{"project_no": "P1", "result_date": NOON, "is_composite": True}]
    backwards = list(SOUND)[::-1]
    rows = ",".join(SOUND.values())
    padded = ",".join(f" {CHINESE[name]}　" for name in SOUND)
    without = {name: value for name, value in SOUND.items() if name not in ("cd_operation",)}
    required = {name: value for name, value in SOUND.items() if name != "org_level"}
    return [
        Case("chinese header", text({}, header=list(CHINESE.values())).encode(), 1, 1, values=stored),
        Case("blanks round the header", f"{padded}\n{rows}\n".encode(), 1, 1, values=stored),
        Case(
            "another order",
            (",".join(backwards) + "\n" + ",".join(SOUND[name] for name in backwards) + "\n").encode(),
            1,
            1,
            values=stored,
        ),
        Case("trailing comma", f"{','.join(SOUND)},\n{rows},\n{rows},\n".encode(), 2, 1, 1, values=stored),
        Case("new column", one(region="川"), 1, 1, values=stored, warnings={("", "unknown_column"): 1}),
        Case("optional column missing", f"{','.join(without)}\n{','.join(without.values())}\n".encode(), 1, 1),
        Case(
            "required column missing",
            f"{','.join(required)}\n{','.join(required.values())}\n".encode(),
            1,
            reason="header_missing_column",
            column="org_level",
        ),
        Case(
            "a column twice",
            f"{','.join(SOUND)},部门编码\n{rows},x\n".encode(),
            1,
            reason="header_duplicate_column",
            column="org_code",
        ),
        Case("header of another table", "甲,乙\n1,2\n3,4\n".encode(), 2, reason="header_unknown"),
        Case(
            "header in mojibake",
            text({}, header=list(CHINESE.values())).encode().decode("latin-1").encode(),
            1,
            reason="header_unknown",
        ),
        Case("header alone", (",".join(SOUND) + "\n").encode(), 0, 0),
        Case("header alone without a line end", ",".join(SOUND).encode(), 0, 0),
        Case("empty file", b"", 7, reason="empty_file"),
        Case("line ends alone", b"\r\n\r\n", 0, reason="empty_file"),
    ]


def _values() -> list[Case]:
    keys = ["51A-x", "'51a-X", "\t51A-x", "５１Ａ－ｘ", "　51a-x　"]
    dressed = text(*({"project_no": key, "cd_time": f"2023-08-28 18:00:0{at}"} for at, key in enumerate(keys)))
    blanks = text(*({"project_no": f"B{at}", "area_code": blank} for at, blank in enumerate(BLANKS)))
    missing = text(*({"project_no": f"B{at}", "org_code": blank} for at, blank in enumerate(BLANKS)))
    people = _accept(
        {"project_no": "A1", "applyer_page_code": "11010519491231002x"},
        {"project_no": "A2", "applyer_page_code": "'11010519491231002X"},
        {"project_no": "A3", "applyer_page_code": "NULL"},
    )
    return [
        Case("one key in five dresses", dressed.encode(), 5, 1, 4, values=[{"project_no": "51A-X", "line": 6}]),
        Case("blanks in an optional column", blanks.encode(), 8, 8, values=[{"area_code": None}] * 8),
        Case(
            "blanks in a required column",
            missing.encode(),
            8,
            refusals=[(at, "org_code", "missing_required") for at in range(2, 10)],
        ),
        Case("null spelled otherwise is a text", one(org_code="Null"), 1, 1, values=[{"org_code": "NULL"}]),
        Case(
            "lower-case x in an ID number",
            people,
            3,
            3,
            feed="accept",
            values=[{"applicant_code_is_valid": True}] * 2 + [{"applicant_pseudonym": None}],
            warnings={("", "unknown_column"): 2},
        ),
        Case("a cell that begins with =", one(org_name="=HYPERLINK(1)"), 1, 1, values=[{"org_name": "=HYPERLINK(1)"}]),
        Case("one digit of a task type", one(task_type="1"), 1, 1, values=[{"task_type": "01"}]),
        Case("unknown task type", one(task_type="77"), 1, 1, warnings={("task_type", "unknown_code"): 1}),
        Case(
            "unknown result type",
            one(result_type="8"),
            1,
            1,
            values=[{"result_type": "9"}],
            warnings={("result_type", "unknown_code"): 1},
        ),
        Case("unknown level", one(org_level="7"), 1, refusals=[(2, "org_level", "invalid_code")]),
        Case("unknown flag", one(is_composite="Y"), 1, refusals=[(2, "is_composite", "invalid_flag")]),
        Case(
            "flags in words",
            text({"is_composite": "是"}, {"project_no": "P2", "is_composite": "否"}).encode(),
            2,
            2,
            values=[{"is_composite": True}, {"is_composite": False}],
        ),
        Case(
            "impossible optional value",
            one(area_code="川"),
            1,
            1,
            values=[{"area_code": None}],
            warnings={("area_code", "impossible_value"): 1},
        ),
    ]


def _times() -> list[Case]:
    spelled = text(*({"project_no": f"T{at:02}", "result_date": cell} for at, cell in enumerate(TIMES)))
    wrong = text(*({"project_no": f"T{at:02}", "result_date": cell} for at, cell in enumerate(IMPOSSIBLE_TIMES)))
    null_dates = ("0000-00-00", "1753-01-01", "0000-00-00 00:00:00", "1753-01-01 00:00:00")
    missing = text(*({"project_no": f"T{at:02}", "result_date": cell} for at, cell in enumerate(null_dates)))
    optional = _accept(*({"project_no": f"T{at}", "apply_date": cell} for at, cell in enumerate((*null_dates, "2023-02-30"))))
    late = text(
        {"project_no": "L1", "result_date": "2023-08-29"},
        {"project_no": "L2", "result_date": "2023-08-28 23:59:59.999"},
        {"project_no": "L3", "result_date": "2023-08-28T23:30:00-01:00"},
        {"project_no": "L4", "result_date": "2030-01-01", "cd_operation": "D"},
    )
    return [
        Case(
            "times in every spelling",
            spelled.encode(),
            len(TIMES),
            len(TIMES),
            values=[{"result_date": time} for time in TIMES.values()],
        ),
        Case("impossible times", wrong.encode(), 7, refusals=[(at, "result_date", "invalid_time") for at in range(2, 9)]),
        Case(
            "null dates where one is required",
            missing.encode(),
            4,
            refusals=[(at, "result_date", "missing_required") for at in range(2, 6)],
        ),
        Case(
            "null dates where none is required",
            optional,
            5,
            5,
            feed="accept",
            values=[{"apply_date": None}] * 5,
            warnings={("", "unknown_column"): 2, ("apply_date", "impossible_value"): 1},
        ),
        Case(
            "events after the business date",
            late.encode(),
            4,
            2,
            refusals=[(2, "result_date", "event_after_business_date"), (4, "result_date", "event_after_business_date")],
            values=[{"project_no": "L2"}, {"project_no": "L4"}],
        ),
    ]


def _versions() -> list[Case]:
    again = text({}, {}, {"cd_time": "2023-08-28 18:00:01", "result_type": "2"}, {"cd_time": "2023-08-28 17:00:00"})
    deletion = text(
        {"cd_operation": "D", "org_code": "", "result_date": "", "task_type": "?"}, {"project_no": "", "cd_operation": "D"}
    )
    return [
        Case("rows twice in one file", again.encode(), 4, 1, 3, values=[{"line": 4, "result_type": "2"}]),
        Case(
            "a deletion needs only its key and time",
            deletion.encode(),
            2,
            1,
            refusals=[(3, "project_no", "missing_required")],
            values=[{"cd_operation": "D"}],
            warnings={("task_type", "unknown_code"): 1},
        ),
    ]


def _structures() -> list[Case]:
    broken_lines = text({"org_name": '甲,"乙"\r\n丙\n丁'}, {"project_no": "P2", "org_name": "戊", "org_level": "9"})
    rows = text({}, {"project_no": "P2"}, {"project_no": "P3"})
    return [
        Case(
            "quoted commas, quotes and line breaks",
            broken_lines.encode(),
            2,
            1,
            refusals=[(5, "org_level", "invalid_code")],
            values=[{"line": 2, "org_name": '甲,"乙"\r\n丙\n丁'}],
        ),
        Case(
            "cut off in the middle",
            rows.encode()[:-30],
            3,
            2,
            refusals=[(4, None, "field_count")],
            warnings={("", "no_final_line_end"): 1},
        ),
        Case("cut off between two rows", text({}, {"project_no": "P2"}).encode(), 3, reason="row_count", records=2),
        Case("more rows than declared", rows.encode(), 2, reason="row_count", records=3),
        Case("a field too many", rows.replace("P2", "P2,x").encode(), 3, 2, refusals=[(3, None, "field_count")]),
        Case("a quote inside a field", rows.replace("P2", 'P"2').encode(), 3, 2, refusals=[(3, None, "broken_quotes")]),
        Case("a quote never closed", rows.replace("P2", '"P2').encode(), 3, reason="open_quote"),
        Case("NUL in a record", rows.replace("P2", "P\0").encode(), 3, 2, refusals=[(3, None, "nul_character")]),
        Case("a field of 70 KiB", rows.replace("P2", "P" * 70_000).encode(), 3, 2, refusals=[(3, None, "field_too_long")]),
        Case(
            "blank lines are no records",
            rows.replace("\n", "\n\n").encode(),
            3,
            3,
            values=[{"line": 3}, {"line": 5}, {"line": 7}],
        ),
    ]


def cases() -> list[Case]:
    """Every crafted CSV."""
    return [*_encodings(), *_headers(), *_values(), *_times(), *_versions(), *_structures()]
