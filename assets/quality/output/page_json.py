"""``reports/quality.json``: what the page of quality says of today, for ``status``, the alerts and other programs.

It is written with the page, so that both can be read while a run holds the warehouse, and never say different things.
"""

import json
from dataclasses import asdict

from assets.home import Home, write_whole
from assets.quality.output.page_facts import QualityFacts
from assets.quality.output.places import facts_path, findings_path


def write_facts(home: Home, facts: QualityFacts) -> None:
    """Write the file, mode 0600, in place of the former."""
    document = {
        "run_at": facts.run_at,
        "first_day": facts.first_day,
        "last_day": facts.last_day,
        "gaps": facts.gaps,
        "blocking": [
            {"check_id": result.check_id, "rule": result.rule, "who_fixes": result.who_fixes, "failing_rows": result.failing_rows}
            for result in facts.blocking
        ],
        "workbook": str(findings_path(home, facts.run_at)),
        "findings": [asdict(finding) | {"workbook": str(home.reports / finding.workbook)} for finding in facts.open_findings],
        "quarantine": [asdict(entry) for entry in facts.quarantine],
    }
    write_whole(facts_path(home), json.dumps(document, ensure_ascii=False, indent=1, default=str).encode())
