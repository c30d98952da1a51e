"""A new issue's files: commented, right once they are filled in, with what the last issue's copy has that stays the same."""

from pathlib import Path

import pytest

from assets.calendar import CalendarRules, find_issue, load_working_days
from assets.errors import RefusedError
from assets.reports.editorial.editorial import read_editorial
from assets.reports.editorial.new import lay_out
from assets.reports.editorial.sample_copy import copy_sample
from assets.reports.text.patterns import default_wording, read_wording
from pipelines.commands.editorial import new

from .editorial_copy import KNOWN

ISSUE = find_issue("2023-35", CalendarRules(), load_working_days(None))
FILES = {"masthead.md", "other_work.md", "hall.md", "duty.md", "news.md"}


def laid_out(folder: Path) -> Path:
    copy_sample(folder)
    lay_out(folder, ISSUE)
    return folder / ISSUE.issue_key


def fill(path: Path, old: str, new_text: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new_text), encoding="utf-8")


def test_the_files_are_right_once_the_office_has_filled_them_in(tmp_path: Path) -> None:
    folder = laid_out(tmp_path)
    assert {path.name for path in folder.iterdir()} == FILES
    fill(folder / "masthead.md", "日期:\n", "日期: 2023-09-15\n")
    fill(folder / "duty.md", "\n名单:\n", "\n名单:\n  - 部门: 水利厅\n    职务: 副厅长\n    姓名: 林示远\n")
    for name in ("other_work.md", "hall.md", "news.md"):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("1. **水利厅**印发通知。\n")
    copy, findings = read_editorial(folder, ISSUE, KNOWN)
    assert findings == []
    assert copy.masthead is not None
    assert (copy.masthead.publisher, copy.masthead.copies) == ("省政务服务中心（示例）", 91)
    assert (copy.masthead.send, copy.masthead.distribute) == (
        "示例中心领导，示例部门（单位）",
        "示例部门（单位）窗口，示例中心各处（室）",
    )
    assert all(items is not None and len(items) == 1 for items in (copy.other_work, copy.hall, copy.news))
    assert copy.duty is not None
    assert len(copy.duty) == 1


def test_what_is_not_filled_in_is_no_fault_but_no_copy(tmp_path: Path) -> None:
    copy, findings = read_editorial(laid_out(tmp_path), ISSUE, KNOWN)
    assert findings == []
    assert (copy.other_work, copy.hall, copy.news, copy.duty) == (None,) * 4
    assert copy.masthead is not None
    assert (copy.masthead.date, copy.masthead.copies) == (None, 91)


def test_of_a_masthead_that_was_never_finished_the_rest_is_carried_over(tmp_path: Path) -> None:
    copy_sample(tmp_path)
    fill(tmp_path / "2023-34/masthead.md", "日期: 2023-09-11", "日期:")
    fill(tmp_path / "2023-34/masthead.md", "印数: 91", "印数:")
    lay_out(tmp_path, ISSUE)
    text = (tmp_path / "2023-35/masthead.md").read_text(encoding="utf-8")
    assert "\n主办单位: 省政务服务中心（示例）\n日期:\n" in text
    assert "\n印数:\n" in text


def test_the_last_issue_s_items_are_offered_as_comments_that_can_be_taken_up(tmp_path: Path) -> None:
    folder = laid_out(tmp_path)
    text = (folder / "other_work.md").read_text(encoding="utf-8")
    offered = [line.removeprefix("# ") for line in text.split("\n") if line.startswith(("# 1. ", "# 2. "))]
    sample = (tmp_path / "2023-34/other_work.md").read_text(encoding="utf-8").strip().split("\n")
    assert offered == sample
    with (folder / "other_work.md").open("a", encoding="utf-8") as file:
        file.write(f"{offered[0]}\n")
    copy, _ = read_editorial(folder, ISSUE, KNOWN)
    assert copy.other_work is not None
    assert copy.other_work == read_editorial(tmp_path / "2023-34", ISSUE, KNOWN)[0].other_work[:1]  # type: ignore[index]


