"""Worked examples of signals: dated observations of one made-up company each.

A file `examples/<signal_type>.yml` is a list of examples. Each says what was observed
in which weeks (week 1 begins on Monday 2024-01-01; a week's visit is on its Monday) and
whether a signal of the type must be there at the end (``fires``) or not (``silent``).
Texts go through our own readers where an example gives a text, so that the words are
tried and not only the SQL. Everything is made up.

    - example: konstituert salgsdirektør på siden for ledelsen
      expect: fires
      subject: sales            # optional: this must stand in the subject
      account: {org_number: "810000005"}
      observed:
        - {weeks: 1-6, people: [[Kari Nord, Salgsdirektør], [Ola Vik, Direktør]]}
        - {weeks: 7-12, people: [[Nils Lie, Konst. salgssjef], [Ola Vik, Direktør]]}

What one row of ``observed`` may hold, beside ``weeks``: ``people`` ([name, title]),
``ads`` (title, or {title, terms, ...}; of {title, description, language} our reader
finds the terms), ``page`` ({title, blocks, language}), ``press``
([{title, text, on}] through the feed reader), ``html`` (through the reader of company
pages, with ``scope``), ``records`` ({kind: rows}) for every other kind, or ``outcome``
for a visit that brought nothing. ``path``, ``scope``, ``source`` and ``url`` say where.
``market: true`` is a visit of a place that is read for all accounts, as a feed is.
``{word}`` in a text is a word that every week has for itself, ``{fortnight}`` one that
two weeks of one company share (what every visit shows anew is no edit),
``{odd_fortnight}`` one of two weeks that begin a week later, ``{day}`` the day of the
visit, ``{filler:80:a}`` eighty everyday words, the same wherever ``a`` stands;
``times: 9`` repeats a row nine times with 1 to 9 in place of ``#``.
"""

import html
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml

from scrapers.envelope import Envelope
from scrapers.extract.terms import terms_of
from scrapers.source import load_parser
from tests.warehouse.home_of_rows import Home, end_of

FOLDER = Path(__file__).parent / "examples"
WEEK_ONE = date(2024, 1, 1)
_WHERE = {
    "people": ("/team/", "leadership"),
    "ads": ("/jobb/", "careers"),
    "page": ("/om-oss/", "about"),
    "html": ("/om-oss/", "about"),
    "press": ("/feed/", "feed"),
    "records": ("/", "content"),
    "outcome": ("/team/", "leadership"),
}
_SYLLABLES = "ba de fi go hu ka le mi no ru".split()
_KEYS = {"weeks", "path", "scope", "source", "url", "times", "market", *_WHERE}
_EVERYDAY = """avdeling anlegg arbeid båt bygg dag drift elev fabrikk fisk fjell flate
fôr gård gate hav havn heis høst hytte jern kai kabel kran kyst laks last lager lufte
maskin mel mark måned nett olje papir pumpe plank rør sag salt seil sement skip skog
skole smie stål sommer tak tank tau tog treverk tunnel ull vann vei verksted verft vind
vinter vogn""".split()


@dataclass(frozen=True)
class Example:
    """One company's story and what must be said of it."""

    signal_type: str
    number: int
    name: str
    fires: bool
    subject: str | None
    account: Mapping[str, Any]
    observed: Sequence[Mapping[str, Any]]

    @property
    def account_id(self) -> str:
        """An account of its own, so that all examples share one warehouse."""
        return f"{self.signal_type.replace('_', '-')}-{self.number:02d}"


def examples(types: Sequence[str] = ()) -> list[Example]:
    """All examples, or those of some types.

    Raises:
        ValueError: a file says something that is not understood.
    """
    found = []
    for file in sorted(FOLDER.glob("*.yml")):
        if types and file.stem not in types:
            continue
        for number, row in enumerate(yaml.safe_load(file.read_text("utf-8")), 1):
            odd = set(row) - {"example", "expect", "subject", "account", "observed"}
            odd |= {key for step in row["observed"] for key in set(step) - _KEYS}
            if odd or row["expect"] not in ("fires", "silent"):
                raise ValueError(
                    f"{file.name}, example {number}: {odd or row['expect']}"
                )
            found.append(
                Example(
                    file.stem, number, row["example"], row["expect"] == "fires",
                    row.get("subject"), row.get("account", {}), row["observed"],
                )
            )  # fmt: skip
    return found


def home_of(found: Sequence[Example]) -> Home:
    """One home in which every example is an account with a sector of its own."""
    home = Home()
    for example in found:
        columns = {"name": f"{example.account_id} AS", "segment": example.account_id}
        home.account(example.account_id, **(columns | dict(example.account)))
    steps = [
        (day, example, step)
        for example in found
        for row in example.observed
        for step in _repeated(row)
        for day in _days(str(step["weeks"]))
    ]
    for day, example, step in sorted(
        steps, key=lambda row: (row[0], row[1].account_id)
    ):
        _land(home, example, step, day)
    return home


def _days(weeks: str) -> Iterator[date]:
    """The Mondays of ``3``, ``1-6`` or ``1-6, 9``."""
    for part in weeks.split(","):
        first, _, last = part.strip().partition("-")
        for week in range(int(first), int(last or first) + 1):
            yield WEEK_ONE + timedelta(weeks=week - 1)


