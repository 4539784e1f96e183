"""What press texts state of their own company, type by type. All texts are made up."""

import time

import pytest

from scrapers.extract.statement_words import STATEMENT_TYPES, statements_of

STATED = {
    "workforce_reduction": (
        "Fjellbygg nedbemanner med 40 årsverk",
        "Vi varsler permitteringer ved fabrikken",
        "Fjellbygg må seie opp 12 tilsette",
        "Kuttar 30 stillingar i administrasjonen",
        "Bolaget varslar 45 anställda",
        "Made Up cuts 200 jobs",
    ),
    "hiring_freeze": (
        "Fjellbygg innfører ansettelsesstopp",
        "Vi innfører stans i nyansettelser ut året",
        "Fjellbygg innfører tilsetjingsstopp",
        "Vi stoppar alle nytilsetjingar",
        "Made Up announces hiring freeze",
        "Fjellbygg inför anställningsstopp",
    ),
    "public_conflict": (
        "Fjellbygg er saksøkt av tidligere leverandør",
        "Datatilsynet gir Fjellbygg overtredelsesgebyr",
        "Arbeidstilsynet varslar tvangsmulkt mot Fjellbygg",
        "Ansatte ved Fjellbygg går ut i streik",
        "Lawsuit filed against Made Up",
    ),
    "negative_mention": (
        "Kritikk mot Fjellbygg etter ulykken",
        "Refser ledelsen i Fjellbygg AS",
        "Avslører svindel i Fjellbygg",
        "Made Up under fire after recall",
    ),
    "reorganisation": (
        "Fjellbygg omorganiserer virksomheten",
        "Vi innfører ny organisasjonsstruktur fra mars",
        "Ny organisering skal gi kortare avgjerdsvegar",
        "Samler virksomheten i tre divisjoner",
        "Made Up announces new organisational structure",
    ),
    "subsidiary_founded": (
        "Fjellbygg stifter datterselskap for drift av ladestasjoner",
        "Etablerer eget selskap for havvind",
        "Vi opprettar eige dotterselskap for sal til utlandet",
        "Bolaget bildar dotterbolag i Norge",
        "Made Up establishes Norwegian subsidiary",
    ),
    "establishment_opened": (
        "Fjellbygg åpner nytt kontor i Bodø",
        "Vi opnar ny avdeling i Førde",
        "Åpner butikk i Trondheim",
        "Öppnar nytt kontor i Malmö",
        "Made Up opens new office in Oslo",
    ),
    "establishment_closed": (
        "Fjellbygg legger ned avdelingen i Narvik",
        "Legg ned kontoret i Førde",
        "Stenger butikken i Moss for godt",
        "Lukker afdelingen i Aarhus",
        "Made Up closes its office in Hamar",
    ),
    "ownership_change": (
        "Fjellbygg har fått ny hovedeier",
        "Nye eiere i Fjellbygg",
        "Eigarskifte i Fjellbygg",
        "Nordmur kommer inn på eiersiden",
        "New majority owner of Made Up",
    ),
    "public_investment": (
        "Kommunestyret vedtok bygging av ny skole til 300 millioner",
        "Bystyret bevilger 80 millioner til nytt sykehjem",
        "Kommunestyret løyver pengar til nytt vassverk",
        "Kommunfullmäktige beslutar om ny skola",
    ),
    "facility_expansion": (
        "Fjellbygg bygger ny fabrikk på Gjøvik",
        "Vi utvider produksjonen i Molde",
        "Investerer 120 millioner i ny produksjonslinje",
        "Byggjer nytt lager i Førde",
        "Made Up breaks ground on new warehouse",
    ),
    "product_launched": (
        "Fjellbygg lanserer ny modulvegg",
        "Vi lanserer nytt system for brannsikring",
        "Lanserer heilt ny app for kundane",
        "Fjellbygg lancerer nyt produkt",
        "Made Up unveils new sensor platform",
    ),
    "certification_gained": (
        "Fjellbygg er nå ISO 14001-sertifisert",
        "Vi er blitt sertifisert etter ISO 27001",
        "Fjellbygg har fått Miljøfyrtårn-sertifikat",
        "No er vi sertifiserte etter ISO 9001",
        "Made Up achieves ISO 27001 certification",
    ),
    "certification_lost": (
        "Fjellbygg mister sentral godkjenning",
        "Har mistet ISO 9001-sertifiseringen",
        "Sertifikatet er trukket tilbake",
        "Har mista Svanemerket-sertifiseringa",
    ),
    "security_incident": (
        "Fjellbygg utsatt for dataangrep",
        "Vi er rammet av et omfattende løsepengeangrep",
        "Vi er utsett for eit dataangrep",
        "Personopplysninger på avveie etter feil hos oss",
        "Made Up hit by ransomware attack",
    ),
    "technology_phase_out_stated": (
        "Vi bytter fra SAP til en enklere løsning",
        "Fjellbygg faser ut Microsoft Dynamics",
        "Vi fasar ut SharePoint i løpet av året",
        "We are phasing out Salesforce",
    ),
    "strategy_statement": (
        "Styret har vedtatt ny strategi mot 2030",
        "Fjellbygg satser stort på havvind",
        "Vi satsar på grøne energiløysingar",
        "Skal doble omsetningen innen 2030",
        "Made Up presents new strategy",
        "Vi setter i gang et stort løft for kundeservice",
        "Me set i gang eit nytt løft for datakvalitet",
        "Bolaget inleder en ny satsning på cirkulära produkter",
        "Virksomheden sætter gang i en ny satsning på kundedata",
        "Made Up is launching a group-wide effort on data quality",
    ),
    "sustainability_or_compliance_focus": (
        "Fjellbygg publiserer sitt første klimaregnskap",
        "Vi forplikter oss til Science Based Targets",
        "Ny berekraftsstrategi for Fjellbygg",
        "Skal bli klimanøytrale innen 2030",
    ),
    "rfi_or_quote_request_published": (
        "Fjellbygg innhenter tilbud på renholdstjenester",
        "Vi ber om tilbod på brøyting",
        "Prisforespørsel: nytt kassasystem",
        "Request for information: new CRM",
    ),
}
NOT_STATED = {
    "workforce_reduction": (
        "Fjellbygg unngår permitteringer",
        "Vurderer permitteringer ved fabrikken",
        "Nye regler for permittering fra nyttår",
        "Ti år siden nedbemanningen på verftet",
        "Slik gjennomfører du en nedbemanning",
        "Henter tilbake permitterte",
    ),
    "hiring_freeze": (
        "Fjellbygg opphever ansettelsesstoppen",
        "Slutt på tilsettingsstopp i Fjellbygg",
        "Vurderer ansettelsesstopp",
        "Slik unngår du ansettelsesstopp",
        "Fjellbygg ansetter ti nye",
    ),
    "public_conflict": (
        "Fjellbygg kan bli saksøkt",
        "Kronikk: Saksøkt for sannheten",
        "Fjellbygg frikjent i søksmål",
        "Advokatfirmaet bistår i søksmål",
    ),
    "negative_mention": (
        "Skandaløst bra tilbud",
        "Kritikerrost konsert",
        "Debatt: Kritikk mot ledelsen",
    ),
    "reorganisation": (
        "Fjellbygg vurderer ny organisering",
        "Slik lykkes du med omorganisering",
        "Grønn omstilling gir nye muligheter",
    ),
    "subsidiary_founded": (
        "Stifter holdingselskap for eierne",
        "Etablerer eiendomsselskap for bygget",
        "Vurderer å etablere datterselskap",
    ),
    "establishment_opened": (
        "Åpen dag på kontoret i Bodø",
        "Gjenåpner butikken i Moss etter oppussing",
        "Flytter til nye lokaler og åpner kontor i Oslo igjen",
        "Åpner for påmelding",
    ),
    "establishment_closed": (
        "Stenger butikken tidlig på fredag",
        "Kontoret holder stengt: stenger kontoret i påsken",
        "Vurderer å legge ned avdelingen i Narvik",
        "Stenger midlertidig butikken i Moss",
    ),
    "ownership_change": (
        "Råd til nye eiere av hytte",
        "Eierskifteforsikring: dette bør du vite",
        "Flagging: forvalterkonto ny eier i Fjellbygg",
    ),
    "public_investment": (
        "Kommunestyret vedtok mulighetsstudie for ny skole",
        "Forslag om å bevilge 80 millioner til skole",
        "Bystyret skal drøfte nytt sykehjem",
    ),
    "facility_expansion": (
        "Fjellbygg bygger nytt lager for Bodø kommune",
        "Kan bygge ny fabrikk på Gjøvik",
        "Planlegger nytt lager",
        "Vunnet kontrakt: bygger ny terminal",
    ),
    "product_launched": (
        "Vi lanserer ny nettside",
        "Lanserer versjon 4.2.1 med feilrettinger",
        "Kan komme til å lansere ny app",
        "Lanserer ny podkast",
    ),
    "certification_gained": (
        "Vi tilbyr kurs og sertifisering",
        "Fjellbygg søker ISO-sertifisering",
        "Slik blir du Miljøfyrtårn-sertifisert",
        "Våre sertifiserte rørleggere hjelper deg",
    ),
    "certification_lost": (
        "Unngå at bedriften mister godkjenningen",
        "Da mister du førerkortet",
        "Fjellbygg har ikke mistet sertifiseringen",
    ),
    "security_incident": (
        "Slik beskytter du deg mot dataangrep",
        "Flere bedrifter utsatt for dataangrep",
        "Rykter om at Fjellbygg er utsatt for dataangrep",
        "Øvelse: Fjellbygg utsatt for dataangrep",
    ),
    "technology_phase_out_stated": (
        "Vi bruker SAP",
        "Vurderer å bytte ut SAP",
        "Erfaring med SAP er en fordel",
    ),
    "strategy_statement": (
        "Hvordan lage en ny strategi",
        "Vurderer ny strategi",
        "Kari Nord ansatt som ny strategidirektør",
        "Nytt løft for idretten i bygda",
        "Tunge løft gir vonde rygger",
        "We are launching our graduate program for engineers",
    ),
    "sustainability_or_compliance_focus": (
        "Redegjørelse etter åpenhetsloven 2024",
        "Årsrapport og bærekraftsrapport er publisert",
        "Aktsemdvurderingar etter openheitslova",
    ),
    "rfi_or_quote_request_published": (
        "Be om tilbud her",
        "Få et uforpliktende tilbud",
        "Kurs: slik svarer du på en prisforespørsel",
    ),
}


