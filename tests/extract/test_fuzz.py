"""A parser raises only ParseRefused, whatever it is given.

LYTTEPOST_FUZZ in the environment multiplies how many examples are drawn; 1 is what the
suite takes time for.
"""

import copy
import importlib
import json
import os
import random
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.envelope import Envelope
from scrapers.extract.refusal import ParseRefused
from scrapers.records import RECORD_TYPES

CASES = sorted((Path(__file__).parents[1] / "sources").glob("*/*/envelope.json"))
EXAMPLES = 40 * int(os.environ.get("LYTTEPOST_FUZZ", "1"))
SCOPES: dict[str, set[str]] = {}
for case in CASES:
    scope = json.loads(case.read_text("utf-8"))["scope"]
    SCOPES.setdefault(case.parents[1].name, set()).add(scope)


def read(source: str, scope: str, url: str, body: bytes) -> None:
    parser = importlib.import_module(f"scrapers.sources.{source}.parse")
    try:
        records = list(parser.parse(body, Envelope(source, url, scope, None, 200)))
    except ParseRefused as refusal:
        sentence = str(refusal)
        assert sentence
        assert sentence.endswith(".")
        return
    for record in records:
        assert type(record) is RECORD_TYPES[record.KIND]
        for value in vars(record).values():
            if isinstance(value, str):
                value.encode("utf-8")


@pytest.mark.parametrize("source", sorted(SCOPES))
@given(st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_any_bytes(source: str, data: st.DataObject) -> None:
    body = data.draw(st.binary(max_size=300))
    for scope in sorted(SCOPES[source]):
        read(source, scope, "https://x.example/enheter/999999956/roller", body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "organisasjonsnummer",
                    "navn",
                    "rollegrupper",
                    "roller",
                    "type",
                    "kode",
                    "person",
                    "enhet",
                    "hits",
                    "id",
                    "buyer",
                    "lots",
                    "winner",
                    "items",
                    "_feed_entry",
                    "uuid",
                    "status",
                    "ad_content",
                    "employer",
                    "title",
                    "publicationDate",
                    "estimatedValue",
                    "amount",
                    "kapital",
                    "belop",
                    "adresse",
                    "_embedded",
                    "enheter",
                    "workLocations",
                    "cpvCodes",
                    "data",
                    "messages",
                    "messageId",
                    "category",
                    "url",
                    "content_html",
                    "notices",
                    "publication-number",
                    "winner-name",
                    "releases",
                    "records",
                    "ocid",
                    "date",
                    "tag",
                    "tender",
                    "awards",
                    "suppliers",
                    "parties",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("source", sorted(set(SCOPES) - {"company_pages"}))
@given(JSON)
@settings(max_examples=2 * EXAMPLES, deadline=None)
def test_any_json(source: str, value: object) -> None:
    body = json.dumps(value).encode()
    for scope in sorted(SCOPES[source]):
        read(source, scope, "https://x.example/enheter/999999956/roller", body)


def mutated(body: bytes, seed: int) -> bytes:
    rng = random.Random(seed)
    out = bytearray(body)
    for _ in range(rng.randint(1, 8)):
        at, size = rng.randrange(len(out) + 1), rng.randint(0, 12)
        how = rng.randrange(4)
        if how == 0:
            del out[at : at + size]
        elif how == 1:
            out[at:at] = bytes(rng.randrange(256) for _ in range(size))
        elif how == 2:
            out[at:at] = out[at : at + 40]
        else:
            out[at:at] = rng.choice(
                (b'"', b"<", b"{", b"]", b"null", b"</div>", b"&#0;")
            )
    return bytes(out)


@pytest.mark.parametrize(
    "case", CASES, ids=lambda file: f"{file.parts[-3]}/{file.parts[-2]}"
)
@given(st.integers(0, 2**32))
@settings(
    max_examples=EXAMPLES // 5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_good_payloads_gone_bad(case: Path, seed: int) -> None:
    envelope = json.loads(case.read_text("utf-8"))
    (body,) = case.parent.glob("body.*")
    read(
        envelope["source"],
        envelope["scope"],
        envelope["url"],
        mutated(body.read_bytes(), seed),
    )


NASTY: tuple[object, ...] = (
    *(10**400, -1, 2**63, 1e308, float("nan"), float("inf"), True, "9" * 5000, "²"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9+23:59", "2025-02-30", "24:00"),
    *("\ud800", "\x00\x1b[31m", "\u202e\u2066", "", " ", "١٢٣", '=HYPERLINK("x")'),
    *("http://[", "http://a:99999/", "//127.0.0.1/", "javascript:1"),
    *([[], []], {"a": {}}, None),
)
ROOT: tuple[object, ...] = ()


def places(value: Any, at: tuple[Any, ...] = ROOT) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, of a list its first two."""
    inside = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inside = enumerate(value[:2])
    for key, inner in inside:
        yield from places(inner, (*at, key))
    if at:
        yield at


@pytest.mark.parametrize("source", sorted(set(SCOPES) - {"company_pages"}))
def test_one_value_gone_bad(source: str) -> None:
    """A good payload with one value too large, of a wrong kind, or no text."""
    chance = random.Random(source)
    for case in CASES:
        if case.parents[1].name != source:
            continue
        (body,) = case.parent.glob("body.*")
        try:
            good = json.loads(body.read_bytes())
        except ValueError:
            continue
        envelope = json.loads(case.read_text("utf-8"))
        every = list(places(good))
        for *way, last in chance.sample(every, min(len(every), EXAMPLES)):
            bad = copy.deepcopy(good)
            reduce(getitem, way, bad)[last] = chance.choice(NASTY)
            read(source, envelope["scope"], envelope["url"], json.dumps(bad).encode())


def test_the_accounts_register_gone_bad() -> None:
    (case, *_) = [c for c in CASES if c.parents[1].name == "brreg_accounts"]
    (body,) = case.parent.glob("body.*")
    (good, *_) = json.loads(body.read_bytes())
    for key in ("id", "regnskapstype", "avviklingsregnskap", "revisjon"):
        for value in NASTY:
            bad = json.dumps([good | {key: value}]).encode()
            read("brreg_accounts", "accounts", "https://x.example/1", bad)


def test_nesting_beyond_reason_is_refused_or_read() -> None:
    url = "https://x.example/enheter/999999956/roller"
    read("brreg_registry", "entity", url, b"[" * 100_000)
    read("company_pages", "leadership", url, b"<div>" * 50_000 + b"Hei")
    read("company_pages", "careers", url, b"<html>" + b"<a href=x>y" * 5_000)
    read("doffin_notices", "notice", url, b"<a>" * 50_000)
    read("press_feeds", "feed", url, b"<rss>" + b"<item>" * 50_000)
    read("press_feeds", "feed", url, b'{"items":' + b"[" * 50_000)
