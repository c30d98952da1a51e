"""What Great Expectations knows, from the JSON schemas that lie in its package: read without importing it, which takes a second."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from string import Formatter
from typing import Any

import jsonschema

SQL_RULE = "unexpected_rows_expectation"
# what the engine or the check itself says, or what would need a query of its own alongside the suite's one
_NOT_IN_A_SUITE = {
    "id",
    "meta",
    "notes",
    "result_format",
    "description",
    "catch_exceptions",
    "rendered_content",
    "severity",
    "windows",
    "batch_id",
    "metadata",
    "row_condition",
    "condition_parser",
}
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def expectation_types() -> frozenset[str]:
    """The types of the library's own expectations."""
    return frozenset(_schema_files())


def wrong_argument(kind: str, arguments: Mapping[str, Any]) -> str | None:
    """What is wrong with the arguments of an expectation that is known, or ``None``."""
    schema = _schema(kind)
    unknown = arguments.keys() - schema["properties"].keys()
    if unknown:
        known = ", ".join(sorted(schema["properties"]))
        return f"{kind} has no argument {', '.join(sorted(unknown))}; it has {known}"
    missing = [name for name in schema["required"] if name not in arguments]
    if missing:
        return f"{kind} needs the argument {', '.join(missing)}"
    error = jsonschema.exceptions.best_match(jsonschema.Draft7Validator(schema).iter_errors(_as_numbers(arguments)))
    if error is not None:
        return f"the argument {'.'.join(map(str, error.absolute_path))} of {kind} is wrong"
    return _wrong_braces(str(arguments["unexpected_rows_query"])) if kind == SQL_RULE else None


def _as_numbers(arguments: Mapping[str, Any]) -> dict[str, Any]:
    # the schemas know sets of texts and of numbers alone, while the library compares truth values as well
    return {
        name: [int(item) if isinstance(item, bool) else item for item in value] if isinstance(value, list) else value
        for name, value in arguments.items()
    }


def _wrong_braces(query: str) -> str | None:
    try:
        list(Formatter().parse(query))
    except ValueError:
        return "a brace of the query has no pair; braces that mean themselves are doubled"
    return None


@cache
def _schema_files() -> Mapping[str, Path]:
    spec = find_spec("great_expectations")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("great_expectations is not installed")
    folder = Path(spec.origin).parent / "expectations" / "core" / "schemas"
    return {_WORD.sub("_", path.stem).lower(): path for path in folder.glob("*Expect*.json")}


@cache
def _schema(kind: str) -> dict[str, Any]:
    """The schema of the arguments that a suite may give."""
    schema: dict[str, Any] = json.loads(_schema_files()[kind].read_text(encoding="utf-8"))
    properties = {name: _exact(said) for name, said in schema["properties"].items() if name not in _NOT_IN_A_SUITE}
    required = [name for name in schema.get("required", []) if name in properties]
    return {**schema, "properties": properties, "required": required}


def _exact(schema: dict[str, Any]) -> dict[str, Any]:
    # 0.29 is no multiple of 0.01 in binary; the library itself allows for that when the suite is run
    return {key: value for key, value in schema.items() if key != "multipleOf"}
