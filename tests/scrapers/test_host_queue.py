"""Which host is asked next; how a host's own requests are ordered is Scrapy's."""

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.settings import Settings
from scrapy.squeues import LifoMemoryQueue

from scrapers.host_queue import HostQueue

HOSTS = tuple(f"h{number}" for number in range(6))


class Downloader:
    """How many requests each host has in flight."""

    def __init__(self) -> None:
        self.slots: dict[str, SimpleNamespace] = {}

    def get_slot_key(self, request: Request) -> str:
        """The host itself."""
        return request.url.split("/")[2]

    def set(self, host: str, in_flight: int) -> None:
        """A host has so many in flight."""
        self.slots[host] = SimpleNamespace(active=set(range(in_flight)))


def queue_beside(downloader: Downloader) -> HostQueue:
    crawler = SimpleNamespace(
        settings=Settings(), engine=SimpleNamespace(downloader=downloader)
    )
    return HostQueue(crawler, LifoMemoryQueue, "")


def host_of(request: Request | None) -> str | None:
    return None if request is None else request.url.split("/")[2]


def test_hosts_take_turns() -> None:
    queue = queue_beside(Downloader())
    for number in range(3):
        for host in HOSTS[:3]:
            queue.push(Request(f"http://{host}/{number}"))
    assert [host_of(queue.pop()) for _ in range(9)] == [*HOSTS[:3]] * 3
    assert queue.pop() is None


def test_of_one_host_the_most_urgent_is_first() -> None:
    queue = queue_beside(Downloader())
    for priority in (1, 3, 2):
        queue.push(Request(f"http://h0/{priority}", priority=priority))
    assert [queue.pop().priority for _ in range(3)] == [3, 2, 1]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("push"), st.sampled_from(HOSTS)),
            st.tuples(st.just("pop"), st.none()),
            st.tuples(st.sampled_from(HOSTS), st.integers(0, 3)),
        ),
        max_size=60,
    )
)
def test_the_host_with_the_fewest_in_flight_is_next_and_none_is_lost(steps) -> None:
    downloader = Downloader()
    queue = queue_beside(downloader)
    waiting: list[str] = []
    for number, (what, value) in enumerate(steps):
        if what == "push":
            queue.push(Request(f"http://{value}/{number}"))
            waiting.append(value)
        elif what == "pop":
            peeked, taken = queue.peek(), queue.pop()
            assert peeked is taken
            if not waiting:
                assert taken is None
                continue
            host = host_of(taken)
            in_flight = {h: len(s.active) for h, s in downloader.slots.items()}
            fewest = min(in_flight.get(h, 0) for h in waiting)
            assert in_flight.get(host, 0) == fewest
            waiting.remove(host)
        else:
            downloader.set(what, value)
        assert len(queue) == len(waiting)
