"""Main text and blocks of pages against trafilatura: pages a second, and how well.

Run: `python -m benchmarks.main_text [--content SET_DIR] [--every N]`. Each page goes
through both in turn, trafilatura in a process of its own environment; counted is
processor time. Quality is the figure of the set's own score. Without the set (the
design folder's data/eval/content) speed is that of made-up pages, and quality is not
measured.
The trees of main text were grown from the set's dev split: their F1 there flatters
them.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from benchmarks.children import peak_mb
from benchmarks.measured import Measured, Skipped, beside
from benchmarks.others import HOW, ROOT, asking, interpreter_with
from benchmarks.parse_rate import page
from scrapers.extract.blocks import main_text, text_blocks
from scrapers.extract.html import parse_html
from scrapers.extract.refusal import ParseRefused

CONTENT = ROOT.parent / "shared" / "data" / "eval" / "content"
_ROUNDS = 5
_SPEED, _QUALITY = 5.0, -0.01

TRAFILATURA = """
import base64, json, sys, time
import trafilatura
for line in sys.stdin:
    body = base64.b64decode(json.loads(line)["body"])
    started = time.process_time()
    text = trafilatura.extract(body) or ""
    seconds = time.process_time() - started
    print(json.dumps({"text": text, "seconds": seconds}), flush=True)
"""


def ours(body: bytes) -> str:
    """The text of the main blocks; empty for what is not a page."""
    try:
        return main_text(text_blocks(parse_html(body, "text/html")))
    except ParseRefused:
        return ""


def made_up(n_pages: int) -> list[tuple[str, bytes]]:
    """Pages nobody published."""
    return [(str(number), page(number)[1]) for number in range(n_pages)]


def pages_of(set_dir: Path, split: str, every: int) -> list[tuple[str, bytes]]:
    """Every so manieth page of a split of the set."""
    file = set_dir / split / "pages.parquet"
    return list(pl.read_parquet(file, columns=["id", "html"])[::every].iter_rows())


def in_turns(
    pages: Iterable[tuple[str, bytes]], python: Path
) -> tuple[dict[str, str], dict[str, str], list[float], list[float]]:
    """Both texts of each page, and seconds of each by round."""
    texts: tuple[dict[str, str], dict[str, str]] = ({}, {})
    seconds = ([0.0] * _ROUNDS, [0.0] * _ROUNDS)
    with asking(python, TRAFILATURA) as trafilatura:
        for _, body in made_up(6):
            ours(body)
            trafilatura({"body": base64.b64encode(body).decode()})
        for number, (identity, body) in enumerate(pages):
            started = time.process_time()
            texts[0][identity] = ours(body)
            seconds[0][number % _ROUNDS] += time.process_time() - started
            told = trafilatura({"body": base64.b64encode(body).decode()})
            texts[1][identity] = told["text"]
            seconds[1][number % _ROUNDS] += told["seconds"]
    return *texts, *seconds


def f1_of(texts: dict[str, str], set_dir: Path, split: str) -> float:
    """The figure of the set's own score."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as out:
        json.dump(texts, out)
        out.flush()
        command = [sys.executable, set_dir / "score.py", out.name, set_dir / split]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(said.stdout.split()[-1])


def measure(
    every: int = 1, made: int = 300, set_dir: Path = CONTENT, split: str = "dev"
) -> list[Measured | Skipped]:
    """Speed, and on the labelled set quality too."""
    name = "main_text"
    python = interpreter_with("trafilatura")
    if python is None:
        return [Skipped(name, f"trafilatura is not installed; {HOW}")]
    is_labelled = (set_dir / split / "pages.parquet").exists()
    pages = pages_of(set_dir, split, every) if is_labelled else made_up(made)
    mine, theirs, my_seconds, their_seconds = in_turns(pages, python)
    counts = [len(range(n, len(pages), _ROUNDS)) for n in range(_ROUNDS)]
    size = f"{len(pages)} {'labelled' if is_labelled else 'made-up'} pages"
    found: list[Measured | Skipped] = [
        beside(
            name,
            "pages a processor second",
            [n / s for n, s in zip(counts, my_seconds, strict=True)],
            "trafilatura",
            [n / s for n, s in zip(counts, their_seconds, strict=True)],
            _SPEED,
            peak_mb=peak_mb(),
            size=size,
        )
    ]
    quality = f"{name}_quality"
    if not is_labelled:
        why = f"the labelled set is not there ({set_dir.name} of the design folder)"
        return [*found, Skipped(quality, why)]
    if every != 1:
        why = "its score is of all pages of the split; the full mode reads them all"
        return [*found, Skipped(quality, why)]
    mine_f1, their_f1 = (f1_of(texts, set_dir, split) for texts in (mine, theirs))
    found.append(
        Measured(
            name=quality,
            unit="F1 (compared is the difference)",
            ours=mine_f1,
            baseline_name="trafilatura",
            baseline=their_f1,
            ratios=(mine_f1 - their_f1,),
            goal=_QUALITY,
            size=size,
            note="our trees were grown from this split, which flatters them",
        )
    )
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--content", type=Path, default=CONTENT)
    parser.add_argument("--every", type=int, default=1)
    asked = parser.parse_args()
    for one in measure(asked.every, set_dir=asked.content):
        print(one)


if __name__ == "__main__":
    main()
