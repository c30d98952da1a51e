"""A private warehouse of a few rows with models of its own, and what the tests need to publish it."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb

from assets.home import Home
from assets.publication.store.manifest import PublicationFacts
from assets.warehouse.models.model import Model, load_models

DAILY = """/*
description: 每日办件量，'按日'
grain: [event_date, org_code]
owner: data_team
kind: table
columns:
  event_date: {type: DATE, description: 事件日期}
  org_code: {type: VARCHAR, description: "部门的编码 'org' \\"code\\" ; drop"}
  accepted: {type: BIGINT, description: 受理}
nuance: 各量各按自己的时间计数
*/

with accept as (
    select * from core.accept
)

select
    event_date,
    org_code,
    cast(count(*) as bigint) as accepted
from accept
group by
    event_date,
    org_code
"""
FILES = """/*
description: 文件
grain: [delivery]
owner: data_team
kind: table
columns:
  delivery: {type: VARCHAR, description: 批次}
  note: {type: VARCHAR, description: 备注}
*/

select
    delivery,
    note
from ledger.files
"""
VIEW = """/*
description: 每日
grain: [日期, 部门编码]
owner: data_team
kind: view
columns:
  日期: {type: DATE, description: 事件日期}
  部门编码: {type: VARCHAR, description: 部门编码}
  受理: {type: BIGINT, description: 受理件数}
*/

with daily_counts as (
    select * from marts.daily_counts
)

select
    event_date as "日期",
    org_code as "部门编码",
    accepted as "受理"
from daily_counts
"""
ROWS = """
create schema core; create schema marts; create schema meta; create schema quality;
create table core.accept (project_no varchar, event_date date, org_code varchar);
insert into core.accept values ('个案-1', '2023-09-01', 'B'), ('个案-2', '2023-08-31', 'A'), ('个案-3', '2023-09-01', 'B');
create table marts.daily_counts (event_date date, org_code varchar, accepted bigint, undescribed varchar);
insert into marts.daily_counts values
    ('2023-09-01', 'B', 2, '个案'), ('2023-08-31', 'A', 1, '个案'), ('2023-09-01', 'A', 0, '个案');
create table marts.leftover as select 'of an older version' as note;
create table meta.files (delivery varchar, note varchar);
insert into meta.files values ('20230901_01', null), ('20230831_01', 'x'), ('20230901_01', 'a');
create table quality.checks (run_at timestamp, check_id varchar, table_name varchar, rule varchar, severity varchar,
    passed boolean, status varchar, accepted_reason varchar, failing_rows bigint, checked_rows bigint, who_fixes varchar);
insert into quality.checks values
    ('2023-09-02 03:00', 'accept.org', 'core.accept', '应有部门', 'WARN', true, 'passed', null, 0, 3, '平台');
"""
FACTS = PublicationFacts(
    built_at=datetime(2023, 9, 2, 3, 0),
    code_version="0.1.0+test",
    business_date_through=date(2023, 9, 1),
    issues=["2023-33", "2023-34"],
    inputs_sha256="ab" * 32,
)
LATER = replace(FACTS, built_at=datetime(2023, 9, 3, 3, 0))


def small_models(folder: Path) -> dict[str, Model]:
    """The models of the small warehouse, written below ``folder`` first."""
    for name, text in {"marts/daily_counts": DAILY, "meta/files": FILES, "views/日统计": VIEW}.items():
        path = folder / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_models(folder)


def small_warehouse(home: Home) -> duckdb.DuckDBPyConnection:
    """The open private database of ``home`` with its rows in."""
    home.prepare()
    connection = duckdb.connect(home.warehouse)
    connection.execute(ROWS)
    return connection
