"""Word lists of made-up people, companies and places.

First and last names are common ones joined at random: nobody is meant.
"""

import random

from practice_market.words import words

FIRST = {
    "no": (
        words(
            """Anne Kari Ingrid Marit Liv Solveig Astrid Hilde Silje Ida Nora Sunniva
            Tuva Ragnhild Gro Turid Live Maren Eline Synnøve Åse Gunnhild Birgit Ylva
            Jorunn Fatima Samira Linh Zainab"""
        ),
        words(
            """Lars Ole Knut Svein Arne Bjørn Geir Morten Trond Håkon Sindre Eirik
            Jonas Magnus Torstein Vegard Øyvind Stian Kjetil Jørgen Sigurd Halvor
            Aslak Tarjei Torbjørn Eivind Amir Yusuf Omar"""
        ),
    ),
    "sv": (
        words("Anna Eva Karin Lena Maja Elsa Linnéa Ebba Sofia Malin"),
        words(
            """Johan Erik Per Anders Björn Göran Åke Fredrik Gustav Oskar Mattias
            Henrik"""
        ),
    ),
    "en": (
        words("Emma Claire Rachel Sarah Megan Priya Hannah Laura"),
        words("James Thomas Daniel Oliver Robert Simon Peter Andrew Kiran Michael"),
    ),
}
LAST = {
    "no": words(
        """Hansen Johansen Olsen Larsen Berg Haugen Hagen Solberg Moen Strand
        Lund Dahl Bakke Lie Myhre Sørensen Nygård Aasen Ødegård Tangen Vik
        Rønning Sæther Holm Brekke Fossum Skogen Kvam Rud Nesse Eide Tveit
        Hovland Bråten Grønli Engen Lunde Sunde Myklebust Aune Bjerke Støen
        Hegge Valen Fjeld Ruud Stenberg Løken Åsheim Torp Gulbrandsen Kleppe
        Nyhus Sandvik Elvestad Hammer Ahmed Nguyen"""
    ),
    "sv": words(
        """Andersson Lindberg Nilsson Åkesson Sjöberg Holmgren Nyström Ekström
        Hedlund Wallin Forsberg Öberg Sandström Dahlgren"""
    ),
    "en": words(
        """Carter Hughes Bennett Fletcher Walsh Morgan Reid Patel Osborne
        Whitaker Sinclair Barlow"""
    ),
}
_STEMS = words(
    """Fjord Nord Vest Lyng Brekke Havn Stein Granit Birk Tind Solvang Ulv
        Elv Furu Kvist Storm Skarv Rype Mose Hegg Kvarts Lønn Tare Bris Varde
        Skog Sjø Isbre Dugg Rogn Hassel Orre Terne Marka Vidde Kyst Holme
        Skute Åker Lade"""
)
_ENDS = {
    "Teknologi": "teknologi",
    "Logistikk": "logistikk",
    "Bygg": "bygg",
    "Handel": "handel",
    "Energi": "energi",
    "Sjømat": "sjomat",
    "Industri": "industri",
    "Forsikring": "forsikring",
    "Rådgivning": "radgivning",
    "Helse": "helse",
    "Media": "media",
    "Eiendom": "eiendom",
}
SECTORS = tuple(_ENDS)
NACE = {
    "Teknologi": ("62.010", "Programmeringstjenester"),
    "Logistikk": ("52.290", "Andre tjenester tilknyttet transport"),
    "Bygg": ("41.200", "Oppføring av bygninger"),
    "Handel": ("46.900", "Uspesifisert engroshandel"),
    "Energi": ("35.140", "Handel med elektrisitet"),
    "Sjømat": ("10.209", "Slakting, bearbeiding og konservering av fisk"),
    "Industri": ("25.620", "Bearbeiding av metaller"),
    "Forsikring": ("65.120", "Skadeforsikring"),
    "Rådgivning": ("70.220", "Bedriftsrådgivning og annen administrativ rådgivning"),
    "Helse": ("86.905", "Annen forebyggende helsetjeneste"),
    "Media": ("58.130", "Utgivelse av aviser"),
    "Eiendom": ("68.209", "Utleie av egen eller leid fast eiendom ellers"),
}
OTHER_NACE = (
    ("70.100", "Hovedkontortjenester"),
    ("62.020", "Konsulentvirksomhet tilknyttet informasjonsteknologi"),
    ("82.990", "Annen forretningsmessig tjenesteyting ikke nevnt annet sted"),
)
# city, postal code, municipality number
PLACES = (
    ("OSLO", "0155", "0301"),
    ("BERGEN", "5014", "4601"),
    ("TRONDHEIM", "7011", "5001"),
    ("STAVANGER", "4006", "1103"),
    ("DRAMMEN", "3015", "3301"),
    ("TROMSØ", "9008", "5501"),
    ("KRISTIANSAND S", "4611", "4204"),
    ("ÅLESUND", "6002", "1508"),
    ("BODØ", "8006", "1804"),
    ("HAMAR", "2317", "3403"),
    ("SKIEN", "3724", "4003"),
    ("LILLEHAMMER", "2609", "3405"),
)
STREETS = words(
    """Storgata Strandveien Kirkegata Industriveien Sjøgata Skippergata
        Havnegata Torvgata Fabrikkveien Elvegata Dronningens_gate Kongens_gate
        Verftsgata"""
)
AUDITORS = (
    "TALLKNUSEREN REVISJON AS",
    "NORDLYS REVISJON AS",
    "KYSTREVISOR AS",
    "FJELLVAKT REVISJON AS",
    "SUM OG SAKS REVISJON AS",
    "BREDDE REVISJON DA",
)
VENDORS = (
    "Skyflyt Systemer AS",
    "Kvikk Kundedialog AS",
    "Relasjonsverket AS",
    "Nordisk Salgsteknikk AS",
    "Tidevann Data AS",
    "Blåbær Programvare AS",
    "Sporløs Integrasjon AS",
)
OTHER_BUYERS = (
    "Storvik kommune",
    "Lillefjord kommune",
    "Midtlandet fylkeskommune",
    "Nordøyane sykehus HF",
    "Havgap havnevesen KF",
    "Statens skiferkontor",
    "Elvedal renovasjon IKS",
    "Sørvika vannverk IKS",
    "Fjellheim høgskole",
    "Direktoratet for tåke og yr",
)
OTHER_EMPLOYERS = (
    "STORVIK KOMMUNE",
    "ELVEDAL SYKEHJEM",
    "KAFÉ KVALROSSEN AS",
    "SOLSIDEN BARNEHAGE SA",
    "RASKE RØR AS",
    "NATTEVAKT RENHOLD AS",
    "HYTTEFOLK SNEKKERI AS",
    "FJORDBUSSENE AS",
)


