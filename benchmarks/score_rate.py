"""What a million scored account-days cost, contributions and intervals included.

Run: `python -m benchmarks.score_rate [--rows 1000000]`. Ours is `batch.score` written
to Parquet; beside it the least anybody could do, a numpy multiply of the same columns
written to Parquet. Both write the same matrix with the same writer, on one thread.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.children import peak_mb
from benchmarks.feature_market import experts
from benchmarks.measured import Measured, Spent, beside, spent
from orchestration.scoring.batch import score
from orchestration.scoring.coefficients import Coefficients, Vector
from orchestration.scoring.estimator import fit

N_COLUMNS = 40


def _write(path: Path, columns: dict[str, Vector]) -> None:
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    pq.write_table(table, path, use_dictionary=False)


def _matrix(rows: int) -> tuple[Coefficients, Vector, Vector, float]:
    """A model, account-days, their mean and its logit, all made up."""
    generator = np.random.default_rng(0)
    x = generator.exponential(size=(rows, N_COLUMNS))
    names = tuple(f"signal_{k}" for k in range(N_COLUMNS))
    prior, _, _ = experts(names, -3.0)
    y = (generator.random(5_000) < 0.05).astype(np.float64)
    posterior = fit(x[:5_000], y, prior)
    mean = x.mean(axis=0)
    base = float(posterior.intercept + mean @ posterior.beta)
    model = Coefficients(
        names, posterior.beta, posterior.covariance, posterior.intercept
    )
    return model, x, mean, base


def rounds_of(rows: int, rounds: int) -> tuple[list[Spent], list[Spent]]:
    """What ours and the multiply took, in turns."""
    pa.set_cpu_count(1)
    model, x, mean, base = _matrix(rows)
    ours_spent, plain_spent = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scores.parquet"

        def plain() -> None:
            product = x * model.beta
            _write(
                path, {name: product[:, k] for k, name in enumerate(model.signal_types)}
            )

        def ours() -> None:
            found = score(model, x, mean, base)
            columns = {
                "logit": found.logit,
                "p": found.probability,
                "lower": found.lower,
                "upper": found.upper,
            }
            for k, name in enumerate(model.signal_types):
                columns[name] = found.contributions[:, k]
            _write(path, columns)

        # The first of each asks the system for memory that the next ones have.
        plain()
        ours()
        for _ in range(rounds):
            plain_spent.append(spent(plain))
            ours_spent.append(spent(ours))
    return ours_spent, plain_spent


def measure(rows: int, rounds: int = 5) -> list[Measured]:
    """Ours beside the multiply, in seconds of the processor."""
    ours, plain = rounds_of(rows, rounds)
    return [
        beside(
            "scoring",
            "processor seconds",
            [one.processor for one in ours],
            "numpy multiply to Parquet",
            [one.processor for one in plain],
            2.0,
            is_ceiling=True,
            peak_mb=peak_mb(),
            size=f"{rows} account-days, {N_COLUMNS} columns",
        )
    ]


def main(arguments: list[str] | None = None) -> None:
    """Time both three times, in turns; print the least of each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args(arguments)
    ours, plain = rounds_of(asked.rows, 3)
    wall = min(one.clock for one in ours), min(one.clock for one in plain)
    cpu = min(one.processor for one in ours), min(one.processor for one in plain)
    print(f"{asked.rows:,} account-days x {N_COLUMNS} columns")
    print(f"seconds: {wall[0]:.2f} and {wall[1]:.2f}, ratio {wall[0] / wall[1]:.2f}")
    print(f"processor: {cpu[0]:.2f} and {cpu[1]:.2f}, ratio {cpu[0] / cpu[1]:.2f}")


if __name__ == "__main__":
    main()
