"""The tags of a run in Dagster: what it took in, what it published, and how it ended."""

from collections.abc import Sequence

from pipelines.running.outcome import Outcome
from pipelines.running.run import Begun

DELIVERIES, EXIT_CODE, VERSION, LAUNCHED_BY = "zhoubao/deliveries", "zhoubao/exit_code", "zhoubao/version", "zhoubao/launched_by"
_MOST_NAMED = 5
# by this tag Dagster's page of a job finds its runs; runs of the command have no location that launched them
REPOSITORY = {".dagster/repository": "__repository__@zhoubao"}


def asked_tags(pending: Begun) -> dict[str, str]:
    """Known before the steps."""
    return {DELIVERIES: _listed(pending.names)}


def outcome_tags(outcome: Outcome) -> dict[str, str]:
    """Known at the end: the exit code of the command, and the version that is in force through it."""
    version = outcome.facts.get("version")
    return {EXIT_CODE: str(outcome.exit_code)} | ({VERSION: version} if version else {})


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "none"
    shown = ", ".join(names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown} … {names[-1]} ({len(names)})"
