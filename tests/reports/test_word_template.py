"""The office's Word template: what its check finds, what a restyled one prints, and figures altered by hand in a printed file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from docx import Document

from assets.errors import RefusedError, UsageError
from assets.home import Home
from assets.reports.bulletin import write_bulletin
from assets.reports.document import Run, Section
from assets.reports.editorial.sample_copy import copy_sample
from assets.reports.formats.as_docx import render_docx
from assets.reports.formats.word_check import check_template
from assets.reports.formats.word_template import default_template, packed
from assets.reports.formats.word_verify import altered, printed_figures, read_figures
from assets.reports.printing import print_issue
from pipelines.commands.reading import bulletin as bulletin_command
from pipelines.commands.template import check, new

from .documents import bulletin
from .published_database import ISSUE, make_published

FIGURES = Section(
    *(1, "一、甲"),
    (
        (
            Run("受理"),
            Run("774件", figure="composite.accepted.week"),
            Run("、颁发"),
            Run("6613件", figure="composite.issued.week"),
        ),
    ),
)


def changed(content: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The Word file with one part changed, which must change."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    before = parts[part].decode()
    parts[part] = change(before).encode()
    assert parts[part].decode() != before
    return packed(parts)


def test_the_project_s_own_template_is_without_findings_and_always_the_same() -> None:
    assert check_template(default_template()) == []
    assert default_template() == default_template()


@pytest.mark.parametrize(
    ("part", "old", "new_text", "severity", "told"),
    [
        ("word/document.xml", "{{ 印数 }}", "", "ERROR", "不印 {{ 印数 }}"),
        ("word/document.xml", "{{ 题名 }}", "{{ 题 }}", "ERROR", "标记有误"),
        ("word/document.xml", "{{ 题名 }}", "{{ 题名 }", "ERROR", "在这一段：{{ 题名 }"),
        ("word/document.xml", "{{r 段.文字 }}", "{{ 段.文字 }}", "ERROR", "内容控件会丢失"),
        ("word/document.xml", "{%p for 说明 in 数据说明 %}", "{%p for 说明 in [] %}", "ERROR", "数据说明"),
        ("word/document.xml", "{{ 题名 }}", "{{ ''.__class__.__mro__ }}", "ERROR", "标记有误"),
        (
            "word/styles.xml",
            'w:eastAsia="方正小标宋简体"',
            'w:eastAsia="宋体"',
            "WARN",
            "中文字体是 宋体，国标和惯例是方正小标宋简体",
        ),
        ("word/styles.xml", '<w:name w:val="heading 1"/>', '<w:name w:val="一级"/>', "WARN", "不是 Heading 1"),
        ("word/styles.xml", '<w:name w:val="Strong"/>', '<w:name w:val="粗"/>', "WARN", "字符样式"),
        ("word/document.xml", 'w:top="2098"', 'w:top="1440"', "WARN", "上边距是 25 毫米，国标是 37 毫米"),
        ("word/document.xml", 'w:w="11906"', 'w:w="12240"', "WARN", "不是 A4"),
        (
            "word/document.xml",
            '<w:r><w:t xml:space="preserve">{{ 期号',
            '<w:r><w:rPr><w:sz w:val="36"/></w:rPr><w:t xml:space="preserve">{{ 期号',
            "WARN",
            "直接格式",
        ),
        ("word/settings.xml", "<w:evenAndOddHeaders/>", "", "WARN", "奇偶页不同"),
        ("word/settings.xml", 'w:val="15"', 'w:val="12"', "WARN", "兼容模式"),
    ],
)
def test_each_fault_of_a_template_is_told(part: str, old: str, new_text: str, severity: str, told: str) -> None:
    found = check_template(changed(default_template(), part, lambda text: text.replace(old, new_text)))
    assert [finding for finding in found if finding.severity == severity and told in finding.text], found


def test_tags_that_word_has_parted_into_runs_are_read_as_one() -> None:
    parted = '</w:t></w:r><w:proofErr w:type="spellStart"/><w:r w:rsidR="00A1"><w:rPr><w:rFonts w:hint="eastAsia"/><w:lang w:eastAsia="zh-CN"/></w:rPr><w:t>'

    def by_word(text: str) -> str:
        return text.replace("{{ 题名 }}", f"{{{{ 题{parted}名 }}}}").replace(
            "{{r 段.文字 }}", f"{{{parted}{{r 段{parted}.文字 }}}}"
        )

    template = changed(default_template(), "word/document.xml", by_word)
    assert check_template(template) == []
    one = bulletin(FIGURES)
    assert "示例周报" in "".join(paragraph.text for paragraph in Document(io.BytesIO(render_docx(one, template))).paragraphs)


def test_a_tag_s_paragraph_that_holds_a_text_box_is_told_and_prints_nothing() -> None:
    # as LibreOffice writes a frame that was saved as .odt in between: the box goes with the paragraph, and the page with the box
    box = "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>{{ 送 }}</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    end = "{%p endif %}</w:t></w:r>"
    boxed = changed(default_template(), "word/document.xml", lambda text: (end + box).join(text.rsplit(end, 1)))
    assert [(each.severity, "文本框" in each.text) for each in check_template(boxed)] == [("ERROR", True)]
    with pytest.raises(UsageError, match="文本框"):
        render_docx(bulletin(), boxed)


def test_what_is_no_word_file_is_told() -> None:
    (finding,) = check_template(b"no template")
    assert (finding.severity, "no Word document" in finding.text) == ("ERROR", True)


def test_a_restyled_template_is_what_is_printed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    make_published(home.published_database)
    copy_sample(home.editorial)
    new(home=tmp_path)
    restyled = changed(
        home.template.read_bytes(), "word/styles.xml", lambda text: text.replace('w:val="FF0000"', 'w:val="C00000"')
    )
    home.template.write_bytes(restyled)
    check(home=tmp_path)
    (path,) = print_issue(home, ISSUE, formats=("docx",)).paths
    with zipfile.ZipFile(path) as archive:
        assert "C00000" in archive.read("word/styles.xml").decode()
        assert "窗口工作周报" in archive.read("word/document.xml").decode()
    with pytest.raises(UsageError, match="stays as it is"):
        new(home=tmp_path)
    assert home.template.read_bytes() == restyled


def test_a_template_that_cannot_be_filled_prints_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.docx"
    broken.write_bytes(changed(default_template(), "word/document.xml", lambda text: text.replace("{{ 题名 }}", "{{ 题 }}")))
    database = make_published(tmp_path / "warehouse.duckdb")
    copy_sample(tmp_path / "editorial")
    with pytest.raises(UsageError, match="template check"):
        write_bulletin(database, tmp_path / "editorial", tmp_path / "reports", ISSUE, template=broken)
    assert not (tmp_path / "reports").exists()
    with pytest.raises(typer.Exit) as ended:
        check(broken)
    assert ended.value.exit_code == UsageError.exit_code


def test_figures_altered_by_hand_are_named(tmp_path: Path) -> None:
    one = bulletin(FIGURES)
    path = tmp_path / "edited.docx"
    path.write_bytes(render_docx(one))
    assert altered(read_figures(path), one) == []
    assert printed_figures(one) == [("composite.accepted.week", "774件"), ("composite.issued.week", "6613件")]

    def by_hand(text: str) -> str:
        # Word parts what is typed into runs of its own
        retyped = text.replace("774件", "7</w:t></w:r><w:r><w:t>75件")
        start = retyped.index('<w:sdt><w:sdtPr><w:alias w:val="省本级综窗颁发')
        end = retyped.index("</w:sdt>", start) + len("</w:sdt>")
        return retyped[:start] + "<w:r><w:t>6613件</w:t></w:r>" + retyped[end:]

    path.write_bytes(changed(path.read_bytes(), "word/document.xml", by_hand))
    found = altered(read_figures(path), one)
    assert [(each.figure, each.expected, each.found) for each in found] == [
        ("composite.accepted.week", "774件", "775件"),
        ("composite.issued.week", "6613件", None),
    ]
    assert found[0].title == "省本级综窗受理（本周）"


def test_a_printed_file_is_verified_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path)
    home.prepare()
    make_published(home.published_database)
    copy_sample(home.editorial)
    (path,) = print_issue(home, ISSUE, formats=("docx",)).paths
    bulletin_command("verify", path, home=tmp_path)
    assert "17 figures as they were composed" in capsys.readouterr().out
    path.write_bytes(changed(path.read_bytes(), "word/document.xml", lambda text: text.replace("12471件", "12470件")))
    with pytest.raises(typer.Exit) as ended:
        bulletin_command("verify", path, home=tmp_path)
    assert ended.value.exit_code == RefusedError.exit_code
    told = capsys.readouterr().out
    assert all(words in told for words in ("composite.transferred.week", "12471件", "12470件"))
    assert "774件" not in told
    with pytest.raises(UsageError, match="verify FILE"):
        bulletin_command(ISSUE, path, home=tmp_path)
    with pytest.raises(UsageError, match="no Word document"):
        bulletin_command("verify", home.manifest.parent / "warehouse.duckdb", home=tmp_path)
