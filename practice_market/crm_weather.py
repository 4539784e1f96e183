"""What goes wrong at a made-up CRM: faults drawn from one seed, a token that runs out.

What a CRM answers in fair weather does not belong here.
"""

import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from practice_market.faulty_server import Answer


@dataclass
class Faults:
    """How often what goes wrong; shares of requests, drawn from one seed."""

    seed: int = 1
    busy: float = 0.0  # 429, with Retry-After
    retry_after_s: float = 1.0
    fails_before: float = 0.0  # 500, nothing done
    fails_after: float = 0.0  # 500, though all was done
    drops_before: float = 0.0  # connection cut, nothing done
    drops_after: float = 0.0  # connection cut, though all was done
    slow: float = 0.0
    slow_s: float = 0.0
    mixed: float = 0.0  # share of writes that are told to come again (503)
    bad_keys: tuple[str, ...] = ()  # records whose key ends so are never taken
    token_lasts: int | None = None  # requests


@dataclass
class Weather:
    """The weather over one made-up CRM, and a ledger of the writes it took."""

    token: str = "made-up-token"
    faults: Faults = field(default_factory=Faults)
    ledger: list[tuple[str, str, str]] = field(default_factory=list)
    # Called when the token has run out; a test writes the next one to its file.
    on_expired: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._since_token = self._generation = 0
        self.begin(self.faults)

    def begin(self, faults: Faults) -> None:
        """Fail so from now on, from the faults' own seed."""
        with self.lock:
            self.faults, self.draw = faults, random.Random(faults.seed)
            self._since_token = 0

    def took(self, kind: str, key: str, values: Mapping[str, Any]) -> None:
        """Note a write that was taken."""
        content = json.dumps(values, sort_keys=True)
        digest = hashlib.sha256(content.encode()).hexdigest()[:16]
        self.ledger.append((kind, key, digest))

    def taken_twice(self) -> list[tuple[str, str, str]]:
        """Writes of the same content to the same record that were taken twice."""
        return [w for w, n in Counter(self.ledger).items() if n > 1]

    def over(
        self,
        headers: Mapping[str, str],
        name: str,
        value: str,
        is_write: bool,
        do: Callable[[], tuple[int, Any]],
    ) -> Answer:
        """The answer of `do`, in this weather.

        Args:
            headers: of the request.
            name: of the header that bears the token.
            value: what that header is to say, with `{}` for the token.
            is_write: whether it is told to come again now and then.
            do: what the CRM does in fair weather.
        """
        with self.lock:
            faults = self.faults
            self._since_token += 1
            lasts = faults.token_lasts
            if lasts is not None and self._since_token > lasts:
                self._since_token = 0
                self._generation += 1
                self.token = f"made-up-token-{self._generation}"
                if self.on_expired is not None:
                    self.on_expired(self.token)
            if headers.get(name) != value.format(self.token):
                return 401, {"error": "unauthorized access"}, {}, "send"
            after = {"Retry-After": str(faults.retry_after_s)}
            if self.draw.random() < faults.busy:
                return 429, {"error": "made-up: too many requests"}, after, "send"
            if is_write and self.draw.random() < faults.mixed:
                return 503, {"error": "made-up: not now"}, after, "send"
            draw, edge = self.draw.random(), faults.fails_before
            if draw < edge:
                return 500, {"error": "made-up fault before"}, {}, "send"
            edge += faults.drops_before
            if draw < edge:
                return 0, {}, {}, "drop"
            status, said = do()
            edge += faults.fails_after
            if draw < edge:
                return 500, {"error": "made-up fault after"}, {}, "send"
            edge += faults.drops_after
            if draw < edge:
                return status, said, {}, "drop"
            edge += faults.slow
            return status, said, {}, "slow" if draw < edge else "send"
