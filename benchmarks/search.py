"""How long a search takes: python -m benchmarks.search [--sets N] [--clients N] [--database URL].

A catalogue is generated, then clients (processes) ask one question after the other. Prints median,
95th and 99th percentile of all answers in ms.
"""

import argparse
import random
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from tests.centre.generated import ARRAYS, INSTRUMENTS, TAGS, WORDS, fill

from ohmscape.centre.centre import init_centre, open_centre
from ohmscape.centre.database import reading, writing
from ohmscape.centre.places import box
from ohmscape.centre.search import Search, search


def question(chance: random.Random) -> Search:
    """Return what somebody might ask: one to three conditions out of all kinds."""
    lon, lat, size = chance.uniform(-170, 150), chance.uniform(-60, 60), chance.choice((0.2, 2, 20))
    began = chance.uniform(1.3e9, 1.7e9)
    kinds = {
        "place": lambda: box(lon, lat, lon + size, lat + size),
        "words": lambda: chance.choice(WORDS),
        "tags": lambda: (chance.choice(TAGS),),
        "instrument": lambda: chance.choice(INSTRUMENTS),
        "electrode_array": lambda: chance.choice(ARRAYS),
        "method": lambda: chance.choice(("IP", "SP")),
        "depth": lambda: chance.uniform(10, 110),
        "quality": lambda: chance.uniform(0.1, 0.95),
        "since": lambda: began,
        "inside": lambda: (f"site-{chance.randrange(20)}",),
    }
    chosen = chance.sample(sorted(kinds), chance.randint(1, 3))
    return Search(**{name: kinds[name]() for name in chosen})


def client(folder: str, seed: int, count: int, pause: float) -> list[float]:
    """Ask and return how long each answer took in s."""
    centre, chance, out = open_centre(Path(folder)), random.Random(seed), []
    for _ in range(count):
        wanted = question(chance)
        began = time.perf_counter()
        with reading(centre.engine) as connection:
            search(connection, wanted)
        out.append(time.perf_counter() - began)
        time.sleep(chance.uniform(0.0, 2.0 * pause))
    centre.engine.dispose()
    return out


def main() -> None:
    """Generate, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--asks", type=int, default=50)
    parser.add_argument("--pause", type=float, default=0.5, help="s between asks, in the mean")
    parser.add_argument("--database", default="")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        centre = init_centre(Path(folder) / "centre", database=told.database)
        began = time.perf_counter()
        with writing(centre.engine) as connection:
            fill(connection, told.sets)
        with writing(centre.engine) as connection:
            connection.exec_driver_sql("ANALYZE")
        kind = centre.engine.dialect.name
        centre.engine.dispose()
        print(f"{told.sets} data sets on {kind}, made in {time.perf_counter() - began:.0f} s")
        with ProcessPoolExecutor(told.clients) as pool:
            jobs = [
                pool.submit(client, str(Path(folder) / "centre"), seed, told.asks, told.pause)
                for seed in range(told.clients)
            ]
            spent = 1e3 * np.concatenate([job.result() for job in jobs])
        p50, p95, p99 = np.percentile(spent, [50, 95, 99])
        print(f"{told.clients} clients, {len(spent)} answers: median {p50:.1f} ms, "
              f"p95 {p95:.1f} ms, p99 {p99:.1f} ms, longest {spent.max():.1f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