def claims_of(title: str, text: str | None = None, year: int = 2026) -> list[str]:
    return [statement.claim for statement in statements_of(title, text, year)]


def test_every_type_has_three_of_each() -> None:
    assert set(STATED) == set(NOT_STATED) == set(STATEMENT_TYPES)
    assert all(len(texts) >= 3 for texts in (*STATED.values(), *NOT_STATED.values()))


@pytest.mark.parametrize(
    ("claim", "title"),
    [(claim, title) for claim, titles in STATED.items() for title in titles],
)
def test_stated(claim: str, title: str) -> None:
    assert claim in claims_of(title)


@pytest.mark.parametrize(
    ("claim", "title"),
    [(claim, title) for claim, titles in NOT_STATED.items() for title in titles],
)
def test_not_stated(claim: str, title: str) -> None:
    assert claim not in claims_of(title)


@pytest.mark.parametrize(
    ("title", "subject", "object_"),
    [
        ("Fjellbygg nedbemanner med 40 årsverk", "Fjellbygg", None),
        ("Vi nedbemanner med 40 årsverk", None, None),
        ("Derfor permitterer ledelsen 40 ansatte", None, None),
        ("Daglig leder Kari Nord varsler permitteringer", None, None),
        ("Fjellbygg AS åpner nytt kontor i Bodø", "Fjellbygg AS", "Bodø"),
    ],
)
def test_of_whom_and_what(title: str, subject: str | None, object_: str | None) -> None:
    (statement,) = statements_of(title, None)
    assert (statement.subject, statement.object) == (subject, object_)


def test_a_title_in_doubt_takes_back_the_text() -> None:
    assert claims_of("Vil Fjellbygg nedbemanne?", "Fjellbygg nedbemanner i år.") == []
    assert claims_of("Nytt fra oss", "Fjellbygg nedbemanner med 40 årsverk.") == [
        "workforce_reduction"
    ]
    assert claims_of("I 2019 nedbemannet Fjellbygg", year=2026) == []


def test_hostile_text_takes_no_time() -> None:
    start = time.perf_counter()
    for text in ("A" * 5_000, "Vi åpner " * 900, "Kari Nord " * 900, "ny " * 3_000):
        statements_of(text, text)
    assert time.perf_counter() - start < 2
