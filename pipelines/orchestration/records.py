"""Where Dagster keeps its records of runs: in SQLite files of the home, or in a PostgreSQL database of the site."""

from importlib.util import find_spec
from os import environ
from typing import Literal

from pydantic import BaseModel, ConfigDict

from assets.errors import UsageError

# the address has a password, so Dagster reads it from the environment and `dagster.yaml` has only this name
RECORDS_URL = "ZHOUBAO_RECORDS_URL"
POSTGRES_STORAGE = {"postgres": {"postgres_url": {"env": RECORDS_URL}}}


class RecordRules(BaseModel):
    """``[records]`` in ``zhoubao.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    storage: Literal["sqlite", "postgres"] = "sqlite"


NO_DATABASE = RecordRules()


def refuse_unready(rules: RecordRules) -> None:
    """Raise ``UsageError`` where PostgreSQL is asked for and its address or its library is not there."""
    if rules.storage != "postgres":
        return
    # SQLAlchemy takes `postgresql://` for another library than Dagster's
    if not environ.get(RECORDS_URL, "").startswith("postgresql+psycopg2://"):
        raise UsageError(
            f"records.storage is postgres: set {RECORDS_URL}, such as postgresql+psycopg2://zhoubao@host/zhoubao, with the password"
        )
    if find_spec("dagster_postgres") is None:
        raise UsageError("records.storage is postgres: install the extra with it, zhoubao[postgres]")
