"""What was told to which address, ``alerts.json`` in the home: a matter is told once, until it changes or is over.

An address is known by its hash alone. The file is no truth: where it cannot be read, all is told once more.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from typing import Any

from assets.clock import beijing_now
from assets.home import Home, storage_errors, write_whole


def address_id(address: str) -> str:
    """A name for an address that gives nothing of it away."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def read_told(home: Home) -> dict[str, Any]:
    """``matters``: by key, ``fingerprint`` and the ids of the ``addresses`` that have it; ``failed_at``: when sending last failed."""
    with storage_errors(home.alerts):
        content = home.alerts.read_bytes() if home.alerts.exists() else b"{}"
    try:
        told = json.loads(content)
    except ValueError:
        told = {}
    if not isinstance(told, dict) or not isinstance(told.get("matters"), dict):
        return {"matters": {}, "failed_at": None}
    return told


def pending(told: dict[str, Any], key: str, fingerprint: str, addresses: Iterable[str]) -> list[str]:
    """The addresses that have not been told this matter as it is now."""
    known = told["matters"].get(key, {})
    have = known.get("addresses", []) if known.get("fingerprint") == fingerprint else []
    return [address for address in addresses if address_id(address) not in have]


def note_told(home: Home, key: str, fingerprint: str, addresses: Collection[str]) -> None:
    """Note that these addresses have the matter."""
    told = read_told(home)
    known = told["matters"].get(key, {})
    have = known.get("addresses", []) if known.get("fingerprint") == fingerprint else []
    ids = sorted({*have, *map(address_id, addresses)})
    told["matters"][key] = {"fingerprint": fingerprint, "addresses": ids, "at": beijing_now().isoformat(timespec="seconds")}
    told["failed_at"] = None
    _write(home, told)


def note_failed(home: Home) -> None:
    """Note that an address did not take a message; the doctor tells of it, and the next run tries again."""
    told = read_told(home)
    told["failed_at"] = beijing_now().isoformat(timespec="seconds")
    _write(home, told)


def forget_settled(home: Home, kinds: Collection[str], keys: Collection[str]) -> None:
    """Drop the matters of these ``kinds`` that are not among ``keys`` any more: when one comes back, it is news."""
    told = read_told(home)
    over = [key for key in told["matters"] if key.partition(":")[0] in kinds and key not in keys]
    if over:
        for key in over:
            del told["matters"][key]
        _write(home, told)


def _write(home: Home, told: dict[str, Any]) -> None:
    write_whole(home.alerts, json.dumps(told, ensure_ascii=False, indent=1).encode())
