"""Grow the trees of `scrapers/extract/main_blocks.py` anew, and say what they reach.

Run: `python benchmarks/fit_main_blocks.py SET_DIR TREES.csv [--folds 4]`, where SET_DIR
is the labelled set `content` (its licences: see its PROVENANCE.md). Needs catboost,
which nothing else here does: `pip install catboost`. What a fold reaches is measured on
sites that its trees never saw; the trees written at the end have seen every site.
"""

import argparse
import csv
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from catboost import CatBoostRegressor

sys.path.insert(0, str(Path(__file__).parents[1]))

from scrapers.extract.blocks import layout_of
from scrapers.extract.html import parse_html
from scrapers.extract.layout import Layout
from scrapers.extract.main_blocks import _bar, context, features

WORD = re.compile(r"\w+")
LEAF_SCALE = 100_000
RUNS_OF_A_PAGE = 250
SETTINGS = {
    "depth": 6,
    "loss_function": "RMSE",
    "l2_leaf_reg": 5,
    "thread_count": 2,
    "verbose": 0,
    "allow_writing_files": False,
    "border_count": 48,
    "random_seed": 1,
    "boosting_type": "Plain",
    "bootstrap_type": "MVS",
}
STAGES = {
    "1": {"iterations": 150, "learning_rate": 0.15},
    "2": {"iterations": 100, "learning_rate": 0.1},
}


