"""Kinds of event that a press text claims, by rules over its words.

Rules for nb, nn, sv, da, fi and en. What is found is a claim of whoever wrote the
text: whether it is an event, and whose, is decided where it can be compared with other
evidence. Rumours, plans that may come to nothing, cancelled deals, looks back and
prizes are no claims.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

CLAIM_TYPES = (
    "merger_announced",
    "demerger",
    "acquisition_made",
    "acquired",
    "capital_raised",
    "public_grant_awarded",
    "partnership_announced",
)

_LEAD = 400
_WORD = r"[A-ZÆØÅÄÖÉ0-9][\w&.'’/-]*"
_NAME = rf"(?P<name>{_WORD}(?:\s+(?:&\s+)?{_WORD}){{0,4}})"
_SUBJECT = rf"(?P<subject>{_WORD}(?:\s+(?:&\s+)?{_WORD}){{0,4}})"
# Nouns that stand between the verb and the name of a company.
_COMPANY_NOUN = (
    r"(?:(?:hele|alle|all|all of|the|det|den|et|ett|en|a|an|ein|eit|svenske|norske|"
    r"danske|finske|tyske|norwegian|swedish|danish|finnish|german|british|local|"
    r"lokale|its|sin|sitt|svenska|norska|danska|finska)\s+)?"
    r"(?:(?:\d+(?:[.,]\d+)?\s*(?:%|prosent|procent|per\s?cent)|majoriteten|majority|"
    r"aksjemajoriteten|aksjemajoritet|aktiemajoriteten|resten|remaining|shares?|"
    r"stake|aksjene|aktierne|aktierna|samtlige aksjer|samtliga aktier)\s+"
    r"(?:av|af|i|of|in)?\s*(?:aksjene i|aktierna i|aktierne i|the shares in)?\s*)?"
    r"(?:[a-zæøåäö-]*(?:selskapet|selskap|firmaet|bedriften|bedrifta|kontoret|byrået|"
    r"byraet|"
    r"gruppen|konsernet|kjeden|kjeda|huset|konkurrenten|leverandøren|leverandøren|"
    r"spesialisten|utvikleren|virksomheten|verksemda|forretningen|bolaget|byrån|"
    r"företaget|leverantören|koncernen|specialisten|virksomheden|firmaet|yhtiön|"
    r"company|firm|provider|specialist|rival|competitor|developer|maker|startup|"
    r"start-up|business)\s+)?"
)
_NOT_NAMES = frozenset(
    (
        "to for in from with and as at on of by the a an after into its vi we "
        "selskapet "
        "konsernet nå i dag today har er skal med og och for til fra av nye ny new "
        "this "
        "her now det den en et ett ein eit announces agrees completes plans signs "
        "strategic strategisk selskapa selskapene styret bolagen acquires merger "
        "fusion fusjon ble blir bolaget"
    ).split()
)


@dataclass(frozen=True)
class Claim:
    """A kind of event, and the companies named in the words that claim it."""

    event_type: str
    parties: tuple[str, ...]


@dataclass(frozen=True)
class _Rule:
    event_type: str
    pattern: re.Pattern[str]


def _rule(event_type: str, *patterns: str) -> Iterator[_Rule]:
    for pattern in patterns:
        yield _Rule(event_type, re.compile(pattern))


# (?i:...) holds the words; names keep their capitals.
_RULES: tuple[_Rule, ...] = (
    *_rule(
        "merger_announced",
        rf"(?:{_SUBJECT}\s+)?(?i:og|och|and|"
        rf"ja)\s+{_NAME}\s+(?i:(?:skal\s+)?fusjonerer?|"
        r"fusjonere|slår seg (?:sammen|saman)|slås (?:sammen|saman|samman|ihop)|"
        r"fusionerer|fusionerar|går (?:samman|sammen|saman)|"
        r"slår sig (?:samman|ihop|sammen)|"
        r"lægges sammen|smelter sammen|(?:to |will |agree to )?merge|yhdistyvät|"
        r"fuusioituvat|sulautuvat)\b",
        rf"(?:{_SUBJECT}\s+)?(?i:(?:skal |ska |skal |to |will |has |have )?"
        r"(?:fusjoner(?:er|e|t|ast)|slår seg (?:sammen|saman)|slås (?:sammen|saman|"
        r"samman|ihop)|slått (?:sammen|saman)|fusion(?:erer|erar|eret|erat|era|ere)|"
        r"går (?:samman|sammen|saman)|slår sig (?:samman|ihop|sammen)|smelter sammen|"
        r"merges?|merged|merging|combines?))\s+"
        rf"(?i:med|with)\s+(?:{_COMPANY_NOUN})?{_NAME}",
        rf"(?i:(?:fusjon|fusjonen|fusjonsplan|sammenslåing|sammenslåingen|samanslåing|"
        r"samanslåinga|fusion|fusionen|sammenlægning|sammanslagning|samgående|merger|"
        r"business combination|combination)\s+(?:\w+\s+)?(?:med|with|mellom|mellem|"
        rf"mellan|between))\s+(?:{_COMPANY_NOUN})?{_NAME}",
        r"(?i:\b(?:fusjonsplan(?:en)?|(?:gjennomfører|gjennomført|vedtar|vedtatt|"
        r"vedteken|vedtek|varsler|varslar|annonserer|planlagt|signert|signerer|inngår)"
        r" (?:avtale om |plan for |ein |en |om )?(?:fusjon|fusjonen|sammenslåing|"
        r"sammenslåingen|samanslåing|samanslåinga)|"
        r"fusjonen (?:er|av|mellom)|genomför(?:s|t)? (?:en )?(?:fusion|sammanslagning)|"
        r"gennemfør(?:er|t) (?:en )?fusion|fusionsplan(?:en)?|"
        r"fuusio(?:n|sta|sopimus|suunnitelma)?|sulautumi(?:nen|sen|sesta|ssuunnitelma)|"
        r"(?:completes?|completed|announces?|announced|agrees?|agreed|plans?|proposed) "
        r"(?:on |to |a |the |its )*(?:merger?)|merger (?:agreement|plan|of equals)|"
        r"går sammen (?:til|om) ett selskap|blir (?:til )?ett selskap))\b",
    ),
    *_rule(
        "demerger",
        r"(?i:\b(?:fisjonsplan(?:en)?|fisjoner(?:er|t|es|ast)|(?:vedtar|vedtatt|vedtek|"
        r"gjennomfører|gjennomført|planlagt|varsler|varslar|foreslår|besluttet) "
        r"(?:en |ein |å )?(?:fisjon|fisjonen|fisjonere|utskilling|utskillelse)|"
        r"fisjon av|fisjonen av|skiller ut|skilles ut|skil ut|skilt ut|"
        r"utskilling(?:en|a)? av|deles (?:opp )?i to selskap\w*|"
        r"knoppar av|avknoppning(?:en)? av|delas upp i två bolag|"
        r"udskiller|udskilles|udskillelse(?:n)? af|spaltning(?:en)? af|spaltes|"
        r"(?:osittais)?jakautumi(?:nen|sen|sesta|ssuunnitelma)|jakautuu|"
        r"de-?merger|de-?merges|spins? off|spun off|spinning off|spin-off of|"
        r"split(?:s|ting)? into two (?:listed )?companies))\b",
    ),
    *_rule(
        "acquired",
        rf"(?:{_SUBJECT}\s+)?(?i:(?:er|ble|blir|vert|har blitt|bliver|blev|blir nå|er "
        rf"nå)"
        r" (?:kjøpt|overtatt|overteke|overtaget|købt|opkøbt|oppkjøpt|köpt|uppköpt)"
        r"(?: opp| upp| op)? (?:av|af)|kjøpes (?:opp )?av|overtas av|förvärvas av|"
        r"köps (?:upp )?av|købes (?:op )?af|opkøbes af|overtages af|selges til|"
        r"säljs till|sælges til|acquired by|taken over by|bought by|sold to)\s+"
        rf"(?:{_COMPANY_NOUN})?{_NAME}",
        r"(?i:\b(?:blir|vert|bliver|becomes|is now|er nå|er no)\s+(?:en |ein |a )?"
        rf"(?:del|part)\s+(?:av|af|of))\s+(?:the\s+)?(?:{_COMPANY_NOUN})?"
        rf"(?P<name>{_WORD}(?:\s+{_WORD}){{0,3}}(?:\s+(?:AS|ASA|AB|A/S|Oyj|Group|"
        r"Gruppen|Holding)|-(?:konsernet|gruppen|koncernen|familien|group)))",
        r"(?i:\b(?:får ny(?:e|a)? (?:eier|eiere|eigar|eigarar|ägare|ejer|ejere)\b|"
        r"siirtyy (?:\S+\s+){0,3}omistukseen|tulee osaksi|liittyy osaksi))",
    ),
    *_rule(
        "acquisition_made",
        rf"(?:{_SUBJECT}\s+)?(?i:(?:har |skal |vil |ska |has |to |will |agrees to |"
        r"completes |fullfører |slutfører |gjennomfører )?(?:kjøper|kjøpt|kjøpe|"
        r"overtar|overtatt|overtek|erverver|ervervet|oppkjøp|oppkjøpet|kjøpet|"
        r"köper|köpt|köpa|förvärvar|förvärvat|förvärva|förvärv|förvärvet|tar över|"
        r"køber|købt|opkøber|opkøb|overtager|acquires?|acquired|acquiring|acquisition|"
        r"takeover|takes over|buys)(?: opp| upp| op)?(?: av| af| of)?)\s+"
        rf"(?:{_COMPANY_NOUN}){_NAME}",
        rf"(?:{_SUBJECT}\s+)(?i:ostaa|osti|on ostanut|hankkii)\s+{_NAME}",
        r"(?i:\byritys(?:kauppa|kaupan|osto|oston)\b)",
    ),
    *_rule(
        "capital_raised",
        r"(?i:\b(?:(?:rettet |rettede |fortrinnsretts|reparasjons|retta "
        r")emisjon(?:en)?|"
        r"(?:gjennomfører|gjennomført|fullfører|fullført|vedtar|vedtatt|plassert|"
        r"planlegger|varsler|overtegnet|lukker) (?:en |ein |rettet |privat "
        r")*emisjon(?:en)?|"
        r"kapital(?:forhøyelse|utvidelse|forhøying|forhøging|auke|innhenting)(?:n|en|"
        r"a)?|"
        r"nyemission(?:en)?|kapitalanskaffning|kapitalrunda|finansieringsrunda|"
        r"kapitalforhøjelse(?:n)?|fortegningsemission|rettet emission|"
        r"finansieringsrunde(?:n)?|investeringsrunde(?:n)?|emisjonsrunde(?:n)?|"
        r"osakeanti|osakeannin|suunnattu anti|rahoituskierros|rahoituskierroksen|"
        r"private placement|rights issue|capital increase|funding round|"
        r"seed round|series [a-f] (?:round|funding|financing|investment)))\b",
        r"(?i:\b(?:henter|hentet|hentar|henta|reiser|reist|sikrer seg|sikret seg|"
        r"tar in|tagit in|rejser|rejst|kerää|keräsi|raises|raised|secures|secured|"
        r"closes|får inn)(?: inn| opp)?\s+(?:\w+\s+){0,2}?(?:NOK|SEK|DKK|EUR|USD|kr|"
        r"MNOK|MSEK|\$|€|£)?\s*\d[\d\s.,]*\s*(?:MNOK|MSEK|MEUR|MUSD|mill\.?|"
        r"million(?:er|s)?"
        r"|millionar|miljoner|mio\.?|milliard(?:er|ar)?|miljard(?:er)?|miljoona\w*|"
        r"m|bn|billion|k)?\b(?=.*(?:kapital|investor|vekst|tillväxt|vækst|funding|"
        r"financing|investment|round|emisjon|emission|runde|runda|equity|rahoitu|"
        r"sijoitta|aksje|aktie|seed|series)))",
    ),
    *_rule(
        "public_grant_awarded",
        r"(?i:(?=.*\b(?:innovasjon nor(?:ge|eg)|innovation norway|forskningsrådet|"
        r"forskingsrådet|"
        r"norges forskningsråd|research council|enova|siva|skattefunn|horizon europe|"
        r"horisont europa|horizon 2020|european innovation council|eic|eu-støtte|"
        r"eu-midler|eu-midlar|eu-stöd|eu-bidrag|vinnova|innovationsfonden|"
        r"innovation fund denmark|business finland|energimyndigheten|tillväxtverket|"
        r"klimasats|eurostars|regionalt forskningsfond|miljødirektoratet|"
        r"fylkeskommunen?|formas|eudp|euroopan unioni\w*|tieteen akatemia|"
        r"suomen akatemia|gassnova|energistyrelsen|klimatklivet|industriklivet)\b)"
        r"(?=.*\b(?:får|fekk|fikk|tildeles|tildelt|tildelar|tildeler|mottar|mottatt|"
        r"mottek|innvilget|innvilga|innvilges|bevilger|bevilget|løyver|gir|gjev|"
        r"støtter|"
        r"stöttar|beviljas|beviljats|beviljar|tilldelas|erhåller|modtager|modtaget|"
        r"bevilges|bevilliger|støttes|saa|sai|myönsi|myöntää|receives?|received|"
        r"awarded|awards|granted|secures|secured|wins)\b)"
        r"(?=.*\b(?:støtte|tilskudd|tilskot|midler|midlar|millioner|millionar|mill|"
        r"kroner|bevilgning|bevilling|løyving|bidrag|stöd|medel|miljoner|tilskud|"
        r"mio|grants?|funding|financing|support|rahoitu\w*|avustu\w*|tukea|tuen|"
        r"miljoona\w*|innovasjonskontrakt|innovasjonslån|million|mnok|meur|m€)\b).*)",
    ),
    *_rule(
        "partnership_announced",
        r"(?i:\b(?:inngår|inngått|inngåtte|signerer|signert|annonserer|lanserer|"
        r"innleder|"
        r"etablerer|starter|tecknar|ingår|inleder|indgår|indgået|underskriver|"
        r"underskrevet|allekirjoitti\w*|solmi\w*|aloitta\w*|laajenta\w*|enters?|"
        r"entered|"
        r"signs?|signed|announces?|announced|forms?|expands?|extends?|utvider|utvidar|"
        r"udvider|utökar|fornyer|launches?)\s+"
        r"(?:(?:into|in|i|et|eit|ett|en|ein|a|an|om|the|sitt|sit|its|og|and)\s+)*"
        r"(?:(?:strategisk|strategiskt|strategic|ny|nytt|nyt|new|langsiktig|"
        r"langsiktige|"
        r"långsiktigt|langsigtet|global|globalt|nordisk|nordic|viktig|multi-year|"
        r"long-term|spennende|major|commercial|kommersielt|exclusive|eksklusiv|"
        r"strategisen|strateginen|uuden)\s+)*"
        r"(?:samarbeid(?:et)?|samarbeidsavtale(?:n|r)?|samarbeidsavtalar|"
        r"partnerskap(?:et)?|"
        r"partneravtale(?:n)?|intensjonsavtale(?:n)? (?:med|om samarbeid)|"
        r"samarbete(?:t)?|"
        r"samarbetsavtal|partnerskab(?:et)?|samarbejde(?:t)?|samarbejdsaftale(?:n)?|"
        r"partneraftale|yhteistyösopimu\w+|yhteistyö\w*|kumppanuu\w+|partnerships?|"
        r"collaboration|cooperation|alliance|cooperation agreement|"
        r"collaboration agreement|partnership agreement|memorandum of understanding))\b"
        rf"(?:\s+(?i:med|with)\s+(?:{_COMPANY_NOUN})?{_NAME})?",
        rf"(?:{_SUBJECT}\s+)?(?i:partners with|partner with|teams up with|"
        r"joins forces with|in partnership with|blir partner med|ny partner:?|"
        r"nytt samarbeid med|strategisk samarbeid med|strategic partnership with|"
        r"nyt samarbejde med|nytt samarbete med)\s+"
        rf"(?:{_COMPANY_NOUN})?{_NAME}",
        r"(?i:\b(?:ny|nytt|nyt|new|uusi)\s+(?:(?:strategisk|strategiskt|strategic)\s+)?"
        r"(?:samarbeidsavtale|samarbetsavtal|samarbejdsaftale|partneravtale|"
        r"partnerskap|partnerskab|partnership|collaboration agreement|"
        r"yhteistyösopimus|kumppanuus)\b)",
        rf"{_SUBJECT}\s+(?i:og|och|and|ja)\s+{_NAME}\s+(?i:inngår|signerer|ingår|"
        rf"inleder|"
        r"indgår|enter|sign|announce|starter|aloittavat|solmivat|"
        r"utvider)\s+(?i:.{0,40})"
        r"(?i:samarbeid|partnerskap|samarbete|samarbejde|partnerskab|partnership|"
        r"collaboration|cooperation|alliance|yhteistyö)",
    ),
)  # fmt: skip

# A part of a word without which no rule of the type can match: the rules are slow.
_TRIGGERS: dict[str, re.Pattern[str]] = {
    "merger_announced": re.compile(
        "fusj|fusion|fuus|slå|slut|sammen|saman|samman|samgå|merg|combin|yhdist|"
        "sulaut|ett selskap"
    ),
    "demerger": re.compile(
        "fisj|skil|deles|knopp|delas|spalt|jakaut|merge|spin|spun|split"
    ),
    "acquired": re.compile(
        "kjøp|overta|overtek|värvas|köp|køb|selges|säljs|sælges|acquired|taken over|"
        "bought|sold to|del a[vf]|part of|får ny|omistuk|osaksi"
    ),
    "acquisition_made": re.compile(
        "kjøp|overta|overtek|erverv|köp|förvärv|tar över|køb|acqui|takeover|"
        "takes over|buys|osta|osti|hankki|yrityskaup|yritysost"
    ),
    "capital_raised": re.compile(
        "emisj|kapital|emission|finansier|invester|osakean|suunnattu|rahoitus|"
        "placement|rights issue|capital|round|series|hent|reis|sikr|tar in|tagit|"
        "rejs|kerä|rais|secur|closes|får inn"
    ),
    "public_grant_awarded": re.compile(
        "innova|forsk|research|enova|siva|skattefunn|horizon|horisont|eic|eu-|"
        "vinnova|finland|energi|tillväxt|klima|eurostars|miljødir|fylkeskom|formas|"
        "eudp|euroopan|akatem|gassnova"
    ),
    "partnership_announced": re.compile(
        "samarb|partner|kumppan|yhteisty|allian|collabor|cooperat|memorandum|"
        "forces|teams up"
    ),
}  # fmt: skip
# A sentence with one of these claims nothing: rumours, plans and talks, deals that came
# to nothing, looks back.
_UNCERTAIN = re.compile(
    r"(?i:\b(?:report (?:that|says)|according to (?:sources|people)|lawsuit|sues|"
    r"sued|court|saksøk\w*|rykter?|ryktene|ryktes|ryktast|spekulerer|spekulasjon(?:er)?|vurderer|"
    r"vurdere|overveier|overvejer|överväger|rygter|spekulationer|i samtaler|"
    r"forhandler om|förhandlar om|in talks|talks (?:with|over|about|to)|"
    r"rumou?rs?|rumou?red|reportedly|said to be|considering|considers|considered|"
    r"explor(?:es|ing)|mulls?|weighs?|eyes|may|might|could|should|would|potential|"
    r"possible|speculation|denies|denied|"
    r"avviser|dementerer|afviser|avfärdar|avslår|nekter|avlyser|avlyst|avbryter|"
    r"avbrutt|"
    r"avbrudt|afbryder|avblåser|stanser|stoppet|skrinlegger|trekker (?:seg|tilbudet)|"
    r"kansellert|drar sig ur|calls? off|called off|terminates?|terminated|abandons?|"
    r"abandoned|rejects?|rejected|scraps?|scrapped|blocks?|blocked|fails?|failed|"
    r"withdraws?|withdrawn|falls through|ends|avslutter|avsluttar|avslutar|afslutter|"
    r"ikke|ikkje|inte|ej|not|never|aldri|aldrig|ingen|no longer|harkitsee|huhu\w*|"
    r"neuvottelee|peruu|peruutettu|ei|ønsker å|ynskjer å|vil gjerne|kan komme til|"
    r"kan bli|kunne bli|kanskje|kanske|måske|ehkä|mulig|mogleg|möjlig|forventes|"
    r"hvis|dersom|if|om vi skulle|slik (?:gikk|gjør|lykkes)|slik gjekk|"
    r"(?:ti|fem|to|tre|fire|10|5|20|25) år (?:siden|sidan|etter|efter|senere)|"
    r"years (?:ago|after|later|since)|år sedan|år siden|vuotta sitten|"
    r"tidligere|tidlegare|earlier|previously|historien om|historia om|"
    r"tilbakeblikk|jubileum|anniversary|throwback|lærdommer|lessons|how to|"
    r"webinar|seminar|kurs|podcast|podkast|frokostseminar|guide|tips|sjekkliste)\b)"
)
_MODAL = re.compile(
    r"(?i:\b(?:kan|kunne|vil kunne|bør|burde|skulle|voisi)\s+(?:\S+\s+){0,2})$"
)
_MODAL_FIRST = re.compile(r"(?i:(?:kan|kunne|bør|burde|skulle)\b)")
# What the words of a type mean besides the event.
_ELSE: dict[str, re.Pattern[str]] = {
    "merger_announced": re.compile(
        r"(?i:fusjonskjøkken|fusjonsmat|fusionskök|fusion (?:cuisine|kitchen|food|"
        r"energy|"
        r"power|reactor)|nuclear fusion|kjernefusjon|fusjonsenergi|fusjonsreaktor|"
        r"clinical trial|fusionsenergi|(?:sensor|data) fusion\b|kommunesammenslåing|"
        r"kommunesamanslåing|fylkessammenslåing|kommunsammanslagning|merge request|"
        r"mergers? (?:and|&) acquisitions|regionreform|av (?:avdelinger|kontorer|"
        r"avdelingene|skoler|skular))"
    ),
    "demerger": re.compile(
        r"(?i:kjernefysisk|atomkraft|fisjonsreaktor|nuclear|reaktor|kernekraft|"
        r"skiller seg ut|skil seg ut|skiller ut (?:seg|co2|vann|avfall|fett))"
    ),
    "acquisition_made": re.compile(
        r"(?i:egne aksjer|eigne aksjar|own shares|egna aktier|egne aktier|buy-?back|"
        r"tilbakekjøp|återköp|tilbagekøb|meldepliktig|primærinnsider|"
        r"primary insider|insider|\d[\d\s.,]*(?:aksjer|aksjar|aktier|shares)|"
        r"kjøper (?:strøm|inn|tjenester|kraft|varer)|customer acquisition|"
        r"acquisition (?:corp|company|holdings|spree|proposal)|spac\b|"
        r"talent acquisition|data acquisition|innkjøp|markedskommentar|kunder|kundene|"
        r"buys? (?:now|time|tickets?)|overtar (?:som|etter|rollen|stillingen|roret|"
        r"stafettpinnen|ansvaret)|overtek (?:som|etter)|tar över (?:som|efter)|"
        r"takes over (?:as|from)|overtager (?:som|efter))"
    ),
    "acquired": re.compile(r"(?i:\d[\d\s.,]*(?:aksjer|aktier|shares) |kunder|"
    "customers)"),
    "capital_raised": re.compile(
        r"(?i:obligasjon\w*|bond issue|bonds?\b|innsaml\w*|barne?kreft|veldedig|"
        r"charity|"
        r"tv-aksjonen|kreftforeningen|røde kors|red cross|unicef|utslipp|co2|"
        r"innsamlingsaksjon|insamling|gjeldskonvertering|konvertering av (?:gjeld|lån)|"
        r"debt conversion|aksjespli\w*|aktiespli\w*|share split|stock split|"
        r"fondsemisjon\w*|fondemission|bonus issue)"
    ),
    "public_grant_awarded": re.compile(
        r"(?i:\bsøk(?:er|e|t|nad|nader|nadsfrist)\w*|søkjer|\bansök\w*|\bansøg\w*|"
        r"\bappl(?:y|ies|ied|ication)\w*|avslag|utlysning|utlysing|call for|kan få|"
        r"hakem\w*|hakee|\bpris(?:en|et)?\b|prisvinner|utmerkelse|award ceremony|"
        r"gründerpris\w*|priset\b|"
        r"åpner for|opner for|ny ordning|nye ordninger|direktør i|director of|"
        r"styreleder i|kontrakt med|rammeavtale|besøk|som partner i|"
        r"partner i (?:\w+ ){0,3}prosjekt\w*|deltar i|deltek i|deltaker i|deltakar i|"
        r"er med i|leda av|ledet av|"
        r"as (?:a )?partner|participates in)"
    ),
    "partnership_announced": re.compile(
        r"(?i:sponsor\w*|fotball\w*|håndball\w*|idrettslag\w*|fotboll\w*|fodbold\w*|"
        r"\bcup(?:en)?\b|klubben|football|julebord|godt samarbeid|good cooperation|"
        r"ishockey|skiforbundet)"
    ),
}  # fmt: skip
_PRIZE = re.compile(
    r"(?i:\b(?:vant|vinner|vann|vinder|wins?|won|kåret|kåra|nominert|nominated|"
    r"utnevnt til årets|tildelt (?:prisen|pris|utmerkelse|designpris)|"
    r"award(?:ed)? (?:for|as|winner)|utmerkelse\w*|årets \w+|palkin\w+|"
    r"prisbelønn\w*|prisvinn\w*)\b)"
)
_MONEY = re.compile(r"(?i:grant|støtte|tilskudd|tilskot|funding|bevilg|midler)")
_YEAR = re.compile(r"\b(19[5-9]\d|20[0-4]\d)\b")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÆØÅÄÖ«\"–-])|\n+")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=5_000)
def claims_of(
    title: str | None, text: str | None, year: int | None = None
) -> tuple[Claim, ...]:
    """Claims of a press text, each type once, in the order of the catalogue.

    The title speaks first; only where it claims nothing, the first sentences do.

    Args:
        title: headline.
        text: body; its first 400 characters are read.
        year: when it was published. A sentence that names an earlier year than the one
            before tells of the past.
    """
    claims = _claims_in(((title or "")[:_LEAD],), year)
    if claims or not text:
        return claims
    claims = _claims_in(tuple(islice(sentences_of(text[:_LEAD]), 3)), year)
    # A headline that asks or doubts takes back what the text says after it.
    if claims and title and (_is_void(title, year) or title.rstrip().endswith("?")):
        return ()
    return claims


def sentences_of(text: str) -> Iterator[str]:
    """Sentences and lines of a press text that say something."""
    return (part for part in _SENTENCE_END.split(text) if part.strip())


def company_named(text: str) -> str:
    """A company's name out of a run of capitalised words; empty when it is none."""
    return _as_name(text)


