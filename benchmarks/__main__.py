"""``python -m benchmarks [NAME] [--help]``: each compares with a rival in the same run; the smaller the ratio, the better."""

from collections.abc import Callable

import typer

from benchmarks import checks, day, hashing, history, incremental, loading, run, start_up

BENCHMARKS: dict[str, Callable[..., None]] = {
    "loading": loading.main,
    "incremental": incremental.main,
    "history": history.main,
    "checks": checks.main,
    "run": run.main,
    "day": day.main,
    "start_up": start_up.main,
    "hashing": hashing.main,
}
app = typer.Typer(add_completion=False, invoke_without_command=True)


@app.callback()
def every(context: typer.Context) -> None:
    """Run the named benchmark, or all of them in their full size."""
    if context.invoked_subcommand is None:
        for name, benchmark in BENCHMARKS.items():
            print(f"== {name}")
            benchmark()


for name, benchmark in BENCHMARKS.items():
    app.command(name)(benchmark)

if __name__ == "__main__":
    app()
