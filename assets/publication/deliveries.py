"""Deliveries by day and the days that lack one, and the checks of the last run, as the published database has them."""

from pathlib import Path
from typing import Any

from assets.publication.query import run_query

DAYS_SHOWN = 14

_DAYS = f"""
with files as (
    select delivery, sum(loaded) filter (where state = 'loaded') as loaded, sum(quarantined) as quarantined,
        count(*) filter (where state = 'quarantined') as quarantined_files
    from meta.files group by delivery
),
days as (
    select cast(unnest(range(greatest(min(business_date), max(business_date) - {DAYS_SHOWN - 1}),
        max(business_date) + interval 1 day, interval 1 day)) as date) as business_date
    from meta.deliveries
)
select days.business_date, coalesce(string_agg(deliveries.delivery || case deliveries.state when 'loaded' then '' else ' ' || deliveries.state end,
    ', ' order by deliveries.delivery), '') as deliveries,
    cast(coalesce(sum(files.loaded), 0) as bigint) as loaded, cast(coalesce(sum(files.quarantined), 0) as bigint) as quarantined,
    cast(coalesce(sum(files.quarantined_files), 0) as bigint) as quarantined_files
from days left join meta.deliveries on deliveries.business_date = days.business_date left join files on files.delivery = deliveries.delivery
group by days.business_date order by days.business_date
"""
_GAPS = """
with delivered as (select distinct business_date from meta.deliveries where state = 'loaded'),
followed as (select business_date, lead(business_date) over (order by business_date) as next_date from delivered)
select business_date + 1 as first_date, next_date - 1 as last_date from followed where next_date > business_date + 1 order by first_date
"""
_CHECKS = """
select severity, count(*) as checks, count(*) filter (where not passed) as failed,
    string_agg(check_id, ', ' order by check_id) filter (where not passed) as failed_checks
from quality.checks where run_at = (select max(run_at) from quality.checks)
group by severity order by case severity when 'ERROR' then 1 when 'WARN' then 2 else 3 end
"""


def state_of_data(published: Path) -> dict[str, list[dict[str, Any]]]:
    """``days`` (the last ``DAYS_SHOWN`` calendar days: deliveries, rows loaded and quarantined, files quarantined), ``gaps`` (first and
    last of days in a row without a loaded delivery) and ``checks`` (by severity, those of the publication's run)."""
    return {name: _rows(published, sql) for name, sql in (("days", _DAYS), ("gaps", _GAPS), ("checks", _CHECKS))}


def _rows(published: Path, sql: str) -> list[dict[str, Any]]:
    result = run_query(published, sql)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]
