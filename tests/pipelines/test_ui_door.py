"""The door before the UI: who may ask, from where and in which way, tried on a stand-in for Dagster's pages."""

import socket
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from assets.errors import UsageError
from assets.home import Home
from pipelines.ui.door import COOKIE, Door
from pipelines.ui.processes import bound_socket
from pipelines.ui.token import token_file, ui_token

TOKEN = "t" * 43
BASE = "http://127.0.0.1:3000"
KNOWN = {"Authorization": f"Bearer {TOKEN}"}
JSON = {"Content-Type": "application/json"}
MUTATION = '{"query": "mutation { launchRun }"}'


def pages() -> Starlette:
    async def page(request: Request) -> Response:
        return PlainTextResponse(f"inside {request.method} {request.url.path}")

    async def live(socket: WebSocket) -> None:
        await socket.accept(subprotocol="graphql-ws")
        await socket.send_text("inside")
        await socket.close()

    routes = [WebSocketRoute("/graphql", live), Route("/{path:path}", page, methods=["GET", "POST", "PUT", "DELETE"])]
    return Starlette(routes=routes)


@pytest.fixture
def outside() -> TestClient:
    """A client that brings nothing along."""
    return TestClient(Door(pages(), TOKEN, "/home/ui.token", ("ui.example.cn",)), base_url=BASE, follow_redirects=False)


@pytest.fixture
def inside(outside: TestClient) -> TestClient:
    """A browser after its first visit."""
    outside.get("/", params={"token": TOKEN})
    return outside


def test_who_has_no_token_is_told_where_it_is(outside: TestClient) -> None:
    for path in ("/", "/server_info", "/graphql", "/js/main.js", "//graphql"):
        answer = outside.get(path)
        assert (answer.status_code, "inside" in answer.text) == (401, False)
        assert "/home/ui.token" in answer.text
    assert outside.post("/graphql", content=MUTATION, headers=JSON).status_code == 401


@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}, {"Cookie": f"{COOKIE}={TOKEN}"}]
)
def test_a_wrong_token_opens_nothing(outside: TestClient, headers: dict[str, str]) -> None:
    assert outside.get("/", headers=headers).status_code == 401
    assert outside.get("/", params={"token": TOKEN[:-1]}).status_code == 401


def test_the_first_visit_sets_a_cookie_and_takes_the_token_out_of_the_address(outside: TestClient) -> None:
    first = outside.get("/assets", params={"token": TOKEN, "view": "checks"})
    assert (first.status_code, first.headers["location"]) == (303, "/assets?view=checks")
    cookie = first.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}
    # what a page of another port may get to know is not the token
    assert TOKEN not in cookie
    assert outside.get("/assets").text == "inside GET /assets"


def test_a_first_visit_leads_nowhere_else(outside: TestClient) -> None:
    assert outside.get(f"{BASE}//evil.example/x", params={"token": TOKEN}).headers["location"] == "/evil.example/x"


def test_a_cookie_ends_with_the_server(inside: TestClient) -> None:
    later = TestClient(Door(pages(), TOKEN, ""), base_url=BASE, cookies=dict(inside.cookies))
    assert later.get("/").status_code == 401


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost:9", "localhost", "[::1]:3000", "LOCALHOST", "ui.example.cn:80"])
def test_the_machines_own_names_are_answered(outside: TestClient, host: str) -> None:
    assert outside.get("/", headers=KNOWN | {"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "", "[::1].evil", "10.0.0.1"])
def test_a_name_that_was_made_to_lead_here_is_refused_even_with_the_token(outside: TestClient, host: str) -> None:
    for path in ("/", f"/?token={TOKEN}"):
        assert outside.get(path, headers=KNOWN | {"Host": host}).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:8888", "http://localhost:3000", "null", "file://"])
def test_a_page_of_another_origin_may_not_ask_though_the_browser_sends_the_cookie(inside: TestClient, origin: str) -> None:
    assert inside.post("/graphql", content=MUTATION, headers=JSON | {"Origin": origin}).status_code == 403
    assert inside.delete("/anything", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_or_picture_in_another_page_gets_nothing(inside: TestClient, site: str) -> None:
    assert inside.get("/", headers={"Sec-Fetch-Site": site}).status_code == 403


def test_a_query_in_an_address_is_refused_and_the_page_to_write_one_is_shown(inside: TestClient) -> None:
    for query in ("mutation{launchRun}", "{version}"):
        for accept in ("*/*", "text/html"):
            answer = inside.get("/graphql", params={"query": query}, headers={"Accept": accept})
            assert (answer.status_code, "inside" in answer.text) == (403, False)
    assert inside.get("/graphql/", params={"query": "{version}"}).status_code == 403
    assert inside.get("/graphql", headers={"Accept": "text/html"}).text == "inside GET /graphql"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_what_a_form_can_post_is_no_query(inside: TestClient, kind: str) -> None:
    answer = inside.post("/graphql", params={"query": "mutation{launchRun}"}, content=MUTATION, headers={"Content-Type": kind})
    assert answer.status_code == 415


def test_the_pages_own_requests_pass(inside: TestClient) -> None:
    own = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    assert inside.post("/graphql", content=MUTATION, headers=JSON | own).text == "inside POST /graphql"
    assert inside.get("/", headers={"Sec-Fetch-Site": "none"}).headers["x-frame-options"] == "DENY"


def test_the_websocket_is_behind_the_same_door(outside: TestClient) -> None:
    for headers in ({}, KNOWN | {"Origin": "https://evil.example"}, KNOWN | {"Host": "evil.example"}):
        with pytest.raises(WebSocketDisconnect), outside.websocket_connect("/graphql", headers=headers):
            pass
    with outside.websocket_connect("/graphql", headers=KNOWN | {"Origin": BASE, "Host": "127.0.0.1:3000"}) as socket:
        assert socket.receive_text() == "inside"


def test_the_token_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    token = ui_token(home)
    assert (len(token) >= 43, ui_token(home), token_file(home).stat().st_mode & 0o777) == (True, token, 0o600)
    assert ui_token(Home(tmp_path / "other")) != token
    token_file(home).chmod(0o640)
    with pytest.raises(UsageError, match="others may read the token"):
        ui_token(home)
    token_file(home).chmod(0o600)
    token_file(home).write_text("short\n", encoding="utf-8")
    with pytest.raises(UsageError, match="holds no token"):
        ui_token(home)


def test_no_other_server_can_listen_on_the_port_that_the_door_has_taken() -> None:
    """What Dagster's own program would do, if it did not hand its pages over."""
    with bound_socket(0) as taken, socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(taken.getsockname())
