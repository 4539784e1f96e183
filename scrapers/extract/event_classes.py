"""The class of a company's statement: what kind of event it is about, one of a few.

For filed statements and stock exchange announcements in English, by rules over their
words. One class is said of a text, the one its opening words speak for most; which
companies and people are meant is told by `event_words` and `leadership_words`. Short
headlines and press texts are not classed here.
"""

import re

from scrapers.extract.leadership_words import leadership_claims

CLASSES = (
    "leadership",
    "agreement",
    "agreement_end",
    "acquisition_or_disposal",
    "results",
    "shareholder_vote",
    "bylaws",
    "debt",
    "share_issue",
    "restructuring",
    "auditor_change",
    "disclosure",
    "other",
)

# A statement says what it is about at its top, after the cover of a form if it has one.
_OPENING = 900
_BODY = 4_000
_SHORT = 330
_COVER_END = re.compile(
    r"(?:item \d\.\d\d|check the appropriate box[^\n]*)\s*", re.IGNORECASE
)
_FLAGS = re.IGNORECASE | re.DOTALL


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{part})" for part in patterns), _FLAGS)


# Class, weight in the opening, weight in the body, words.
_EVIDENCE: tuple[tuple[str, float, float, re.Pattern[str]], ...] = (
    (
        "results",
        4.0,
        0.5,
        _words(
            r"\b(?:press|news|earnings) release\b.{0,160}?\b(?:financial results|"
            r"results "
            r"(?:of operations )?for|earnings|results of operations)\b",
            r"\b(?:announc|report|disclos|releas)\w+ .{0,80}?\b(?:financial results|"
            r"results of operations|results for|earnings for|net income for|"
            r"(?:quarterly|annual|preliminary) (?:results|earnings))\b",
            r"\b(?:financial|operating|quarterly|unaudited) "
            r"results\b.{0,80}?\b(?:quarter|"
            r"fiscal|year|months) ",
            r"\bpreliminary (?:\w+ )?(?:financial |unaudited )?(?:results|revenue)",
        ),
    ),
    (
        "shareholder_vote",
        4.0,
        1.0,
        _words(
            r"\b(?:annual|special|general) meeting of (?:the )?(?:\w+ )?(?:share|stock|"
            r"unit)holders\b.{0,400}?\b(?:vot|elected|approved|proposal|ratif)",
            r"\bbroker non-?votes?\b",
            r"\bvotes? (?:for|cast|against|withheld)\b",
            r"\b(?:final )?(?:voting )?results (?:of|for) (?:the|each) (?:votes?|"
            r"voting|"
            r"matters|annual|proposal)",
            r"\bsubmitted to a vote\b",
        ),
    ),
    (
        "bylaws",
        4.0,
        0.3,
        _words(
            r"\bamend\w*\b.{0,100}?\b(?:by-?laws|articles of incorporation|certificate "
            r"of "
            r"(?:incorporation|formation)|articles of association|code of "
            r"regulations)\b",
            r"\b(?:by-?laws|certificate of incorporation|articles of "
            r"incorporation)\b.{0,60}"
            r"?\b(?:amend|restat)",
            r"\bcertificate of (?:amendment|designations?)\b|\barticles of amendment\b",
            r"\bchang\w+ (?:in|of|its|the) (?:the )?(?:company.s )?fiscal year\b",
        ),
    ),
    (
        "debt",
        3.0,
        0.4,
        _words(
            r"\b(?:direct financial obligation|off-balance sheet)\b",
            r"\b(?:borrow|drew|draw)\w* .{0,60}?\b(?:under|\$)",
            r"\bissued .{0,80}?\baggregate principal amount\b.{0,60}?\bnotes\b",
            r"\b(?:the notes|loan|facility) (?:bear|matur|will mature)",
        ),
    ),
    (
        "share_issue",
        4.0,
        0.6,
        _words(
            r"\bunregistered\b",
            r"\bexempt(?:ion|ions)? from (?:the )?registration\b",
            r"\bsection 4\(a?\)?\(?2\)|\bregulation [DS]\b(?! disclosure)|\brule 506\b",
            r"\bprivate placement\b",
            r"\bissu\w+ .{0,60}?\b(?:shares of (?:its |the company.s )?(?:common|"
            r"preferred|"
            r"series)|warrants?)\b",
        ),
    ),
    (
        "acquisition_or_disposal",
        4.0,
        0.4,
        _words(
            r"\b(?:complet|consummat|clos)\w+ .{0,80}?\b(?:acquisition|merger|"
            r"sale of(?! \$)|disposition|divestiture|separation|purchase of|spin-?off|"
            r"transaction)",
            r"\b(?:acquisition|merger|sale) (?:was|were) (?:completed|consummated|"
            r"closed)\b",
            r"\bpursuant to the (?:terms of the )?merger "
            r"agreement\b.{0,120}?\b(?:complet|"
            r"effective|consummat)",
            r"\bacquired (?:all|100%|substantially all|certain)",
        ),
    ),
    (
        "agreement_end",
        4.0,
        0.2,
        _words(
            r"\bterminat\w+ .{0,60}?\b(?:agreement|facility|lease|contract)\b",
            r"\b(?:agreement|facility|lease) (?:was|were|has been|is) terminated\b",
            r"\b(?:repaid|prepaid|redeem\w+|satisf\w+) (?:in full|all|the outstanding)",
        ),
    ),
    (
        "agreement",
        3.5,
        0.3,
        _words(
            r"\bentered into .{0,120}?\b(?:agreement|amendment|indenture|contract|"
            r"lease|"
            r"commitment|purchase|facility)\b",
            r"\bentry into\b",
            r"\b(?:executed|signed) .{0,60}?\b(?:agreement|amendment|lease)\b",
            r"\bamend\w* .{0,80}?\b(?:credit|loan|merger|purchase|lease|license) "
            r"(?:agreement|facility)\b",
        ),
    ),
    (
        "restructuring",
        4.5,
        0.4,
        _words(
            r"\b(?:restructuring|exit|cost[- ]reduction) (?:plan|program|activit)",
            r"\breduction in (?:force|workforce|headcount)\b|\bworkforce reduction\b",
            r"\b(?:clos(?:e|ing|ure of)|consolidat\w+) .{0,40}?\b(?:plants?|facilit\w+|"
            r"stores|offices?)\b",
        ),
    ),
    (
        "auditor_change",
        6.0,
        1.0,
        _words(
            r"\b(?:dismiss|engag|resign|replac)\w* (?:(?!ratif|stockholder|shareholder)"
            r".){0,120}?\bindependent (?:registered|public|certified|auditor|"
            r"accountant)",
        ),
    ),
    (
        "disclosure",
        3.0,
        0.4,
        _words(
            r"\bregulation fd\b",
            r"\b(?:investor|slide|conference|management) presentations?\b",
            r"\bpresent(?:ed|ation|ations|ing|s)?\b .{0,80}?\b(?:conference|investors?|"
            r"analysts?|meeting)",
            r"\binvestor (?:and analyst )?day\b|\bslides\b|\bpresentation materials\b",
            r"\bshall not be deemed .{0,10}?filed\b",
            r"\bguidance\b|\boutlook\b|\breaffirm\w+",
        ),
    ),
    (
        "other",
        3.0,
        0.3,
        _words(
            r"\bdividends?\b",
            r"\b(?:repurchase|buy-?back) (?:program|plan|of)",
            r"\b(?:litigation|lawsuit|complaint|settle(?:d|ment)|verdict|court|jury)\b",
            r"\bpress release announcing\b",
            r"\brisk factors\b",
            r"\bunderwrit\w+|\bprospectus supplement\b|\bopinion of\b",
        ),
    ),
)
_PAY = _words(
    r"\bcompensation committee\b",
    r"\b(?:base salar|annual bonus|bonuses|incentive (?:plan|award|compensation)|"
    r"equity "
    r"awards?|restricted stock|stock options?|severance|employment agreement|retention|"
    r"change[- ]in[- ]control|change of control)",
    r"\bnamed executive officers?\b",
)
_REFERENCE = re.compile(
    r"\b(?:set forth|contained|provided|included|described?|description|disclosure|"
    r"disclosed|discussion|see)\b.{0,80}?\b(?:item|above|section)\b",
    _FLAGS,
)
_SHARES = re.compile(r"\b(?:shares|warrants|securities|stock)\b", re.IGNORECASE)
_RELEASE = re.compile(
    r"\b(?:press|news) release\b.{0,40}?\b(?:announc|issued|dated)|\b(?:issued|"
    r"release)\b.{0,30}?\b(?:press|news) release\b|\bas exhibit 99",
    _FLAGS,
)
_PAY_WEIGHT = 1.8
_CLAIM_WEIGHT = 4.5


