"""``python -m benchmarks NAME [SIZE]``: each compares with a rival in the same run; the smaller the ratio, the better."""

import sys

from benchmarks import checks, loading

BENCHMARKS = {"loading": loading.main, "checks": checks.main}


def main(words: list[str]) -> None:
    """Run the named benchmark, or all of them in their full size."""
    chosen = [words[0]] if words else list(BENCHMARKS)
    for name in chosen:
        print(f"== {name}")
        BENCHMARKS[name](*map(int, words[1:]))


if __name__ == "__main__":
    main(sys.argv[1:])
