"""What a page is that was answered with status 200: content, or something in its place.

A page that says it does not exist, a challenge to prove being human, nothing but a
dialogue about consent, a parked domain or a server's default page, a demand to log in,
a notice that something went wrong, a demand for another browser. Judged by bytes alone,
with as little reading as possible: a page with content of its own is never one of
these. What a status or a missing connection means does not belong here
(middlewares/visits.py).

Outcomes of visits are a closed list (visit.py); the classes that have no word there
take the one that says the same of the evidence. A parked domain is not the page that
was asked for, as a soft 404. A page behind a login, or for other browsers, is kept from
us, as when blocked. An error is an error, whatever its status.
"""

import html
import re
from urllib.parse import urlsplit

CONTENT = "content"
SOFT_404 = "soft_404"
CHALLENGE = "challenge"
CONSENT_WALL = "consent_wall"
PARKED = "parked"
LOGIN = "login"
ERROR = "error"
OLD_BROWSER = "old_browser"
# The outcome of a visit that found a page of a class; None where the page may be it.
OUTCOME_OF_CLASS: dict[str, str | None] = {
    CONTENT: None,
    SOFT_404: "soft_404",
    CHALLENGE: "challenge",
    CONSENT_WALL: "consent_wall",
    PARKED: "soft_404",
    LOGIN: "blocked",
    ERROR: "http_error",
    OLD_BROWSER: "blocked",
}

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


# --- a parked domain, a login, an error, another browser ----------------------------

# Characters of a page that holds one of these notices and nothing else.
_PARKED_CHARS = 2_500
_SMALL_BYTES = 4_000
_LOGIN_CHARS = 500
_ERROR_CHARS = 600
_BROWSER_CHARS = 700
_BESIDE_NOTICE_CHARS = 80

_PARKED_NAMES = re.compile(
    r"(?:this |the )?domain(?: name)?(?: [\w.-]+\.\w+)? (?:is|may be) "
    r"(?:for sale|parked|available for purchase)"
    r"|(?:buy|purchase|get) this domain|(?:is|er|är) (?:a )?parked (?:domain|page)"
    r"|parked (?:free|domain)|domain parking|parkert domene|parkerad domän"
    r"|domenet(?: [\w.-]+\.\w+)? er (?:til salgs?|parkert|ledig|kun registrert)"
    r"|domenet er (?:registrert|reservert) (?:hos|av|for)"
    r"|domänen(?: [\w.-]+\.\w+)? är (?:till salu|parkerad|registrerad (?:hos|av))"
    r"|domænet(?: [\w.-]+\.\w+)? er (?:til salg|parkeret|registreret (?:hos|af))"
    r"|verkkotunnus(?: [\w.-]+\.\w+)? on (?:myytävänä|pysäköity|varattu)"
    r"|welcome to nginx|apache2? (?:\w+ )?default page|test page for (?:the )?(?:apache"
    r"|nginx|http server)|^it works!?$|^iis windows(?: server)?$"
    r"|default (?:plesk|web ?(?:site|server)) page|future home of something quite cool",
    re.I,
)


def _is_parked(body: bytes, title: str, heading: str) -> bool:
    if _PARKED_NAMES.search(title) or _PARKED_NAMES.search(heading):
        return _blocks(body, _UNREAD | _AROUND_CONTENT, _PARKED_CHARS) is not None
    # Further down, on larger pages, the words may be about other people's domains.
    if len(body) > _SMALL_BYTES:
        return False
    blocks = _blocks(body, _UNREAD, _ERROR_CHARS)
    return blocks is not None and any(map(_PARKED_NAMES.search, blocks))


# A name asks for a login when it has no word besides these, and one of the first row.
_LOGGING_IN = frozenset(
    "login logon signin innlogging innlogga logg logge log logga inloggning kirjaudu "
    "kirjautuminen sign signing authentication autentisering".split()
)
_AROUND_LOGIN = frozenset(
    "in inn ind on to til till into sisään your account konto kontoen din ditt my min "
    "page side siden sida sidan please vennligst vänligen venligst you must need have "
    "be du må skal for å att at se continue fortsette fortsätta fortsætte jatkaaksesi "
    "portal kundeportal kundportal intranet intranett intranät member members medlem "
    "medlemmer medlemmar and och og ja with med required kreves krävs påkrævet".split()
)
_LOGIN_ADDRESS = re.compile(
    r"(?:^|[/._-])(?:log-?in|sign-?in|logg-inn|innlogging|inloggning|adfs|sso|auth"
    r"|oauth2?|account/login)(?:[/._?-]|$)",
    re.I,
)
_PASSWORD = re.compile(rb"type=[\"']?password\b", re.I)


