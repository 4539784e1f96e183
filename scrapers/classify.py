"""Pages that are answered with status 200 and are not the page that was asked for.

Three kinds: a page that says it does not exist, a challenge to prove being human, and
nothing but a dialogue about consent. Judged by bytes alone, with as little reading as
possible: a page with content of its own is never one of these. What a status or a
missing connection means does not belong here (middlewares/visits.py).
"""

import html
import re
from urllib.parse import urlsplit

SOFT_404 = "soft_404"
CHALLENGE = "challenge"
CONSENT_WALL = "consent_wall"

# Nobody hides a challenge or a wall in more than this, and longer pages cost time.
_MAX_BYTES = 250_000
# Characters of readable text, menus and links left out, of a page that is a notice.
_NOTICE_CHARS = 1_500
_CHALLENGE_CHARS = 900
_WALL_CHARS = 6_000
_BESIDE_WALL_CHARS = 160
_FEW_LINKS = 10
_FEW_PARAGRAPHS = 20

# --- reading just enough of a page -------------------------------------------------

# Elements whose content nobody reads, and those around the content of a page.
_UNREAD = frozenset(("script", "style", "svg", "template", "title"))
_AROUND_CONTENT = frozenset(
    ("nav", "header", "footer", "form", "aside", "a", "select", "button", "noscript")
)
# Elements that do not end a line.
_INLINE = frozenset("a abbr b bdi em font i mark small span strong sub sup u".split())
_TAG_NAME = re.compile(r"/?([a-z][a-z0-9-]*)", re.I)
_BUTTON = re.compile(r"\btype=[\"']?(?:submit|button)\b", re.I)
_VALUE = re.compile(r"\bvalue=(?:\"([^\"]*)\"|'([^']*)')", re.I)
_LONGEST_TAG = 4_000
_TAG = re.compile(r"<[^<>]*>")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _plain(text: str) -> str:
    return " ".join(html.unescape(text).replace("’", "'").split())


def _blocks(body: bytes, skipped: frozenset[str], limit: int) -> list[str] | None:
    """Readable text, a string for each line; None for more characters than a limit.

    Takes time in proportion to the length, whatever the markup: regular expressions
    over whole elements do not.
    """
    markup = _decoded(body)
    blocks: list[str] = []
    line: list[str] = []
    unclosed: set[str] = set()
    size = at = 0

    def end_line() -> None:
        text = _plain("".join(line))
        line.clear()
        if text:
            blocks.append(text)

    while size <= limit:
        opened = markup.find("<", at)
        text = markup[at:] if opened < 0 else markup[at:opened]
        if text and not text.isspace():
            size += len(text.strip())
        line.append(text or " ")
        if opened < 0:
            end_line()
            return blocks
        if markup.startswith("<!--", opened):
            at = markup.find("-->", opened) + 3
            if at < 3:
                end_line()
                return blocks
            continue
        named = _TAG_NAME.match(markup, opened + 1)
        if named is None and not markup.startswith("<!", opened):
            line.append("<")
            size, at = size + 1, opened + 1
            continue
        at = markup.find(">", opened) + 1
        if at < 1 or named is None:
            if at < 1:
                end_line()
                return blocks
            continue
        name = named[1].lower()
        is_end = markup[opened + 1] == "/"
        if name not in _INLINE:
            end_line()
        if name == "input":
            line.append(_words_on(markup[opened : min(at, opened + _LONGEST_TAG)]))
            end_line()
        elif not is_end and name in skipped and name not in unclosed:
            closed = re.compile(rf"</{name}\b[^>]*>?", re.I).search(markup, at)
            if closed is None:
                unclosed.add(name)
            else:
                at = closed.end()
    return None


def _words_on(tag: str) -> str:
    """What stands on a button that is written as an input."""
    value = _VALUE.search(tag) if _BUTTON.search(tag) else None
    return (value[1] or value[2] or "") if value else ""


def _element(body: bytes, lower: bytes, name: bytes) -> str:
    """The text of the first element of a name, empty without one."""
    begin = lower.find(b"<" + name)
    if begin < 0:
        return ""
    begin = lower.find(b">", begin)
    end = lower.find(b"</" + name, begin)
    if begin < 0 or end < 0 or end - begin > 2_000:
        return ""
    return _plain(_TAG.sub(" ", _decoded(body[begin + 1 : end])))