def test_bold_departments_are_offered_bold(tmp_path: Path) -> None:
    copy_sample(tmp_path)
    (tmp_path / "2023-34/other_work.md").write_text("1. **水利厅**与**民政厅**会商。\n\n   另一段。\n", encoding="utf-8")
    lay_out(tmp_path, ISSUE)
    text = (tmp_path / "2023-35/other_work.md").read_text(encoding="utf-8")
    assert "# 1. **水利厅**与**民政厅**会商。\n#    另一段。\n" in text


@pytest.mark.parametrize("mark", ["# ", "#"])
def test_the_duty_list_s_example_is_a_list_once_its_marks_are_removed(tmp_path: Path, mark: str) -> None:
    duty = laid_out(tmp_path) / "duty.md"
    lines = duty.read_text(encoding="utf-8").split("\n")
    start = next(number for number, line in enumerate(lines) if "部门: 民政厅" in line)
    lines[start : start + 3] = [line.removeprefix(mark) for line in lines[start : start + 3]]
    duty.write_text("\n".join(lines), encoding="utf-8")
    copy, findings = read_editorial(duty.parent, ISSUE, KNOWN)
    assert [str(finding) for finding in findings] == []
    assert [(entry.department, entry.post) for entry in copy.duty or ()] == [("民政厅", "副厅长")]


def test_without_an_earlier_issue_the_keys_are_there_and_empty(tmp_path: Path) -> None:
    done = lay_out(tmp_path, ISSUE)
    assert done.last_issue is None
    text = (tmp_path / "2023-35/masthead.md").read_text(encoding="utf-8")
    assert all(f"\n{key}:\n" in text for key in ("主办单位", "日期", "送", "发", "印数"))


def test_what_is_there_stays(tmp_path: Path) -> None:
    own = tmp_path / "2023-35/hall.md"
    own.parent.mkdir(parents=True)
    own.write_text("1. 已写好。\n", encoding="utf-8")
    done = lay_out(tmp_path, ISSUE)
    assert done.kept == (own,)
    assert own.read_text(encoding="utf-8") == "1. 已写好。\n"
    assert {path.name for path in done.written} == (FILES - {"hall.md"}) | {"wording.toml"}
    assert lay_out(tmp_path, ISSUE).written == ()


@pytest.mark.parametrize("publisher", ["a: b # c", "- 甲", "'甲'", "12", "yes", "甲，乙", "[甲]"])
def test_a_publisher_that_yaml_would_take_for_something_else_is_carried_over(tmp_path: Path, publisher: str) -> None:
    copy_sample(tmp_path)
    fill(tmp_path / "2023-34/masthead.md", "省政务服务中心（示例）", f'"{publisher}"')
    lay_out(tmp_path, ISSUE)
    fill(tmp_path / "2023-35/masthead.md", "日期:\n", "日期: 2023-09-15\n")
    copy, _ = read_editorial(tmp_path / "2023-35", ISSUE, KNOWN)
    assert copy.masthead is not None
    assert copy.masthead.publisher == publisher


def test_the_laid_out_sentences_change_nothing_until_one_is_uncommented(tmp_path: Path) -> None:
    lay_out(tmp_path, ISSUE)
    wording, findings = read_wording(tmp_path)
    assert (wording, findings.found) == (default_wording(), [])
    fill(tmp_path / "wording.toml", '# none = "本周，没有办理项', 'none = "本周没有办理项')
    wording, findings = read_wording(tmp_path)
    assert wording.sentences["handbook_week"]["none"].startswith("本周没有办理项")
    assert findings.found == []


def test_the_command_says_what_it_wrote_and_refuses_an_issue_that_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new("2023-35", home=tmp_path)
    written = capsys.readouterr().out.split()
    assert {Path(name).name for name in written} == FILES | {"wording.toml"}
    with pytest.raises(RefusedError, match="there is no issue"):
        new("2023-60", home=tmp_path)
