"""The one Dagster resource: it hands the site to the assets."""

import dagster as dg

from pipelines.site import Site


class SiteResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Names the home; settings are read from it when a run starts, never at definition load."""

    home: str

    def site(self) -> Site:
        from pathlib import Path

        from pipelines.settings import load_settings

        return Site(load_settings(Path(self.home)))
