"""Commands that bring data in or write it: demonstration, simulation, openings, runs."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from assets.errors import UsageError
from pipelines.commands.options import HomeOption, JsonOption, announce_key, day_of, settings_of
from pipelines.printing.lines import line, print_figures, print_json, print_outcome, progress, say


def demo(home: HomeOption = None, full: Annotated[bool, typer.Option(help="the whole year row by row")] = False) -> None:
    """A week of invented deliveries, run to the bulletin of issue 2023-34; its figures alongside the published ones."""
    from pipelines.demonstration import demonstrate

    settings = settings_of(home)
    announce_key(settings)
    with progress(full) as (step, day_done):
        comparisons, paths = demonstrate(settings, full, step, day_done)
    print_figures(comparisons)
    for path in paths:
        line(path)
    if not all(row.is_equal for row in comparisons):
        raise typer.Exit(1)


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
    """Deliveries by the export interface into OUT, and truth.json with the right counts alongside it."""
    from assets.platform import simulator

    simulator.simulate(
        out,
        day_of(first, "--from"),
        day_of(last, "--to"),
        cases_per_day=cases_per_day,
        seed=seed,
        formats=[name.strip() for name in formats.split(",") if name.strip()],
        encoding=encoding,
        mess=mess,
    )
    line(out)
    line(out.absolute().parent / "truth.json")


def opening(file: Path, home: HomeOption = None) -> None:
    """Load opening balances; the next run builds with them."""
    from assets.exports.lake.openings import load_opening
    from assets.stray_files import remove_stray_files
    from assets.warehouse.connection import writer_lock

    settings = settings_of(home)
    announce_key(settings)
    with writer_lock(settings.place, settings.lock_wait_seconds, "opening"):
        remove_stray_files(settings.place)
        loaded = load_opening(file, settings.place.lake)
    if loaded.unknown_types:
        say(f"{loaded.unknown_types} rows have a task_type outside the code list and count under 99")
    line(f"opening as of {loaded.as_of}: {loaded.rows} rows, {'loaded' if loaded.is_new else 'already there'}")


def run(
    home: HomeOption = None,
    landing: Annotated[Path | None, typer.Option(help="where the deliveries lie")] = None,
    through: Annotated[str | None, typer.Option(help="the last business date to take in")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="print the accounting, touch nothing")] = False,
    waive: Annotated[
        str | None, typer.Option("--waive", "--accept", help="publish although this check fails (--accept: the former name)")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="why the check is waived; printed in the bulletin's foot")] = None,
    as_json: JsonOption = False,
) -> None:
    """Take in all that is pending, build, check and publish: one recorded run."""
    if bool(waive) != bool(reason):
        raise UsageError("--waive and --reason go together")
    from pipelines.running.run import run as run_all
    from pipelines.running.run import with_landing

    if landing is not None and not landing.is_dir():
        raise UsageError(f"--landing: {landing} is not a folder")
    settings = with_landing(settings_of(home), landing)
    until = day_of(through, "--through") if through else None
    if dry_run:
        from pipelines.running.trial import try_out

        outcome = try_out(settings, until)
    else:
        announce_key(settings)
        outcome = run_all(settings, until, {waive: reason} if waive and reason else {})
    end(outcome, as_json)


def retry(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Read quarantined files and rows again from the archive, under today's rules and settings; then as run."""
    from pipelines.running.run import run as run_all

    settings = settings_of(home)
    announce_key(settings)
    end(run_all(settings, retrying=True), as_json)


def reread(
    home: HomeOption = None,
    feed: Annotated[str | None, typer.Option(help="one feed; default all")] = None,
    first: Annotated[str | None, typer.Option("--from", help="the first business date; default all")] = None,
    last: Annotated[str | None, typer.Option("--to", help="the last business date")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read originals again from the archive, after a new column or a corrected reader; then as run."""
    from assets.platform.contract import load_contract
    from pipelines.running.retry import Chosen
    from pipelines.running.run import run as run_all

    feeds = load_contract().feeds
    if feed is not None and feed not in feeds:
        raise UsageError(f"--feed: one of {', '.join(feeds)} is expected")
    days = day_of(first, "--from") if first else date.min, day_of(last, "--to") if last else date.max
    if days[0] > days[1]:
        raise UsageError("--from is after --to")
    settings = settings_of(home)
    announce_key(settings)
    end(run_all(settings, rereading=Chosen(feed, *days)), as_json)


def erase(
    case: Annotated[str, typer.Option("--case", help="number of the file in which the erasure was granted; recorded")],
    home: HomeOption = None,
    despite_unsettled: Annotated[
        bool, typer.Option("--despite-unsettled", help="remove originals too that a retry may still need")
    ] = False,
    lost_key: Annotated[
        list[str] | None, typer.Option("--lost-key", help="id of a retired key that exists nowhere any more")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a person: the certificate number is read from standard input, and never shown or written; then as run."""
    from pipelines.upkeep.erasing import Lenience
    from pipelines.upkeep.erasing import erase as erase_person

    number = typer.prompt("certificate number", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.read()
    outcome = erase_person(settings_of(home), number, case, Lenience(despite_unsettled, lost_key or ()))
    if not as_json:
        erased = outcome.facts["erased"]
        line(
            f"erased: {erased['rows']} rows without pseudonym, {erased['originals']} originals and {erased['landing']} files in landing"
            " removed"
        )
        if erased.get("came_again"):
            say(f"{erased['came_again']} rows of the person came again with deliveries of this run: erase once more")
        if erased["not_searchable"]:
            say(f"{erased['not_searchable']} originals cannot be unpacked and so not be searched")
    end(outcome, as_json)


def end(outcome: Any, as_json: bool) -> NoReturn:
    """Print how a run ended, and end so."""
    if as_json:
        print_json({"exit_code": outcome.exit_code} | outcome.facts)
    else:
        print_outcome(outcome)
    raise typer.Exit(outcome.exit_code)