def event_class(text: str) -> str:
    """The class of a statement; `other` where no words speak for one."""
    body = _without_cover(text)
    reference = _reference_class(body)
    if reference is not None:
        return reference
    scores = _scores(body)
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 1 else "other"


def _without_cover(text: str) -> str:
    """A form's cover page says nothing of the event."""
    if "SECURITIES AND EXCHANGE COMMISSION" not in text[:400]:
        return text
    ends = [match.end() for match in _COVER_END.finditer(text[:8_000])]
    return text[ends[-1] :] if ends else text


def _reference_class(body: str) -> str | None:
    """What only refers to another part tells of an obligation or of shares."""
    if len(body) > _SHORT or not _REFERENCE.search(body):
        return None
    if "press release" in body.lower():
        return None
    return "share_issue" if _SHARES.search(body) else "debt"


def _is_a_covering_note(body: str) -> bool:
    """Whether a text does no more than send a release that tells of something."""
    return len(body) <= 2 * _SHORT + 100 and bool(_RELEASE.search(body))


def _scores(body: str) -> dict[str, float]:
    opening, rest = body[:_OPENING], body[_OPENING:_BODY]
    scores = dict.fromkeys(CLASSES, 0.0)
    for name, in_opening, in_rest, pattern in _EVIDENCE:
        first = pattern.search(opening)
        if first:
            # The earlier a text says it, the more it is about it.
            scores[name] += in_opening * (1.25 - first.start() / (2 * _OPENING))
        if pattern.search(rest):
            scores[name] += in_rest
    if leadership_claims(opening) and not _is_a_covering_note(body):
        scores["leadership"] += _CLAIM_WEIGHT
    kinds_of_pay = {match.group().lower() for match in _PAY.finditer(opening)}
    scores["leadership"] += _PAY_WEIGHT * min(len(kinds_of_pay), 3)
    return scores
