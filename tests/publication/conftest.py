"""A home with a small warehouse, open as during a run, and its models."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from assets.home import Home
from assets.warehouse.models.model import Model

from .small_warehouse import small_models, small_warehouse


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def models(tmp_path: Path) -> dict[str, Model]:
    return small_models(tmp_path / "sql")


@pytest.fixture
def warehouse(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = small_warehouse(home)
    yield connection
    connection.close()
