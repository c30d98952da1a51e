"""Which business days have arrived, and what of each feed each of them consists of."""

from dataclasses import dataclass
from datetime import date

import duckdb

_ACCOUNTS = """
select
    states.business_date,
    states.feed,
    sum(files.loaded),
    sum(files.records),
    sum(files.superseded),
    sum(files.quarantined),
    count(*),
    string_agg(distinct states.delivery, '、' order by states.delivery)
from core.file_states as states
inner join ledger.files as files
    on states.delivery = files.delivery
    and states.file_index = files.file_index
where states.state <> 'withdrawn'
group by states.business_date, states.feed
having bool_or(states.state = 'loaded')
"""


@dataclass(frozen=True)
class DayAccount:
    """One feed of one business day, added up over its deliveries; what was replaced or withdrawn counts no more."""

    loaded: int
    records: int
    superseded: int
    quarantined: int
    files: int
    deliveries: str


def day_accounts(connection: duckdb.DuckDBPyConnection) -> dict[tuple[date, str], DayAccount]:
    """Each business day and feed of which a file is loaded; a day that never came is not there."""
    rows = connection.execute(_ACCOUNTS).fetchall()
    return {(day, feed): DayAccount(*account) for day, feed, *account in rows}
