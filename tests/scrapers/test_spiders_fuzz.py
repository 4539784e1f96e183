"""Every spider against answers that may be anything: it stops by its own word or ends.

Sources are found by name. The answers are what their parsers are tested with, gone bad,
or JSON of the same keys in any shape. An answer may fail one callback of a spider only
by CrawlStopped, which ends the day with a sentence.
"""

import contextlib
import json
import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scrapy.http import Request

from scrapers.account import Place
from scrapers.crawl_context import CrawlStopped
from scrapers.source import load_source, load_spider, source_names
from tests.extract.test_fuzz import EXAMPLES, mutated
from tests.scrapers.driving import Answer, account, context, drive

CASES = Path(__file__).parents[1] / "sources"
_MOST_ANSWERS = 40


@cache
def bodies(source: str) -> list[bytes]:
    """Payloads of a source that its parser is tested with."""
    files = sorted((CASES / source).glob("*/body.*"), key=lambda f: f.stat().st_size)
    return [file.read_bytes() for file in files[:12]]


def reshaped(value: Any, draw: random.Random, depth: int = 0) -> Any:
    """A JSON value with some of its parts replaced by others that do not belong."""
    if draw.random() < 0.06:
        odd: list[Any] = [None, True, -1, 1e308, "", "\0", [], {}, [[]], {"id": []}]
        odd += ["@127.0.0.1/", "//127.0.0.1/", "2026-99-99", ["a"] * 3, "x" * 3000]
        return draw.choice(odd)
    if depth > 40:
        return value
    if isinstance(value, dict):
        return {k: reshaped(v, draw, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [reshaped(item, draw, depth + 1) for item in value]
    return value


def answer_for(source: str, draw: random.Random) -> Answer:
    """Some answer: a payload as recorded, gone bad, reshaped, or something else."""
    body = draw.choice(bodies(source))
    how = draw.randrange(8)
    if how == 0:
        body = draw.randbytes(draw.randrange(300))
    elif how == 1:
        body = draw.choice((b"", b"null", b"[]", b"[" * 100_000, b'{"a":' * 50_000))
    elif how == 2:
        body = mutated(body, draw.randrange(2**32))
    elif how < 7:
        with contextlib.suppress(ValueError):
            body = json.dumps(reshaped(json.loads(body), draw)).encode()
    status = draw.choice((200, 200, 200, 200, 304, 401, 404, 429, 500, 0))
    try:
        text: str | bytes = body.decode()
    except UnicodeDecodeError:
        text = body
    return Answer(text, status)


@pytest.mark.parametrize("source", source_names())
@given(st.integers(0, 2**32))
@example(2859)  # A search for sub-units whose "page" was a word.
@settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_a_spider_ends_whatever_it_is_answered(source: str, seed: int) -> None:
    draw = random.Random(seed)
    spec = load_source(source)
    place = Place(source, "https://jobs.eksempel.example/eksempel", "careers")
    watched = replace(account(), places=(place,))
    spider = load_spider(source)(context(source, watched, secret="made-up"))
    given_so_far = 0

    def web(request: Request) -> Answer:
        nonlocal given_so_far
        given_so_far += 1
        if given_so_far > _MOST_ANSWERS:
            return Answer("", 404)
        if "publicToken" in request.url:
            return Answer("eyJhbGc.eyJzdWI.c2ln")
        return answer_for(source, draw)

    with contextlib.suppress(CrawlStopped):
        for request in drive(spider, web, seed):
            assert len(request.url) < 20_000
    assert spec.name == source
