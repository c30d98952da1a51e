"""The models' headers against their queries, and their order."""

import pytest
from sqlglot import exp

from assets.errors import UsageError
from assets.warehouse.models import SOURCE_SCHEMAS, Model, load_models, read_model

MODELS = load_models()
LAYERS = ["core", "marts", "meta", "views"]


def selected(model: Model) -> list[exp.Expr]:
    assert isinstance(model.parsed, exp.Select)
    return list(model.parsed.selects)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_header_and_query_name_the_same_columns_in_order(model: Model) -> None:
    assert list(model.header.columns) == [column.alias_or_name for column in selected(model)]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_reference_exists_and_reads_downwards(model: Model) -> None:
    for reference in model.references:
        schema = reference.split(".")[0]
        assert reference in MODELS or schema in SOURCE_SCHEMAS
        if schema in LAYERS:
            assert LAYERS.index(schema) <= LAYERS.index(model.schema)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_column_is_described_in_chinese(model: Model) -> None:
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in column.description) for column in model.header.columns.values())
    assert set(model.header.grain) <= set(model.header.columns)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_last_select_has_no_star(model: Model) -> None:
    assert not any(isinstance(column, exp.Star) for column in selected(model))


def test_models_come_after_what_they_read() -> None:
    seen: set[str] = set()
    for name, model in MODELS.items():
        assert {reference for reference in model.references if reference in MODELS} <= seen
        seen.add(name)


def test_a_model_without_header_is_refused_by_file(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path), "marts", "x.sql")
    path.parent.mkdir()
    path.write_text("select 1 as a")
    with pytest.raises(UsageError, match=r"x\.sql:1"):
        read_model(path)
