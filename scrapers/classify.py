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

# --- reading just enough of a page -------------------------------------------------

_UNREAD = re.compile(
    r"<(script|style|svg|template|noscript)\b.*?</\1\s*>|<!--.*?-->", re.S | re.I
)
_SCRIPTS = re.compile(
    r"<(script|style|svg|template)\b.*?</\1\s*>|<!--.*?-->", re.S | re.I
)
_FRAME = re.compile(
    r"<(head|nav|header|footer|form|aside|a|select|button)\b.*?</\1\s*>", re.S | re.I
)
_HEAD = re.compile(r"<head\b.*?</head\s*>", re.S | re.I)
_BREAK = re.compile(
    r"</?(?:p|div|h[1-6]|li|ul|ol|section|article|main|header|footer|nav|button|a|td|tr"
    r"|table|form|label|dialog|body|br|hr|title|option|fieldset|legend)\b[^>]*>",
    re.I,
)
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _text(markup: str) -> str:
    return _SPACE.sub(" ", html.unescape(_TAG.sub(" ", markup))).strip()


def _blocks(markup: str) -> list[str]:
    """Readable text, split where a browser would begin a new line or a control."""
    parts = (_text(part) for part in _BREAK.split(markup))
    return [part for part in parts if part]


def _element(body: bytes, lower: bytes, name: bytes) -> str:
    """The text of the first element of a name, empty without one."""
    begin = lower.find(b"<" + name)
    if begin < 0:
        return ""
    begin = lower.find(b">", begin)
    end = lower.find(b"</" + name, begin)
    if begin < 0 or end < 0 or end - begin > 2_000:
        return ""
    return _text(_decoded(body[begin + 1 : end]))


# --- a page that says it does not exist --------------------------------------------

# A name is a notice when it has no word besides these: a word for what is sought, one
# for finding, and one that denies it. Bokmål, Nynorsk, Swedish, Danish, Finnish, English.
_SOUGHT = frozenset(
    "page webpage site website content document url file address article job vacancy "
    "position resource side siden sida sidan nettside nettsiden nettsida nettsted "
    "webside websiden webbsida webbsidan hjemmeside hjemmesiden artikkel artikkelen "
    "innhold innholdet innhaldet adresse adressen adressa stilling stillingen stillinga "
    "annonse annonsen dokument dokumentet artikel artikeln innehåll innehållet annons "
    "tjänst tjänsten artiklen indhold indholdet opslag opslaget sivu sivua sivusto "
    "sivustoa verkkosivu verkkosivua sisältö sisältöä artikkelia".split()
)
_FINDING = frozenset(
    "find found exist exists available located locate here finne finn finner finnes fins "
    "finst finnast finnas fant fann funnet funne eksisterer tilgjengelig tilgjengeleg "
    "her finns hitta hittar hittade hittas hittades existerar tillgänglig här find "
    "finder findes fandt fundet tilgængelig löydy löytynyt löydetty löytäneet ole "
    "olemassa".split()
)
_DENIED_WORDS = frozenset(
    "not no cannot can't couldn't doesn't isn't didn't wasn't weren't never ikke ikkje "
    "inte ej ei emme".split()
)
# One of these says it all by itself.
_GONE = frozenset(
    "removed deleted missing gone expired unavailable fjernet fjerna slettet sletta borte "
    "utløpt borttagen utgått slettet fjernet udløbet poistettu kadonnut".split()
)
_AROUND = frozenset(
    "404 410 error errors http code status sorry oops ops ups uh oh oi hm hmm whoops we "
    "we're are is was were has have been be could can did do does able to the this that "
    "a an on in at you your requested looking for seeking longer any anymore it there "
    "nothing feil feilkode beklager unnskyld orsak dessverre diverre vi kunne kan ble "
    "blei vart er blitt har å den det denne dette du dere leter leiter leitar ser søker "
    "ba om etter forespurte lenger lengre meir mer noe noko på her fel felkod tyvärr "
    "hoppsan kunde gick att går är blivit har denna detta söker letar begärda längre kvar "
    "som fejl fejlkode desværre blev at efter søger længere mere der virhe hups "
    "valitettavasti pahoittelut etsimääsi etsimäsi hakemaasi enää tätä pyydettyä".split()
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
    markup = _UNREAD.sub(" ", _decoded(body))
    content = _blocks(_FRAME.sub(" ", markup))
    if sum(map(len, content)) > _NOTICE_CHARS:
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
_HUMAN_BYTES = re.compile(
    rb"human|robot|menneske|m\xc3\xa4nniska|m\xe4nniska|ihminen|just a moment"
    rb"|access denied|checking your browser|pardon our|unusual traffic"
    rb"|et \xc3\xb8yeblikk"
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
    is_provided = any(sign in lower for sign in _PROVIDERS)
    if not is_provided and not _HUMAN_BYTES.search(lower):
        return False
    if lower.count(b"<a ") > _FEW_LINKS or _FIELDS.search(lower):
        return False
    markup = _decoded(body)
    content = _text(_HEAD.sub(" ", _SCRIPTS.sub(" ", markup))).replace("’", "'")
    if len(content) > _CHALLENGE_CHARS:
        return False
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

_CONSENT_BYTES = re.compile(
    rb"cookie|consent|samtyk|informasjonskaps|informasjonskapsl|kakor|ev\xc3\xa4ste"
    rb"|ev\xe4ste|privacy|personvern"
)
_ACCEPTING = frozenset(
    "accept allow agree consent ok godta godtar godkjenn aksepter aksepterer tillat "
    "samtykk samtykke samtykker forstår acceptera accepterar godkänn godkänner tillåt "
    "samtycker accepter accepterer tillad hyväksy salli".split()
)
_ACCEPTED = frozenset(
    "i we jeg eg jag to og and och ja yes all alle alla allt kaikki cookies cookie "
    "informasjonskapsler informasjonskapslar kakor evästeet fortsett continue fortsätt "
    "fortsæt close lukk jatka the use of til bruk av only kun bare nødvendige necessary".split()
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
    if not _CONSENT_BYTES.search(lower):
        return False
    if lower.count(b"<a ") > _FEW_LINKS or lower.count(b"<h2") > 6:
        return False
    # A page about cookies says the same words as a wall.
    if _POLICY.search(urlsplit(url).path):
        return False
    blocks = _blocks(_HEAD.sub(" ", _UNREAD.sub(" ", _button_values(_decoded(body)))))
    if sum(map(len, blocks)) > _WALL_CHARS:
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


_SUBMIT = re.compile(
    r"<input\b(?=[^>]*\btype=[\"']?(?:submit|button))[^>]*\bvalue=[\"']([^\"']+)[^>]*>",
    re.I,
)


def _button_values(markup: str) -> str:
    """Buttons written as inputs, with their words as text."""
    return _SUBMIT.sub(r"<button>\1</button>", markup)


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
    if _is_challenge(body, lower, title, heading):
        return CHALLENGE
    if _is_soft_404(body, title, heading):
        return SOFT_404
    if _is_consent_wall(body, lower, url):
        return CONSENT_WALL
    return None
