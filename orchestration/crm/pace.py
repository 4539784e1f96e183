"""How fast a service is called: a token bucket, and waits between tries with jitter.

No destination and no HTTP; what to do with an answer is the destination's.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Pace:
    """Calls at most at a service's published rate.

    Args:
        rate: calls a second on the long run; None: as fast as it answers.
        burst: calls that may come at once.
        clock: seconds, monotonic.
        sleep: waits so many seconds.
        jitter: draws from 0 to 1.
    """

    rate: float | None = None
    burst: int = 1
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = field(default_factory=lambda: random.Random().random)
    _tokens: float = field(default=0.0, init=False)
    _at: float | None = field(default=None, init=False)
    _held_until: float | None = field(default=None, init=False)
    # Calls side by side wait one behind the other: each takes its turn.
    _lock: threading.RLock = field(
        default_factory=threading.RLock, init=False, repr=False, compare=False
    )

    def at(self, rate: float | None, burst: int) -> "Pace":
        """The same clock at another rate."""
        return Pace(rate, burst, self.clock, self.sleep, self.jitter)

    def within(self, limit: int, seconds: float) -> "Pace":
        """The same clock at the rate that keeps to `limit` in any so many seconds."""
        return self.at(*_rate(limit, seconds))

    def take(self, n: int = 1) -> None:
        """Wait until `n` more calls (or records) are allowed."""
        with self._lock:
            if self._held_until is not None:
                held_s = self._held_until - self.clock()
                self._held_until = None
                if held_s > 0:
                    self.sleep(held_s)
            if self.rate is None:
                return
            now = self.clock()
            if self._at is None:
                self._tokens, self._at = float(self.burst), now
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
            self._at = now
            if self._tokens < n:
                self.sleep((n - self._tokens) / self.rate)
                later = self.clock()
                self._tokens += (later - now) * self.rate
                self._at = later
            self._tokens -= n

    def hold(self, seconds: float) -> None:
        """Let no call begin for so long: the service said that it is too much."""
        with self._lock:
            until = self.clock() + seconds
            self._held_until = max(self._held_until or until, until)

    def learn(self, limit: int, seconds: float, remaining: int | None = None) -> None:
        """Take over what the service's headers say of its limit.

        Args:
            limit: calls allowed.
            seconds: in any so many.
            remaining: of those, how many are left; others may use the same allowance.
        """
        with self._lock:
            if self.rate is None or limit < 1 or seconds <= 0:
                return
            self.rate, self.burst = _rate(limit, seconds)
            if remaining is not None:
                self._tokens = min(self._tokens, float(remaining))

    def wait_s(
        self, tries: int, first_s: float, longest_s: float, told_s: float | None
    ) -> float:
        """Seconds until the next try: what the service said, else doubling, jittered.

        A told time is kept to and a little more, so that many do not come at once.
        """
        if told_s is not None:
            return told_s + 0.1 * told_s * self.jitter()
        most = min(longest_s, first_s * 2.0 ** max(tries - 1, 0))
        return most * (0.5 + 0.5 * self.jitter())


def _rate(limit: int, seconds: float) -> tuple[float, int]:
    """Rate and burst that keep within a limit in any window: 95 % of it, and the rest.

    A steady rate with a small burst: what is late by a moment is caught up with, and
    what arrives together by the ways of the network does not go over.
    """
    rate = 0.95 * limit / seconds
    return rate, max(1, int(limit - rate * seconds))
