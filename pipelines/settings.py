"""The site's settings: from ``ZHOUBAO_*`` in the environment over ``zhoubao.toml`` in the home over the defaults."""

from datetime import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from assets.calendar import CalendarRules
from assets.errors import UsageError
from assets.exports.landing.bare_files import NO_BARE_FILES, BareFiles
from assets.exports.landing.bounds import BUSINESS_DAYS_AHEAD
from assets.exports.reading.source import ArchiveLimits, FileLimits, WorkbookLimits
from assets.exports.retention_rules import Retention
from assets.home import Home, refuse_unfit
from assets.publication.query_limits import QueryLimits
from assets.publication.store.access import PublishingRules
from assets.reports.bulletin_style import BulletinStyle
from assets.reports.fitness.limits import FitnessLimits
from assets.warehouse.models.rules import CountingRules
from pipelines.alerts.rules import NO_ALERTS, AlertRules
from pipelines.orchestration.records import NO_DATABASE, RecordRules

DEFAULT_HOME = Path("var")


class Automation(BaseModel):
    """What Dagster does by itself, in Beijing's time; ``zhoubao serve`` switches it on whatever the file says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = False
    # a run whatever has arrived; the platform delivers about 02:10, the office reads at 08:00
    run_at: time = time(5, 30)
    # the draft of an issue, on the day of its cut-off
    draft_at: time = time(20)
    # from when on yesterday's delivery is late
    expected_at: time = time(8)
    # how often landing is looked at
    look_seconds: int = Field(default=60, ge=5)


class Settings(BaseSettings):
    """Everything a site may decide; unknown names in ``zhoubao.toml`` are refused."""

    model_config = SettingsConfigDict(env_prefix="ZHOUBAO_", env_nested_delimiter="__", extra="forbid", frozen=True)

    home: Path = DEFAULT_HOME
    # where the platform drops its deliveries, if not in the home
    landing: Path | None = None
    # the pseudonyms' key itself; better a file of mode 0600 than the environment
    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None
    lock_wait_seconds: float = Field(default=60.0, ge=0)
    memory_limit: str = "500MB"
    # of `zhoubao sql`
    sql: QueryLimits = QueryLimits()
    calendar: CalendarRules = CalendarRules()
    counting: CountingRules = CountingRules()
    archives: ArchiveLimits = ArchiveLimits()
    workbooks: WorkbookLimits = WorkbookLimits()
    bare_files: BareFiles = NO_BARE_FILES
    # a delivery of a later business date waits: from the future, one would hide that days are missing
    business_days_ahead: int = Field(default=BUSINESS_DAYS_AHEAD, ge=0, le=3650)
    # originals, in archive and landing alike; None keeps them for ever
    archive_days_to_keep: int | None = Field(default=None, ge=1)
    remove_from_landing: bool = False
    # of rows in the lake, which stay and count as before; None keeps them for ever
    pseudonym_days_to_keep: int | None = Field(default=None, ge=1)
    # of failing rows, in quarantine/ and reports/; None keeps them for ever
    workbook_days_to_keep: int | None = Field(default=None, ge=1)
    # workbooks of the checks, and Dagster's records of runs: the newest so many, and what is still needed
    kept_workbooks: int = Field(default=100, ge=1)
    kept_runs: int = Field(default=100, ge=1)
    # what keeps an issue from print
    fitness: FitnessLimits = FitnessLimits()
    # how it is printed
    bulletin: BulletinStyle = BulletinStyle()
    # publications that can be put in force again
    kept_versions: int = Field(default=10, ge=1)
    # name or number of the group that alone may read what is published; None lets every user of the machine
    reader_group: str | int | None = None
    # where Dagster keeps its records of runs
    records: RecordRules = NO_DATABASE
    # to whom it is told that something is wrong
    alerts: AlertRules = NO_ALERTS
    # what runs by itself under the Dagster daemon
    automation: Automation = Automation()
    # names under which the UI is reached, alongside those of the machine itself
    ui_hosts: tuple[str, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        file = Home(_home_of(init_settings(), env_settings())).settings_file
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    @property
    def place(self) -> Home:
        return Home(self.home.absolute())

    @property
    def limits(self) -> FileLimits:
        return FileLimits(archives=self.archives, workbooks=self.workbooks)

    @property
    def landing_folder(self) -> Path:
        return (self.landing or self.place.landing).absolute()

    @property
    def publishing(self) -> PublishingRules:
        return PublishingRules(self.kept_versions, self.reader_group)

    @property
    def retention(self) -> Retention:
        return Retention(
            self.archive_days_to_keep,
            self.remove_from_landing,
            self.pseudonym_days_to_keep,
            self.workbook_days_to_keep,
            self.kept_workbooks,
        )


def _home_of(*sources: dict[str, Any]) -> Path:
    return Path(next((source["home"] for source in sources if "home" in source), DEFAULT_HOME))


def load_settings(home: Path | None = None, **given: Any) -> Settings:
    """The settings of ``home``. Raises ``UsageError`` naming each wrong setting, without its value."""
    chosen: dict[str, Any] = given if home is None else given | {"home": home}
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise UsageError(f"settings: {problems}") from None
    except ValueError as error:
        raise UsageError(f"zhoubao.toml cannot be read: {error}") from None
    refuse_unfit(settings.place)
    return settings


def code_version() -> str:
    """This project's version, as figures and manifests record it."""
    return version("zhoubao")
