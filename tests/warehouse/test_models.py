"""Reading the models, and their order; what is proved of each stands in ``test_model_checks.py``."""

import pytest

from assets.errors import UsageError
from assets.warehouse.models.model import load_models, read_model

MODELS = load_models()


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