# --- a page that says it does not exist --------------------------------------------

# A name is a notice when it has no word besides these: a word for what is sought, one
# for finding, and one that denies it (Norwegian, Swedish, Danish, Finnish, English).
_SOUGHT = frozenset(
    "page webpage site website content document url file address article job vacancy "
    "position resource side siden sida sidan nettside nettsiden nettsida nettsted "
    "webside websiden webbsida webbsidan hjemmeside hjemmesiden artikkel artikkelen "
    "innhold innholdet innhaldet adresse adressen adressa stilling stillingen "
    "stillinga annonse annonsen dokument dokumentet artikel artikeln innehåll "
    "innehållet annons tjänst tjänsten artiklen indhold indholdet opslag opslaget "
    "sivu sivua sivusto sivustoa verkkosivu verkkosivua sisältö sisältöä "
    "artikkelia".split()
)
_FINDING = frozenset(
    "find found exist exists available located locate here finne finn finner finnes "
    "fins finst finnast finnas fant fann funnet funne eksisterer tilgjengelig "
    "tilgjengeleg her finns hitta hittar hittade hittas hittades existerar "
    "tillgänglig här finder findes fandt fundet tilgængelig löydy löytynyt löydetty "
    "löytäneet ole olemassa".split()
)
_DENIED_WORDS = frozenset(
    "not no cannot can't couldn't doesn't isn't didn't wasn't weren't never ikke "
    "ikkje inte ej ei emme".split()
)
# One of these says it all by itself.
_GONE = frozenset(
    "removed deleted missing gone expired unavailable fjernet fjerna slettet sletta "
    "borte utløpt borttagen utgått udløbet poistettu kadonnut".split()
)
_AROUND = frozenset(
    "404 410 error errors http code status sorry oops ops ups uh oh oi hm hmm whoops "
    "we we're are is was were has have been be could can did do does able to the this "
    "that a an on in at you your requested looking for seeking longer any anymore it "
    "there nothing feil feilkode beklager unnskyld orsak dessverre diverre vi kunne "
    "kan ble blei vart er blitt har å den det denne dette du dere leter leiter leitar "
    "ser søker ba om etter forespurte lenger lengre meir mer noe noko på her fel "
    "felkod tyvärr hoppsan kunde gick att går är blivit denna detta söker letar "
    "begärda längre kvar som fejl fejlkode desværre blev efter søger længere mere der "
    "virhe hups valitettavasti pahoittelut etsimääsi etsimäsi hakemaasi enää tätä "
    "pyydettyä".split()
)
_NUMBERS = frozenset(("404", "410"))
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
# Where a site's name is told from the page's own.
_NAME_PARTS = re.compile(r"\s+[-:]\s+|\s*[|·•»«–—]\s*|[:.!?]\s+")


def _says_missing(name: str) -> bool:
    """True if the words of a name say that something sought is not there."""
    words = _WORD.findall(name.lower().replace("’", "'"))
    if not words or len(words) > 14:
        return False
    known = set(words)
    if not known <= _SOUGHT | _FINDING | _DENIED_WORDS | _GONE | _AROUND:
        return False
    if known & _GONE:
        return bool(known & _SOUGHT)
    return bool(known & _DENIED_WORDS and known & (_FINDING | _NUMBERS))


def _is_number(name: str) -> bool:
    """True for "404", "Error 404" and the like, which alone prove nothing."""
    words = set(_WORD.findall(name.lower()))
    return bool(words & _NUMBERS) and words <= _AROUND


def _is_soft_404(body: bytes, title: str, heading: str) -> bool:
    names = [title, heading, *_NAME_PARTS.split(title), *_NAME_PARTS.split(heading)]
    says_missing = any(_says_missing(name) for name in names)
    if not says_missing and not any(_is_number(name) for name in names):
        return False
    content = _blocks(body, _UNREAD | _AROUND_CONTENT, _NOTICE_CHARS)
    if content is None:
        return False
    return says_missing or any(
        _says_missing(sentence)
        for block in content
        for sentence in _NAME_PARTS.split(block)
    )


# --- a challenge -------------------------------------------------------------------

