"""The commands as the suite runs them: the command line's own ``main`` in a child, on a copy of the home that the command needs."""

import io
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pipelines.cli
from tests.faults import plain_run

ISSUE = "2023-34"
# one of the simulator's files unpacks to more than this: it is quarantined as a whole until the limit is raised
TIGHT = {"ZHOUBAO_ARCHIVES__MAX_UNPACKED_BYTES": "4000"}


@dataclass(frozen=True)
class Command:
    """One command: its words, the stage of the home it starts from, and how it ends undisturbed.

    ``{version}`` in the words is the first version published, ``{opening}`` the file with opening balances, ``{key}`` one with a
    new key; ``typed`` is what the command reads. ``again`` are the codes that the same command may end with when its work was
    done already.
    """

    name: str
    words: tuple[str, ...]
    stage: str
    code: int
    again: tuple[int, ...] = (0, 3)
    # what the same command refuses once its record is in the lake, the next run finishes
    finished_by: str = ""
    typed: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    # without Dagster's and Great Expectations' machinery
    is_plain: bool = True


COMMANDS = (
    Command("opening", ("opening", "{opening}"), "landed", 0),
    Command("first run", ("run",), "opened", 5, (5, 3), environment=TIGHT),
    Command("run", ("run",), "second day landed", 0, (0, 3)),
    Command("retry", ("retry",), "published twice", 0, (0, 3)),
    Command("reread", ("reread", "--from", "2023-08-30"), "published twice", 0, (0, 3)),
    Command("check", ("check",), "published twice", 0),
    Command("rollback", ("publish", "--rollback", "{version}"), "published twice", 0),
    Command("publish", ("publish",), "rolled back", 0),
    Command("rebuild", ("rebuild",), "published twice", 0),
    Command("bulletin", ("bulletin", ISSUE, "--draft"), "published twice", 0),
    Command("freeze", ("bulletin", ISSUE, "--freeze", "--despite", "演练"), "published twice", 0, (0, 3, 4), "run"),
    Command("rotate", ("key", "rotate", "--new-key-file", "{key}"), "published twice", 0, (0, 2, 3), "run"),
    Command("erase", ("erase", "--case", "2023-01", "--despite-unsettled"), "published twice", 0, (0, 3), "run", "{person}"),
    Command("withdraw", ("withdraw", "20230902_01", "--reason", "演练"), "published twice", 0, (0, 3), "run"),
    Command("erratum", ("bulletin", ISSUE, "--erratum", "更正"), "frozen", 0, (0, 3, 4), "run"),
)
WHOLE_RUN = Command("whole run", ("run",), "second day landed", 0, (0, 3), is_plain=False)
BY_NAME = {command.name: command for command in (*COMMANDS, WHOLE_RUN)}


def as_program(
    words: tuple[str, ...], root: Path, environment: Mapping[str, str], is_plain: bool = True, typed: str = ""
) -> Callable[[], int]:
    """What a child does: the command line with ``words`` on the home ``root``, which reads what is ``typed``; its exit code."""

    def main() -> int:
        if is_plain:
            plain_run.stand_in()
        os.environ.update({"ZHOUBAO_LOCK_WAIT_SECONDS": "0"} | dict(environment))
        sys.argv = ["zhoubao", *words, "--home", str(root)]
        sys.stdin = io.StringIO(typed)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")
        try:
            pipelines.cli.main()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        return 0

    return main
