"""Every asset, check, partition and job, launched over GraphQL as the pages launch them: each does what its name says, or is refused."""

import json
import shutil
from datetime import date
from pathlib import Path

from assets.home import Home
from assets.platform.simulator import simulate
from assets.reports.assets import BULLETIN
from pipelines.orchestration.schedules import draft_due
from pipelines.orchestration.whole_run import STEP
from pipelines.settings import load_settings
from tests.pipelines.served import Served, served

ISSUE, FIRST, LAST = "2023-34", date(2023, 8, 26), date(2023, 9, 1)
_NODES = "{ assetNodes { assetKey { path } isExecutable assetChecksOrError { ... on AssetChecks { checks { name } } } } }"
_ISSUES = '{ assetNodeOrError(assetKey: {path: ["reports", "bulletin"]}) { ... on AssetNode { partitionKeys } } }'


def test_every_button_does_what_its_name_says(tmp_path: Path) -> None:
    """One story on one served home, since each of its runs takes its time."""
    home = Home(tmp_path / "home")
    home.prepare()
    simulate(home.landing, FIRST, LAST, cases_per_day=10, seed=3)
    with served(home) as site:
        assets, checks, outside = buttons(site)
        assert len(assets) > 40 and len(checks) > 100
        bulletin = "/".join(BULLETIN.path)

        # what nobody here makes cannot be asked for: alone, with all others, or as a partition
        assert {f"platform/{feed}" for feed in ("accept", "result", "landing")} < set(outside)
        for asset in outside:
            answer = site.launch(site.selector(assets=[asset]))
            assert "must be a subset of existing executable asset keys" in answer["message"]

        # all: what is pending is published, then the newest issue is printed
        made = site.run(site.selector(assets=assets))
        assert (made.status, made.tags["zhoubao/exit_code"]) == ("SUCCESS", "0")
        assert {asset for asset, _ in made.made} >= set(assets)
        assert {partition for asset, partition in made.made if asset == bulletin} == {ISSUE}
        days = {partition for asset, partition in made.made if asset == "platform/result"}
        assert days == {f"2023-08-{day}" for day in range(26, 32)} | {"2023-09-01"}
        assert journal(home)["exit_code"] == 0
        assert (home.reports / ISSUE / f"bulletin-{ISSUE}.docx").exists()
        published = home.manifest.read_bytes()

        # each alone: carried out by the one step, or the bulletin's
        for asset in assets:
            expected = ["reports__bulletin"] if asset == bulletin else [STEP]
            assert site.steps_of(site.selector(assets=[asset])) == expected
        for check in checks[::20]:
            assert site.steps_of(site.selector(assets=[], checks=[check])) == [STEP]

        # the job, and one asset: nothing is new, so nothing is published
        made = site.run(site.selector("run"))
        assert (made.status, made.tags["zhoubao/exit_code"], made.made) == ("SUCCESS", "3", set())
        assert journal(home)["exit_code"] == 3
        # a check is carried out; partitions: the issue that is there, and none that is not; all as the page asks for it
        checked = len(list(home.reports.glob("checks_*.xlsx")))
        made = site.run(site.selector(assets=[], checks=[("marts/daily_counts", "daily_counts_grain")]))
        assert (made.status, made.made) == ("SUCCESS", set())
        assert len(list(home.reports.glob("checks_*.xlsx"))) == checked + 1
        assert made.tags["zhoubao/exit_code"] == "0"
        assert site.asked(_ISSUES)["assetNodeOrError"]["partitionKeys"] == [ISSUE]
        assert site.backfill([bulletin, "published/database", "lake/handbook"], [ISSUE]) == "COMPLETED_SUCCESS"
        assert home.manifest.read_bytes() == published
    settings = load_settings(home.root)
    assert "已经印过" in str(getattr(draft_due(settings, LAST), "skip_message", ""))
    shutil.rmtree(home.reports / ISSUE)
    assert getattr(draft_due(settings, LAST), "partition_key", None) == ISSUE


def buttons(site: Served) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """The assets that can be launched, the checks, and the assets that cannot."""
    nodes = [("/".join(node["assetKey"]["path"]), node) for node in site.asked(_NODES)["assetNodes"]]
    checks = [(key, check["name"]) for key, node in nodes for check in node["assetChecksOrError"].get("checks", [])]
    return (
        sorted(key for key, node in nodes if node["isExecutable"]),
        checks,
        sorted(key for key, node in nodes if not node["isExecutable"]),
    )


def journal(home: Home) -> dict[str, object]:
    return dict(json.loads(home.journal.read_text(encoding="utf-8")))
