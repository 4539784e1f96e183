"""How fast a service is called: a token bucket, and waits between tries with jitter.

No destination and no HTTP; what to do with an answer is the destination's.
"""

import random
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

    def at(self, rate: float, burst: int) -> "Pace":
        """The same clock at another rate."""
        return Pace(rate, burst, self.clock, self.sleep, self.jitter)

    def take(self) -> None:
        """Wait until one more call is allowed."""
        if self.rate is None:
            return
        now = self.clock()
        if self._at is None:
            self._tokens, self._at = float(self.burst), now
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            self.sleep((1 - self._tokens) / self.rate)
            later = self.clock()
            self._tokens += (later - now) * self.rate
            self._at = later
        self._tokens -= 1

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
