"""`python -m bench`: measure the system on this machine. `--quick` takes less time and says less."""

import argparse
import asyncio
import sys

from shared.testing.servers.install import NotInstalled

from bench.cpu import ProcessChanged
from bench.load import LoadFailed
from bench.report import RESULTS, failures, text, write_json
from bench.run import FULL, PARTS, QUICK, run
from bench.settle import NeverSettled
from bench.stack import StackFailed
from bench.visitors import Unexpected


def main() -> int:
    """Parse the command line, measure, print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures the system on this machine.")
    parser.add_argument("--quick", action="store_true", help="short loads: a first look instead of figures to quote")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"only these: {', '.join(PARTS)}")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    try:
        results = asyncio.run(run(QUICK if options.quick else FULL, options.parts or PARTS))
    except (StackFailed, NotInstalled, NeverSettled, ProcessChanged, LoadFailed, Unexpected) as reason:
        print(f"{type(reason).__name__}: {reason}", file=sys.stderr)
        return 1
    print(text(results))
    if not options.parts:
        write_json(results)
        print(f"\nAll figures are in {RESULTS}.")
    broken = failures(results)
    for line in broken:
        print(line, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
