"""The command line as a whole: every command in its help, each in the words of its own, and nothing imported before its time."""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets.errors import UsageError
from pipelines.cli import COMMANDS, app, command_of

_IMPORTED = "import json, sys; from pipelines import cli; print(json.dumps([name for name in sys.modules if name.startswith('pipelines.')]))"


def test_no_command_is_imported_before_it_is_called() -> None:
    told = subprocess.run([sys.executable, "-c", _IMPORTED], capture_output=True, check=True)
    assert set(json.loads(told.stdout)) == {"pipelines.cli", "pipelines.printing", "pipelines.printing.lines"}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_help_of_the_whole_is_the_commands_own(name: str) -> None:
    command = command_of(name)
    assert inspect.cleandoc(command.help).split("\n\n")[0] == COMMANDS[name][1]


def test_the_help_names_every_command_and_its_own_help_every_option() -> None:
    whole = " ".join(CliRunner().invoke(app, ["--help"], env={"COLUMNS": "300"}).output.split())
    for name, (_, line) in COMMANDS.items():
        assert f"{name} {line}" in whole
    of_status = CliRunner().invoke(app, ["status", "--help"]).output
    assert "--home" in of_status and "--json" in of_status
    of_keys = CliRunner().invoke(app, ["key", "--help"]).output
    assert "rotate" in of_keys and "completion" not in of_keys


def test_wrong_words_end_with_2_as_the_command_says() -> None:
    assert CliRunner().invoke(app, ["sttus"]).exit_code == 2
    assert CliRunner().invoke(app, ["status", "--hom"]).exit_code == 2


@pytest.mark.parametrize("option", ["--waive", "--accept"])
def test_a_waiver_is_asked_for_by_its_own_name_and_by_the_former_one(option: str, tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["run", "--home", str(tmp_path), option, "typo", "--reason", "已核实"])
    assert isinstance(told.exception, UsageError) and str(told.exception).startswith("--waive: there is no check typo")
    without = CliRunner().invoke(app, ["run", "--home", str(tmp_path), option, "typo"])
    assert str(without.exception) == "--waive and --reason go together"
