"""Codes of countries, written one way.

Only codes; names of countries in any language do not belong here.
"""

_THREE_LETTERS = dict(
    pair.split(":")
    for pair in (
        "AD:AND AL:ALB AT:AUT AU:AUS BA:BIH BE:BEL BG:BGR BR:BRA CA:CAN CH:CHE CN:CHN "
        "CY:CYP CZ:CZE DE:DEU DK:DNK EE:EST ES:ESP FI:FIN FO:FRO FR:FRA GB:GBR GL:GRL "
        "GR:GRC EL:GRC HR:HRV HU:HUN IE:IRL IL:ISR IN:IND IS:ISL IT:ITA JP:JPN KR:KOR "
        "LI:LIE LT:LTU LU:LUX LV:LVA MC:MCO ME:MNE MK:MKD MT:MLT NL:NLD NO:NOR NZ:NZL "
        "PL:POL PT:PRT RO:ROU RS:SRB RU:RUS SE:SWE SI:SVN SJ:SJM SK:SVK TR:TUR UA:UKR "
        "UK:GBR US:USA ZA:ZAF"
    ).split()
)


def country_code(text: object) -> str | None:
    """Three letters (ISO 3166-1) of a code of two or three letters, or None.

    A code of three letters is kept even when it is not one of those named here.
    """
    if not isinstance(text, str):
        return None
    code = text.strip().upper()
    if len(code) == 3 and code.isascii() and code.isalpha():
        return code
    return _THREE_LETTERS.get(code)


def is_norwegian(code: str | None) -> bool | None:
    """Whether a country is Norway with Svalbard; None when there is no country."""
    return None if code is None else code in ("NOR", "SJM")
