"""What a number of accounts would need, by arithmetic on what was measured.

Run: `python -m benchmarks.projection [--accounts 1000000] [--visits 20] ...`. It reads
`measured.csv`, in which each figure says where it comes from, and multiplies: nothing
is fitted. A figure that is measured anew is put there and the table is printed again.
What it takes for granted is printed with the result, and docs/scale.md argues it.
"""

import argparse
import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MEASURED = Path(__file__).with_name("measured.csv")


@dataclass(frozen=True)
class Load:
    """What is asked of the installation."""

    accounts: int
    visits: int  # of an account a day
    new: float  # share of the visits that find another page than before
    offers: int
    hours: float  # in which a day's work must be done
    use: float  # share of a core's time that does work
    accounts_a_shard: int
    kept_days: int


@dataclass(frozen=True)
class Need:
    """What the load comes to."""

    step: str
    amount: float
    unit: str


def measured(file: Path = MEASURED) -> dict[str, float]:
    """The measured figures by name."""
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(rows)}


def needs(load: Load, figures: Mapping[str, float]) -> list[Need]:
    """Cores, memory, machines and bytes, step by step."""
    visits = load.accounts * load.visits
    window = load.hours * 3600 * load.use
    crawl = visits * figures["crawl_cpu_per_visit"]
    parse = visits * load.new * figures["parse_time_per_new_visit"]
    models = _of_day(load, figures, "models_time")
    # Some models read all that stands, and what an account has grows by the day.
    standing = load.kept_days * visits * figures["models_time_per_standing_visit"]
    # The engine makes every table whole: all days that are kept, not the last one.
    of_all = load.kept_days * visits * figures["models_time_per_visit"]
    whole = figures["models_time_fixed"] + of_all
    scored = load.accounts * load.offers
    score = scored * figures["score_time_per_account_day"]
    # Scores, and about as many rows of reasons for each.
    publish = 2 * scored * figures["publish_time_per_row"]
    shards = math.ceil(load.accounts / load.accounts_a_shard)
    # What one account asks for, and what is known of its addresses from days before.
    of_account = (
        figures["crawl_memory_per_account"]
        + load.visits * figures["crawl_memory_per_known_address"]
    )
    memory = figures["crawl_memory_fixed"] + load.accounts_a_shard * of_account
    # Every shard divides the whole list; one process joins them.
    divide = load.accounts * figures["shards_divide_time_per_account"]
    join = visits * figures["shards_join_time_per_visit"]
    joined = visits * figures["shards_join_memory_per_visit"]
    landed = _of_day(load, figures, "landing_bytes")
    derived = _of_day(load, figures, "derived_bytes")
    return [
        Need("visits a day", visits, "visits"),
        Need("crawl: shards", shards, "runs"),
        Need("crawl: memory of a shard", memory / 1e6, "MB"),
        Need("crawl: processor time", crawl / 3600, "core hours"),
        Need("crawl: cores", crawl / window, "cores"),
        Need("crawl: dividing the list", divide, "s"),
        Need("crawl: joining the shards", join, "s"),
        Need("crawl: memory of joining", joined / 1e9, "GB"),
        Need("parse: processor time", parse / 3600, "core hours"),
        Need("models: a day's visits", models / 3600, "core hours"),
        Need("models: what stands", standing / 3600, "core hours"),
        Need("models: made whole", whole / 3600, "core hours"),
        Need("models: cores for a day", (models + standing) / window, "cores"),
        Need("models: cores when made whole", whole / window, "cores"),
        Need("scores: time", score, "s"),
        Need("publish: time", publish, "s"),
        Need("landing: bytes a day", landed / 1e9, "GB"),
        Need("landing: bytes kept", landed * load.kept_days / 1e12, "TB"),
        Need("derived: bytes kept", derived * load.kept_days / 1e12, "TB"),
    ]


def _of_day(load: Load, figures: Mapping[str, float], name: str) -> float:
    """What a day's visits take, those that find another page and the others."""
    of_new = load.new * figures[f"{name}_per_new_visit"]
    of_still = (1 - load.new) * figures[f"{name}_per_still_visit"]
    return load.accounts * load.visits * (of_new + of_still)


def main(arguments: list[str] | None = None) -> None:
    """Print what the load needs, and what is taken for granted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--visits", type=int, default=20)
    parser.add_argument("--new", type=float, default=0.05)
    parser.add_argument("--offers", type=int, default=1)
    parser.add_argument("--hours", type=float, default=8)
    parser.add_argument("--use", type=float, default=0.5)
    parser.add_argument("--accounts-a-shard", type=int, default=20_000)
    parser.add_argument("--kept-days", type=int, default=365)
    load = Load(**vars(parser.parse_args(arguments)))
    print(load)
    for need in needs(load, measured()):
        print(f"{need.step:32}{need.amount:>14,.1f}  {need.unit}")


if __name__ == "__main__":
    main()
