"""The process that sends alerts: what to send to whom comes on standard input, and it ends by itself after the seconds it is given.

For each message and address one line on standard output, ``sent`` or ``not sent``. Nothing of an address or an answer is printed.
"""

import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from assets.errors import StorageError
from assets.home import Home
from pipelines.alerts.told import note_failed, note_told


def main() -> None:
    """Send all of it."""
    document = json.load(sys.stdin)
    # a library may wait for an answer within C code: the end is the kernel's
    signal.signal(signal.SIGALRM, lambda *_: os._exit(1))
    signal.setitimer(signal.ITIMER_REAL, document["seconds"])
    os.umask(0o077)
    logging.disable(logging.CRITICAL)
    home = Home(Path(document["home"])) if document["home"] else None
    try:
        for matter in document["matters"]:
            _send(home, matter)
    except StorageError:
        sys.exit(StorageError.exit_code)


def _send(home: Home | None, matter: dict[str, Any]) -> None:
    for address in matter["addresses"]:
        if home is not None:
            # said before: a process that is ended while it waits says nothing afterwards
            note_failed(home)
        is_sent = _is_sent(address, matter["title"], matter["body"])
        sys.stdout.write("sent\n" if is_sent else "not sent\n")
        sys.stdout.flush()
        if is_sent and home is not None:
            note_told(home, matter["key"], matter["fingerprint"], [address])


def _is_sent(address: str, title: str, body: str) -> bool:
    import apprise

    sender = apprise.Apprise()
    return bool(sender.add(address)) and bool(sender.notify(body=body, title=title, notify_type=apprise.NotifyType.WARNING))


if __name__ == "__main__":
    main()
