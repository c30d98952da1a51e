"""Compare the licences of all that zhoubao needs to run with those that were reviewed (``licences.yaml``); 1 where one is not."""

import re
import sys
from collections import defaultdict
from importlib.metadata import Distribution, distribution
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REVIEWED = Path(__file__).with_name("licences.yaml")
OWN = "zhoubao"
NONE = "none"


def needed(name: str) -> dict[str, Distribution]:
    """What ``name`` needs in this environment, and what that needs, by name."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    to_see = [(name, frozenset[str]())]
    while to_see:
        one, extras = to_see.pop()
        one = canonicalize_name(one)
        if (one, extras) in seen:
            continue
        seen.add((one, extras))
        found[one] = distribution(one)
        for text in found[one].requires or ():
            requirement = Requirement(text)
            applies = [requirement.marker is None or requirement.marker.evaluate({"extra": extra}) for extra in extras or {""}]
            if any(applies):
                to_see.append((requirement.name, frozenset(requirement.extras)))
    return found


def licence_of(package: Distribution) -> str:
    """The licence as its metadata says: the expression, else the classifiers, else the first line of the text."""
    metadata = package.metadata
    classifiers = [text.split(" :: ")[-1] for text in metadata.get_all("Classifier") or () if text.startswith("License ::")]
    named = " / ".join(text for text in classifiers if text != "OSI Approved")
    return metadata.get("License-Expression") or named or (metadata.get("License") or "").strip().split("\n")[0] or NONE


def reviewed_licence(package: Distribution, read: dict[str, str]) -> str:
    """The licence as its metadata says, or, where they say none, as somebody ``read`` it at its source."""
    stated = licence_of(package)
    return read.get(canonicalize_name(package.name), stated) if stated == NONE else stated


def is_allowed(licence: str, allowed: set[str]) -> bool:
    """Of alternatives one must be allowed; of several that hold together, and of several classifiers, every one."""
    return any(
        all(part.strip(" ()") in allowed or part.strip() in allowed for part in re.split(r" AND | / ", choice))
        for choice in licence.split(" OR ")
    )


def main() -> int:
    """Print every licence with its packages, and those that nobody reviewed."""
    reviewed = yaml.safe_load(REVIEWED.read_text(encoding="utf-8"))
    allowed = set(reviewed["allowed"])
    packages: dict[str, list[str]] = defaultdict(list)
    for name, package in needed(OWN).items():
        if name != OWN:
            packages[reviewed_licence(package, reviewed["read"])].append(name)
    for licence, names in sorted(packages.items()):
        print(f"{licence}: {', '.join(sorted(names))}")
    wrong = {licence: names for licence, names in packages.items() if not is_allowed(licence, allowed)}
    for licence, names in wrong.items():
        print(f"not reviewed: {licence} of {', '.join(names)}; see .ci/licences.yaml", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
