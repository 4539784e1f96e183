"""`python -m orchestration.replay FOLDER`: serve a recorded web until SIGTERM."""

import argparse
import sys
from pathlib import Path

from orchestration.replay.recorded_web import RecordedWebRefused
from orchestration.replay.server import serve


def main() -> int:
    """Serve the folder; exit code 1 and one sentence when it cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m orchestration.replay")
    parser.add_argument("folder", type=Path, help="a folder with pages.jsonl")
    try:
        serve(parser.parse_args().folder)
    except RecordedWebRefused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
