"""Faults for the rules about months, quarters and comparisons; see ``faults.py``."""

from tests.quality.faults import Planted


def _of(table: str, check: str, fault: str) -> Planted:
    return Planted(f"{table}_{check}", f"marts.{table}", fault)


FAULTS_OF_PERIODS = [
    Planted("core_periods_days", "core.periods", "update core.periods set days_delivered = 8 where period_kind = 'week'"),
    Planted("core_periods_days", "core.periods", "update core.periods set days_delivered = -1 where period = '2023-08'"),
    _of("monthly_counts", "equal_daily", "update marts.monthly_counts set issued = 4 where task_type = '01'"),
    _of("monthly_counts", "equal_daily", "delete from marts.monthly_counts where org_code = 'B'"),
    # a month that no delivery reached has no rows
    _of("monthly_counts", "equal_daily", "delete from core.periods where period = '2023-09'"),
    _of("quarterly_counts", "equal_monthly", "update marts.quarterly_counts set consulted = 0 where task_type = '01'"),
    _of("quarterly_counts", "equal_monthly", "delete from marts.quarterly_counts where org_code = 'B'"),
    _of("period_figures", "non_negative", "update marts.period_figures set value = null where period_kind = 'month'"),
    _of("period_figures", "equal_bulletin", "update marts.period_figures set value = 3 where period_kind = 'week'"),
    _of("period_figures", "equal_bulletin", "update marts.bulletin_figures set value = 101 where value = 102"),
    _of("figure_changes", "of_whole_periods", "update marts.figure_changes set previous_change = 0 where value = 3"),
    _of("figure_changes", "of_whole_periods", "update marts.figure_changes set previous_change = 0.5 where value = 2"),
    _of("figure_changes", "of_whole_periods", "update marts.figure_changes set year_earlier_value = 9 where value = 1"),
    _of("figure_changes", "of_whole_periods", "update marts.figure_changes set is_complete = false"),
    _of("figure_changes", "of_whole_periods", "update marts.figure_changes set days = 14 where value = 2"),
    _of("figure_changes", "of_whole_periods", "update marts.figure_changes set year_earlier_difference = 1 where value = 3"),
    _of("figure_changes", "of_whole_periods", "update marts.figure_changes set festival_difference = 1 where value = 3"),
    _of("organization_names", "spans", "update marts.organization_names set last_date = '2023-07-01' where org_name = '甲局'"),
    _of("organization_names", "spans", "update marts.organization_names set last_date = '2023-12-31' where org_name = '甲厅'"),
    _of("figure_changes", "averages", "update marts.figure_changes set year_earlier_per_day = null where value = 3"),
    _of("figure_changes", "averages", "update marts.figure_changes set previous_per_day = 1 where value = 2"),
    _of("figure_changes", "averages", "update marts.figure_changes set year_earlier_per_day_change = 0 where value = 3"),
    _of("figure_changes", "averages", "update marts.figure_changes set previous_per_working_day_change = 0 where value = 2"),
]
