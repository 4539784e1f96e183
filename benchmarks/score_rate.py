"""What a million scored account-days cost, contributions and intervals included.

Run: `python -m benchmarks.score_rate [--rows 1000000]`. Ours is `batch.score` written
to Parquet; beside it the least anybody could do, a numpy multiply of the same columns
written to Parquet. Both write the same matrix with the same writer, on one thread.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.feature_market import experts
from orchestration.scoring.batch import score
from orchestration.scoring.coefficients import Coefficients, Vector
from orchestration.scoring.estimator import fit

N_COLUMNS = 40


def _write(path: Path, columns: dict[str, Vector]) -> None:
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    pq.write_table(table, path, use_dictionary=False)


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main(arguments: list[str] | None = None) -> None:
    """Time both three times, in turns; print the least of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args(arguments)
    pa.set_cpu_count(1)
    generator = np.random.default_rng(0)
    x = generator.exponential(size=(asked.rows, N_COLUMNS))
    names = tuple(f"signal_{k}" for k in range(N_COLUMNS))
    prior, _, _ = experts(names, -3.0)
    y = (generator.random(5_000) < 0.05).astype(np.float64)
    posterior = fit(x[:5_000], y, prior)
    mean = x.mean(axis=0)
    base = float(posterior.intercept + mean @ posterior.beta)
    model = Coefficients(
        names, posterior.beta, posterior.covariance, posterior.intercept
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scores.parquet"

        def plain() -> None:
            product = x * posterior.beta
            _write(path, {name: product[:, k] for k, name in enumerate(names)})

        def ours() -> None:
            found = score(model, x, mean, base)
            columns = {
                "logit": found.logit,
                "p": found.probability,
                "lower": found.lower,
                "upper": found.upper,
            }
            for k, name in enumerate(names):
                columns[name] = found.contributions[:, k]
            _write(path, columns)

        plain_times, our_times = [], []
        for _ in range(3):
            plain_times.append(_timed(plain))
            our_times.append(_timed(ours))
    wall = min(t[0] for t in our_times), min(t[0] for t in plain_times)
    cpu = min(t[1] for t in our_times), min(t[1] for t in plain_times)
    print(f"{asked.rows:,} account-days x {N_COLUMNS} columns")
    print(f"seconds: {wall[0]:.2f} and {wall[1]:.2f}, ratio {wall[0] / wall[1]:.2f}")
    print(f"processor: {cpu[0]:.2f} and {cpu[1]:.2f}, ratio {cpu[0] / cpu[1]:.2f}")


if __name__ == "__main__":
    main()
