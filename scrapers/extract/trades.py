"""Trades by which a company divides its customers: ``Helse og omsorg``, ``Kommunar``.

Only a short label that is the name of a trade counts, not a text that mentions one.
"""

import re

_TRADES: tuple[tuple[str, str], ...] = (
    (
        "offentlig sektor",
        r"offentlig(?:\s+(?:sektor|virksomhet|forvaltning))?"
        r"|offentleg(?:\s+(?:sektor|verksemd|forvaltning))?|det\s+offentlige"
        r"|stat|kommun(?:e|er|ar|al)|stat\s+og\s+kommun\w+|public\s+sector"
        r"|government|offentlig\s+sektor",
    ),
    (
        "helse",
        r"helse|helse\w*sektoren|sykehus|sjukehus|health|healthcare|vård|hälsa",
    ),
    (
        "utdanning",
        r"utdanning|skole(?:r|verket)?|skule(?:r|verket|ar)?|universitet\w*"
        r"|undervisning|barnehage(?:r)?|education",
    ),
    (
        "bygg og anlegg",
        r"bygg|anlegg|byggebransjen|entreprenør(?:er|ar)?|construction"
        r"|bygg-?\s+og\s+anlegg\w*",
    ),
    (
        "eiendom",
        r"eiendom|eigedom|real\s+estate|fastighet(?:er)?|borettslag",
    ),
    (
        "energi",
        r"energi|kraft|fornybar(?:\s+energi)?|olje|olje\s+og\s+gass|energy|oil"
        r"|strøm|straum",
    ),
    (
        "finans",
        r"bank|finans|forsikring|finance|banking|insurance|sparebank(?:er|ar)?",
    ),
    (
        "varehandel",
        r"varehandel|handel|retail|netthandel|butikk(?:er|ar)?|e-handel"
        r"|detaljhandel",
    ),
    (
        "transport",
        r"transport|logistikk|samferdsel|logistics|spedisjon",
    ),
    (
        "industri",
        r"industri|produksjon|produksjonsbedrift(?:er)?|manufacturing"
        r"|prosessindustri",
    ),
    (
        "sjømat",
        r"sjømat|havbruk|oppdrett|fiskeri|akvakultur|aquaculture|seafood",
    ),
    (
        "landbruk",
        r"landbruk|matproduksjon|næringsmiddel\w*|agriculture|jordbruk",
    ),
    (
        "reiseliv",
        r"hotell|restaurant(?:er|ar)?|reiseliv|servering|hospitality|turisme",
    ),
    (
        "forsvar",
        r"forsvar(?:et)?|beredskap|forsvarssektoren|defence|defense",
    ),
    (
        "frivillighet",
        r"frivillighet|frivilligheit|idrett|organisasjon(?:er|ar)|ideell(?:e)?"
        r"|non-?profit",
    ),
    (
        "teknologi",
        r"teknologi|telekom|programvare|technology|telecom|it-bransjen",
    ),
    (
        "maritim",
        r"maritim|shipping|offshore|skipsfart|maritime|verft",
    ),
    (
        "media",
        r"media|mediebransjen|forlag|medier",
    ),
)
_REST = r"(?:\s*(?:,|&|og|and|/|-)\s*[\wæøå-]+){0,3}(?:\s*\(\d+\))?"
_COMPILED = tuple(
    (name, re.compile(rf"^(?:{words}){_REST}$", re.IGNORECASE))
    for name, words in _TRADES
)
_MAX_WORDS = 5


def trade_of(label: str) -> str | None:
    """The trade that a label names; None for any other label."""
    text = " ".join(label.split())
    if not text or len(text.split()) > _MAX_WORDS:
        return None
    return next((name for name, words in _COMPILED if words.match(text)), None)
