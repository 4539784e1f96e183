"""The token of a destination, and the one sentence that says that it is missing.

Where it is sent is the destination's; what it must be allowed to do is in docs/crm.md.
"""

from orchestration import settings
from orchestration.crm.fault import CrmError


def token_of(name: str) -> str:
    """LYTTEPOST_<NAME>_TOKEN, or what the file of LYTTEPOST_<NAME>_TOKEN_FILE holds.

    Raises:
        CrmError: there is none.
    """
    own = f"{name.upper()}_TOKEN"
    token = settings.secret(own)
    if token is None:
        raise CrmError(
            f"{name}: there is no token; set LYTTEPOST_{own}, or LYTTEPOST_{own}_FILE "
            "to a file that holds it"
        )
    return token
