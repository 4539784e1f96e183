"""A market that the tests share; nothing in it exists."""

from collections.abc import Callable

import pytest

from practice_market.answer import Answer, Request
from practice_market.company import Market
from practice_market.world import World

Ask = Callable[..., Answer]


def asking(world: World) -> Ask:
    """Ask a world as the proxy would."""

    def ask(url: str, day: int, method: str = "GET", **headers: str) -> Answer:
        host, _, target = url.partition("://")[2].partition("/")
        path, _, query = target.partition("?")
        pairs = {
            name.replace("_", "-").encode(): value.encode()
            for name, value in headers.items()
        }
        return world.answer(Request(method, host, f"/{path}", query, pairs, day))

    return ask


@pytest.fixture(scope="session")
def world() -> World:
    return World(Market())


@pytest.fixture(scope="session")
def calm_world() -> World:
    return World(Market(calm=True, companies=30))


@pytest.fixture(scope="session")
def ask(world: World) -> Ask:
    return asking(world)


@pytest.fixture(scope="session")
def ask_calm(calm_world: World) -> Ask:
    return asking(calm_world)