# Bytes that providers send in a challenge; some also stand in ordinary pages.
_PROVIDERS = (
    b"_cf_chl_opt",
    b"cf-browser-verification",
    b"cf-error-details",
    b"captcha-delivery.com",
    b"_incapsula_resource",
    b"px-captcha",
    b"_pxappid",
    b"sec-if-cpt",
    b"/_sec/cp_challenge",
    b"bm-verify",
    b"edgesuite.net",
    b"gokuprops",
    b"sucuri_cloudproxy",
    b"distil_r_captcha",
    b"_fs-ch-",
)
_HUMAN_BYTES = (
    b"human",
    b"robot",
    b"menneske",
    b"m\xc3\xa4nniska",
    b"m\xe4nniska",
    b"ihminen",
    b"just a moment",
    b"checking your browser",
    b"pardon our",
    b"unusual traffic",
    b"et \xc3\xb8yeblikk",
)
_CHALLENGE_NAMES = frozenset(
    (
        "just a moment",
        "et øyeblikk",
        "attention required",
        "checking your browser",
        "pardon our interruption",
        "ddos guard",
        "access to this page has been denied",
        "human verification",
        "security check",
        "request unsuccessful",
        "one more step",
        "robot or human",
        "are you human",
        "are you a human",
        "are you a robot",
        "er du et menneske",
        "er du en robot",
        "är du en människa",
        "är du en robot",
        "oletko ihminen",
    )
)
_HUMAN = re.compile(
    r"(?:verify|confirm|prove|check|sure)(?:ing)?,?(?: that| if)? you(?:'re| are)"
    r" (?:really )?(?:a )?(?:human|not a (?:ro)?bot)"
    r"|you(?:'re| are) not a (?:ro)?bot|complete the (?:captcha|security check)"
    r"|unusual (?:traffic|activity) from your|checking your browser"
    r"|enable javascript and cookies to continue|press (?:&|and) hold"
    r"|(?:bekreft|bekrefte|bekrefter|stadfest|stadfeste) at du (?:er|ikke er|ikkje er)"
    r" (?:et |eit |en |ein )?(?:menneske|robot)"
    r"|bekräfta att du (?:är|inte är) (?:en )?(?:människa|robot)"
    r"|bekræft,? at du (?:er|ikke er) (?:et |en )?(?:menneske|robot)"
    r"|(?:vahvista|varmista),? että (?:olet ihminen|et ole robotti)",
    re.I,
)
_DENIED = re.compile(
    r"reference\s*#?\s*[0-9a-f]+\.|incident id|ray id|errors\.edgesuite\.net"
    r"|access to this page has been denied|sorry, you have been blocked",
    re.I,
)
# What one fills in when a page wants more than a proof.
_FIELDS = re.compile(
    rb"<textarea|type=[\"']?(?:email|tel|password|search|text|date|file)\b", re.I
)


def _is_challenge(body: bytes, lower: bytes, title: str, heading: str) -> bool:
    if lower.count(b"</p>") > _FEW_PARAGRAPHS:
        return False
    is_provided = any(sign in lower for sign in _PROVIDERS)
    if not is_provided and not any(sign in lower for sign in _HUMAN_BYTES):
        return False
    if _FIELDS.search(lower):
        return False
    blocks = _blocks(body, _UNREAD, _CHALLENGE_CHARS)
    if blocks is None:
        return False
    content = " ".join(blocks)
    names = (*_NAME_PARTS.split(title), heading)
    if any(" ".join(_WORD.findall(n.lower())) in _CHALLENGE_NAMES for n in names):
        return True
    if _HUMAN.search(content) or _HUMAN.search(title):
        return True
    if not is_provided:
        return False
    # An empty shell of a provider, or its refusal; else it only watches the page.
    return len(content) < 120 or bool(_DENIED.search(content))


# --- nothing but a dialogue about consent ------------------------------------------

