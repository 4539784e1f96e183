"""Who is said to take or leave a leading post, by rules over the words of a text.

Written for announcements and press texts: English first, then nb, nn, sv, da and fi.
What is found is a claim of whoever wrote the text. What a paragraph says of pay, of
terms that apply if somebody leaves, or of a career before this post is no claim. Kinds
of events other than leadership are in `event_words` and `event_classes`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DEPARTED = "departed"
APPOINTED = "appointed"
INTERIM = "appointed_interim"
BOARD = "elected_to_board"
CLAIM_KINDS = (DEPARTED, APPOINTED, INTERIM, BOARD)

# What is announced stands at the top; after it come careers and contracts.
_READ = 6_000


@dataclass(frozen=True)
class LeadershipClaim:
    """One kind of change, with the people and titles named in the sentence."""

    kind: str
    people: tuple[str, ...]
    titles: tuple[str, ...]


_TITLE_EN = (
    r"(?:\b(?:interim |acting |co-)?(?:chief (?:[a-z&]+ ){1,4}officer|ceo|cfo|coo|cto|"
    r"cio|"
    r"cmo|chro|president|(?:(?:senior|executive|group|corporate) )*vice president|"
    r"treasurer|corporate secretary|secretary|controller|general counsel|"
    r"principal (?:executive|financial|accounting|operating) officer|"
    r"managing director|general manager|executive chair(?:man|woman)?|head of [a-z]+|"
    r"(?:sales|marketing|finance|hr|it|operations|commercial) director)\b)"
)
_TITLE_NORDIC = (
    r"(?:\b(?:adm(?:inistrerende|\.)? ?dir(?:ektør|\.)?|daglig leder|dagleg leiar|"
    r"[a-zæøåäö-]*(?:direktør|direktøren|konsernsjef|konsernsjefen|sjef|sjefen|leder|"
    r"lederen|leiar|leiaren|direktör|direktören|koncernchef|koncernchefen|chef|chefen|"
    r"ordförande|ledare|johtaja|johtajaksi|johtajana|johtajan|päällikkö|päälliköksi|"
    r"päällikkönä)|verkställande direktör|vd|ceo|cfo|coo|cto|rådmann|rektor|"
    r"kommunedirektør|formand|formann))(?![a-zæøåäö])"
)
_BOARD_EN = (
    r"(?:board(?: of directors| of trustees|s)?\b|(?:a|an|as|new|independent|"
    r"additional|"
    r"non-employee|non-executive|class [i1-3]+) directors?\b|directors? of the\b|"
    r"a trustee of\b|supervisory board)"
)
_NAME_WORD = r"(?:[A-ZÆØÅÄÖÉ][\w'’]+(?:-[A-ZÆØÅÄÖÉ]\w+)?|[A-ZÆØÅÄÖ]\.)"
_NAME = re.compile(
    rf"(?<![\w&]){_NAME_WORD}(?: (?:van |von |de |der |af |av )?{_NAME_WORD}){{1,3}}"
)
_NO_NAME = frozenset(
    (
        "board directors company chief officer executive president vice senior "
        "committee agreement inc corp corporation group bank ltd asa as ab oyj plan "
        "chairman chair annual meeting on the effective item exhibit form january "
        "february march april may june july august september october november december "
        "january general counsel registrant compensation audit nominating mr ms mrs dr "
        "financial operating accounting securities exchange commission act section "
        "appointment departure resignation election retirement new of certain officers "
        "holdings international llc plc treasurer secretary nasdaq styret styrelsen "
        "styre bestyrelsen hallitus konsernsjef direktør administrerende daglig ny "
        "nytt "
        "university"
    ).split()
)

_HYPOTHETICAL = re.compile(
    r"\b(?:any|each|every|no) (?:[\w-]+ ){0,2}(?:director|officer|executive|employee|"
    r"participant)s? (?:who|whose|that)\b|^a (?:[\w-]+ ){0,2}(?:director|officer|"
    r"executive|employee) (?:who|whose)\b|"
    r"\b(?:if|unless|in the event|event of|upon (?:(?:a|any|the|his|her|such) )?"
    r"(?:termination|retirement|resignation|death|change)|following (?:a|any|such) "
    r"(?:termination|resignation)|would|may be|"
    r"without cause|good reason|for cause|severance|vest(?:s|ed|ing)?|pro-?rata|award|"
    r"awards|bonus|eligib\w+|entitled|benefits?|base salary|shall|dersom|hvis|om en|"
    r"mikäli|jos|såfremt)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:previously|prior to|formerly|from (?:\w+ )?(?:19|20)\d\d|since (?:\w+ )?"
    r"(?:19|20)\d\d|(?:has|had) (?:served|held|worked|previously)|joined the "
    r"company in|career|before (?:joining|that)|until his|"
    r"following (?:his|her|their) (?:appointment|election|promotion)|"
    r"tidligere|tidlegare|tidigare|"
    r"aiemmin|siden (?:19|20)\d\d|sidan (?:19|20)\d\d|sedan (?:19|20)\d\d)\b",
    re.IGNORECASE,
)
# "who was appointed in 2018, notified the company that she is leaving": no career.
_TOLD = re.compile(
    r"(?<!previously )\b(?:announced|informed|notified|advised|told|disclosed)\b",
    re.IGNORECASE,
)
# "following his appointment as": of another post, or of this one earlier.
_EARLIER = re.compile(
    r"\b(?:following|since|before|prior to|after) (?:his|her|their)\s*$", re.IGNORECASE
)
# "non-employee directors elected to the board receive": of whoever it may be.
_WHOEVER = re.compile(
    r"\b(?:non-employee|non-executive|outside|independent|eligible|newly|all|any|each) "
    r"(?:directors?|officers?|executives?|members?)\s*$",
    re.IGNORECASE,
)
# "announced that she would step down": told, and no condition.
_REPORTED = re.compile(
    r"\b(announced|informed|notified|disclosed|reported|stated)\b(.{0,120}?\bthat\b"
    r".{0,160}?)\bwould\b",
    re.IGNORECASE,
)
# "who has served since 2018, will step down": a career told in passing.
_TO_COME = re.compile(
    r"\b(?:will|intends? to|intent to|intention to|plans to|vil|skal|kommer til å|ska)"
    r"\s*$",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:no plans? to|denies|denied|rumou?rs?|speculation|avviser|dementerer|"
    r"ikke (?:å )?(?:slutte|gå|trekke)|ikkje (?:å )?(?:slutte|gå)|"
    r"(?:will|does|did|has) not (?:resign|retire|step)|not been (?:appointed|named)|"
    r"not (?:yet )?determined|ryktes|rykter|rykte|huhu)\b",
    re.IGNORECASE,
)
_WISHED = re.compile(
    r"\b(?:søker|søkjer|søkes|leter etter|leitar etter|kan bli|kan komme|ønsker seg|"
    r"aktuell(?:e)? (?:som|for)|favoritt(?:en)?|kandidat(?:en|er)?|innstilt|innstilles|"
    r"vurderes|vurderer|foreslås|foreslår|skal ifølge|ifølge (?:kilder|rykter)|trolig|"
    r"truleg|kanskje|söker|søger|seeks|is looking for|may|might|could|reportedly|"
    r"candidate|år siden|år sidan|years ago|den gang|kåret|kåra|årets|gjesteforeleser|"
    r"intervju(?:et)? med|i permisjon|permisjonsvikar|foreldrepermisjon|"
    r"ikke lenger søk\w*)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(19[5-9]\d|20[0-4]\d)\b")
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!Mr\.)(?<!Ms\.)(?<!Dr\.)(?<!Mrs\.)(?<!Inc\.)(?<!Corp\.)"
    r"(?<!Co\.)(?<!No\.)(?<!Jr\.)(?<!adm\.)(?<!tf\.)(?<!konst\.)(?<!t\.)(?<!vt\.)"
    r"\s+(?=[A-ZÆØÅÄÖ“\"«(])|\n+"
)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in patterns), re.IGNORECASE)


_ROLE = rf"(?:{_TITLE_EN}|{_TITLE_NORDIC})"
_DEPARTED = _any(
    # English
    r"\bresign(?:ed|s|ing)?\b(?! from his (?:prior|previous))",
    r"\b(?:his|her|the|their|announced|of|planned|tendered|’s|'s) (?:\w+ "
    r")?resignations?\b",
    r"\bretire[sd]?\b(?! (?:director|employee|officer|plan|benefit))",
    r"\bretiring\b",
    r"\b(?:his|her|the|announced|planned|of|’s|'s) retirement\b(?! (?:plan|age|"
    r"benefit|saving|and|date|eligib|program|account|arrange))",
    r"\bstep(?:s|ped|ping)? (?:down|aside)\b",
    r"\bdepart(?:ed|s|ing)\b",
    r"\b(?:his|her|’s|'s|the|whose) departure\b",
    r"\bdeparture of\b(?! (?:directors|certain|principal))",
    r"\bleav(?:e|es|ing) (?:the |his |her )?(?:company|position|role|board|bank|"
    r"firm)\b",
    r"\bleft the (?:company|board|bank|firm|employ)\b",
    r"\bleav(?:e|es|ing) the employ\b",
    r"\bpart(?:ed|ing)? ways\b",
    r"\bceas(?:e|ed|es) to (?:be|serve|act|hold)\b",
    r"\bceas(?:e|ed) (?:serving|being)\b",
    r"\bno longer (?:be|serve|serves|serving|employed)\b",
    r"\bnot (?:(?:intend|plan|wish)(?:ing)? )?(?:to )?(?:stand|seek|run|be standing|"
    r"be nominated|standing|seeking)\b.{0,15}\bre-?elect",
    r"\b(?:decline[sd]?|decided not) to stand\b",
    r"\b(?:was|were|been|is) (?:removed|dismissed|terminated|ousted|relieved)\b",
    r"\bterminated,?(?: without cause,?)? (?:the |[^;,]{1,30}['’]s )?employment\b"
    r"(?! (?:agreement|contract|arrangement))",
    r"\bemployment (?:with the company )?(?:was |will be )?(?:terminated|ended|end)\b",
    r"\bemployment (?:with|by|at) [^;,]{1,60}? (?:(?:was|is being|has been|will be|"
    r"would be|will|would) (?:terminate|end|cease)(?:d|ed)?|ended|ceased|terminated)\b",
    r"\bseparat(?:e|es|ed|ing|ion) from (?:the company|the bank|employment|service)\b",
    r"\brelinquish(?:es|ed|ing)?\b",
    r"\bpassed away\b|\bdeath of\b",
    r"\bsucceed(?:s|ing|ed)? (?:Mr|Ms|Mrs|Dr)\b",
    r"\btransition(?:s|ed|ing)? (?:from|out of) (?:his|her|the) (?:[\w-]+ )?"
    r"(?:role|position)",
    rf"\btransition(?:s|ed|ing)? from (?:being |serving as )?(?:the )?{_TITLE_EN}",
    r"\beliminat(?:es|ed|ing|ion of) the (?:position|role|office) of\b",
    r"\bremov(?:ed|al of) [^;]{1,60}? from (?:his|her|the|their) (?:position|role|"
    r"office|post|duties|board)",
    rf"\bremov(?:ed|al of) [^;]{{1,60}}? as (?:the )?(?:[\w'’]+ )?{_TITLE_EN}",
    r"\bpursue (?:other|new) (?:\w+ )?(?:opportunities|interests|endeavou?rs)\b",
    r"\blast day (?:of employment|of service|with the company|at the company)\b",
    r"\b(?:position|role) (?:(?:as|of) [^;,]{1,50}? )?(?:was|has been|is being|is|will "
    r"be) eliminated\b",
    r"\bvacat(?:e|es|ed|ing) (?:his|her|the) (?:position|office|seat|role)\b",
    r"\bnot (?:be(?:en|ing)? )?(?:re-?nominated|nominated for re-?election)\b",
    r"\b(?:his|her|the) separation from\b|\bdied\b",
    r"\bconclud(?:e|es|ed) (?:his|her) (?:service|tenure|term)\b",
)
_DEPARTED_NORDIC = _any(
    r"\b(?:fratrer|fratrådte|fratre|slutter|slutta|sluttet|går av|gikk av|trekker seg|"
    r"trakk seg|trekke seg|sagt opp|sier opp|forlater|gir seg som|takker av|"
    r"avsettes|avskjediges|sparkes|får sparken|pensjonerer seg|går av med pensjon)\b",
    r"\b(?:fråtrer|fråtredde|sluttar|gjekk av|trekkjer seg|drog seg|seier opp|"
    r"sagt opp stillinga|forlèt|takkar av|gir seg som)\b",
    r"\b(?:lämnar|lämnat|avgår|avgått|slutar|entledigas|sparkas|går i pension|"
    r"kliver av|säger upp sig|ställer sin plats)\b",
    r"\b(?:fratræder|fratrådt|stopper|forlader|træder tilbage|går af|gået af|opsiger|"
    r"opsagt|fyres|fyret|trækker sig|går på pension)\b",
    r"\b(?:eroaa|erosi|eronnut|jättää tehtävänsä|jättää yhtiön|väistyy|irtisanoutuu|"
    r"irtisanoutunut|jää eläkkeelle|siirtyy pois|luopuu|lähtee|jättää)\b",
)
_TAKES = (
    r"(?:appoint(?:s|ed|ing|ment of)?|nam(?:es|ed)|promot(?:e[sd]?|ing|ion of)|"
    r"hir(?:es|ed|ing of)|elect(?:s|ed|ing|ion of)?|designat(?:ed|es)|"
    r"select(?:ed|s)|recruit(?:ed|s)|tapp(?:ed|s))"
    # "named executive officers" is a term, "elected officers" are whoever they are.
    r"(?! (?:executives?|officers?|employees?)\b)"
)
# "elected to retire": chosen, and no election.
_CHOSEN = (
    r"(?! (?:not )?to (?:retire|resign|defer|receive|participate|convert|terminate|"
    r"leave|step|purchase|reduce|extend|waive|redeem|exercise|pay|have|treat)\b)"
)
# What stands between who is appointed and the post, up to where something else is told.
_BETWEEN = (
    r"(?:(?!\bto (?:the|its|our) board\b|\b(?:approv(?:ed|es)|including|other than|"
    r"entered into|adopted)\b)[^;]){0,160}?"
)
_APPOINTED = _any(
    rf"\b{_TAKES}\b{_CHOSEN}{_BETWEEN}\b{_TITLE_EN}",
    rf"\b(?:takes?|took|taking) over\b[^;]{{0,60}}?\b{_TITLE_EN}",
    rf"\baccept(?:s|ed|ing) (?:the|an|a) (?:position|role|post|offer|appointment)\b"
    rf"[^;]{{0,60}}?\b{_TITLE_EN}",
    rf"\btitle (?:was|has been|is|will be) (?:changed|expanded)\b[^;]{{0,60}}?"
    rf"\b{_TITLE_EN}",
    rf"\btransition(?:s|ed|ing)? (?:in)?to (?:the (?:role|position) of )[^;]{{0,30}}?"
    rf"\b{_TITLE_EN}",
    rf"\bsucceed(?:s|ed|ing)? [^;]{{1,60}}? as (?:[^;]{{1,40}}? )?{_TITLE_EN}",
    rf"\b(?:will (?:become|assume|succeed|serve as|be(?:come)? the|join)|becomes|"
    rf"became|"
    rf"assum(?:es?|ed|ing)|joins|joined)\b(?:(?!reporting to|"
    rf"assist)[^;]){{0,90}}?\b{_TITLE_EN}",
    rf"\b(?:appointment|promotion|employment) (?:of|as)\b[^;]{{0,110}}?\b{_TITLE_EN}"
    r"(?! (?:was|has been|will be|is) (?:terminated|ended))",
    rf"\b(?:agree[sd]|engage[sd]|retain(?:s|ed)|chosen|asked) (?:\w+ ){{0,3}}?to "
    rf"(?:serve|act|become)\b[^;]{{0,60}}?\b{_TITLE_EN}",
    rf"\b(?:begins?|began|starts?|started|commences?|commenced) "
    rf"(?:serving|acting|working|employment|service|(?:his|her) \w+) as\b"
    rf"[^;]{{0,60}}?\b{_TITLE_EN}",
    rf"\bperform(?:s|ing)? the (?:functions|duties|role) of\b[^;]{{0,30}}?"
    rf"\b{_TITLE_EN}",
    rf"\bconfirm(?:s|ed) [^;]{{1,60}}? as\b[^;]{{0,40}}?\b{_TITLE_EN}",
    rf"\breturn(?:s|ed|ing)? (?:to [^;,]{{1,40}} )?as\b[^;]{{0,40}}?\b{_TITLE_EN}",
)
_APPOINTED_NORDIC = _any(
    rf"\b(?:ansatt|ansett|tilsett|ansettes|tilsatt|utnevnt|utnevnes|utnemnd|"
    rf"konstituert|"
    rf"ansetter|tilsetter|tilset|henter|utnevner|utpekt|forfremmet|tiltrer|tiltrår|"
    rf"går inn|trer inn|begynner|byrjar|starter)\b[^;]{{0,90}}?\b(?:som|til|ny)\b"
    rf"[^;]{{0,45}}?{_TITLE_NORDIC}",
    rf"\b(?:blir|vert|er|får|har fått|ble|vart)\b[^;]{{0,40}}?\b(?:ny|nye|som)\b"
    rf"[^;]{{0,30}}?{_TITLE_NORDIC}",
    rf"\bny(?:e)? (?:\w+ )?{_TITLE_NORDIC}(?: (?:i|for|hos|på|ved|av|til|er)\b|:|$)",
    rf"\b(?:utses|utsetts|utsedd|utnämns|utnämnd|utnämnts|utser|utnämner|rekryterar|"
    rf"rekryteras|anställs|anställer|tillträder|tillträtt|blir)\b[^;]{{0,90}}?"
    rf"\b(?:till|som|ny)\b[^;]{{0,45}}?{_TITLE_NORDIC}",
    rf"\b(?:udnævnt|udnævnes|udnævner|ansat|ansættes|ansætter|tiltræder|bliver|"
    rf"forfremmet|"
    rf"forfremmes|henter)\b[^;]{{0,90}}?\b(?:til|som|ny)\b[^;]{{0,45}}?{_TITLE_NORDIC}",
    r"\b(?:nimitetty|nimitettiin|nimitetään|nimittää|nimittänyt|nimitti|valittu|"
    r"valittiin|aloittaa|aloitti|siirtyy)\b[^;]{0,110}?(?:johtaja|päällikkö|päällik)",
    r"(?:johtajaksi|päälliköksi)\b[^;]{0,80}?\b(?:nimitetty|nimitettiin|nimitetään|"
    r"valittu|valittiin)\b",
    r"\buusi\b (?:\w+ )?\w*(?:johtaja|päällikkö)\b",
)
_BOARD_TAKEN = _any(
    rf"(?<!re-)\b(?:appoint(?:s|ed|ing|ment of)?|elect(?:s|ed|ing|ion of)?|"
    rf"nam(?:es|ed)|added|adds)\b{_CHOSEN}[^;]{{0,130}}?\b(?:to|as|on|a|an|of)\b[^;]{{0,60}}?"
    rf"{_BOARD_EN}",
    rf"(?<!re-)\b(?:elect|appoint)(?:ed|ion)?\b{_CHOSEN}[^;]{{0,60}}\bdirector\b"
    r"(?! of [a-z])",
    rf"(?<!re-)\belect(?:s|ed|ing)?\b{_CHOSEN}[^;]{{0,60}}\btrustee\b",
    rf"(?<!re-)\b(?:elect|appoint)(?:s|ed|ing|ion of)?\b{_CHOSEN}[^;]{{0,130}}?"
    r"(?:\bas (?:[\w-]+ )?directors\b|\bdirectorship\b)",
    r"\bjoin(?:s|ed|ing)? (?:the|its|our) (?:[\w&.]+ ){0,2}(?:[\w&.]+['’]s? )?board\b",
    r"\bfill(?:s|ing|ed)? (?:the |a |this |that )?(?:new |newly created )?"
    r"(?:vacanc(?:y|ies)|(?:vacant )?seats?)\b",
    r"\b(?:valgt|vald|velges|valde|innvalgt)\b[^;]{0,50}?\b(?:styret|styre|"
    r"styremedlem\w*|styreleder|styreleiar|nestleder)\b",
    r"\b(?:nytt|ny|nye|nytt) (?:styremedlem\w*|styreleder|styreleiar)\b",
    r"\b(?:trer|går|kommer|gjekk) inn i styret\b",
    r"\b(?:väljs|valdes|valts|vald|invald|inväljs|utses|föreslås)\b[^;]{0,60}?"
    r"\b(?:styrelsen|styrelseledamot|styrelseledamöter|styrelseordförande)\b",
    r"\bny(?:a)? (?:styrelseledamot|styrelseledamöter|styrelseordförande)\b",
    r"\b(?:valgt|vælges|indvalgt|indtræder|indtrådt)\b[^;]{0,60}?\b(?:bestyrelsen|"
    r"bestyrelsesmedlem\w*|bestyrelsesformand)\b",
    r"\bnyt? (?:bestyrelsesmedlem|bestyrelsesformand)\b",
    r"\b(?:valittiin|valittu|valitaan|valitsi|nimitetty)\b[^;]{0,80}?\bhallitu\w+",
    r"\bhallitu\w+ (?:\w+ ){0,2}(?:jäseneksi|puheenjohtajaksi)\b",
    r"\bhallituksen (?:uusi|uudeksi) (?:jäsen|puheenjohtaja)\w*",
)
_INTERIM = _any(
    r"\b(?:interim|acting|on a temporary basis)\b",
    r"\b(?:konstituert|fungerende|fungerande|midlertidig|mellombels|vikarierende)\b",
    r"\b(?:tillförordnad|konstitueret|väliaikai\w+)\b|\b(?:tf|t\.f|konst|vt)\.? ",
)
_ENGLISH = re.compile(r"\b(?:the|of|and|as|to|has|its|will|from|announces?)\b", re.I)
_BOARD_OUT = _any(
    r"\b(?:styremedlem\w*|styreleder|styreleiar|styret|styrelsen|styrelseledamot|"
    r"bestyrelsen|bestyrelsesmedlem|hallituksen?|hallituksesta)\b"
)
_ANY_TITLE = re.compile(_ROLE, re.IGNORECASE)


def leadership_claims(text: str) -> tuple[LeadershipClaim, ...]:
    """What a text claims of leading posts taken and left, in the order of the text.

    Args:
        text: An announcement, or the head and lead of a press text; line breaks end
            sentences.
    """
    found = [
        LeadershipClaim(kind, people_named(sentence), titles_named(sentence))
        for sentence in _sentences(text)
        for kind in _kinds(sentence)
    ]
    return tuple(dict.fromkeys(found))


def people_named(sentence: str) -> tuple[str, ...]:
    """Names of people as written, as far as capitals tell."""
    names = (match.group() for match in _NAME.finditer(sentence))
    return tuple(
        dict.fromkeys(
            name
            for name in names
            if not any(part.lower().strip(".") in _NO_NAME for part in name.split())
        )
    )


def titles_named(sentence: str) -> tuple[str, ...]:
    """Titles of leading posts as written."""
    return tuple(
        dict.fromkeys(m.group().strip() for m in _ANY_TITLE.finditer(sentence))
    )


def is_name(name: str) -> bool:
    """Whether capitalised words may be a person's name: none of them is a role's."""
    return not any(part.lower().strip(".") in _NO_NAME for part in name.split())


def is_interim(sentence: str) -> bool:
    """Whether a post is said to be held for a time only."""
    return _INTERIM.search(sentence) is not None


def is_void(sentence: str, year: int | None = None) -> bool:
    """Whether a sentence of a press text announces nothing: hearsay, wish or career."""
    if _NOT.search(sentence) or _WISHED.search(sentence) or _PAST.search(sentence):
        return True
    years = [int(found) for found in _YEAR.findall(sentence)]
    return year is not None and bool(years) and max(years) < year - 1


def _sentences(text: str) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(text[:_READ]):
        if sentence.strip():
            yield " ".join(sentence.split())


def _kinds(sentence: str) -> Iterator[str]:
    if _NOT.search(sentence):
        return
    if _announced(_DEPARTED, sentence) or _nordic_departure(sentence):
        yield DEPARTED
    if _announced(_APPOINTED, sentence) or _announced(_APPOINTED_NORDIC, sentence):
        yield INTERIM if _INTERIM.search(sentence) else APPOINTED
    if _announced(_BOARD_TAKEN, sentence):
        yield BOARD


def _nordic_departure(sentence: str) -> bool:
    """A Nordic verb of leaving means a post only where a post is named."""
    named = _ANY_TITLE.search(sentence) or _BOARD_OUT.search(sentence)
    return bool(named) and _announced(_DEPARTED_NORDIC, sentence)


def _announced(pattern: re.Pattern[str], sentence: str) -> bool:
    """Whether the words stand where neither a condition nor a career goes before."""
    for match in pattern.finditer(sentence):
        before = _REPORTED.sub(r"\1\2will", sentence[: match.start()])
        if _HYPOTHETICAL.search(before) or _WHOEVER.search(before):
            continue
        if _TO_COME.search(before) or not _is_earlier(before):
            return True
    return False


def _is_earlier(before: str) -> bool:
    """Whether what goes before tells of a career, and not who told what since."""
    if _EARLIER.search(before):
        return True
    careers = [match.end() for match in _PAST.finditer(before)]
    return bool(careers) and _TOLD.search(before, careers[-1]) is None
