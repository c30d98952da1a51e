"""The page of quality, ``reports/quality.html``: one file that needs no network, for whoever looks in the morning."""

from importlib.resources import files
from pathlib import Path
from typing import get_args

import duckdb
from jinja2 import Environment, StrictUndefined

from assets.home import Home, write_whole
from assets.quality.output.page_charts import pass_rate_chart, runs_chart
from assets.quality.output.page_facts import PublicationInForce, QualityFacts, read_quality_facts
from assets.quality.output.page_json import write_facts
from assets.quality.output.places import findings_path, page_path
from assets.quality.results import STATUS_WORDS
from assets.quality.suites.suite import Severity

TEMPLATE = "quality.html.j2"
_SEVERITY_WORDS = {"ERROR": "阻止发布", "WARN": "提示", "INFO": "记录"}


def write_page(connection: duckdb.DuckDBPyConnection, home: Home, in_force: PublicationInForce | None) -> Path:
    """Write the page, and its facts for programs, from the newest run of the checks, mode 0600, in place of the former."""
    facts = read_quality_facts(connection, home.lake, in_force)
    workbook = findings_path(home, facts.run_at)
    path = page_path(home)
    write_whole(path, render(facts, workbook.name if workbook.exists() else None).encode())
    write_facts(home, facts)
    return path


def render(facts: QualityFacts, workbook: str | None) -> str:
    """The whole page; every text is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("assets.quality.output").joinpath(TEMPLATE).read_text(encoding="utf-8"))
    severities = get_args(Severity)
    fixers = sorted({finding.result.who_fixes for finding in facts.findings})
    by_both = {
        (severity, fixer): sum(f.result.severity == severity and f.result.who_fixes == fixer for f in facts.findings)
        for severity in severities
        for fixer in fixers
    }
    return template.render(
        facts=facts,
        workbook=workbook,
        severities=severities,
        severity_words=_SEVERITY_WORDS,
        status_words=STATUS_WORDS,
        fixers=fixers,
        by_both=by_both,
        counts={severity: sum(result.severity == severity for result in facts.results) for severity in severities},
        pass_rate_chart=pass_rate_chart,
        runs_chart=runs_chart,
    )
