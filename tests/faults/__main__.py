"""``python -m tests.faults``: the suite at length, by ``make faults``; exit code 1 where anything was wrong.

``--kills N`` kills, and other faults, in all commands, ``--whole-runs N`` with Dagster and Great Expectations, ``--damages N``
damages, each or as many as ``--seconds S`` allow; ``--beside N`` kills beside a second run and readers, ``--publications N`` under the
eyes of readers. ``--note`` writes the figures to ``figures.json``, ``--add`` adds them to those that are there, and ``--docs`` prints
``docs/faults.md``.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tests.faults.campaigns import beside, damages, kills, publications, whole_runs
from tests.faults.table import FIGURES, page
from tests.faults.worker import in_worker

_MOST_SHOWN = 30


def main() -> None:
    """As the module says."""
    options = _options()
    if options.docs:
        print(page(), end="")
        return
    parts: dict[str, tuple[Callable[..., dict[str, Any]], tuple[Any, ...]]] = {
        "kills": (kills, (options.kills, options.seconds, options.seed)),
        "whole_runs": (whole_runs, (options.whole_runs, options.seconds, options.seed)),
        "beside": (beside, (options.beside, options.seed)),
        "damages": (damages, (options.damages, options.seconds, options.act_on_each, options.seed)),
    }
    found = {}
    with tempfile.TemporaryDirectory(prefix="zhoubao-faults-", dir=options.folder) as folder:
        for name, (work, arguments) in parts.items():
            if arguments[0]:
                found[name] = in_worker(work, Path(folder), *arguments)
                _show(name, found[name])
        if options.publications:
            # it starts readers and publishers by itself
            found["publications"] = publications(Path(folder), options.publications, options.seed)
            _show("publications", found["publications"])
    if options.note or options.add:
        _note(found, options.add)
    sys.exit(int(any(part["wrong"] or part.get("unnoticed") for part in found.values())))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--whole-runs", type=int, default=0)
    parser.add_argument("--beside", type=int, default=0)
    parser.add_argument("--publications", type=int, default=0)
    parser.add_argument("--damages", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--act-on-each", type=int, default=10, help="after every so many damages, commands are tried")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--folder", type=Path, default=None, help="where the homes are made; a disk in memory saves time")
    parser.add_argument("--note", action="store_true")
    parser.add_argument("--add", action="store_true", help="a campaign in several parts")
    parser.add_argument("--docs", action="store_true")
    return parser.parse_args()


def _show(name: str, part: dict[str, Any]) -> None:
    plain = {key: value for key, value in part.items() if not isinstance(value, list)}
    print(f"{name}: {json.dumps(plain, ensure_ascii=False)}")
    for key in ("wrong", "unnoticed"):
        lines = part.get(key, [])
        if lines:
            print(
                f"  {key}: {len(lines)}, by their first words {dict(Counter(line.split(':')[0] for line in lines).most_common(5))}"
            )
        for line in lines[:_MOST_SHOWN]:
            print(f"    {line}")


def _note(found: dict[str, Any], is_added: bool) -> None:
    """The figures, lists as their lengths, in the place of those of the same parts, or added to them."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    for name, part in found.items():
        short = {key: len(value) if isinstance(value, list) else value for key, value in part.items()}
        sums = _sums(figures[name], short) if is_added and name in figures else short
        figures[name] = sums | {"taken_on": str(date.today())}
    FIGURES.write_text(json.dumps(figures, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _sums(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Numbers added up, by name; of the points that were met no more is known than how many one part met."""
    found = dict(one)
    for name, value in other.items():
        if isinstance(value, dict):
            found[name] = _sums(one.get(name, {}), value)
        else:
            found[name] = max(one.get(name, 0), value) if name == "points" else one.get(name, 0) + value
    return dict(sorted(found.items()))


if __name__ == "__main__":
    main()
