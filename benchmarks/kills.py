"""Kill the whole program at random moments and count what arrives (FAULTS A1, A3).

    python -m benchmarks.kills [--kills 100] [--seed 1] [--longest 8]

With no loss in N kills the rate of loss is below 3/N at 95 %.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.e2e.kills import kill_again_and_again


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=8.0, help="seconds after the start")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        survived = kill_again_and_again(
            Path(folder), kills=options.kills, seed=options.seed, longest=options.longest
        )
    print(
        f"{survived.kills} kills, {survived.interrupted} of them while it ran,"
        f" {time.monotonic() - began:.0f} s"
    )
    print(f"reports planted            {len(survived.planted)}")
    print(f"lost                       {len(survived.lost)}")
    print(f"told under two ids         {len(survived.told_twice)}")
    print(f"repeated with the same id  {survived.repeats}")
    print(f"evidence verified          {survived.verified}")
    print(f"problems                   {survived.problems}")


if __name__ == "__main__":
    main()