def _claims_in(sentences: tuple[str, ...], year: int | None) -> tuple[Claim, ...]:
    found: dict[str, tuple[str, ...]] = {}
    for raw in sentences:
        sentence = _SPACES.sub(" ", raw).strip()
        triggered = _triggered(sentence)
        if not triggered or sentence.endswith("?") or _is_void(sentence, year):
            continue
        for rule in _RULES:
            if rule.event_type not in triggered:
                continue
            match = rule.pattern.search(sentence)
            if match is None or _means_else(rule.event_type, sentence, match):
                continue
            if rule.event_type == "acquisition_made" and "acquired" in found:
                continue
            parties = _parties(match)
            found[rule.event_type] = found.get(rule.event_type) or parties
    return tuple(
        Claim(event_type, found[event_type])
        for event_type in CLAIM_TYPES
        if event_type in found
    )


def _triggered(sentence: str) -> frozenset[str]:
    lower = sentence.lower()
    return frozenset(
        name for name, pattern in _TRIGGERS.items() if pattern.search(lower)
    )


def _is_void(sentence: str, year: int | None) -> bool:
    if _UNCERTAIN.search(sentence):
        return True
    years = [int(found) for found in _YEAR.findall(sentence)]
    return year is not None and bool(years) and max(years) < year - 1


