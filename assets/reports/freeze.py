"""Freezing an issue: all that was printed of it, into the lake; and errata alongside a frozen one.

Only the published database and the editorial copy are read, so what is frozen is what is printed from it. The caller holds the writer's lock, which
keeps another version from being published meanwhile.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from assets.errors import LakeDamageError, RefusedError, UsageError, ZhoubaoError
from assets.exports.lake.receipt import Receipt, Receipts
from assets.exports.lake.sealed import FROM_A_COPY
from assets.exports.typing.slipped import refuse_personal_number
from assets.home import Home, storage_errors
from assets.reports.bulletin import RENDERERS, Prepared
from assets.reports.document import Bulletin
from assets.reports.facts.reader import open_published
from assets.reports.figures.identity import opening_of
from assets.reports.figures.scope import scope_of
from assets.reports.fitness.fitness import UnfitError, blocking
from assets.reports.reprint import as_record, from_record
from assets.warehouse.models.code_lists import FIGURE_NAMES
from assets.warehouse.state.freeze_files import (
    Erratum,
    ErratumFigure,
    FrozenCopy,
    FrozenDocument,
    FrozenFigure,
    FrozenIssue,
    FrozenIssues,
    FrozenReceipt,
)
from assets.warehouse.state.ledger import receipt_hash


@dataclass(frozen=True)
class FreezeTerms:
    """By what program and when (naive Beijing time) the issue is frozen, and why, where it is not fit to print."""

    code_version: str
    at: datetime
    despite: str | None = None


def refuse_second_freeze(home: Home, issue_key: str, today: Callable[[], Bulletin]) -> None:
    """Raise ``RefusedError``, saying when and what differs now, where the issue is frozen already; ``today`` composes it from today's data."""
    already = FrozenIssues(home.lake).get(issue_key)
    if already is not None:
        differs = "；".join(_what_differs(home, already, today)) or "现在与定稿没有不同"
        raise RefusedError(
            f"issue {issue_key} was frozen at {already.frozen_at:%Y-%m-%d %H:%M:%S} and stays as it was published;"
            f" record a correction with --erratum. {differs}"
        )


def refuse_lost_freeze(home: Home, issue_key: str) -> None:
    """Raise ``LakeDamageError`` where what is published says that the issue is frozen and the lake has no freeze of it any more."""
    path = FrozenIssues(home.lake).path_of(issue_key)
    if path.exists():
        return
    with open_published(home.published_database) as con:
        frozen = con.execute("select count(*) from marts.published_figures where issue_key = ?", [issue_key]).fetchone()
    if frozen and frozen[0]:
        raise LakeDamageError(f"{path} is missing, though the issue is published as frozen; {FROM_A_COPY}", path)


def _what_differs(home: Home, frozen: FrozenIssue, today: Callable[[], Bulletin]) -> Iterator[str]:
    with open_published(home.published_database) as con:
        for each in _differences(con, frozen):
            value = "缺" if each.current_value is None else f"{each.current_value:g}"
            yield f"{FIGURE_NAMES.get(each.figure, each.figure)}：定稿 {each.published_value:g}，现为 {value}"
    if frozen.bulletin is None:
        return
    try:
        parts_now = _parts(today())
    except ZhoubaoError:
        yield "现在的编辑稿或数据不足以重排全文"
        return
    for heading, part in _parts(from_record(frozen.bulletin)).items():
        if parts_now.get(heading) != part:
            yield f"“{heading}”的文字现在不同"


def _parts(bulletin: Bulletin) -> dict[str, object]:
    """What is printed under each heading, without the notes, since those of a frozen issue speak of today."""
    sections: dict[str, object] = {section.heading: section for section in bulletin.sections}
    return {"报头、报尾": (bulletin.head, bulletin.foot), **sections, "统计口径": bulletin.event_sets}


def freeze_issue(home: Home, prepared: Prepared, terms: FreezeTerms) -> FrozenIssue:
    """Record the issue as it is printed: figures, text, rules, copy and the document of every format.

    Raises ``RefusedError`` where it is frozen already, has no figures, or where a delivery was read again since it was published;
    ``UnfitError`` where it is not fit to print and the terms do not say why it is frozen all the same, ``UsageError`` where they do
    say why and it is fit; and as ``refuse_lost_freeze``.
    """
    refuse_lost_freeze(home, prepared.bulletin.issue_key)
    issue_key = prepared.bulletin.issue_key
    is_unfit = bool(blocking(prepared.unfit))
    if is_unfit and terms.despite is None:
        raise UnfitError(issue_key, prepared.unfit)
    # nothing is judged of an issue that is frozen already, which is refused below
    if terms.despite is not None and not is_unfit and not prepared.facts.is_frozen:
        raise UsageError(f"--despite: issue {issue_key} is fit to print, so there is nothing to explain; leave it out")
    if terms.despite is not None:
        refuse_personal_number("--despite", terms.despite)
    # workbook and JSON say what is published, which from now on it is
    documents = prepared.as_frozen().documents(list(RENDERERS))
    with open_published(home.published_database) as con:
        as_of = _opening_as_of(con, issue_key)
        frozen = FrozenIssue(
            issue_key=issue_key,
            frozen_at=terms.at.replace(microsecond=0),
            code_version=terms.code_version,
            version=_version(con),
            opening_as_of=as_of,
            figures=_figures(con, issue_key, as_of),
            receipts=_receipts(con, home),
            bulletin=as_record(prepared.bulletin),
            rules=_rules(con),
            copy_files=_copy_files(home.editorial / issue_key),
            documents=tuple(FrozenDocument(name=name, sha256=sha256(content).hexdigest()) for name, content in documents.items()),
            unfit=tuple(map(str, prepared.unfit)),
            despite=terms.despite,
        )
    if not frozen.figures:
        raise RefusedError(f"issue {issue_key} has no figures, so there is nothing to freeze")
    FrozenIssues(home.lake).put(frozen, documents)
    return frozen


