"""The only door to Great Expectations, whose plain import takes 2.5 s of processor time; through this door it takes 0.8 s.

The library imports pandas, scipy and altair for data frames and for one expectation, which ``vocabulary.py`` refuses. The
checks run in SQL, so empty modules take their places while the library is imported, and are gone afterwards.
"""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from assets.quiet import quiet_logger

NAME = "great_expectations"
_FLUENT = f"{NAME}.datasource.fluent"
# by the beginnings of their names; of the library's own modules those that make models of pandas's readers from pandas itself
_LEFT_OUT = (
    "altair",
    "pandas",
    "scipy",
    f"{_FLUENT}.dynamic_pandas",
    f"{_FLUENT}.pandas_",
    f"{_FLUENT}.data_asset.path.pandas",
)


@cache
def great_expectations() -> Any:
    """The library, imported by the first call; it sends nothing home and logs nothing, since it would quote values."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    quiet_logger(NAME)
    with _left_out(), _collector_paused():
        import great_expectations
    return great_expectations


class EmptyModule(ModuleType):
    """Each name asked of it is an empty class: an annotation takes it, and no value is an instance of it."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        empty = type(name, (), {"__module__": self.__name__})
        setattr(self, name, empty)
        return empty


class _EmptyModules(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        del path, target
        return ModuleSpec(name, self, is_package=True) if name.startswith(_LEFT_OUT) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return EmptyModule(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


@contextmanager
def _left_out() -> Iterator[None]:
    finder = _EmptyModules()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        # whoever imports pandas from now on gets pandas
        for name in [name for name, module in sys.modules.items() if isinstance(module, EmptyModule)]:
            del sys.modules[name]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """An import makes objects that stay: looking through them again and again for garbage took a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