@dataclass
class Labelled:
    """A page with what is known and what is wanted of each of its runs."""

    identity: str
    fold: int
    layout: Layout
    columns: dict[str, np.ndarray]
    wanted: np.ndarray
    weight: np.ndarray


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _share_in(main: str, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """How much of each run stands in the expected text, and its number of words."""
    expected = _words(main)
    threes = set(zip(expected, expected[1:], expected[2:], strict=False))
    joined = f" {' '.join(expected)} "
    lines = {" ".join(_words(line)) for line in main.split("\n")}
    runs = [_words(text) for text in texts]
    share = np.zeros(len(runs))
    for index, run in enumerate(runs):
        if len(run) >= 4:
            own = list(zip(run, run[1:], run[2:], strict=False))
            share[index] = sum(three in threes for three in own) / len(own)
        elif run:
            share[index] = -1 if f" {' '.join(run)} " in joined else 0
    # A short run that stands in the expected text may be there by chance: the runs
    # around it tell.
    long_share = [s if len(r) >= 4 else None for s, r in zip(share, runs, strict=True)]
    for index in np.flatnonzero(share == -1):
        around = [s for s in long_share[max(0, index - 3) : index + 4] if s is not None]
        is_line = " ".join(runs[index]) in lines
        if around and max(around) > 0.5:
            share[index] = 1.0 if is_line else 0.7
        else:
            share[index] = 0.5 if is_line and not around else 0.1
    return share, np.array([len(run) for run in runs], dtype=float)


def _by_snippets(expected: dict, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    share, weight = np.zeros(len(texts)), np.zeros(len(texts))
    for index, text in enumerate(texts):
        good = sum(_squeezed(snippet) in text for snippet in expected["with"])
        bad = sum(_squeezed(snippet) in text for snippet in expected["without"])
        if good or bad:
            share[index], weight[index] = good / (good + bad), good + bad
    return share, weight


def labelled(split: Path, folds: int) -> list[Labelled]:
    """Every page of a split that shows text."""
    with (split / "expected.jsonl").open(encoding="utf-8") as lines:
        expected = {row["id"]: row for row in map(json.loads, lines)}
    pages = []
    for row in pl.read_parquet(split / "pages.parquet").iter_rows(named=True):
        wanted = expected[row["id"]]
        layout = layout_of(parse_html(row["html"], "text/html"))
        if not layout.texts:
            continue
        if wanted["source"] == "traf":
            share, weight = _by_snippets(wanted, layout.texts)
            weight *= 0.5 / max(1.0, weight.sum())
        else:
            share, weight = _share_in(wanted["main"], layout.texts)
            weight = np.minimum(weight, 150) ** 0.7
            weight *= (2 if wanted["source"] == "aeb" else 1) / max(1e-9, weight.sum())
        site = row["domain"] or row["id"]
        fold = int(hashlib.md5(site.encode()).hexdigest(), 16) % folds
        columns = features(layout)
        pages.append(Labelled(row["id"], fold, layout, columns, share, weight))
    return pages


class Table:
    """The runs of many pages under each other."""

    def __init__(self, pages: list[Labelled], columns: list[dict[str, np.ndarray]]):
        self.names = list(columns[0])
        self.x = np.concatenate(
            [np.stack([c[n] for n in self.names], 1) for c in columns]
        ).astype(np.int32)
        self.y = np.concatenate([page.wanted for page in pages])
        self.weight = np.concatenate([page.weight for page in pages])
        self.fold = np.concatenate(
            [np.full(len(page.wanted), page.fold) for page in pages]
        )
        self.ends = np.cumsum([len(page.wanted) for page in pages])
        self.used = self._sample(np.random.default_rng(0))

    def _sample(self, rng: np.random.Generator) -> np.ndarray:
        """So many runs of each page at most, weighing what all of them did."""
        used = np.zeros(len(self.y), bool)
        for start, end in zip([0, *self.ends[:-1]], self.ends, strict=True):
            index = start + np.flatnonzero(self.weight[start:end] > 0)
            if len(index) > RUNS_OF_A_PAGE:
                some = rng.choice(index, RUNS_OF_A_PAGE, replace=False)
                self.weight[some] *= self.weight[index].sum() / self.weight[some].sum()
                index = some
            used[index] = True
        return used

    def grow(self, stage: str, rows: np.ndarray, keep: list[int]) -> CatBoostRegressor:
        model = CatBoostRegressor(**SETTINGS, **STAGES[stage])
        model.fit(self.x[rows][:, keep], self.y[rows], sample_weight=self.weight[rows])
        return model

    def split(self, values: np.ndarray) -> list[np.ndarray]:
        return np.split(values, self.ends[:-1])


def rows_of(model: CatBoostRegressor, stage: str, names: list[str]) -> list[dict]:
    """A model as rows of the table of trees: whole numbers only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        grown = json.loads(path.read_text())
    scale, bias = grown["scale_and_bias"]
    assert scale == 1
    rows = [{"stage": stage, "questions": "", "leaves": round(bias[0] * LEAF_SCALE)}]
    for tree in grown["oblivious_trees"]:
        splits = tree["splits"]
        # A tree may ask fewer questions than the others: repeat its leaves.
        leaves = list(tree["leaf_values"])
        questions = [
            f"{names[s['float_feature_index']]}>{int(np.floor(s['border']))}"
            for s in splits
        ]
        while len(questions) < SETTINGS["depth"]:
            questions.append(questions[0])
            leaves = leaves + leaves
        rows.append(
            {
                "stage": stage,
                "questions": " ".join(questions),
                "leaves": " ".join(str(round(leaf * LEAF_SCALE)) for leaf in leaves),
            }
        )
    return rows


def scored(pages: list[Labelled], shares: list[np.ndarray], set_dir: Path) -> str:
    """What the set's own score says of the texts above the bar."""
    texts = {}
    for page, said in zip(pages, shares, strict=True):
        words = np.array([text.count(" ") + 1 for text in page.layout.texts])
        kept = said > _bar(said, words)
        texts[page.identity] = "\n".join(
            text for text, keep in zip(page.layout.texts, kept, strict=True) if keep
        )
    with tempfile.NamedTemporaryFile("w", suffix=".json") as out:
        json.dump(texts, out)
        out.flush()
        command = [sys.executable, set_dir / "score.py", out.name, set_dir / "dev"]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    return " ".join(said.stdout.split("\n"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set_dir", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--most", type=int, default=110, help="features of stage 1")
    asked = parser.parse_args()
    pages = labelled(asked.set_dir / "dev", asked.folds)
    rows: list[dict] = []
    known = [page.columns for page in pages]
    keep: list[int] | None = None
    for stage in STAGES:
        started = time.perf_counter()
        table = Table(pages, known)
        if stage == "1":
            everything = list(range(len(table.names)))
            probe = table.grow(stage, table.used & (table.fold != 0), everything)
            ranked = np.argsort(-probe.get_feature_importance(), kind="stable")
            keep = sorted(ranked[: asked.most].tolist())
            first_names = [table.names[index] for index in ranked[:70]]
        else:
            held = set(first_names)
            keep = [
                index
                for index, name in enumerate(table.names)
                if name.startswith("said") or name in held
            ]
        said = np.zeros(len(table.y))
        for fold in range(asked.folds):
            model = table.grow(stage, table.used & (table.fold != fold), keep)
            unseen = table.fold == fold
            said[unseen] = model.predict(table.x[unseen][:, keep])
        shares = [np.floor(part * 1000).astype(np.int64) for part in table.split(said)]
        print(
            f"stage {stage}: {len(keep)} features, {len(table.y)} runs,"
            f" {time.perf_counter() - started:.0f} s; on unseen sites"
            f" {scored(pages, shares, asked.set_dir)}",
            flush=True,
        )
        final = table.grow(stage, table.used, keep)
        rows += rows_of(final, stage, [table.names[index] for index in keep])
        known = [
            page.columns | context(page.layout, share)
            for page, share in zip(pages, shares, strict=True)
        ]
    with asked.out.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(
            lines, ("stage", "questions", "leaves"), lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)
    print(Counter(row["stage"] for row in rows))


if __name__ == "__main__":
    main()
