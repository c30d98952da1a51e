"""What a run has to tell: a refused publication, a failed run, overdue days, revisions of a frozen issue, a disk that fills.

A message says the rule, how many rows, who acts and where the workbook lies; never a value of a row, nor a figure.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assets.condition import State
from assets.home import Home
from assets.publication.store.manifest import read_manifest
from pipelines.printing.morning import STEPS, days_in, facts_of_publication, missing_days, quality_facts, spans_text
from pipelines.running.disk import disk_condition
from pipelines.running.outcome import DONE, FINISHED, QUARANTINED, REFUSED
from pipelines.settings import Settings

_PUBLISHED = (DONE, QUARANTINED)


@dataclass(frozen=True)
class Matter:
    """One thing to tell. ``key`` names it as long as it lasts; with another ``fingerprint`` it has changed and is told again."""

    key: str
    fingerprint: str
    title: str
    body: str


@dataclass(frozen=True)
class Looked:
    """What was found, and which kinds were looked at: a kind that was not is neither settled nor told."""

    matters: tuple[Matter, ...]
    kinds: frozenset[str]


def matters_of(settings: Settings, exit_code: int, facts: dict[str, Any], now: datetime) -> Looked:
    """What is to be told of a run that ended with ``exit_code`` and these ``facts``, at ``now`` in naive Beijing time."""
    home = settings.place
    kinds: dict[str, Callable[[], Iterator[Matter]]] = {
        "failed": lambda: _failed(exit_code, facts),
        "disk": lambda: _disk(home),
    }
    if exit_code in FINISHED:
        kinds |= {"refused": lambda: _refused(home, exit_code, facts), "overdue": lambda: _overdue(settings, now)}
    if exit_code in _PUBLISHED and facts.get("version"):
        kinds |= {"revisions": lambda: _revisions(home)}
    return Looked(tuple(matter for look in kinds.values() for matter in look()), frozenset(kinds))


def _failed(exit_code: int, facts: dict[str, Any]) -> Iterator[Matter]:
    if exit_code in FINISHED:
        return
    error = str(facts.get("error") or "no further words")
    step = STEPS.get(exit_code, "zhoubao status")
    yield _matter("failed", [exit_code, error], f"运行未完成，退出码 {exit_code}", f"由数据组处理：{error}\n下一步：{step}")


def _refused(home: Home, exit_code: int, facts: dict[str, Any]) -> Iterator[Matter]:
    if exit_code != REFUSED:
        return
    known = quality_facts(home) or {}
    blocking = known.get("blocking") or facts.get("refused_by", [])
    lines = [f"由{check['who_fixes']}处理：{check['rule']}{_rows(check)}（{check['check_id']}）" for check in blocking]
    workbook = (facts.get("checks") or {}).get("workbook")
    lines += [f"明细：{workbook}"] * bool(workbook) + [f"读者所见数据截至 {facts.get('business_date_through') or '（尚未发布）'}"]
    said = [[check["check_id"], check.get("failing_rows")] for check in blocking]
    yield _matter("refused", said, f"未发布：{len(blocking)} 项检查不通过", "\n".join(lines))


def _rows(check: dict[str, Any]) -> str:
    return "" if check.get("failing_rows") is None else f"，不符 {check['failing_rows']:,} 行"


def _overdue(settings: Settings, now: datetime) -> Iterator[Matter]:
    # a page that an older release wrote has no facts for programs
    facts = quality_facts(settings.place) or facts_of_publication(read_manifest(settings.place), [])
    missing = missing_days(facts, now, settings.automation.expected_at)
    if missing:
        title = f"缺批次：{days_in(missing)} 天"
        body = f"由平台方处理：请补送业务日期 {spans_text(missing)} 的批次\n下一步：送到后 zhoubao run"
        yield _matter("overdue", [[str(first), str(last)] for first, last in missing], title, body)


def _revisions(home: Home) -> Iterator[Matter]:
    from assets.publication.query import run_query

    sql = "select issue_key, figure, deliveries, current_value from marts.revisions order by all"
    by_issue: dict[str, list[tuple[Any, ...]]] = {}
    for issue, *revised in run_query(home.published_database, sql).rows:
        by_issue.setdefault(issue, []).append(tuple(revised))
    for issue, revised in by_issue.items():
        body = f"由办公室处理：定稿的 {len(revised)} 个数字现值不同，{', '.join(figure for figure, *_ in revised)}\n下一步：zhoubao bulletin {issue}"
        yield _matter(f"revisions:{issue}", revised, f"{issue} 期定稿有修订", body)


def _disk(home: Home) -> Iterator[Matter]:
    condition = disk_condition(home)
    if condition.state is not State.SOUND:
        # how much is free changes with every run, that it is too little does not
        yield _matter("disk", [], "磁盘空间不足", f"由数据组处理：{condition.note}\n下一步：{condition.fix}")


def _matter(key: str, said: object, title: str, body: str) -> Matter:
    fingerprint = hashlib.sha256(json.dumps(said, ensure_ascii=False, default=str).encode()).hexdigest()
    return Matter(key, fingerprint, f"周报：{title}", body)
