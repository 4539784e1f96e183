"""Ask a made-up market as its proxy would."""

from collections.abc import Callable

from practice_market.answer import Answer, Request
from practice_market.world import World

Ask = Callable[..., Answer]


def asking(world: World) -> Ask:
    """Ask a world as the proxy would."""

    def ask(
        url: str, day: int, method: str = "GET", body: bytes = b"", **headers: str
    ) -> Answer:
        host, _, target = url.partition("://")[2].partition("/")
        path, _, query = target.partition("?")
        pairs = {
            name.replace("_", "-").encode(): value.encode()
            for name, value in headers.items()
        }
        request = Request(method, host, f"/{path}", query, pairs, day, body)
        return world.answer(request)

    return ask
