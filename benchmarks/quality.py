"""Predictions of our own code over a labelled set, for its `score.py`.

Run: `python -m benchmarks.quality SET SPLIT_DIR OUT.json`, then
`python SET_DIR/score.py OUT.json SPLIT_DIR`. Prints one JSON line: how many
predictions, and the seconds they took. A set is a module of `quality_sets/`.
"""

import argparse
import json
import pkgutil
import sys
import time
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import quality_sets


def sets() -> list[str]:
    """Names of the sets that can be answered."""
    return sorted(module.name for module in pkgutil.iter_modules(quality_sets.__path__))


def predictions(name: str, split_dir: Path) -> dict[str, object] | list[object]:
    """What our code says about every input of a split.

    Raises:
        ValueError: no module answers the set.
    """
    if name not in sets():
        raise ValueError(f"no set {name!r}; there are {', '.join(sets())}")
    module = import_module(f"{quality_sets.__name__}.{name}")
    return module.predict(split_dir)


def main(arguments: list[str] | None = None) -> None:
    """Write the predictions of a set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", choices=sets())
    parser.add_argument("split_dir", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args(arguments)
    started = time.perf_counter()
    found = predictions(asked.set, asked.split_dir)
    seconds = time.perf_counter() - started
    asked.out.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    summary = {
        "set": asked.set,
        "predictions": len(found),
        "seconds": round(seconds, 2),
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
