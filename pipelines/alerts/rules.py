"""Where alerts go, as ``[alerts]`` in ``zhoubao.toml`` or the environment says it. Addresses hold tokens and are shown nowhere."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from assets.errors import UsageError
from assets.home import storage_errors


class AlertRules(BaseModel):
    """The addresses in apprise's form, such as ``wecombot://…``, ``dingtalk://…``, ``feishu://…``, ``mailtos://…``, ``json://…``.

    ``urls_file`` has one a line, ``#`` begins a comment; ``seconds`` is how long sending may take, apart from the run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    urls: tuple[SecretStr, ...] = ()
    urls_file: Path | None = None
    seconds: float = Field(default=20.0, gt=0, le=300)

    @property
    def is_set(self) -> bool:
        return bool(self.urls) or self.urls_file is not None

    def addresses(self) -> list[str]:
        """All of them. Raises ``UsageError`` where the file is not there."""
        listed = [url.get_secret_value() for url in self.urls]
        if self.urls_file is not None:
            if not self.urls_file.exists():
                raise UsageError(f"alerts.urls_file: there is no {self.urls_file}")
            with storage_errors(self.urls_file):
                lines = self.urls_file.read_text(encoding="utf-8").splitlines()
            listed += [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        return list(dict.fromkeys(listed))


NO_ALERTS = AlertRules()


def kind_of(address: str) -> str:
    """All that may be shown of an address: its kind. What follows ``://`` may be a token."""
    kind, separator, _ = address.partition("://")
    return kind if separator and kind.isalnum() else "unknown kind"
