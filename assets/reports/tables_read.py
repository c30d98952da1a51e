"""Which published tables the reports read, found in the source of the reports; ``models impact`` names these reports."""

import re
from collections.abc import Collection
from pathlib import Path

_TABLE = re.compile(r"\b(?:from|join) ((?:marts|meta|quality)\.[a-z_]+)\b")

BULLETIN = "公报（zhoubao bulletin：docx、html、md、xlsx、json、pdf）"


def tables_read() -> frozenset[str]:
    """Every ``schema.table`` that a query of this step names."""
    modules = Path(__file__).parent.rglob("*.py")
    return frozenset(table for module in modules for table in _TABLE.findall(module.read_text(encoding="utf-8")))


def reports_of(tables: Collection[str]) -> list[str]:
    """The reports that read one of ``tables``."""
    return [BULLETIN] if tables_read() & set(tables) else []
