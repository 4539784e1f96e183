"""What can go wrong with a hand-over to a CRM and be mended by a user."""

from orchestration.settings import without_secrets


class CrmError(ValueError):
    """Something about the CRM hand-over that a user can mend, in one sentence.

    It often holds the service's own words, which may repeat the token.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(without_secrets(sentence))


class CrmRefused(CrmError):
    """The CRM does not accept who we say we are, or what we may do."""