def _copy_files(folder: Path) -> tuple[FrozenCopy, ...]:
    """The editorial files of the issue, by name."""
    found = []
    for path in sorted(folder.glob("*.md")):
        with storage_errors(path):
            content = path.read_bytes()
        # the copy was read already, so it is UTF-8
        found.append(FrozenCopy(file=path.name, sha256=sha256(content).hexdigest(), text=content.decode("utf-8-sig")))
    return tuple(found)


def record_erratum(home: Home, issue_key: str, text: str, code_version: str, at: datetime) -> Erratum:
    """Record a correction alongside the frozen issue, with the figures that differ from the published ones now.

    Raises ``RefusedError`` where the issue is not frozen, ``UsageError`` for a blank text, and as ``refuse_lost_freeze``.
    """
    if not text.strip():
        raise UsageError("--erratum: a text is expected that says what is corrected")
    refuse_personal_number("--erratum", text)
    frozen_issues = FrozenIssues(home.lake)
    frozen = frozen_issues.get(issue_key)
    if frozen is None:
        refuse_lost_freeze(home, issue_key)
        raise RefusedError(f"issue {issue_key} is not frozen, so nothing of it was published that could be corrected")
    with open_published(home.published_database) as con:
        erratum = Erratum(
            issue_key=issue_key,
            erratum_no=frozen_issues.next_erratum(issue_key),
            text=text.strip(),
            recorded_at=at.replace(microsecond=0),
            code_version=code_version,
            version=_version(con),
            figures=_differences(con, frozen),
        )
    frozen_issues.put_erratum(erratum)
    return erratum


_LOADED = "select delivery from meta.deliveries where received_at is not null order by delivery"


def _version(con: duckdb.DuckDBPyConnection) -> str:
    row = con.execute("select version from meta.publication").fetchone()
    return str(row[0]) if row else ""


def _opening_as_of(con: duckdb.DuckDBPyConnection, issue_key: str) -> date | None:
    row = con.execute(
        "select max(as_of) from marts.opening_balances balances inner join marts.issue_calendar issues"
        " on extract(year from balances.as_of) = issues.issue_year where issues.issue_key = ?",
        [issue_key],
    ).fetchone()
    return row[0] if row else None


def _rules(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The rules and code lists of the publication: the settings may have changed since it was counted."""
    codes: dict[str, dict[str, str]] = {}
    for code_list, code, name in con.execute("select code_list, code, code_name from marts.codes order by all").fetchall():
        codes.setdefault(code_list, {})[code] = name
    return {"rules": dict(con.execute("select rule, value from meta.rules order by rule").fetchall()), "codes": codes}


def _figures(con: duckdb.DuckDBPyConnection, issue_key: str, as_of: date | None) -> tuple[FrozenFigure, ...]:
    rows = con.execute(
        "select figure, value, numerator, denominator from marts.bulletin_figures where issue_key = ? order by figure",
        [issue_key],
    ).fetchall()
    return tuple(
        FrozenFigure(
            figure=figure,
            value=value,
            numerator=numerator,
            denominator=denominator,
            opening=opening_of(con, scope_of(figure), as_of),
        )
        for figure, value, numerator, denominator in rows
    )


def _receipts(con: duckdb.DuckDBPyConnection, home: Home) -> tuple[FrozenReceipt, ...]:
    """The receipts that the publication was counted from, each compared with the delivery's files in ``meta.files``."""
    published: dict[str, set[tuple[Any, ...]]] = {name: set() for (name,) in con.execute(_LOADED).fetchall()}
    for delivery, *account in con.execute(
        "select delivery, file, sha256, loaded, superseded, quarantined from meta.files order by delivery, file"
    ).fetchall():
        published.setdefault(delivery, set()).add(tuple(account))
    receipts = Receipts(home.lake)
    for delivery, accounts in published.items():
        if accounts != _accounts(receipts.get(delivery)):
            raise RefusedError(f"delivery {delivery} was read again since the last publication; run zhoubao run, then freeze")
    return tuple(
        FrozenReceipt(delivery=delivery, receipt_sha256=receipt_hash(receipts.path_of(delivery))) for delivery in published
    )


def _accounts(receipt: Receipt | None) -> set[tuple[Any, ...]]:
    files = receipt.files if receipt else ()
    return {(file.file, file.sha256, file.loaded, file.superseded, file.quarantined) for file in files}


def _differences(con: duckdb.DuckDBPyConnection, frozen: FrozenIssue) -> tuple[ErratumFigure, ...]:
    rows = con.execute("select figure, value from marts.bulletin_figures where issue_key = ?", [frozen.issue_key]).fetchall()
    current: dict[str, float] = dict(rows)
    return tuple(
        ErratumFigure(
            figure=each.figure,
            published_value=each.value,
            current_value=current.get(each.figure),
            difference=current[each.figure] - each.value if each.figure in current else None,
        )
        for each in frozen.figures
        if current.get(each.figure) != each.value
    )
