"""XML payloads, read without entities, network or documents beyond reason."""

from lxml import etree

from scrapers.extract.refusal import ParseRefused


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
