"""Telling of a run: what is new is handed to a process of its own, and the run does not wait for an address that does not answer."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from assets.clock import beijing_now
from assets.errors import DamageError, StorageError, UnexpectedError, ZhoubaoError
from assets.guard import is_interruption, without_values
from assets.home import Home
from pipelines.running.journal import write_journal
from pipelines.settings import Settings

# apprise is imported and a prompt address has answered in half of this; a service manager may end the child with the run
_SECONDS_WAITED = 1.5
_CHILD = "pipelines.alerts.child"
# ends of a run that its journal would otherwise not know of
_FAILURES = (UnexpectedError.exit_code, StorageError.exit_code, DamageError.exit_code)


@contextmanager
def failures_told(settings: Settings) -> Iterator[None]:
    """Write into the journal, and tell, that a run inside was ended by an error; the error goes on."""
    home = settings.place
    before = _file_of(home)
    try:
        yield
    except BaseException as error:
        # a run that has written its journal has told of it
        if not is_interruption(error) and _file_of(home) == before:
            shown = without_values(error)
            if shown.exit_code in _FAILURES:
                facts = {"error": str(shown)}
                # the disk may be what failed
                with suppress(ZhoubaoError):
                    write_journal(home, {"exit_code": shown.exit_code} | facts)
                tell_of_run(settings, shown.exit_code, facts)
        raise


def _file_of(home: Home) -> int | None:
    """Which file the journal is: writing it makes another."""
    try:
        return home.journal.stat().st_ino
    except OSError:
        return None


def tell_of_run(settings: Settings, exit_code: int, facts: dict[str, Any]) -> None:
    """Tell what is new of a run that has ended so. Nothing that happens here changes how it ended."""
    if not settings.alerts.is_set:
        return
    try:
        _tell(settings, exit_code, facts)
    except Exception as error:
        from pipelines.printing.lines import say

        say(f"zhoubao: alerts were not sent: {without_values(error)}")


def _tell(settings: Settings, exit_code: int, facts: dict[str, Any]) -> None:
    from pipelines.alerts.matters import matters_of
    from pipelines.alerts.told import forget_settled, pending, read_told

    home = settings.place
    addresses = settings.alerts.addresses()
    looked = matters_of(settings, exit_code, facts, beijing_now())
    forget_settled(home, looked.kinds, [matter.key for matter in looked.matters])
    told = read_told(home)
    news = [
        asdict(matter) | {"addresses": waiting}
        for matter in looked.matters
        if (waiting := pending(told, matter.key, matter.fingerprint, addresses))
    ]
    if news:
        child = _started({"home": str(home.root), "seconds": settings.alerts.seconds, "matters": news}, subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            child.wait(_SECONDS_WAITED)


def send_test(settings: Settings) -> list[bool]:
    """Send a test message to each address, in their order; whether each took it."""
    addresses = settings.alerts.addresses()
    body = "这是测试消息：zhoubao alerts test。收到即表示此地址可用。"
    matter = {"key": "", "fingerprint": "", "title": "周报：测试", "body": body, "addresses": addresses}
    child = _started({"home": None, "seconds": settings.alerts.seconds, "matters": [matter]}, subprocess.PIPE)
    output, _ = child.communicate()
    answers = output.decode().splitlines()
    return [number < len(answers) and answers[number] == "sent" for number in range(len(addresses))]


def _started(document: dict[str, Any], stdout: int) -> "subprocess.Popen[bytes]":
    """The child, with what it is to send on its standard input: an argument or a file could be read by others."""
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=stdout,
        # the key of the pseudonyms may be among them
        env={name: value for name, value in os.environ.items() if not name.startswith("ZHOUBAO_")},
        # a library's words may hold the address
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert child.stdin is not None
    with suppress(BrokenPipeError), child.stdin:
        child.stdin.write(json.dumps(document, ensure_ascii=False).encode())
    # closed: `communicate` must not write to it again
    child.stdin = None
    return child
