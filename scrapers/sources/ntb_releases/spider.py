"""Press rooms: the feed of the latest releases of every publisher."""

from scrapers.families.feed import FeedSpider


class NtbReleasesSpider(FeedSpider):
    """A place is host/publisherId."""

    name = "ntb_releases"

    def feed_url(self, address: str) -> str:
        """The feed of a press room."""
        host, _, publisher_id = address.partition("/")
        return f"https://{host}/rss/releases/latest?publisherId={publisher_id}"