def _asks_for_login(name: str) -> bool:
    words = set(_WORD.findall(name.lower().replace("’", "'")))
    return bool(words & _LOGGING_IN) and words <= _LOGGING_IN | _AROUND_LOGIN


def _is_login(body: bytes, lower: bytes, title: str, heading: str, url: str) -> bool:
    names = [title, heading, *_NAME_PARTS.split(title), *_NAME_PARTS.split(heading)]
    if not any(map(_asks_for_login, names)):
        return False
    parts = urlsplit(url)
    is_address = _LOGIN_ADDRESS.search(f"{parts.netloc}{parts.path}") is not None
    if not is_address and not _PASSWORD.search(lower):
        return False
    return _blocks(body, _UNREAD | _AROUND_CONTENT, _LOGIN_CHARS) is not None


_ERROR_NAMES = re.compile(
    r"(?:(?:http |error |feil |fel |fejl |virhe )?50[0234]\b[\s:|-]*)?"
    r"(?:(?:sorry|beklager|beklagar|tyvärr|desværre|oops|ops|hoppsan|ups|whoops|oh no"
    r"|valitettavasti)[,.! ]*)?(?:"
    r"internal server error|service (?:temporarily )?unavailable|bad gateway"
    r"|gateway time-?out|error establishing a database connection"
    r"|(?:an?|some) (?:unexpected |internal |server )?error (?:has )?occurred"
    r"|something went wrong|we(?:'re| are) (?:experiencing|having) technical "
    r"(?:difficulties|problems)|(?:this |the )?(?:web)?(?:site|page|service) is "
    r"(?:temporarily |currently )?(?:unavailable|down(?: for maintenance)?"
    r"|under maintenance)|(?:scheduled |under )?maintenance(?: mode)?"
    r"|briefly unavailable for scheduled maintenance|we(?:'ll| will) be back soon"
    r"|application error|runtime error|server error(?: in .{1,40} application)?"
    r"|noe gikk galt|noko gjekk gale?|her gikk (?:noe|det) galt"
    r"|det (?:har )?(?:oppst[åo]d|oppstått|skjedde|skjedd) (?:en|ein) (?:uventet "
    r"|intern |teknisk )?feil|(?:det er )?teknisk(?:e)? (?:feil|problem(?:er)?)"
    r"|(?:vi har )?tekniske problem(?:er)?|intern serverfeil"
    r"|(?:nett)?(?:siden|sida|stedet|tjenesten) er (?:midlertidig |mellombels )?"
    r"(?:utilgjengelig|nede(?: for vedlikehold)?|under vedlikehold)|vedlikehold"
    r"|något gick (?:fel|snett)|ett (?:oväntat |internt |tekniskt )?fel (?:har )?"
    r"(?:uppstått|uppstod|inträffade|inträffat)|tekniskt fel"
    r"|(?:webb)?(?:sidan|platsen|tjänsten) är (?:tillfälligt |för närvarande )?"
    r"(?:otillgänglig|nere)|underhåll(?:sarbete)?"
    r"|noget gik galt|der (?:er )?(?:opstod|opstået|skete) en (?:uventet "
    r"|intern |teknisk )?fejl"
    r"|(?:hjemme)?siden er (?:midlertidigt )?(?:utilgængelig|nede)"
    r"|vedligeholdelse|jokin meni (?:pieleen|vikaan)|tapahtui (?:odottamaton )?virhe"
    r"|sivusto on (?:tilapäisesti )?(?:poissa käytöstä|huollossa)|huoltokatko"
    r"|palvelinvirhe)[\s.!…]*",
    re.I,
)
_SERVER_NUMBER = re.compile(
    r"(?:http |error |feil |fel |fejl )?50[0234](?: error)?", re.I
)


def _is_error(body: bytes, title: str, heading: str) -> bool:
    names = {title, heading, *_NAME_PARTS.split(title), *_NAME_PARTS.split(heading)}
    says_error = any(_ERROR_NAMES.fullmatch(name.strip()) for name in names if name)
    is_number = any(_SERVER_NUMBER.fullmatch(name.strip()) for name in names if name)
    if not says_error and not is_number and (heading or len(body) > _SMALL_BYTES):
        return False
    blocks = _blocks(body, _UNREAD | _AROUND_CONTENT, _ERROR_CHARS)
    if blocks is None:
        return False
    # Without a heading, or under a bare number, the first line has to say it.
    return says_error or any(map(_ERROR_NAMES.fullmatch, blocks[:2]))


