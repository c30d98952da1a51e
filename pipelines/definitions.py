"""The Dagster code location: everything there is, put together for one site."""

from functools import partial

import dagster as dg

from assets.clock import beijing_now
from assets.exports.assets import arrival_specs, landing, opening
from assets.exports.first_day import first_business_day
from assets.reports.assets import Press, report_assets
from assets.warehouse.assets import site_rules
from pipelines.orchestration.arrivals_sensor import arrivals_sensor
from pipelines.orchestration.jobs import JOBS
from pipelines.orchestration.living_runs import live_until_the_process_ends
from pipelines.orchestration.schedules import schedules
from pipelines.orchestration.whole_run import Launch, whole_run
from pipelines.settings import Settings, load_settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """All assets, checks, jobs and schedules, with the resources of ``settings``; of the home, names alone are read."""
    home = settings.place
    first_day = first_business_day(home.lake, settings.landing_folder) or beijing_now().date()
    return dg.Definitions(
        assets=[
            landing,
            opening,
            site_rules,
            *arrival_specs(first_day),
            whole_run(),
            report_assets(),
        ],
        jobs=JOBS,
        schedules=schedules(settings),
        sensors=[arrivals_sensor(settings)],
        resources={
            "launch": Launch(settings),
            "press": Press(home, settings.fitness, settings.bulletin, partial(live_until_the_process_ends, home)),
        },
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The location of ``workspace.yaml``: the home that the environment names."""
    return build_definitions(load_settings())
