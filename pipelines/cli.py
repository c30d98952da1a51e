"""The command line ``zhoubao``: results on stdout, messages on stderr, exit codes as the interface says.

Each command reads its words, calls one function and prints; heavy libraries are imported in the command that needs them.
"""

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from assets.errors import StorageError, UsageError, ZhoubaoError
from pipelines.printing import print_figures, print_json, print_outcome, print_rows, progress, say

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="The warehouse behind 窗口工作周报."
)

HomeOption = Annotated[Path | None, typer.Option("--home", help="the home; default $ZHOUBAO_HOME or ./var")]
JsonOption = Annotated[bool, typer.Option("--json", help="print the result as JSON")]
PRIVATE_UMASK = 0o077


def main() -> None:
    """Run the command; an error of this project ends with its own exit code and one line on stderr."""
    os.umask(PRIVATE_UMASK)
    try:
        app()
    except ZhoubaoError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        _fail(f"{error.filename or 'the disk'}: {error.strerror}", StorageError.exit_code)


def _fail(message: str, exit_code: int) -> None:
    print(f"zhoubao: {message}", file=sys.stderr)
    sys.exit(exit_code)


def _settings(home: Path | None) -> Any:
    from pipelines.settings import load_settings

    return load_settings(home)


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}: a date such as 2023-08-28 is expected") from None


@app.command()
def demo(home: HomeOption = None, full: Annotated[bool, typer.Option(help="the whole year row by row")] = False) -> None:
    """A week of invented deliveries, run to the bulletin of issue 2023-34; its figures beside the published ones."""
    from pipelines.demonstration import demonstrate

    settings = _settings(home)
    _announce_key(settings)
    with progress(full) as (step, day_done):
        comparisons, paths = demonstrate(settings, full, step, day_done)
    print_figures(comparisons)
    for path in paths:
        print(path)
    if not all(row.is_equal for row in comparisons):
        raise typer.Exit(1)


@app.command()
def simulate(
    out: Path,
    first: Annotated[str, typer.Option("--from", help="first day")],
    last: Annotated[str, typer.Option("--to", help="last day")],
    cases_per_day: Annotated[int, typer.Option(min=1)] = 2000,
    seed: int = 0,
    formats: Annotated[str, typer.Option(help="csv,xlsx,zip,gz")] = "csv",
    encoding: Annotated[str, typer.Option(help="utf-8, gb18030 or mixed")] = "utf-8",
    mess: Annotated[
        bool, typer.Option("--mess", help="the mess of real files, with defective rows listed in truth.json")
    ] = False,
) -> None:
    """Deliveries by the export interface into OUT, and truth.json with the right counts beside it."""
    from assets.platform import simulator

    simulator.simulate(
        out,
        _day(first, "--from"),
        _day(last, "--to"),
        cases_per_day=cases_per_day,
        seed=seed,
        formats=[name.strip() for name in formats.split(",") if name.strip()],
        encoding=encoding,
        mess=mess,
    )
    print(out)
    print(out.absolute().parent / "truth.json")


@app.command()
def opening(file: Path, home: HomeOption = None) -> None:
    """Load opening balances; the next run builds with them."""
    from assets.exports.openings import load_opening
    from assets.warehouse.connection import writer_lock

    settings = _settings(home)
    _announce_key(settings)
    with writer_lock(settings.place, settings.lock_wait_seconds, "opening"):
        loaded = load_opening(file, settings.place.lake)
    print(f"opening as of {loaded.as_of}: {loaded.rows} rows, {'loaded' if loaded.is_new else 'already there'}")