_BROWSER_BYTES = (b"browser", b"nettles", b"webbl", b"selai")
_BROWSER_NOTICE = re.compile(
    r"(?:update|upgrade) (?:to a (?:newer|modern|supported) |your )(?:web )?browser"
    r"|(?:your|this|the) (?:web )?browser (?:is|version is) (?:not |no longer |un|out)"
    r"|browser (?:is )?(?:not supported|unsupported)|unsupported browser"
    r"|(?:please )?use a (?:modern|supported|different|newer) (?:web )?browser"
    r"|(?:oppdater|oppgrader) (?:nettleseren|nettlesaren|nettleser)"
    r"|(?:nettleseren|nettlesaren)(?: din)? (?:er (?:for gammel|for gamal|utdatert"
    r"|ikke|ikkje)|støttes ikke|(?:blir|vert) ikkje støtta)"
    r"|(?:vi )?støtter ikke (?:nettleseren|denne nettleseren)|utdatert nettleser"
    r"|(?:uppdatera|uppgradera) (?:din )?webbläsare"
    r"|(?:din |denna )?webbläsare(?:n)? (?:stöds inte|är (?:för gammal|inte|utdaterad))"
    r"|(?:opdat[eé]r|opgrad[eé]r) (?:din )?browser(?:en)?"
    r"|(?:din |denne )?browser(?:en)? (?:understøttes ikke|er (?:forældet|for gammel))"
    r"|päivitä selain|selain(?:tasi|ta|tanne)? ei (?:ole )?tue(?:ta|ttu)"
    r"|selaimesi (?:ei ole tuettu|on vanhentunut)|vanhentunut selain",
    re.I,
)


def _wants_another_browser(body: bytes, lower: bytes) -> bool:
    if not any(sign in lower for sign in _BROWSER_BYTES):
        return False
    blocks = _blocks(body, _UNREAD | {"noscript", "nav", "footer"}, _BROWSER_CHARS)
    if blocks is None or not any(map(_BROWSER_NOTICE.search, blocks)):
        return False
    # A banner may ask for it over a page that is there all the same.
    beside = [block for block in blocks if not _ABOUT_BROWSERS.search(block)]
    return sum(map(len, beside)) <= _BESIDE_NOTICE_CHARS


_ABOUT_BROWSERS = re.compile(
    r"browser|nettleser|nettlesar|webbläsare|selain|selaime|chrome|firefox|safari|edge"
    r"|opera|internet explorer|oppdater|update|upgrade|uppdatera|opdater|päivitä",
    re.I,
)


# --- the verdict -------------------------------------------------------------------


def classify(body: bytes, content_type: str | None, url: str) -> str | None:
    """The outcome of a visit that found this page; None when it may well be content.

    Args:
        body: the decoded payload.
        content_type: as the server gave it; anything but HTML is None.
        url: where the page was found, after redirects.

    Returns:
        "soft_404", "challenge", "consent_wall", "blocked", "http_error" or None.
    """
    return OUTCOME_OF_CLASS[page_class(body, content_type, url)]


def page_class(body: bytes, content_type: str | None, url: str) -> str:
    """Which of the classes of OUTCOME_OF_CLASS a page is.

    Args: as those of ``classify``.
    """
    if content_type is not None and "html" not in content_type.lower():
        return CONTENT
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        body = body.decode("utf-16", "replace").encode()
    if len(body) > _MAX_BYTES:
        return CONTENT
    lower = body.lower()
    title = _element(body, lower, b"title")
    heading = _element(body, lower, b"h1")
    has_few_links = lower.count(b"<a ") <= _FEW_LINKS
    if has_few_links and _is_challenge(body, lower, title, heading):
        return CHALLENGE
    if _is_soft_404(body, title, heading):
        return SOFT_404
    if _is_parked(body, title, heading):
        return PARKED
    if _is_login(body, lower, title, heading, url):
        return LOGIN
    if _is_error(body, title, heading):
        return ERROR
    if has_few_links and _wants_another_browser(body, lower):
        return OLD_BROWSER
    if has_few_links and _is_consent_wall(body, lower, url):
        return CONSENT_WALL
    return CONTENT