def _land(home: Home, example: Example, step: Mapping[str, Any], day: date) -> None:
    (what,) = set(step) & set(_WHERE)
    path, scope = _WHERE[what]
    path, scope = step.get("path", path), step.get("scope", scope)
    source = step.get("source", "press_feeds" if what == "press" else "company_pages")
    url = step.get("url") or f"https://{example.account_id}.example{path}"
    at = end_of(day)
    if what == "outcome":
        home.visit(
            example.account_id, url, at, scope=scope, source=source,
            outcome=step["outcome"], status=None,
        )  # fmt: skip
        return
    given = _dated(step[what], day, example.account_id)
    records = _RECORDS[what](given, url, source, scope)
    owner = None if step.get("market") else example.account_id
    home.visit(owner, url, at, records, source=source, scope=scope)


def _repeated(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "times" not in row:
        yield row
        return
    for number in range(1, int(row["times"]) + 1):
        yield {
            key: _replaced(value, lambda text, n=number: text.replace("#", str(n)))
            for key, value in row.items()
        }


def _replaced(given: Any, change: Callable[[str], str]) -> Any:
    """The same with every text changed."""
    if isinstance(given, str):
        return change(given)
    if isinstance(given, Mapping):
        return {key: _replaced(value, change) for key, value in given.items()}
    if isinstance(given, Sequence):
        return [_replaced(value, change) for value in given]
    return given


def _everyday(text: str) -> str:
    def words(found: re.Match[str]) -> str:
        drawn = random.Random(found[2]).choices(_EVERYDAY, k=int(found[1]))
        return " ".join(drawn)

    return re.sub(r"\{filler:(\d+):([^}]+)\}", words, text)


def _dated(given: Any, day: date, account_id: str) -> Any:
    """The same with the week's word and the day of the visit in its texts."""
    number = (day - WEEK_ONE).days // 7
    own = crc32(account_id.encode())
    word, fortnight, odd = (
        "".join(_SYLLABLES[of // 10**n % 10] for n in range(3))
        for of in (number, own + number // 2, own + 500 + (number + 1) // 2)
    )
    return _replaced(
        given,
        lambda text: _everyday(
            text.replace("{word}", word)
            .replace("{fortnight}", fortnight)
            .replace("{odd_fortnight}", odd)
            .replace("{day}", day.isoformat())
        ),
    )


def _people(given: Any, *_: str) -> dict[str, list[dict]]:
    return {
        "people": [
            {
                "person_key": " ".join(name.lower().replace(".", "").split()),
                "name": name,
                "title": title,
                "order_no": n,
                "via": "card",
            }
            for n, (name, title) in enumerate(given)
        ]
    }


def _ads(given: Any, *_: str) -> dict[str, list[dict]]:
    ads = [{"title": ad} if isinstance(ad, str) else ad for ad in given]
    ads = [
        ad | {"terms": ad["terms"].split()} if isinstance(ad.get("terms"), str) else ad
        for ad in map(_with_terms, ads)
    ]
    return {
        "job_ads": [
            {
                "ad_id": ad["title"],
                "ad_status": "active",
                "place": "Oslo",
                "terms": [],
                "is_listing": True,
            }
            | ad
            for ad in ads
        ]
    }


def _with_terms(ad: Mapping[str, Any]) -> dict[str, Any]:
    """An ad with a text has the terms that our readers find in it."""
    language = ad.get("language", "nb")
    own = {key: value for key, value in ad.items() if key != "language"}
    if "description" not in own or "terms" in own:
        return own
    text = f"{own['title']}\n{own['description']}"
    return own | {"terms": list(terms_of(text, language))}


def _page(given: Any, *_: str) -> dict[str, list[dict]]:
    blocks = [
        {"role": "main", "text": block} if isinstance(block, str) else block
        for block in given["blocks"]
    ]
    return {
        "pages": [
            {
                "title": given.get("title"),
                "language": given.get("language", "nb"),
                "main_text": "\n".join(
                    b["text"] for b in blocks if b["role"] == "main"
                ),
                "text_digest": str(sorted(str(b) for b in blocks)),
                "blocks": [{"terms": b["text"].lower().split()} | b for b in blocks],
                "nav_labels": given.get("nav_labels", []),
                "links": given.get("links", []),
            }
        ]
    }


def _press(given: Any, url: str, source: str, scope: str) -> dict[str, list[dict]]:
    items = "".join(
        f"<item><guid>{html.escape(item['title'])}</guid>"
        f"<title>{html.escape(item['title'])}</title>"
        f"<description>{html.escape(item.get('text', ''))}</description>"
        # YAML reads a bare "on" as true.
        f"<pubDate>{_rfc_822(str(item.get('on', item.get(True))))}</pubDate></item>"
        for item in given
    )
    body = f"<rss version='2.0'><channel><title>Nytt</title>{items}</channel></rss>"
    return _read(body, url, source, scope)


def _html(given: str, url: str, source: str, scope: str) -> dict[str, list[dict]]:
    return _read(given, url, source, scope)


def read_html(body: str, url: str, scope: str) -> dict[str, list[dict]]:
    """What the reader of company pages says of a page, by kind."""
    return _read(body, url, "company_pages", scope)


def _rfc_822(day: str) -> str:
    return f"{datetime.fromisoformat(day):%a, %d %b %Y 08:00:00} +0100"


@cache
def _read(body: str, url: str, source: str, scope: str) -> dict[str, list[dict]]:
    rows: dict[str, list[dict]] = {}
    envelope = Envelope(source, url, scope, None, 200)
    for record in load_parser(source).parse(body.encode(), envelope):
        rows.setdefault(record.KIND, []).append(asdict(record))
    return rows


def _records(given: Any, *_: str) -> dict[str, list[dict]]:
    return {kind: list(rows) for kind, rows in given.items()}


_RECORDS = {
    "people": _people,
    "ads": _ads,
    "page": _page,
    "press": _press,
    "html": _html,
    "records": _records,
}
