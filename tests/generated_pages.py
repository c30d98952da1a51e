"""The pages and the snapshot that are made from the models, the suites and the asset graph: ``make docs`` writes them, for review."""

import sys
from collections.abc import Callable
from pathlib import Path

from assets.quality.suites.docs import checks_as_markdown
from assets.quality.suites.suite import load_suites
from tests.pipelines import test_definitions
from tests.publication import test_contract

ROOT = Path(__file__).parents[1]


def _checks(_: str) -> str:
    return checks_as_markdown(load_suites())


def _graph(_: str) -> str:
    return test_definitions.drawn_graph(ROOT / "var")


# what each page is, made from the page as it is
PAGES: dict[Path, Callable[[str], str]] = {
    ROOT / "docs" / "checks.md": _checks,
    test_contract.PAGE: test_contract.page_with_tables,
    test_definitions.SNAPSHOT: _graph,
}

if __name__ == "__main__":
    for path, made in PAGES.items():
        before = path.read_text(encoding="utf-8")
        after = made(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")
