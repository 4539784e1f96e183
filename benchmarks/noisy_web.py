"""Sites on loopback whose pages change every day without anything having happened.

Run: python -m benchmarks.noisy_web [--pages 20] [--kilobytes 12]
Prints one JSON line with `proxy`. Every page carries a nonce of the request, a footer
with the year and a relative date, as sites do. From one day to the next a tenth of the
pages change in earnest: a sentence of theirs is another. `http://asked.benchmark/day?N`
sets the day. All pages are made up.
"""

import argparse
import hashlib
import json
import random
import secrets

import uvloop

from benchmarks.loopback_web import answer, serve

_WORDS = (
    "anlegg bro kai vei kunde avtale drift prosjekt ansvar miljø kvalitet sikkerhet "
    "medarbeider kontor marked leveranse erfaring løsning utvikling samarbeid ferge "
    "verksted nettbrett vedlikehold rådgivning montasje lager kran sveising"
).split()
_FIRST_YEAR = 2026
# One page in so many changes in earnest each day.
ONE_IN = 10


def path_of(number: int) -> str:
    """The path of a page; the first is the front page."""
    return "" if number == 0 else f"om-oss/side-{number}"


def url_of(site: int, number: int) -> str:
    """The address of a page."""
    return f"http://s{site:06d}.example/{path_of(number)}"


def _drawn(*parts: object) -> int:
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big")


def changes(url: str, day: int) -> bool:
    """Whether a page is another on that day than on the day before."""
    return day > 0 and _drawn(url, day) % ONE_IN == 0


def edition(url: str, day: int) -> int:
    """The last day on which a page changed in earnest."""
    return next((d for d in range(day, 0, -1) if changes(url, d)), 0)


class NoisyWeb:
    """The pages of one day after the other."""

    def __init__(self, pages: int, kilobytes: int) -> None:
        self.day = 0
        menu = "".join(
            f'<li><a href="/{path_of(n)}">Side {n}</a></li>' for n in range(pages)
        )
        self._pages = {f"/{path_of(n)}": n for n in range(pages)}
        self._menu = f'<nav class="main-nav"><ul>{menu}</ul></nav>'
        self._size = kilobytes * 1024
        self._texts: dict[str, str] = {}
        self._missing = answer("404 Not Found", "text/html", b"<p>Finnes ikke.</p>")

    def _text(self, url: str) -> str:
        """Paragraphs of a page, the same every day, and of no other page."""
        if url not in self._texts:
            draw = random.Random(url)
            parts: list[str] = []
            while sum(map(len, parts)) < self._size:
                words = " ".join(draw.choice(_WORDS) for _ in range(40))
                parts.append(f'<p class="tekst">{words.capitalize()}.</p>')
            self._texts[url] = "".join(parts)
        return self._texts[url]

    def page(self, url: str, number: int, host: str) -> bytes:
        """The page of an address on the day that it is, as one request sees it."""
        draw = random.Random(_drawn(url, edition(url, self.day)))
        news = " ".join(draw.choice(_WORDS) for _ in range(12)).capitalize()
        nonce, ago, year = secrets.token_hex(16), self.day + 2, _FIRST_YEAR + self.day
        return (
            f'<!DOCTYPE html><html lang="nb"><head><title>Side {number} {host}</title>'
            f'<meta name="csrf-token" content="{nonce}">'
            f'<script nonce="{nonce}">window.nonce="{nonce}";</script></head>'
            f"<body><header>{self._menu}</header><main><h1>Side {number} av {host}</h1>"
            f'<p class="dato">Publisert for {ago} dager siden</p>'
            f"<p>{news}.</p>{self._text(url)}"
            f'<form><input type="hidden" name="token" value="{nonce}"></form></main>'
            f"<footer><p>© {year} {host}</p></footer></body></html>"
        ).encode()

    def respond(self, url: bytes) -> bytes:
        """The answer to one address, as it goes over the wire."""
        text = url.decode()
        host, _, path = text.removeprefix("http://").partition("/")
        if host == "asked.benchmark":
            self.day = int(path.partition("?")[2])
            told = json.dumps({"day": self.day}).encode()
            return answer("200 OK", "application/json", told)
        number = self._pages.get(f"/{path}")
        if number is None:
            return self._missing
        body = self.page(text, number, host)
        return answer("200 OK", "text/html; charset=utf-8", body)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--kilobytes", type=int, default=12)
    asked = parser.parse_args()
    uvloop.run(serve(NoisyWeb(asked.pages, asked.kilobytes).respond))


if __name__ == "__main__":
    main()
