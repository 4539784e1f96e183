"""The address that a secret is sent to: https, or on this machine.

What is said there is the destination's.
"""

from urllib.parse import urlsplit

from orchestration.crm.fault import CrmError


def is_local(address: str) -> bool:
    """Whether it is on this machine."""
    return urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1")


def checked_address(name: str, address: str, setting: str = "URL") -> str:
    """An address without a slash at its end.

    Args:
        name: of the destination.
        address: what its setting says.
        setting: which one that is, after the name of the destination.

    Raises:
        CrmError: it is open to all on the way.
    """
    scheme = urlsplit(address).scheme
    if scheme != "https" and not (scheme == "http" and is_local(address)):
        raise CrmError(
            f"{name}: LYTTEPOST_{name.upper()}_{setting} must begin https://, for what "
            "goes there is secret or names people"
        )
    return address.rstrip("/")