def person(rng: random.Random, language: str) -> tuple[str, str]:
    """First and last name of somebody who does not exist."""
    group = language if language in ("sv", "en") else "no"
    if rng.random() < 0.25:
        group = "no"
    pool = rng.choice(FIRST[group])
    first = rng.choice(pool)
    if rng.random() < 0.18:
        second = rng.choice(pool)
        first = f"{first} {second}" if second != first else first
    return first, rng.choice(LAST[group])


def company(index: int, sector: str) -> tuple[str, str]:
    """Name and domain; two stems that meet only once in 1,722 companies."""
    cycle, place = divmod(index, len(_STEMS))
    serial, cycle = divmod(cycle, len(_STEMS) - 1)
    # 11 and 41 have no common factor: every distance comes up once.
    distance = 1 + (11 * cycle + 6) % (len(_STEMS) - 1)
    first, second = _STEMS[place], _STEMS[(place + distance) % len(_STEMS)].lower()
    name = f"{first}{second} {sector}"
    label = f"{first}{second}-{_ENDS[sector]}".lower()
    for letter, plain in (("ø", "o"), ("å", "a"), ("æ", "ae"), ("é", "e")):
        label = label.replace(letter, plain)
    if serial:
        label, name = f"{label}-{serial + 1}", f"{name} {serial + 1}"
    return name, f"{label}.example"


def org_number(serial: int) -> str:
    """The serial-th number from 800 000 000 with a valid MOD-11 check digit.

    Organisation numbers in use begin above 810 000 000, so these are nobody's.
    """
    base = 80_000_000 + serial
    while True:
        digits = [int(digit) for digit in str(base)]
        weighted = sum(d * w for d, w in zip(digits, _WEIGHTS, strict=True))
        check = (11 - weighted % 11) % 11
        if check != 10:
            return f"{base}{check}"
        # A number without a check digit is skipped far enough not to meet the next.
        base += 500_000


_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
