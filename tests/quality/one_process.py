"""A process of its own that checks the sound warehouse with every fault planted, the library imported ``plainly`` or through its ``door``.

It prints, as JSON, what the checks found and which modules it had after the suites, and after other kinds of checks.
"""

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import duckdb

from assets.quality.run.batches import Group, parts, seen
from assets.quality.run.dialect import lent
from assets.quality.run.engine import run_suites
from assets.quality.suites.suite import Check, Expectation, Suite, load_suites
from assets.quality.suites.vocabulary import SQL_RULE
from tests.quality.faults import FAULTS_OF_RECORDS
from tests.quality.faults_of_counts import FAULTS_OF_COUNTS
from tests.quality.faults_of_periods import FAULTS_OF_PERIODS
from tests.quality.sound_warehouse import DELIVERY, sound_warehouse

# id, whether it passed, failing rows
Found = tuple[str, bool, int | None]
# what no suite uses today and may use tomorrow, by the arguments it needs
OTHERS: dict[str, dict[str, object]] = {
    "expect_column_kl_divergence_to_be_less_than": {
        "column": "org_code",
        "partition_object": {"values": ["A", "B"], "weights": [0.5, 0.5]},
        "threshold": 0.1,
    },
    "expect_column_max_to_be_between": {"column": "accepted", "min_value": 1},
    "expect_column_mean_to_be_between": {"column": "accepted", "min_value": 0, "max_value": 2},
    "expect_column_median_to_be_between": {"column": "accepted", "min_value": 0},
    "expect_column_distinct_values_to_be_in_set": {"column": "org_code", "value_set": ["A"]},
    "expect_column_most_common_value_to_be_in_set": {"column": "org_code", "value_set": ["A", "B"]},
    "expect_column_pair_values_a_to_be_greater_than_b": {"column_A": "accepted", "column_B": "issued"},
    "expect_column_proportion_of_unique_values_to_be_between": {"column": "org_code", "min_value": 0.9},
    "expect_column_quantile_values_to_be_between": {
        "column": "accepted",
        "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, 9]]},
    },
    "expect_column_stdev_to_be_between": {"column": "accepted", "min_value": 0},
    "expect_column_sum_to_be_between": {"column": "accepted", "min_value": 0, "max_value": 1},
    "expect_column_unique_value_count_to_be_between": {"column": "org_code", "min_value": 1},
    "expect_column_value_lengths_to_equal": {"column": "org_code", "value": 1},
    "expect_column_value_z_scores_to_be_less_than": {"column": "accepted", "threshold": 3, "double_sided": True},
    "expect_column_values_to_be_null": {"column": "org_code"},
    "expect_column_values_to_be_of_type": {"column": "org_code", "type_": "String"},
    "expect_column_values_to_not_be_in_set": {"column": "org_code", "value_set": ["B"]},
    "expect_multicolumn_sum_to_equal": {"column_list": ["accepted", "issued"], "sum_total": 5},
    "expect_select_column_values_to_be_unique_within_record": {"column_list": ["accepted", "issued"]},
    "expect_table_column_count_to_equal": {"value": 10},
    "expect_table_row_count_to_be_between": {"min_value": 1},
}


def other_checks() -> Suite:
    """A suite of these, about one table; the first computes with scipy."""
    of_all: dict[str, Any] = {
        "rule": "规则",
        "severity": "WARN",
        "who_fixes": "数据组",
        "prints": ("org_code",),
        "reason": "理由",
    }
    checks = [Check(id=kind, expectation=Expectation(type=kind, kwargs=said), **of_all) for kind, said in OTHERS.items()]
    return Suite(table="marts.daily_counts", checks=tuple(checks))


def through_the_door(connection: duckdb.DuckDBPyConnection, suites: Iterable[Suite]) -> list[Found]:
    """As a run does it."""
    results = run_suites(connection, suites, [DELIVERY], datetime(2023, 9, 2, 6))
    return [(result.check_id, result.status == "passed", result.failing_rows) for result in results]


def plainly(connection: duckdb.DuckDBPyConnection, suites: Iterable[Suite]) -> list[Found]:
    """As the library's documentation does it."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.registry import get_expectation_impl

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    found: list[Found] = []
    with lent(connection) as address:
        source = context.data_sources.add_sql(name="warehouse", connection_string=address)
        for suite in suites:
            for checks in parts(suite):
                kwargs = {
                    check.id: {"unexpected_rows_query": check.query}
                    if check.expectation.type == SQL_RULE
                    else check.expectation.kwargs
                    for check in checks
                }
                kinds = [get_expectation_impl(check.expectation.type) for check in checks]
                expectations = [
                    kind(**kwargs[check.id], meta={"check_id": check.id}) for kind, check in zip(kinds, checks, strict=True)
                ]
                with seen(connection, suite, Group(checks, 0), [DELIVERY]) as seen_batch:
                    table, schema = seen_batch.table, seen_batch.schema
                    asset = source.add_table_asset(checks[0].id, table_name=table, schema_name=schema)
                    batch = asset.get_batch(asset.build_batch_request())
                    validated = batch.validate(gx.ExpectationSuite(name=asset.name, expectations=expectations))
                found += [_found(outcome) for outcome in validated.results]
    order = [check.id for suite in suites for check in suite.checks]
    return sorted(found, key=lambda one: order.index(one[0]))


def _found(outcome: Any) -> Found:
    config = outcome.expectation_config
    count = outcome.result.get("observed_value" if config.type == SQL_RULE else "unexpected_count")
    return config.meta["check_id"], bool(outcome.success), 0 if count is None and outcome.success else count


def main(way: str) -> None:
    """Check once."""
    connection = sound_warehouse()
    for planted in [*FAULTS_OF_RECORDS, *FAULTS_OF_COUNTS, *FAULTS_OF_PERIODS]:
        connection.execute(f"{planted.setup}; {planted.fault}")
    check = plainly if way == "plainly" else through_the_door
    found = check(connection, load_suites())
    modules = sorted(sys.modules)
    found += check(connection, [other_checks()])
    print(json.dumps({"found": found, "modules": modules, "modules_in_the_end": sorted(sys.modules)}))


if __name__ == "__main__":
    main(sys.argv[1])
