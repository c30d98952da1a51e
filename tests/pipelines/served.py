"""A home that ``zhoubao dev`` or ``zhoubao serve`` serves, asked over GraphQL as its pages ask."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from assets.home import Home

ROOT = Path(__file__).parents[2]
# on a busy machine two Dagster processes take their time
PATIENCE = 180
OPEN = {"QUEUED", "NOT_STARTED", "STARTING", "STARTED", "CANCELING"}
_REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "zhoubao"}
_LAUNCH = """mutation ($given: ExecutionParams!) { launchPipelineExecution(executionParams: $given) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } ... on InvalidSubsetError { message } } }"""
_BACKFILL = """mutation ($given: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $given) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
_RUN = """query ($id: ID!) { runOrError(runId: $id) { ... on Run {
    status jobName tags { key value } assetMaterializations { assetKey { path } partition } } } }"""
_BACKFILL_STATE = "query ($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
_PLAN = """query ($selector: PipelineSelector!) { executionPlanOrError(pipeline: $selector, mode: "default") {
    __typename ... on ExecutionPlan { steps { key } } ... on PythonError { message } } }"""


@dataclass(frozen=True)
class Ended:
    """A run that has ended: its status and tags, and what it materialized as (asset, partition)."""

    status: str
    tags: dict[str, str]
    made: set[tuple[str, str | None]]


@dataclass(frozen=True)
class Served:
    """The address of the pages, and whose process serves them."""

    home: Home
    address: str
    process: "subprocess.Popen[str]"
    client: httpx.Client = field(repr=False)

    def asked(self, query: str, **variables: Any) -> dict[str, Any]:
        token = (self.home.dagster / "ui.token").read_text(encoding="ascii").strip()
        answer = self.client.post(
            f"{self.address}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"},
        ).json()
        assert "errors" not in answer, answer
        return dict(answer["data"])

    def selector(
        self, job: str = "__ASSET_JOB", assets: Sequence[str] | None = None, checks: Sequence[tuple[str, str]] | None = None
    ) -> dict[str, Any]:
        selector: dict[str, Any] = _REPOSITORY | {"pipelineName": job}
        if assets is not None:
            selector["assetSelection"] = [_path(asset) for asset in assets]
        if checks is not None:
            selector["assetCheckSelection"] = [{"assetKey": _path(asset), "name": name} for asset, name in checks]
        return selector

    def steps_of(self, selector: dict[str, Any]) -> list[str]:
        """The steps that a launch of this selection would carry out."""
        plan = self.asked(_PLAN, selector=selector)["executionPlanOrError"]
        assert plan["__typename"] == "ExecutionPlan", plan
        return [step["key"] for step in plan["steps"]]

    def launch(self, selector: dict[str, Any], **tags: str) -> dict[str, Any]:
        """What the launch was answered with."""
        named = [{"key": key.replace("_", "/", 1), "value": value} for key, value in tags.items()]
        given = {"selector": selector, "mode": "default", "runConfigData": {}, "executionMetadata": {"tags": named}}
        return dict(self.asked(_LAUNCH, given=given)["launchPipelineExecution"])

    def run(self, selector: dict[str, Any], **tags: str) -> Ended:
        """Launch, and wait for the end."""
        answer = self.launch(selector, **tags)
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return self.end_of(answer["run"]["runId"])

    def end_of(self, run_id: str) -> Ended:
        found = waited_for(lambda: _closed(self.asked(_RUN, id=run_id)["runOrError"]))
        made = {("/".join(one["assetKey"]["path"]), one["partition"]) for one in found["assetMaterializations"]}
        return Ended(found["status"], {tag["key"]: tag["value"] for tag in found["tags"]}, made)

    def backfill(self, assets: Sequence[str], partitions: Sequence[str]) -> str:
        """Launch a backfill, and how it ended."""
        given = {"assetSelection": [_path(asset) for asset in assets], "partitionNames": list(partitions), "tags": []}
        answer = self.asked(_BACKFILL, given=given)["launchPartitionBackfill"]
        assert answer["__typename"] == "LaunchBackfillSuccess", answer

        def state() -> str | None:
            found = str(self.asked(_BACKFILL_STATE, id=answer["backfillId"])["partitionBackfillOrError"]["status"])
            return None if found == "REQUESTED" else found

        return str(waited_for(state))


def _closed(run: dict[str, Any]) -> dict[str, Any] | None:
    return None if run["status"] in OPEN else run


def _path(asset: str) -> dict[str, list[str]]:
    return {"path": asset.split("/")}


def waited_for(look: Any) -> Any:
    """What ``look`` gives once that is something."""
    end = time.monotonic() + PATIENCE
    while (found := look()) is None:
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.5)
    return found


@contextmanager
def served(home: Home, command: str = "dev") -> Iterator[Served]:
    """``zhoubao dev`` or ``zhoubao serve`` on a free port, once its assets are loaded; ended at the end of the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ZHOUBAO", "DAGSTER"))}
    words = [sys.executable, "-m", "pipelines.cli", command, "--home", str(home.root), "--port", "0"]
    with (
        subprocess.Popen(
            words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        ) as process,
        httpx.Client(timeout=PATIENCE, trust_env=False) as client,
    ):
        try:
            assert process.stdout is not None
            site = Served(home, process.stdout.readline().strip().partition("/?")[0], process, client)
            waited_for(lambda: site.asked("{ assetNodes { id } }")["assetNodes"] or None)
            yield site
        finally:
            process.terminate()
            process.wait(PATIENCE)
