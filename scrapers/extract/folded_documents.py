"""Which of the documents folded into one page its address asks for.

Some sites keep terms, privacy notice, security and more as folds of one page and let
an address lead to each. What is changed in another fold is no change of the document
asked for.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from scrapers.extract.blocks import TextBlock
from scrapers.extract.word_lists import word_list

_WORD = re.compile(r"[^\W\d_]+")
# Different words for one document, by the beginning of the word: in en, nb, nn, da, sv,
# fi. Anything else is asked for by its own word.
_SUBJECTS = (
    (
        "terms",
        word_list(
            """
            terms conditions agreement eula vilkår vilkar betingelser villkor
            avtalevilkår ehdot brukervilkår brukarvilkår salgsvilkår käyttöehdot
            användarvillkor
            """
        ),
    ),
    (
        "privacy",
        word_list(
            """
            privacy gdpr ccpa personvern persondata personopplysning personuppgift
            personoplysning integritet privatliv tietosuoja dataskydd databeskyttelse
            """
        ),
    ),
    (
        "cookies",
        word_list("cookie tracker informasjonskaps informationskaps kakor eväste"),
    ),
    ("security", word_list("security sikkerhet sikkerheit sikkerhed säkerhet")),
    ("copyright", word_list("copyright dmca opphavsrett ophavsret upphovsrätt")),
)
# They say that it is a document, not which one.
_ANY = frozenset(
    word_list(
        """
        policy policies notice statement document documents legal page index html the
        and our your for use service services company retningslinjer erklæring
        erklaering politikk politik policyer og och om for vår våre
        """
    )
)
_SHORTEST_WORD = 3
# Fewer folds are a note or two, and less text is not a document.
_MIN_FOLDS = 3
_MIN_CHARACTERS = 1000


def other_documents(
    blocks: Sequence[TextBlock], url: str, title: str | None
) -> frozenset[str]:
    """Headings of the folds that hold other documents than the address asks for.

    None when the page itself is about what is asked for: its folds are then parts of
    one document. Terms are a contract each, with its own other party: asked for are the
    first fold and those next to it. Other notices complete each other, wherever on the
    page they stand.
    """
    asked = _subjects(unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2])
    sizes: dict[str, int] = {}
    for block in blocks:
        # A list of contents may be folded too: it is not the matter of the page.
        if block.fold and block.role == "main":
            sizes[block.fold] = sizes.get(block.fold, 0) + len(block.text)
    if not asked or len(sizes) < _MIN_FOLDS or asked & _subjects(title or ""):
        return frozenset()
    found: list[str] = []
    for heading in sizes:
        if asked & _subjects(heading):
            found.append(heading)
        elif found and "terms" in asked:
            break
    if sum(sizes[heading] for heading in found) < _MIN_CHARACTERS:
        return frozenset()
    return frozenset(sizes).difference(found)


def _subjects(text: str) -> frozenset[str]:
    words = [
        word
        for word in _WORD.findall(text.casefold())
        if len(word) >= _SHORTEST_WORD and word not in _ANY
    ]
    known = {
        subject
        for subject, beginnings in _SUBJECTS
        if any(word.startswith(tuple(beginnings)) for word in words)
    }
    return frozenset(known or words)
