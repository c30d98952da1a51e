"""One issue's figures from a publication, or why there are none: ``python consumer.py PUBLISHED 2023-34`` (see contract.md)."""

import hashlib
import json
import sys
from pathlib import Path

import duckdb


def refuse(exit_code: int, message: str) -> None:
    print(message, file=sys.stderr)
    sys.exit(exit_code)


published, issue = Path(sys.argv[1]), sys.argv[2]
manifest = json.loads((published / "manifest.json").read_text(encoding="utf-8"))
version, refused, database = manifest["version"], manifest["last_refused_run"], published / manifest["database"]["file"]
if manifest["contract_version"].split(".")[0] != "1":
    refuse(2, f"contract {manifest['contract_version']} is not the one this program was written for")
if refused and refused["run_at"] > manifest["built_at"]:
    refuse(4, f"the run of {refused['run_at']} was refused by {', '.join(refused['checks'])}; version {version} is older")
if issue not in manifest["issues"]:
    refuse(4, f"issue {issue} is not in version {version}, whose data go through {manifest['business_date_through']}")
if hashlib.sha256(database.read_bytes()).hexdigest() != manifest["database"]["sha256"] or Path(f"{database}.wal").exists():
    refuse(8, f"{database} is not the file that was published")
with duckdb.connect(str(database), read_only=True) as con:
    if con.execute("select is_complete from marts.issue_coverage where issue_key = ?", [issue]).fetchone() != (True,):
        refuse(4, f"issue {issue} lacks days of data: see marts.issue_coverage")
    figures = con.execute(
        "select figure, coalesce(published.value, current.value) from marts.bulletin_figures as current"
        " left join marts.published_figures as published using (issue_key, figure) where issue_key = ? order by figure",
        [issue],
    ).fetchall()
print(json.dumps({"issue": issue, "version": version, "figures": dict(figures)}, indent=1))
