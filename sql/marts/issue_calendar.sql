/*
description: 期历：每期的期号、总期号与日期
grain: [issue_key]
owner: data_team
kind: table
columns:
  issue_key: {type: VARCHAR, description: "期号，如 2023-34"}
  issue_year: {type: INTEGER, description: "所属年", nullable: false}
  issue_no: {type: INTEGER, description: "年内期次", nullable: false}
  total_no: {type: INTEGER, description: "总期次", nullable: false}
  shown_start: {type: DATE, description: "标题所示首日（周一至周五中第一个工作日）", nullable: false}
  shown_end: {type: DATE, description: "标题所示末日", nullable: false}
  window_start: {type: DATE, description: "统计周首日；如何定，见 meta.rules 的 calendar.accounting_week", nullable: false}
  cutoff_date: {type: DATE, description: "截止日", nullable: false}
  iso_year: {type: INTEGER, description: "ISO 年", nullable: false}
  iso_week: {type: INTEGER, description: "ISO 周", nullable: false}
  working_days: {type: INTEGER, description: "所示周内的工作日数（周一至周五）", nullable: false}
nuance: 没有工作日的周（如春节、国庆）和决定不出刊的周（meta.rules 的 calendar.skip_weeks）没有期；其日子计入哪一期，看各期的 window_start 和 cutoff_date；最远到已知放假安排为止。
checks: [grain_is_unique]
*/

with issue_calendar as (
    select * from ref.issue_calendar
)

select
    -- keys
    issue_key,
    issue_year,
    issue_no,
    total_no,
    -- days
    shown_start,
    shown_end,
    window_start,
    cutoff_date,
    iso_year,
    iso_week,
    working_days
from issue_calendar
