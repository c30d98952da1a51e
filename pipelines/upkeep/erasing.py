"""``zhoubao erase``: one person's pseudonyms and originals removed, recorded and signed; what follows is a run like any other."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from assets.clock import beijing_now
from assets.errors import RefusedError, UsageError
from assets.exports.delivery import Intake
from assets.exports.erasing.erasure import carry_out, remove_from_landing
from assets.exports.erasing.person_search import (
    MIN_CHARACTERS,
    cleaned_number,
    files_of_cases,
    holds_number,
    lines_in_lake,
    lines_in_original,
    pseudonyms_of,
)
from assets.exports.erasing.record import ErasedFile, Erasure, record_erasure, verify_erasures
from assets.exports.keys.record import rows_by_key
from assets.exports.keys.secret import known_keys
from assets.exports.lake.archive import archived_path
from assets.exports.lake.receipt import FileReceipt, Receipt
from assets.stray_files import remove_stray_files
from assets.warehouse.connection import writer_lock
from assets.warehouse.state.ledger import unsettled_files
from pipelines.resources import intake_of, warehouse_of
from pipelines.running.outcome import DONE, NOTHING_TO_DO, Outcome
from pipelines.running.run import run
from pipelines.settings import Settings, code_version

# a file number of the office; a name or a certificate number is none
_CASE = re.compile(r"[0-9A-Za-z第号字年办函〔〕\[\]()（）/_.\-]{1,40}")
_LONG_NUMBER = re.compile(r"[0-9]{11}")


@dataclass(frozen=True)
class Lenience:
    """What an erasure may pass over: originals that a retry may still need, and retired keys that are lost."""

    despite_unsettled: bool = False
    lost_keys: Collection[str] = ()


@dataclass
class _Found:
    """The person's lines in one file, and whether it holds the person at all."""

    receipt: Receipt
    file: FileReceipt
    lines: set[int] = field(default_factory=set)
    holds_person: bool = False


def erase(settings: Settings, text: str, case: str, lenience: Lenience) -> Outcome:
    """Erase the person with the certificate number ``text``, then run; the facts say how much was removed, never what.

    Raises ``UsageError`` for a number or ``case`` that can be none, ``RefusedError`` where a key is missing or an original is
    unsettled, and as ``run``.
    """
    number = cleaned_number(text)
    if number is None:
        raise UsageError(f"standard input: one certificate number of at least {MIN_CHARACTERS} characters is expected")
    if not _CASE.fullmatch(case) or _LONG_NUMBER.search(case):
        raise UsageError(
            "--case: the number of the file in which the erasure was granted is expected, no name or certificate number"
        )
    home = settings.place
    home.prepare()
    with writer_lock(home, settings.lock_wait_seconds, "erase"):
        remove_stray_files(home)
        intake, _ = intake_of(settings)
        carry_out(home, verify_erasures(home.lake, known_keys(home, intake.key)))
        found, unsearchable = _find(intake, number, lenience.lost_keys)
        facts: dict[str, Any] = {"erased": {"rows": 0, "originals": 0, "landing": 0, "not_searchable": unsearchable}}
        if found:
            _refuse_unsettled(settings, found, lenience.despite_unsettled)
            facts["erased"] |= _carry_out(intake, found, case)
        # also where nothing is found: an erasure that was broken off may be in the lake and not in the tables
        outcome = run(settings)
        facts["erased"]["came_again"] = _rows_left(intake, number)
    # an erasure that found originals alone gives the run nothing to do
    exit_code = DONE if found and outcome.exit_code == NOTHING_TO_DO else outcome.exit_code
    return Outcome(exit_code, facts | outcome.facts)


def _rows_left(intake: Intake, number: str) -> int:
    """The person's rows in the lake after the run, since a delivery that it took in may hold the person again."""
    files = [file for receipt in intake.receipts for file in receipt.files]
    lines, _ = lines_in_lake(intake.home.lake, files, pseudonyms_of(number, known_keys(intake.home, intake.key)))
    return sum(map(len, lines.values()))


def _find(intake: Intake, number: str, lost_keys: Collection[str]) -> tuple[list[_Found], int]:
    """Every file that holds the person, and how many originals cannot be searched."""
    home, keys = intake.home, known_keys(intake.home, intake.key)
    missing = set(rows_by_key(home.lake)) - {key.key_id for key in keys} - set(lost_keys)
    if missing:
        named = ", ".join(sorted(missing))
        raise RefusedError(
            f"rows of the key {named} cannot be searched: put its file at {home.retired_keys}/<key id>.key, "
            "or say --lost-key <key id> where it exists nowhere"
        )
    all_files = [_Found(receipt, file) for receipt in intake.receipts for file in receipt.files]
    accounts = [one.file for one in all_files]
    lines, cases = lines_in_lake(home.lake, accounts, pseudonyms_of(number, keys))
    with_cases = files_of_cases(home.lake, accounts, cases)
    unsearchable = 0
    for one in all_files:
        one.lines |= lines.get(one.file.lake_file or "", set())
        one.holds_person = bool(one.lines) or one.file.lake_file in with_cases
        original = archived_path(home.archive, one.file.sha256)
        if original.exists():
            holds = holds_number(original, number, intake.limits)
            unsearchable += holds is None
            if holds:
                one.holds_person = True
                one.lines |= lines_in_original(original, one.file, number, intake.limits)
    return [one for one in all_files if one.holds_person], unsearchable


def _refuse_unsettled(settings: Settings, found: list[_Found], despite: bool) -> None:
    """Raise ``RefusedError`` for an original with unsettled rows, since they can be read from nowhere else."""
    if despite:
        return
    with warehouse_of(settings).open("erase") as connection:
        unsettled = unsettled_files(connection)
    waiting = [
        f"{one.receipt.delivery} {one.file.file}"
        for one in found
        if one.file.quarantined or one.file.state == "quarantined"
        if unsettled is None or (one.receipt.delivery, one.file.file) in unsettled
    ]
    if waiting:
        raise RefusedError(
            f"nothing erased: {', '.join(waiting)} hold the person and rows that are still to be settled; let the platform correct "
            "them first, or say --despite-unsettled: a retry can then no longer read them"
        )


def _carry_out(intake: Intake, found: list[_Found], case: str) -> dict[str, int]:
    home = intake.home
    files = tuple(
        ErasedFile(
            delivery=one.receipt.delivery,
            file=one.file.file,
            file_index=one.file.file_index,
            sha256=one.file.sha256,
            lines=tuple(sorted(one.lines)),
        )
        for one in found
    )
    originals = {file.sha256 for file in files if archived_path(home.archive, file.sha256).exists()}
    now = beijing_now().replace(microsecond=0)
    erasure = Erasure(erasure_no=1, erased_at=now, code_version=code_version(), case=case, files=files, key_id=intake.key.key_id)
    signed = record_erasure(home.lake, erasure, intake.key)
    carry_out(home, [signed])
    landing = remove_from_landing(intake.landing, signed)
    rows = sum(len(file.lines) for file in files)
    return {"erasure_no": signed.erasure_no, "rows": rows, "originals": len(originals), "landing": landing}
