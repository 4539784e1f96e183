"""Hosts that answer badly on purpose, to be added to an accounts file by hand.

huge.example      the front page is 50 MB, streamed
bomb.example      the front page is gzip: 200 kB that unpack to 200 MB
latin1.example    a small site in Latin-1 that says it is UTF-8
metadata.example  the front page redirects to http://169.254.169.254/
down.example      a small site that times out from day 70 to 76 (the eleventh week)
"""

import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache

from practice_market.answer import Answer, Request, text

HUGE_BYTES = 50_000_000
BOMB_BYTES = 200_000_000
DOWN_FROM, DOWN_TO = 70, 76
_CHUNK = b"<p>Dette er en side som aldri tar slutt, om arbeid og avtaler.</p>\n" * 900
_HTML = (b"content-type", b"text/html; charset=utf-8")
_TEAM = (
    ("Åse Ødegård", "Administrerende direktør"),
    ("Bjørn Sæther", "Økonomidirektør"),
    ("Synnøve Løken", "Salgsdirektør"),
    ("Jørgen Grønli", "Driftsdirektør"),
)


def _small_site(name: str, path: str) -> str | None:
    menu = (
        '<nav><a href="/">Hjem</a> <a href="/om-oss/ledelse">Ledelse</a> '
        '<a href="/ledige-stillinger">Ledige stillinger</a></nav>'
    )
    if path == "/":
        main = f"<h1>{name}</h1><p>Vi lager brød på gården, året rundt.</p>"
    elif path == "/om-oss/ledelse":
        cards = "".join(
            f'<div class="card"><h3>{person}</h3><p class="title">{title}</p></div>'
            for person, title in _TEAM
        )
        main = f"<h1>Ledelse</h1>{cards}"
    elif path == "/ledige-stillinger":
        main = (
            "<h1>Ledige stillinger</h1><article><h2>Baker på nattskift</h2>"
            "<p>Vi søker en dyktig baker som ønsker å lære bort faget.</p></article>"
        )
    else:
        return None
    return (
        '<!DOCTYPE html><html lang="nb"><head><meta charset="utf-8">'
        f"<title>{name}</title></head><body>{menu}<main>{main}</main></body></html>"
    )


def _huge(request: Request) -> Answer:
    if request.path != "/":
        return text(404, "Not found.")

    def stream_chunks() -> Iterator[bytes]:
        yield b"<!DOCTYPE html><html><body><main><h1>Stor side</h1>"
        sent = 0
        while sent < HUGE_BYTES:
            yield _CHUNK
            sent += len(_CHUNK)
        yield b"</main></body></html>"

    return Answer(200, (_HTML,), chunks=stream_chunks())


@lru_cache(maxsize=1)
def _bomb_body() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * 1_000_000
    parts = [packer.compress(block) for _ in range(BOMB_BYTES // len(block))]
    return b"".join(parts) + packer.flush()


def _bomb(request: Request) -> Answer:
    if request.path != "/":
        return text(404, "Not found.")
    return Answer(200, (_HTML, (b"content-encoding", b"gzip")), _bomb_body())


def _latin1(request: Request) -> Answer:
    page = _small_site("Bakeriet på Ås", request.path)
    if page is None:
        return text(404, "Not found.")
    return Answer(200, (_HTML,), page.encode("latin-1"))


def _metadata(request: Request) -> Answer:
    if request.path == "/robots.txt":
        return text(404, "Not found.")
    target = b"http://169.254.169.254/latest/meta-data/"
    return Answer(302, ((b"location", target),))


def _down(request: Request) -> Answer:
    if DOWN_FROM <= request.day <= DOWN_TO:
        return text(
            504,
            "The host did not answer in time.",
            (b"lyttepost-replay-error", b"timeout"),
        )
    page = _small_site("Brød og Lønn", request.path)
    if page is None:
        return text(404, "Not found.")
    return Answer(200, (_HTML,), page.encode())


HOSTS: dict[str, Callable[[Request], Answer]] = {
    "huge.example": _huge,
    "bomb.example": _bomb,
    "latin1.example": _latin1,
    "metadata.example": _metadata,
    "down.example": _down,
}
