"""`python -m practice_market serve|accounts|truth`: show, list or reveal the market."""

import argparse
import csv
import sys
from datetime import date
from pathlib import Path

from practice_market.board_places import place_rows
from practice_market.company import Market, account_rows
from practice_market.ocds_notices import ocds_place_rows
from practice_market.press_places import press_place_rows
from practice_market.proxy import serve
from practice_market.truth import write
from practice_market.world import World

_DEFAULT = Market()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    add = shared.add_argument
    add("--seed", type=int, default=_DEFAULT.seed)
    add("--companies", type=_positive, default=_DEFAULT.companies)
    add("--days", type=_positive, default=_DEFAULT.days)
    add("--start", type=date.fromisoformat, default=_DEFAULT.start, metavar="DAY")
    add(
        "--need-scale",
        type=float,
        default=_DEFAULT.need_scale,
        help="multiplies the hazard of a new need; 1 is SCIENCE 5.1 as it stands",
    )
    add("--calm", action="store_true", help="no hostility: nothing fails")
    add(
        "--empty-job-feed-on",
        type=date.fromisoformat,
        action="append",
        default=[],
        metavar="DAY",
        help="a day on which the job feed has no items",
    )
    add(
        "--every-source",
        action="store_true",
        help="boards of every system, publishers and British sisters are watched",
    )
    parser = argparse.ArgumentParser(prog="python -m practice_market")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", parents=[shared], help="serve until SIGTERM")
    accounts = commands.add_parser("accounts", parents=[shared], help="write accounts")
    accounts.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    accounts.add_argument(
        "--places",
        type=Path,
        metavar="FILE.csv",
        help="write where companies have a board, a feed or a publisher, too",
    )
    truths = commands.add_parser("truth", parents=[shared], help="write the truth")
    truths.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    return parser


def _write_rows(rows: list[dict[str, str]], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        columns = list(rows[0]) if rows else ["account_id", "source", "address"]
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> int:
    """Run one command."""
    asked = _parser().parse_args()
    market = Market(
        seed=asked.seed,
        companies=asked.companies,
        days=asked.days,
        start=asked.start,
        need_scale=asked.need_scale,
        calm=asked.calm,
        empty_job_feed_on=tuple(asked.empty_job_feed_on),
        every_source=asked.every_source,
    )
    if asked.command == "accounts":
        _write_rows(account_rows(market), asked.out)
        if asked.places is not None:
            found = [
                *place_rows(market),
                *press_place_rows(market),
                *ocds_place_rows(market),
            ]
            _write_rows(found, asked.places)
    elif asked.command == "truth":
        write(World(market), asked.out)
    else:
        serve(World(market))
    return 0


if __name__ == "__main__":
    sys.exit(main())
