"""The table of faults: what is done, what must follow, which test proves it, what was measured last; the page ``docs/faults.md``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_name("figures.json")
_INTRODUCTION = """\
# Faults

Made by `.venv/bin/python -m tests.faults --docs`; do not edit. The figures are those that `make faults` wrote last to
`tests/faults/figures.json`.

One mechanism strikes: a command runs in a child process, forked from one that has imported everything, and the kernel stops each of its
calls that change files (seccomp's user notification) until the suite lets it go on, fails it, or kills the child. So the suite sees the
calls of DuckDB, polars, pyarrow and SQLite too, down to each page that a commit writes, and production runs without a trace of it. A
fault point is a call and the shape of its path (`rename published/manifest.json`). That the points are all there are is a test: whatever
a command changed in its home, it changed at a point, and ways of writing that the kernel could not show (io_uring, a memory map) fail
the suite, but for SQLite's index of its own log.

After each fault the lake, the private warehouse, the published file by its name and by its manifest are each as before or as afterwards,
the same command (for a freeze or erratum that is recorded already, a run) reaches the new state with the code it has undisturbed, and
nothing is damaged then. Most trials leave Dagster and Great Expectations out, whose place a plain sequence of the same steps takes.
"""
_HEADER = "| fault | must follow | test | last figures |\n|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """One fault of the table; ``figures`` is a text with places for the figures of the part ``part``."""

    fault: str
    must_follow: str
    test: str
    part: str = ""
    figures: str = ""


_TRIALS = "tests/faults/test_points.py"
_KILLS = "tests/faults/test_kills.py"
ROWS = (
    Row(
        "killed at a point, every command",
        "old state or new; the next run ends as if undisturbed",
        f"{_KILLS}::test_faults_at_random",
        "kills",
        "{met[kill]} kills at {points} points met in {trials} trials, {wrong} wrong",
    ),
    Row(
        "an input/output error at a point",
        "code 7 and the path, or the work was done; then as above",
        f"{_KILLS}::test_faults_at_random",
        "kills",
        "{met[error]} errors",
    ),
    Row(
        "the disk is full from a point on",
        "code 7 and the path; then as above",
        f"{_KILLS}::test_faults_at_random",
        "kills",
        "{met[full]} full disks",
    ),
    Row(
        "a folder may not be written from a point on",
        "code 7 and the path; then as above",
        f"{_KILLS}::test_faults_at_random",
        "kills",
        "{met[forbidden]} forbidden folders",
    ),
    Row(
        "the same in a whole run, with Dagster and Great Expectations",
        "as above",
        "make faults",
        "whole_runs",
        "{trials} trials, {wrong} wrong",
    ),
    Row(
        "a run killed while a second one waits and readers look",
        "readers see whole publications, old or new; the second run does the work",
        f"{_KILLS}::test_a_kill_beside_a_second_run_and_readers",
        "beside",
        "{kills} kills, {reads} reads, {wrong} wrong",
    ),
    Row(
        "publications without rest, the publisher killed, readers in four processes",
        "no reader sees a torn, missing or older publication",
        "tests/publication/test_stress.py",
        "publications",
        "{publications} publications, {kills} kills ({half_swapped} between database and manifest), {reads} reads, {wrong} wrong",
    ),
    Row(
        "the power is cut",
        "bytes are on the disk before their name, and names before the receipt or manifest that vouches for them",
        f"{_TRIALS}::test_what_is_put_in_force_is_on_the_disk",
    ),
    Row(
        "a file of any kind flipped, cut, zeroed, removed, exchanged, duplicated, a byte inserted",
        "the doctor notices it or it has no effect",
        "tests/faults/test_damages.py::test_damages_at_random",
        "damages",
        "{damages} damages, {noticed} noticed, {without_effect} without effect, {unnoticed} unnoticed",
    ),
    Row(
        "commands on a damaged home",
        "no wrong figure is published or printed, and no command ends with 1",
        "tests/faults/test_damages.py::test_damages_at_random",
        "damages",
        "commands after {commands_tried} damages, {wrong} wrong",
    ),
    Row(
        "the doctor's steps followed on a damaged home",
        "the home is sound, and the same figures are published",
        "tests/pipelines/test_advice.py",
        "damages",
        "steps followed after {steps_followed} damages",
    ),
    Row(
        "planted: the ledger outside the transaction",
        "the suite finds it",
        "tests/faults/test_planted.py::test_a_ledger_outside_the_transaction_is_found",
    ),
    Row(
        "planted: a swap without its order on the disk, a manifest before its database",
        "the suite finds it",
        "tests/faults/test_planted.py::test_a_swap_out_of_order_is_found",
    ),
    Row(
        "planted: a hash that is not checked",
        "the suite finds it",
        "tests/faults/test_planted.py::test_a_hash_that_is_not_checked_is_found",
    ),
)


def page() -> str:
    """``docs/faults.md``, ending with a line break."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    rows = "\n".join(f"| {row.fault} | {row.must_follow} | `{row.test}` | {_measured(row, figures)} |" for row in ROWS)
    return f"{_INTRODUCTION}\n{_HEADER}\n{rows}\n\n{_of_commands(figures)}"


def _measured(row: Row, figures: dict[str, Any]) -> str:
    if not row.part:
        return "each time the tests run"
    part = figures.get(row.part)
    return f"{row.figures.format(**part)} ({part['taken_on']})" if part else "none yet"


def _of_commands(figures: dict[str, Any]) -> str:
    """How often each command met a fault, each kind of file a damage, and which damages had no effect."""
    parts = []
    for name, key, title in (
        ("kills", "commands", "Faults met by command"),
        ("damages", "kinds", "Damages by kind of file"),
        ("damages", "harmless", "Damages after which every table and every file that counts reads as before"),
    ):
        if figures.get(name, {}).get(key):
            said = ", ".join(f"{what} {count}" for what, count in figures[name][key].items())
            parts.append(f"{title}: {said}.")
    return "\n\n".join(parts) + "\n" if parts else ""
