"""The bulletin as JSON: by its published schema, with every figure, and what a program reads of it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assets.reports.formats.as_json import JsonBulletin
from tests.conventions import ROOT

from .published_database import FIGURES
from .test_bulletin import written

SCHEMA = ROOT / "docs/bulletin.schema.json"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return json.loads(written(tmp_path_factory.mktemp("json"), formats=("json",))["json"])


def test_the_published_schema_is_that_of_the_program() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == JsonBulletin.model_json_schema()


def test_the_document_is_by_the_schema_which_refuses_another(document: Any) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | {"dated": 3}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({name: part for name, part in document.items() if name != "issue"}, schema)


def test_each_figure_has_its_value_its_words_and_its_definition(document: Any) -> None:
    figures = {each["figure"]: each for each in document["figures"]}
    assert {name: figure["value"] for name, figure in figures.items()} == {name: value[0] for name, value in FIGURES.items()}
    assert figures["composite.accepted.week"]["text"] == "774件"
    assert figures["handbook.share"]["text"] == "54.91%"
    assert all(figure["definition"] for figure in figures.values())
    assert "不含办结结果为作废、删除的件" in figures["licence.completed.ytd"]["definition"]


def test_the_text_can_be_put_together_from_its_runs(document: Any) -> None:
    by_heading = {section["heading"]: section for section in document["sections"]}
    (paragraph,) = by_heading["（一）省本级综窗办件情况"]["paragraphs"]
    assert "".join(run["text"] for run in paragraph).startswith("本周，共计咨询1724人次、")
    assert [run["figure"] for run in paragraph if run["figure"]][:2] == ["composite.consulted.week", "composite.accepted.week"]
    assert (document["issue"]["key"], document["issue"]["window_start"], document["data_through"]) == (
        "2023-34",
        "2023-08-26",
        "2023-09-01",
    )


def test_a_figure_that_is_not_known_is_null_and_visibly_absent(tmp_path: Path) -> None:
    gone = "delete from marts.bulletin_figures where figure = 'composite.issued.week'"
    document = json.loads(written(tmp_path, gone, formats=("json",))["json"])
    (figure,) = [each for each in document["figures"] if each["figure"] == "composite.issued.week"]
    assert (figure["value"], figure["text"]) == (None, "〔缺〕")
