"""``zhoubao dev`` itself: both of its processes run, answer at the door as they should, and end together."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from assets.home import Home

ROOT = Path(__file__).parents[2]
# on a busy machine two Dagster processes take their time
PATIENCE = 180
MUTATION = "mutation{reloadWorkspace{__typename}}"


@dataclass(frozen=True)
class Site:
    """A running ``zhoubao dev``: its address, the token of its home, and its process."""

    address: str
    token: str
    process: "subprocess.Popen[str]"

    @property
    def known(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = Home(tmp_path_factory.mktemp("site") / "home")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ZHOUBAO", "DAGSTER"))}
    command = [sys.executable, "-m", "pipelines.cli", "dev", "--home", str(home.root), "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            link = process.stdout.readline().strip()
            token = (home.dagster / "ui.token").read_text(encoding="ascii").strip()
            # what may be a log does not hold the token
            assert token not in link
            yield Site(link.partition("/?")[0], token, process)
        finally:
            process.kill()


def test_it_answers_who_has_the_token_and_nobody_else_and_ends_when_asked(site: Site) -> None:
    """One story, since the start takes its time."""
    graphql = f"{site.address}/graphql"
    asked = {"query": "{version instance{info}}"}
    with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
        assert client.get(site.address).status_code == 401
        assert client.post(graphql, json=asked).status_code == 401
        answer = client.post(graphql, json=asked, headers=site.known).json()["data"]
        assert "telemetry" not in answer["instance"]["info"] or "enabled: false" in answer["instance"]["info"]
        assert client.get(graphql, params={"query": MUTATION}, headers=site.known).status_code == 403
        assert client.get(site.address, headers=site.known | {"Host": "evil.example"}).status_code == 403
        foreign = site.known | {"Origin": "https://evil.example"}
        assert client.post(graphql, json={"query": MUTATION}, headers=foreign).status_code == 403
        # a browser: the link, then the page and its requests
        assert client.get(f"{site.address}/", params={"token": site.token}).status_code == 303
        assert client.get(f"{site.address}/").headers["x-frame-options"] == "DENY"
        own = {"Origin": site.address, "Sec-Fetch-Site": "same-origin"}
        assert client.post(graphql, json={"query": MUTATION}, headers=own).status_code == 200
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with connect(
        graphql.replace("http:", "ws:"),
        origin=Origin(site.address),
        additional_headers={"Cookie": cookie},
        subprotocols=[Subprotocol("graphql-ws")],
        proxy=None,
    ) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(socket.recv(PATIENCE)) == {"type": "connection_ack"}
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(PATIENCE) == 0
    assert processes_of(site.process.pid) == []


def processes_of(parent: int) -> list[int]:
    """The processes that ``parent`` started and that still run."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            found += [int(folder.name)] if int(fields[1]) == parent and fields[0] != "Z" else []
    return found
