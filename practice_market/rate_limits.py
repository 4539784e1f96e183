"""Hosts that ask for patience now and then, as their real ones do.

What is answered after the wait does not belong here. An address is put off once: who
waits as told is always served, in whatever order the questions come.
"""

from practice_market import notices, ted_notices
from practice_market.answer import Answer, Request, as_json

# Every so many questions of a day, and the seconds to wait.
LIMITS: dict[str, tuple[int, int]] = {
    notices.HOST: (29, 7),
    ted_notices.API_HOST: (40, 4),
}


class RateLimits:
    """Counts the questions of a day."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], int] = {}
        self._put_off: set[tuple[str, int, str, bytes]] = set()

    def refusal(self, request: Request) -> Answer | None:
        """The answer 429 with Retry-After when it is time for one."""
        every, seconds = LIMITS.get(request.host, (0, 0))
        if not every:
            return None
        where = request.host, request.day
        self._counts[where] = self._counts.get(where, 0) + 1
        target = f"{request.path}?{request.query}"
        address = (request.host, request.day, target, request.body)
        if self._counts[where] % every or address in self._put_off:
            return None
        self._put_off.add(address)
        return as_json(
            429,
            {"statusCode": 429, "message": f"Try again in {seconds} seconds."},
            b"application/json",
            (b"retry-after", str(seconds).encode()),
        )
