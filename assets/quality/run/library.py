"""The only import of Great Expectations: a plain one takes 2.5 s of processor time, this one 0.8 s.

The library imports pandas, scipy and altair for data frames and for one expectation in sixty. The checks run in SQL, so while
it is imported, placeholder modules take their places, which import the real ones only when something is computed with them.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from assets.collector import collector_paused
from assets.quiet import quiet_logger

NAME = "great_expectations"
# by the beginnings of their names; of the library's own modules, those of its projects, data sources and checkpoints, which are not
# used here: 250 modules, a third of the import
_LATER = (
    "altair",
    "pandas",
    "scipy",
    f"{NAME}.checkpoint",
    f"{NAME}.data_context",
    f"{NAME}.datasource.fluent",
)


@cache
def great_expectations() -> Any:
    """The library, imported by the first call; it sends nothing home and logs nothing, since it would quote values."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    quiet_logger(NAME)
    with _imported_later(), collector_paused():
        import great_expectations
    return great_expectations


class LaterModule(ModuleType):
    """A module that is imported when the library first computes with it, if ever: until then its names are ``_Later``."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if not name[0].isupper() and not _is_later(self.__name__):
            return getattr(import_module(self.__name__), name)
        later = _Later(name, (), {"__module__": self.__name__})
        setattr(self, name, later)
        return later


class _Later(type):
    """A class that an annotation takes, and that no value is an instance of before its module is there."""

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        return cls._itself()(*arguments, **named)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_") or _is_later(cls.__module__):
            raise AttributeError(name)
        return getattr(cls._itself(), name)

    def __instancecheck__(cls, value: object) -> bool:
        is_there = cls.__module__ in sys.modules and not _is_later(cls.__module__)
        return is_there and isinstance(value, cls._itself())

    def _itself(cls) -> Any:
        return getattr(import_module(cls.__module__), cls.__name__)


def _is_later(name: str) -> bool:
    """Whether the library is still being imported, so that the module itself cannot be had."""
    return isinstance(sys.modules.get(name), LaterModule)


class _LaterModules(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        del path, target
        return ModuleSpec(name, self, is_package=True) if name.startswith(_LATER) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return LaterModule(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


@contextmanager
def _imported_later() -> Iterator[None]:
    finder = _LaterModules()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        # whoever imports pandas from now on gets pandas
        for name in [name for name, module in sys.modules.items() if isinstance(module, LaterModule)]:
            del sys.modules[name]