def _means_else(event_type: str, sentence: str, match: re.Match[str]) -> bool:
    other = _ELSE.get(event_type)
    if other is not None and other.search(sentence):
        return True
    may_be_prize = event_type in ("public_grant_awarded", "partnership_announced")
    if may_be_prize and _PRIZE.search(sentence) and not _MONEY.search(sentence):
        return True
    # A modal right before the words, or as what was taken for the subject.
    return bool(
        _MODAL.search(sentence[: match.start()]) or _MODAL_FIRST.match(match.group(0))
    )


def _parties(match: re.Match[str]) -> tuple[str, ...]:
    groups = match.groupdict()
    if match.re.pattern.count("acquired by") and groups.get("subject"):
        names = (groups.get("name"), groups.get("subject"))
    else:
        names = (groups.get("subject"), groups.get("name"))
    return tuple(
        dict.fromkeys(clean for name in names if name and (clean := _as_name(name)))
    )


def _as_name(text: str) -> str:
    """A company's name out of a run of capitalised words; empty when it is none."""
    words = text.split()
    while words and _is_no_name(words[0]):
        words.pop(0)
    kept: list[str] = []
    for word in words:
        if _is_no_name(word):
            break
        kept.append(word)
        if word.endswith((".", ",", ":")):
            break
    return " ".join(kept).strip(" .,:;-–'’").removesuffix("’s").removesuffix("'s")


def _is_no_name(word: str) -> bool:
    # AS is a legal form, As is a word.
    return word not in ("AS", "ASA") and word.lower().strip(".:,") in _NOT_NAMES
