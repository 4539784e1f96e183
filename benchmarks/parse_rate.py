"""Pages read per second: `python benchmarks/parse_rate.py [N]`.

Prints one JSON line for made-up pages, the same each time: pages a second of the whole
parser, and of its costliest part alone, main text, so that a slow machine and a slow
parser can be told apart. Main text beside trafilatura is measured by `main_text`.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from scrapers.envelope import Envelope
from scrapers.extract.blocks import text_blocks
from scrapers.extract.html import parse_html
from scrapers.sources.company_pages.parse import parse

WORDS = (
    "kunder løsninger bedrifter leverer utvikling prosjekt rådgivning oppfølging drift"
    " kvalitet region ansatte systemer kundereise salgsprosess innsikt tjenester marked"
    " samarbeid erfaring produksjon leveranse kompetanse verdi sikkerhet vekst plan"
).split()
SMALL = ("vi", "og", "for", "med", "til", "som", "hele", "våre", "gode", "nye", "har")
NAMES = ("Kari", "Ola", "Ada", "Siv", "Leif", "Ruth", "Even", "Tuva")
SURNAMES = ("Nordnes", "Vestli", "Sørvik", "Haugmo", "Kleppe", "Rypdal", "Fossli")
TITLES = ("Daglig leder", "Salgssjef", "Utvikler", "Rådgiver", "Økonomisjef")


def sentence(rng: random.Random) -> str:
    words = [rng.choice(SMALL if n % 2 else WORDS) for n in range(rng.randint(8, 18))]
    return " ".join(words).capitalize() + "."


def page(number: int) -> tuple[str, bytes]:
    """Scope and bytes of a made-up page; every third one is over 2,500 characters."""
    rng = random.Random(number)
    scope = ("home", "about", "leadership", "careers", "news", "content")[number % 6]
    paragraphs = "".join(
        f"<h2>{rng.choice(WORDS).capitalize()}</h2><p>"
        + " ".join(sentence(rng) for _ in range(rng.randint(2, 5)))
        + "</p>"
        for _ in range(rng.randint(2, 4) if number % 3 else 14)
    )
    people = "".join(
        f"<div class=card><h3>{rng.choice(NAMES)} {rng.choice(SURNAMES)}</h3>"
        f"<p>{rng.choice(TITLES)}</p></div>"
        for _ in range(12 if scope == "leadership" else 0)
    )
    jobs = "".join(
        f'<div class=job><h3><a href="/jobb/{n}">{rng.choice(TITLES)}</a></h3>'
        "<p>Sted: Bergen. Søknadsfrist: 24.12.2026</p></div>"
        for n in range(6 if scope == "careers" else 0)
    )
    text = (
        '<!doctype html><html lang="nb"><head><meta charset="utf-8"><title>Side</title>'
        '</head><body><header><nav><a href="/">Hjem</a> <a href="/om">Om oss</a></nav>'
        f"</header><main><h1>Side {number}</h1>{paragraphs}{people}{jobs}</main>"
        "<footer><p>&copy; 2026 Eksempel AS</p></footer></body></html>"
    )
    return scope, text.encode()


def main(n_pages: int) -> None:
    pages = [page(number) for number in range(n_pages)]
    for scope, body in pages[:12]:
        list(
            parse(
                body, Envelope("company_pages", "https://x.example/", scope, None, 200)
            )
        )
    started = time.perf_counter()
    records = 0
    for number, (scope, body) in enumerate(pages):
        url = f"https://x.example/{number}"
        envelope = Envelope("company_pages", url, scope, "text/html", 200)
        records += len(list(parse(body, envelope)))
    whole = time.perf_counter() - started
    started = time.perf_counter()
    for _, body in pages:
        text_blocks(parse_html(body, "text/html"))
    blocks = time.perf_counter() - started
    print(
        json.dumps(
            {
                "pages": n_pages,
                "mean_bytes": sum(len(body) for _, body in pages) // n_pages,
                "records": records,
                "parse_pages_per_second": round(n_pages / whole, 1),
                "main_text_pages_per_second": round(n_pages / blocks, 1),
            }
        )
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pages", type=int, nargs="?", default=600)
    asked = arguments.parse_args()
    main(asked.pages)
