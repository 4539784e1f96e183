"""Employers' boards at Recruitee: one list a company, with the texts.

From 2027-02-10 the endpoint needs the employer's own token (see source.yml).
"""

import re
from collections.abc import Iterator

from scrapy.http import Request, Response

from scrapers.families.board import BoardSpider


class RecruiteeJobsSpider(BoardSpider):
    """The whole board in one answer."""

    name = "recruitee_jobs"
    address = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")

    def board(self, account_id: str, address: str) -> Iterator[Request]:
        """The offers of a company's name, or of the host it keeps its board on."""
        host = address if "." in address else f"{address}.recruitee.com"
        yield self.ask_list(f"https://{host}/api/offers/", account_id)

    def list_came(self, response: Response) -> Iterator[Request]:
        """The whole list, or a refusal for want of the employer's token."""
        if response.status == 401:
            assert response.request is not None
            self.logger.warning(
                "recruitee_jobs: %s of %s asks for the employer's own token, which it "
                "does from 2027-02-10 on (status 401); the board is blocked",
                response.url,
                response.request.meta["account_id"],
            )
            return
        yield from super().list_came(response)
