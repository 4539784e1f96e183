"""Press and news feeds: every feed address of every account."""

from scrapers.families.feed import FeedSpider


class PressFeedsSpider(FeedSpider):
    """A place is the address of the feed."""

    name = "press_feeds"
