"""XML payloads, read without entities, network or documents beyond reason."""

import re

from lxml import etree

from scrapers.extract.refusal import ParseRefused

# Bytes that XML does not allow and that feeds hold all the same.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def read_xml(body: bytes, url: str) -> etree._Element:
    """Root of an XML payload. A document type declaration is refused outright.

    Raises:
        ParseRefused: it is not well-formed XML, or declares a document type.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser=parser)
    except (etree.XMLSyntaxError, ValueError) as no:
        raise ParseRefused(
            f"The payload of {url} is not well-formed XML: {no}."
        ) from no
    if root is None:
        raise ParseRefused(f"The payload of {url} is an empty XML document.")
    if root.getroottree().docinfo.internalDTD is not None:
        raise ParseRefused(f"The payload of {url} declares a document type.")
    return root


def read_feed_xml(body: bytes, url: str) -> etree._Element:
    """As ``read_xml``, of a feed: control characters and space before it are dropped.

    Raises:
        ParseRefused: as ``read_xml``.
    """
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return read_xml(body, url)
    return read_xml(_CONTROL.sub(b"", body.removeprefix(b"\xef\xbb\xbf")).lstrip(), url)


def child_text(element: etree._Element, name: str) -> str | None:
    """Text of the first child of a name, whatever its namespace; None when empty."""
    child = element.find(f"{{*}}{name}")
    if child is None:
        return None
    return "".join(map(str, child.itertext())).strip() or None
