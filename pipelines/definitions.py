"""The Dagster code location: everything there is, put together for one site."""

import dagster as dg

from assets.exports.assets import landing, opening, take_in_deliveries
from assets.publication.assets import publication_assets
from assets.publication.checking import check_before_publishing
from assets.quality.checks import Waivers, quality_checks
from assets.reports.assets import report_assets
from assets.warehouse.assets import site_rules, warehouse_assets
from pipelines.jobs import JOBS
from pipelines.resources import intake_of, warehouse_of
from pipelines.schedules import schedules
from pipelines.settings import Settings, load_settings


def build_definitions(settings: Settings) -> dg.Definitions:
    """All assets, checks, jobs and schedules, with the resources of ``settings``; nothing of the home is opened before a run."""

    @dg.resource(description="落地目录与湖")
    def intake(_: dg.InitResourceContext) -> object:
        return intake_of(settings)[0]

    return dg.Definitions(
        assets=[
            landing,
            opening,
            site_rules,
            take_in_deliveries,
            warehouse_assets(),
            publication_assets(),
            report_assets(),
        ],
        asset_checks=[quality_checks(check_before_publishing)],
        jobs=JOBS,
        schedules=schedules(),
        resources={
            "intake": intake,
            "warehouse": warehouse_of(settings),
            "waivers": Waivers(),
            "publishing": settings.publishing,
            "fitness_limits": settings.fitness,
            "bulletin_style": settings.bulletin,
        },
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The location of ``workspace.yaml``: the home that the environment names."""
    return build_definitions(load_settings())
