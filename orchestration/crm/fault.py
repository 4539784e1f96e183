"""What can go wrong with a hand-over to a CRM and be mended by a user."""


class CrmError(ValueError):
    """Something about the CRM hand-over that a user can mend, in one sentence."""


class CrmRefused(CrmError):
    """The CRM does not accept who we say we are, or what we may do."""
