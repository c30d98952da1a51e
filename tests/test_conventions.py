"""The house rules: arrows run one way, dagster only in its places, files a reader can hold in mind."""

import re

import yaml

from tests.conftest import LONG
from tests.conventions import ROOT, modules

STEPS = ["platform", "exports", "warehouse", "quality", "publication", "reports"]
MAX_LINES = 300


def test_a_step_imports_no_later_step() -> None:
    wrong = []
    for path, imports in modules():
        if path.parts[0] != "assets" or path.parts[1] not in STEPS:
            continue
        own = STEPS.index(path.parts[1])
        later = [name for name in imports for step in STEPS[own + 1 :] if name.startswith(f"assets.{step}")]
        wrong += [f"{path} imports {name}" for name in later]
    assert not wrong


def test_assets_never_import_pipelines() -> None:
    assert not [
        str(path)
        for path, imports in modules()
        if path.parts[0] == "assets" and any(name.split(".")[0] == "pipelines" for name in imports)
    ]


def test_dagster_only_in_pipelines_assets_and_checks() -> None:
    assert not [
        str(path)
        for path, imports in modules()
        if path.parts[0] == "assets"
        and path.name not in ("assets.py", "checks.py")
        and any(name.split(".")[0] == "dagster" for name in imports)
    ]


def test_no_file_is_too_long() -> None:
    assert not [str(path) for path, _ in modules() if len((ROOT / path).read_text(encoding="utf-8").splitlines()) > MAX_LINES]


def test_every_module_says_what_lives_in_it() -> None:
    assert not [str(path) for path, _ in modules() if not (ROOT / path).read_text(encoding="utf-8").startswith('"""')]


def test_the_modules_of_the_long_tier_are_there() -> None:
    assert not [name for name in LONG if not (ROOT / "tests" / name).is_file()]


def test_the_hooks_before_a_commit_do_what_make_lint_does() -> None:
    recipe = re.search(r"^lint: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert recipe
    linted = [line.strip().replace("$(BIN)", ".venv/bin").removesuffix(" .") for line in recipe[1].splitlines()]
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    # a repository that is not local would be fetched
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == linted


# the participles that no rule of spelling gives
_IRREGULAR = {
    "built": "build",
    "frozen": "freeze",
    "written": "write",
    "kept": "keep",
    "taken": "take",
    "found": "find",
    "made": "make",
}


def _stem(word: str) -> str:
    word = _IRREGULAR.get(word, word)
    for ending in ("ings", "ing", "ies", "ied", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending).rstrip("e")
    return word


def test_no_module_differs_from_a_sibling_by_a_participle() -> None:
    """``build``, ``built`` and ``builds`` in one package say nothing of what is where (docs/glossary.md)."""
    siblings: dict[tuple[str, ...], set[str]] = {}
    for path, _ in modules():
        siblings.setdefault((str(path.parent), *map(_stem, path.stem.split("_"))), set()).add(path.stem)
    assert [sorted(names) for names in siblings.values() if len(names) > 1] == []