_CONSENT_BYTES = (
    b"cookie",
    b"consent",
    b"samtyk",
    b"informasjonskaps",
    b"kakor",
    b"ev\xc3\xa4ste",
    b"ev\xe4ste",
    b"privacy",
    b"personvern",
    b"integritet",
)
_ACCEPT_BYTES = (
    b"accept",
    b"allow",
    b"agree",
    b"godta",
    b"godk",
    b"aksepter",
    b"till",
    b"samtyk",
    b"samtyc",
    b"forst\xc3\xa5r",
    b"forst\xe5r",
    b"hyv",
    b"salli",
)
_ACCEPTING = frozenset(
    "accept allow agree godta godtar godkjenn aksepter aksepterer tillat "
    "samtykk samtykke samtykker forstår acceptera accepterar godkänn godkänner tillåt "
    "samtycker accepter accepterer tillad hyväksy salli".split()
)
_ACCEPTED = frozenset(
    "i we jeg eg jag to og and och ja yes all alle alla allt kaikki cookies cookie "
    "informasjonskapsler informasjonskapslar kakor evästeet fortsett continue "
    "fortsätt fortsæt close lukk jatka the use of til bruk av only kun bare "
    "nødvendige necessary".split()
)
_ABOUT_CONSENT = re.compile(
    r"cookie|consent|samtyk|samtyck|informasjonskaps|informationskaps|kakor|eväste"
    r"|privacy|personvern|personværn|personuppgift|personopplys|personoplys|integritet"
    r"|tietosuoja|suostumu|vendor|leverandør|partner|gdpr|iab|tracking|sporing|spårning"
    r"|statisti|marketing|markedsf|marknadsf|preferen|preferanse|nødvendig|nödvändig"
    r"|necessary|functional|funksjonel|annons|advert|tilpass|anpassa|customi[sz]e"
    r"|innstilling|inställning|indstilling|settings|manage|reject|avvis|avslå|neka"
    r"|decline|deny|afvis|hylkää|before you continue|før du fortsetter"
    r"|innan du fortsätter|før du fortsætter|ennen kuin jatkat|options|valg|val\b"
    r"|show details|vis detaljer|language|språk|log in|logg inn|sign in|terms|vilkår",
    re.I,
)
_POLICY = re.compile(
    r"cookie|personvern|privacy|integritet|tietosuoja|informasjonskaps|gdpr", re.I
)


def _is_acceptance(block: str) -> bool:
    """True for what stands on a button that accepts."""
    words = set(_WORD.findall(block.lower()))
    return bool(words & _ACCEPTING) and words <= _ACCEPTING | _ACCEPTED


def _is_consent_wall(body: bytes, lower: bytes, url: str) -> bool:
    if lower.count(b"<p") > _FEW_PARAGRAPHS or lower.count(b"<h2") > 6:
        return False
    for signs in (_ACCEPT_BYTES, _CONSENT_BYTES):
        if not any(sign in lower for sign in signs):
            return False
    # A page about cookies says the same words as a wall.
    if _POLICY.search(urlsplit(url).path):
        return False
    blocks = _blocks(body, _UNREAD | {"noscript"}, _WALL_CHARS)
    if blocks is None:
        return False
    if not any(_is_acceptance(block) for block in blocks):
        return False
    about = [block for block in blocks if _ABOUT_CONSENT.search(block)]
    if sum(map(len, about)) < 60:
        return False
    beside = [
        block
        for block in blocks
        if not _ABOUT_CONSENT.search(block) and not _is_acceptance(block)
    ]
    return sum(map(len, beside)) <= _BESIDE_WALL_CHARS


# --- the verdict -------------------------------------------------------------------


def classify(body: bytes, content_type: str | None, url: str) -> str | None:
    """Say what a page is that is not the page asked for; None when it may well be it.

    Args:
        body: the decoded payload.
        content_type: as the server gave it; anything but HTML is None.
        url: where the page was found, after redirects.

    Returns:
        "soft_404", "challenge", "consent_wall" or None.
    """
    if content_type is not None and "html" not in content_type.lower():
        return None
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        body = body.decode("utf-16", "replace").encode()
    if len(body) > _MAX_BYTES:
        return None
    lower = body.lower()
    title = _element(body, lower, b"title")
    heading = _element(body, lower, b"h1")
    has_few_links = lower.count(b"<a ") <= _FEW_LINKS
    if has_few_links and _is_challenge(body, lower, title, heading):
        return CHALLENGE
    if _is_soft_404(body, title, heading):
        return SOFT_404
    if has_few_links and _is_consent_wall(body, lower, url):
        return CONSENT_WALL
    return None
