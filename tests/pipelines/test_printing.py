"""What commands print: a name from outside can neither begin a line, turn a terminal, nor break a document."""

import json
from collections.abc import Callable

import pytest

from assets.visible import visible, visible_lines
from pipelines.printing.lines import line, print_json, print_outcome, print_table, say
from pipelines.printing.status import print_status
from pipelines.running.outcome import Outcome
from tests.conventions import ROOT

FORGED = "a\nzhoubao: published version 9\x1b[2J\r\x9b31m\u202e[red]b\udcff"
SPELLED = r"a\nzhoubao: published version 9\x1b[2J\r\x9b31m\u202e[red]b\udcff"


def test_a_name_is_one_line_and_ordinary_text_is_itself() -> None:
    assert visible(FORGED) == SPELLED
    assert visible("窗口　工作 周报.csv, 民政厅") == "窗口　工作 周报.csv, 民政厅"
    assert visible_lines("first\nzhoubao: second\x1b") == "first\n    zhoubao: second\\x1b"


@pytest.mark.parametrize(
    "shown",
    [
        lambda: line(FORGED),
        lambda: print_table("", ("name",), [[FORGED]]),
        lambda: print_outcome(
            Outcome(
                0,
                {
                    "accounts": [
                        dict.fromkeys(
                            (
                                "delivery",
                                "file",
                                "state",
                                "records",
                                "loaded",
                                "superseded",
                                "quarantined",
                                "reason",
                                "who_fixes",
                            ),
                            FORGED,
                        )
                    ],
                    "held": [{"delivery": FORGED, "state": "waiting", "note": FORGED}],
                    "workbooks": [FORGED],
                    "run_id": "1",
                },
            )
        ),
        lambda: print_status(
            {
                "now": "2023-09-13T09:00:00",
                "morning": {"line": FORGED, "also": [], "missing": []},
                "blocking": [],
                "findings": [],
                "quarantine": [],
                "published": None,
                "changes": None,
                "data": None,
                "last_run": {"exit_code": 1, "error": FORGED, "held": [{"delivery": FORGED, "state": "waiting", "note": FORGED}]},
                "quality": {"page": FORGED},
                "running": FORGED,
            }
        ),
    ],
)
def test_no_output_has_a_line_of_its_own_from_a_name(shown: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    shown()
    said = capsys.readouterr()
    assert SPELLED in said.out
    assert not [
        text for text in (said.out + said.err).split("\n") if text.startswith("zhoubao: published") or not text.isprintable()
    ]


def test_a_message_keeps_its_lines_and_none_can_be_taken_for_another(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"zhoubao: {FORGED}")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [r"zhoubao: a", r"    zhoubao: published version 9\x1b[2J\r\x9b31m\u202e[red]b\udcff"]


def test_a_document_gives_its_texts_back_and_obeys_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": FORGED, "plain": "民政厅"})
    text = capsys.readouterr().out
    assert json.loads(text) == {"name": FORGED, "plain": "民政厅"}
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert "民政厅" in text


def test_commands_print_through_the_gate_alone() -> None:
    """``sql`` passes its result on as data, and ``dev`` prints its own link."""
    wrong = []
    for path in sorted((ROOT / "pipelines").rglob("*.py")):
        if path.name in ("lines.py", "dev.py"):
            continue
        numbered = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        wrong += [f"{path.name}:{at}" for at, text in numbered if text.lstrip().startswith("print(")]
    assert not wrong
