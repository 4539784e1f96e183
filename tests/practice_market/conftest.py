"""A market that the tests share; nothing in it exists."""

import pytest
from market_asking import Ask, asking

from practice_market.company import Market
from practice_market.world import World


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