@app.command()
def run(
    home: HomeOption = None,
    landing: Annotated[Path | None, typer.Option(help="where the deliveries lie")] = None,
    through: Annotated[str | None, typer.Option(help="the last business date to take in")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="print the accounting, touch nothing")] = False,
    accept: Annotated[str | None, typer.Option(help="publish in spite of this check")] = None,
    reason: Annotated[str | None, typer.Option(help="why it is accepted; printed in the bulletin's foot")] = None,
    as_json: JsonOption = False,
) -> None:
    """Take in all that is pending, build, check and publish: one recorded run."""
    if bool(accept) != bool(reason):
        raise UsageError("--accept and --reason go together")
    from pipelines.run import run as run_all
    from pipelines.run import with_landing

    settings = with_landing(_settings(home), landing)
    until = _day(through, "--through") if through else None
    if dry_run:
        from pipelines.trial import try_out

        outcome = try_out(settings, until)
    else:
        _announce_key(settings)
        outcome = run_all(settings, until, {accept: reason} if accept and reason else {})
    if as_json:
        print_json({"exit_code": outcome.exit_code} | outcome.facts)
    else:
        print_outcome(outcome)
    raise typer.Exit(outcome.exit_code)


def _announce_key(settings: Any) -> None:
    from pipelines.resources import intake_of

    settings.place.prepare()
    if intake_of(settings)[1]:
        say(f"made a key for the pseudonyms: {settings.place.key_file} (mode 0600); keep a copy outside this machine")


@app.command()
def bulletin(
    issue: str,
    home: HomeOption = None,
    out: Annotated[Path | None, typer.Option(help="folder; default reports/<issue> in the home")] = None,
    formats: Annotated[str, typer.Option(help="docx,html,md,xlsx")] = "docx,html,md",
) -> None:
    """The bulletin of one issue from the published database."""
    from assets.calendar import find_issue, load_working_days
    from assets.reports.bulletin import write_bulletin

    settings = _settings(home)
    place = settings.place
    # an issue that the calendar cannot know is refused in the calendar's own words
    find_issue(issue, settings.calendar, load_working_days(place.calendar_file))
    paths = write_bulletin(
        place.published_database,
        place.editorial,
        out or place.reports / issue,
        issue,
        [name.strip() for name in formats.split(",") if name.strip()],
        excluded_results=settings.counting.uncounted_result_types,
    )
    for path in paths:
        print(path)


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The last run and the publication in force; works while a run is going on."""
    from assets.publication.manifest import read_manifest
    from assets.warehouse.connection import lock_holder

    place = _settings(home).place
    journal = json.loads(place.journal.read_text(encoding="utf-8")) if place.journal.exists() else None
    document: dict[str, Any] = {"published": read_manifest(place), "last_run": journal, "running": lock_holder(place)}
    if as_json:
        print_json(document)
        return
    published = document["published"]
    if published is None:
        print("nothing is published yet")
    else:
        print(f"数据截至 {published['business_date_through']}  version {published['version']}  built {published['built_at']}")
        if published["last_refused_run"]:
            refused = published["last_refused_run"]
            print(f"last refused run {refused['run_at']}: {', '.join(refused['checks'])}")
    if journal:
        print(f"last run ended with {journal['exit_code']}")
        for held in journal.get("held", []):
            print(f"{held['delivery']}  {held['state']}  {held['note']}")
    if document["running"]:
        print(f"running: {document['running']}")


@app.command()
def sql(query: str, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """A query on the published database, read-only and locked down."""
    from assets.publication.query import run_query

    result = run_query(_settings(home).place.published_database, query)
    if as_json:
        print_json([dict(zip(result.columns, row, strict=True)) for row in result.rows])
        return
    print_rows(result)


@app.command()
def dictionary() -> None:
    """The data dictionary as Markdown."""
    from assets.platform.contract import load_contract
    from assets.publication.dictionary import dictionary_markdown
    from assets.warehouse.models import load_models

    print(dictionary_markdown(load_models(), load_contract()))


@app.command()
def dev(home: HomeOption = None, port: int = 3000) -> None:
    """The Dagster UI and daemon on loopback, on this home's own instance."""
    from pipelines.run import prepare_instance

    place = _settings(home).place
    place.prepare()
    environment = os.environ | {"DAGSTER_HOME": str(prepare_instance(place)), "ZHOUBAO_HOME": str(place.root)}
    program = str(Path(sys.executable).with_name("dagster"))
    workspace = str(Path(__file__).parents[1] / "workspace.yaml")
    os.execve(program, [program, "dev", "-w", workspace, "-h", "127.0.0.1", "-p", str(port)], environment)


if __name__ == "__main__":
    main()
