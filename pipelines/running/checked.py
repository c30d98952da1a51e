"""``zhoubao check``, and what a run reports about its checks: paths of workbook and page, waivers that were not needed."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

from assets.errors import RefusedError
from assets.home import Home
from assets.publication.checking import check_and_show
from assets.quality.open_findings import open_findings, waived_at
from assets.quality.output.places import findings_path, page_path
from assets.quality.results import CheckResult, last_run, worst_first
from assets.quality.suites.suite import Severity
from assets.warehouse.state.ledger import checked_inputs, is_built
from assets.warehouse.store import Warehouse
from pipelines.printing.lines import path_if_there
from pipelines.resources import warehouse_of
from pipelines.settings import Settings

DONE, NOTHING_BUILT = 0, 3


@dataclass(frozen=True)
class Checked:
    """How ``zhoubao check`` ended: its exit code, and the document that is printed."""

    exit_code: int
    document: dict[str, Any]


def check_now(settings: Settings, whole: bool = False) -> Checked:
    """Check the build in force, or its ``whole`` history, under the writer's lock; nothing is published.

    It ends with ``RefusedError``'s code where a check would keep a run from publishing. Raises ``BusyError``.
    """
    warehouse = warehouse_of(settings)
    if not warehouse.home.warehouse.exists():
        return _nothing_built()
    with warehouse.open("check") as connection:
        if not is_built(connection):
            return _nothing_built()
        run = check_and_show(connection, warehouse, whole=whole)
    document = {
        "run_at": str(run.results[0].run_at),
        "whole_history": whole,
        "checks": [asdict(result) | {"rate": result.rate_text, "blocks": result.blocks} for result in worst_first(run.results)],
        "totals": {severity: _total(run.results, severity) for severity in get_args(Severity)},
        "workbook": str(run.workbook),
        "page": str(page_path(warehouse.home)),
    }
    return Checked(RefusedError.exit_code if run.blocking else DONE, document)


def _nothing_built() -> Checked:
    return Checked(NOTHING_BUILT, {"checks": []})


def _total(results: Sequence[CheckResult], severity: str) -> dict[str, int]:
    of_it = [result for result in results if result.severity == severity]
    return {
        "checks": len(of_it),
        "passed": sum(result.passed for result in of_it),
        "failed": sum(result.status == "failed" for result in of_it),
        "broken": sum(result.status == "broken" for result in of_it),
        "accepted": sum(result.accepted_reason is not None for result in of_it),
    }


def checks_of_open_findings(warehouse: Warehouse) -> set[str]:
    """The checks that found something on an earlier day, too, which nothing has settled since."""
    with warehouse.open("status") as connection:
        return {finding.check_id for finding in open_findings(connection)}


def waived_with(warehouse: Warehouse, checked: Sequence[CheckResult]) -> set[str]:
    """The checks whose finding of an earlier day was settled by a waiver in the run of these results."""
    if not checked:
        return set()
    with warehouse.open("status") as connection:
        return waived_at(connection, checked[0].run_at)


def checks_of_build(warehouse: Warehouse) -> list[CheckResult]:
    """The newest results if they are of the build in force; empty if that was not checked yet."""
    with warehouse.open("status") as connection:
        return last_run(connection) if checked_inputs(connection) else []


def checked_facts(home: Home, checked: Sequence[CheckResult], requested: Iterable[str] = ()) -> dict[str, Any]:
    """The facts of ``checked`` for the outcome of a run; ``requested`` are the checks for which a waiver was asked."""
    if not checked:
        return {}
    passed = {result.check_id for result in checked if result.passed}
    return {
        "checks": {
            "run_at": str(checked[0].run_at),
            "workbook": path_if_there(findings_path(home, checked[0].run_at)),
            "page": path_if_there(page_path(home)),
            "not_accepted": sorted(passed & set(requested)),
        }
    }
