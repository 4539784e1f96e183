"""A redirect takes no key of a service to anybody else."""

import pytest
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from scrapers.middlewares.redirects import RedirectsMiddleware

KEY = {"Ocp-Apim-Subscription-Key": "made-up", "Authorization": "Basic bWFkZS11cA=="}
ASKED = "https://api.example/v1/notices"


@pytest.mark.parametrize(
    ("location", "is_theirs"),
    [
        ("/v2/notices", True),
        ("https://api.example:443/v2/notices", True),
        ("https://other.example/v1/notices", False),
        ("https://api.example.other.example/", False),
        ("https://api.example:8443/v1/notices", False),
        # The same service, but anybody on the way could read it.
        ("http://api.example/v1/notices", False),
    ],
)
def test_a_key_goes_to_the_service_it_is_for(location: str, is_theirs: bool) -> None:
    crawler = get_crawler(settings_dict={"REFERRER_POLICY": "no-referrer"})
    middleware = RedirectsMiddleware.from_crawler(crawler)
    said = {"Accept": "application/json", "User-Agent": "Lyttepost", **KEY}
    answer = Response(ASKED, status=307, headers={"Location": location})
    again = middleware.process_response(Request(ASKED, headers=said), answer)
    assert isinstance(again, Request)
    assert again.headers[b"Accept"] == b"application/json"
    assert again.headers[b"User-Agent"] == b"Lyttepost"
    assert (set(KEY) <= {name.decode() for name in again.headers}) is is_theirs
    assert is_theirs or not {name.encode() for name in KEY} & set(again.headers)
