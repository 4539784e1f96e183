"""Random numbers that depend on their name only.

Every draw is named by the market's seed and what it is for, so that one company or day
can be drawn without the others and a longer market begins like a shorter one. The
standard library's generator is used because its stream is promised to stay the same.
"""

import hashlib
import math
import random


def stream(*name: object) -> random.Random:
    """A generator of its own for this name."""
    return random.Random(_number(name))


def unit(*name: object) -> float:
    """One number in [0, 1) for this name."""
    return _number(name) / 2.0**64


def _number(name: tuple[object, ...]) -> int:
    text = "\x1f".join(str(part) for part in name).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def poisson(rng: random.Random, mean: float) -> int:
    """A Poisson count by multiplication of uniforms (means below about 30)."""
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def negative_binomial(rng: random.Random, mean: float, shape: float) -> int:
    """A count whose Poisson mean is Gamma(shape, mean / shape)."""
    if mean <= 0:
        return 0
    return poisson(rng, rng.gammavariate(shape, mean / shape))


def daily(weekly: float) -> float:
    """The daily hazard of a weekly one: 1 - (1 - h)^(1/7)."""
    return 1.0 - (1.0 - min(weekly, 0.999)) ** (1.0 / 7.0)
