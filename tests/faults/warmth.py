"""A worker made warm, so that each forked child finds everything imported and every file of the code read: a trial pays for its command.

Nothing here opens DuckDB or polars, whose threads a fork would lose; what needs them is worked out in a child.
"""

import gc
import pkgutil
from importlib import import_module

import assets
import pipelines
from assets.publication.dictionary import content
from assets.publication.snapshot import descriptions
from assets.publication.snapshot.origins import column_sources
from assets.quality.suites.suite import load_suites
from assets.warehouse import store
from assets.warehouse.models.model import load_models
from tests.faults.children import in_child, replaced

# imported by libraries in the midst of their work
_LIBRARIES = ("pandas", "pyarrow.dataset", "docx", "xlsxwriter", "markdown_it", "jinja2.ext", "chinese_calendar", "sqlite3")


def warm() -> None:
    """In this process, once; each child then has it."""
    for package in (assets, pipelines):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    for name in _LIBRARIES:
        import_module(name)
    load_suites()
    models = load_models()
    sources = in_child(column_sources, models)
    replaced(store, "load_models", lambda: models)
    for room in (descriptions, content):
        replaced(room, "column_sources", lambda _: sources)
    gc.collect()
    # else a collection in a child touches, and so copies, all the pages that it has in common with the worker
    gc.freeze()
