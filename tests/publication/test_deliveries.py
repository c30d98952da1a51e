"""Deliveries by day, gaps and checks, from a database written by hand."""

from datetime import date
from pathlib import Path

import duckdb

from assets.publication.deliveries import DAYS_SHOWN, state_of_data

TABLES = """
create schema meta; create schema quality;
create table meta.deliveries (delivery varchar, business_date date, state varchar);
create table meta.files (delivery varchar, file varchar, loaded bigint, quarantined bigint, state varchar);
create table quality.checks (run_at timestamp, check_id varchar, severity varchar, passed boolean);
insert into meta.deliveries values ('20230801_01', '2023-08-01', 'loaded'), ('20230826_01', '2023-08-26', 'withdrawn'),
    ('20230826_02', '2023-08-26', 'loaded'), ('20230827_01', '2023-08-27', 'waiting'), ('20230829_01', '2023-08-29', 'loaded');
insert into meta.files values ('20230826_01', 'a.csv', 5, 0, 'withdrawn'), ('20230826_02', 'a.csv', 4, 1, 'loaded'),
    ('20230829_01', 'a.csv', 7, 2, 'loaded'), ('20230829_01', 'b.csv', 0, 3, 'quarantined');
insert into quality.checks values ('2023-08-29 05:00', 'a', 'ERROR', false), ('2023-08-30 05:00', 'a', 'ERROR', true),
    ('2023-08-30 05:00', 'b', 'WARN', false), ('2023-08-30 05:00', 'c', 'WARN', false);
"""


def test_days_gaps_and_checks(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute(TABLES)
    found = state_of_data(file)
    days = {day.pop("business_date"): tuple(day.values()) for day in found["days"]}
    assert len(days) == DAYS_SHOWN
    assert days[date(2023, 8, 26)] == ("20230826_01 withdrawn, 20230826_02", 4, 1, 0)
    assert days[date(2023, 8, 27)] == ("20230827_01 waiting", 0, 0, 0)
    assert days[date(2023, 8, 28)] == ("", 0, 0, 0)
    assert days[date(2023, 8, 29)] == ("20230829_01", 7, 5, 1)
    assert [(gap["first_date"], gap["last_date"]) for gap in found["gaps"]] == [
        (date(2023, 8, 2), date(2023, 8, 25)),
        (date(2023, 8, 27), date(2023, 8, 28)),
    ]
    assert [(check["severity"], check["checks"], check["failed"], check["failed_checks"]) for check in found["checks"]] == [
        ("ERROR", 1, 0, None),
        ("WARN", 2, 2, "b, c"),
    ]
