"""Figures of one issue, or why they may not be used: ``python consumer.py PUBLISHED 2023-34 [FIGURE …]`` (see contract.md)."""

import hashlib
import json
import sys
from pathlib import Path

import duckdb


def refuse(exit_code: int, message: str) -> None:
    print(message, file=sys.stderr)
    sys.exit(exit_code)


published, issue, asked = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
manifest = json.loads((published / "manifest.json").read_text(encoding="utf-8"))
refused, database = manifest["last_refused_run"], published / manifest["database"]["file"]
major, minor = map(int, manifest["contract_version"].split("."))
if major != 1 or minor < 1:
    refuse(2, f"contract {major}.{minor} is not the one this program was written for")
if hashlib.sha256(database.read_bytes()).hexdigest() != manifest["database"]["sha256"] or Path(f"{database}.wal").exists():
    refuse(8, f"{database} is not the file that was published")
with duckdb.connect(str(database), read_only=True) as con:
    rows = con.execute(
        "select figure, coalesce(status, 'revised'), if(status is null, frozen.value, value_to_use), why"
        " from (from marts.bulletin_figures where issue_key = $1) full join"
        " (select figure, value from marts.published_figures where issue_key = $1) as frozen using (figure) order by figure",
        [issue],
    ).fetchall()
if not rows:
    refuse(4, f"issue {issue} is not in version {manifest['version']}, whose data go through {manifest['business_date_through']}")
if refused and refused["run_at"] > manifest["built_at"]:
    why = f"the run of {refused['run_at']} was refused by {', '.join(refused['checks'])}"
    rows = [(name, status, None, why) if status == "provisional" else (name, status, *rest) for name, status, *rest in rows]
wanted = [row for row in rows if not asked or row[0] in asked]
missing = [f"{name}: {why}" for name, _, value, why in wanted if value is None]
missing += [f"{name}: issue {issue} has no such figure" for name in asked if name not in [row[0] for row in rows]]
if missing:
    refuse(4, "\n".join(missing))
answer = {"figures": {row[0]: row[2] for row in wanted}, "status": {row[0]: row[1] for row in wanted}}
print(json.dumps({"issue": issue, "version": manifest["version"], "rollback": manifest["rollback"], **answer}, indent=1))
