"""What a company states about itself in a press text, by rules over its words.

Rules for nb and nn, the plain words of sv, da and en. Kinds of event that two companies
share (mergers, purchases, capital, grants, partnerships) are in `event_words`, posts
taken and left in `leadership_statements`. What is found is a claim of whoever wrote the
text, with its words. Rumours, plans, refusals, looks back, advice to others
and opinion are no claims.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from simplemma import is_known

from scrapers.extract.certifications import first_named
from scrapers.extract.event_words import company_named, sentences_of
from scrapers.extract.people_in_text import PERSON, people_and_organisations
from scrapers.extract.technology_text import PHASED_OUT, mentions
from scrapers.records.announcements import Statement

STATEMENT_TYPES = (
    "workforce_reduction",
    "hiring_freeze",
    "public_conflict",
    "negative_mention",
    "reorganisation",
    "subsidiary_founded",
    "establishment_opened",
    "establishment_closed",
    "ownership_change",
    "public_investment",
    "facility_expansion",
    "product_launched",
    "certification_gained",
    "certification_lost",
    "security_incident",
    "technology_phase_out_stated",
    "strategy_statement",
    "sustainability_or_compliance_focus",
    "rfi_or_quote_request_published",
)
MAX_QUOTE_WORDS = 25
_LEAD = 500
_SENTENCES = 3


@dataclass(frozen=True)
class _Rule:
    """Words that make a claim, and what the same words mean besides."""

    claim: str
    said: re.Pattern[str]
    means_else: re.Pattern[str]


def _words(text: str) -> re.Pattern[str]:
    """Alternatives on lines of their own, between word boundaries."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    parts = "|".join(lines).split("(?P<object>")
    # A name of a group may stand once in a pattern.
    named = [f"(?P<object_{n}>{part}" for n, part in enumerate(parts[1:])]
    return re.compile(rf"(?<!\w)(?:{parts[0]}{''.join(named)})(?!\w)", re.IGNORECASE)


_N = (
    r"(?:\d[\d .]*|to|tre|fire|fem|seks|sju|syv|åtte|ni|ti|tolv|två|fyra|sex|tio|flere|"
    r"fleire|mange|flera|many)"
)
_PLACE = r"(?: (?:i|på|in|at) (?P<object>(?-i:[A-ZÆØÅÄÖ][\w-]+(?: [A-ZÆØÅÄÖ][\w-]+)?)))"
_SITE = (
    r"(?:[a-zæøåäö-]*(?:kontor|avdeling|butikk|filial|fabrikk|verksted|lager|anlegg|"
    r"senter|klinikk|restaurant|hotell|terminal|verkstad|butik|fabrik|affär|afdeling|"
    r"avdelning)(?:et|en|a|er|ar)?|office|store|branch|plant|factory|shop|clinic|"
    r"location|warehouse)"
)
_PLANT = (
    r"(?:[a-zæøåäö-]*(?:fabrikk|fabrik|lager|hovedkontor|hovudkontor|huvudkontor|"
    r"hovedkvarter|produksjonshall|produksjonsanlegg|produksjonslinje|produktionshall|"
    r"produktionslinje|anlegg|datasenter|datacenter|terminal|verksted|verkstad|"
    r"logistikksenter|slakteri|sagbruk|meieri|laboratorium)(?:et|en|a|er|ar)?|plant|"
    r"factory|warehouse|headquarters|data cent(?:re|er)|production (?:line|facility)|"
    r"distribution cent(?:re|er))"
)
_AUTHORITY = (
    r"(?:datatilsynet|konkurransetilsynet|arbeidstilsynet|mattilsynet|"
    r"forbrukertilsynet|"
    r"finanstilsynet|økokrim|politiet|miljødirektoratet|tingretten|lagmannsretten|"
    r"høyesterett|esa|imy|datatilsynet|konkurrencerådet|konkurrensverket|"
    r"arbetsmiljöverket|"
    r"the (?:competition|data protection) authority)"
)
_CLAIMS: tuple[tuple[str, str, str], ...] = (
    (
        "workforce_reduction",
        rf"""
        nedbemann\w*
        permitter(?:er|ar|te|t|es|ast|inger|ingar|ing|ingsvarsel|ingsvarsler|as|ats)
        (?:masse|fell)?oppsigelser
        varsl(?:er|ar) (?:om )?oppseiingar
        (?:kutter|kuttar|fjerner|fjernar|reduserer med|cuts?|skär ned|nedlægger)
            (?: \w+)? {_N} (?:\w+ )?(?:stillinger|stillingar|årsverk|jobber|jobbar|
            ansatte|tilsette|arbeidsplasser|jobs|positions|tjänster|stillinger)
        (?:sier|seier|säger|må si|må seie) opp {_N} (?:\w+ )?(?:ansatte|tilsette|
            medarbeidere|medarbeidarar|anställda|personer)
        {_N} (?:\w+ )?(?:ansatte|tilsette|medarbeidere|årsverk|stillinger) (?:må gå|
            mister jobben|kuttes|blir kutta|sies opp)
        varslar (?:om uppsägning|{_N} (?:anställda|personer|medarbetare))
        (?:fyrer|afskediger) {_N}
        fyringsrunde
        (?:reduserer|reduserar|nedjusterer) bemanning(?:en|a)?
        lay(?:s|ing)?[ -]?offs?
        job cuts
        redundanc(?:y|ies)
        workforce reduction
        reduc(?:es|ing) (?:its|our) workforce
        furloughs? {_N}
        """,
        r"""
        (?:uten|utan|without) (?:\w+ )?(?:oppsigelser|oppseiingar|permitteringer|
            layoffs)
        permitteringsregl\w*
        nye regler
        reglene
        regler for
        rettigheter
        lovendring
        tilbake (?:på jobb|fra permittering)
        henter tilbake
        hentar tilbake
        arbeidsrett\w*
        advokat\w*
        bistår
        hjelper bedrifter
        verktøy for
        (?:slutt på|ferdig med|etter) (?:\w+ )?(?:permittering\w*|nedbemanning\w*)
        """,
    ),
    (
        "hiring_freeze",
        r"""
        (?:ansettelses|ansettings|tilsettings|tilsetjings|stillings|rekrutterings)-?
            (?:stopp|stans)(?:en)?
        (?:anställnings|rekryterings)stopp(?:et)?
        ansættelsesstop(?:pet)?
        hiring freeze
        (?:freezes?|pauses?|halts?|stops?) (?:all )?(?:hiring|recruitment)
        (?:stopper|stoppar|stanser|stansar|fryser|frys) (?:all |alle |
            alt )?(?:ansettelser|nyansettelser|tilsetjingar|tilsettingar|
            nytilsetjingar|nytilsettingar|rekruttering(?:en|a)?|nyanställningar|nyrekrytering|nyansættelser)
        (?:stopp|stans) (?:i|for) (?:alle? )?(?:ansettelser|nyansettelser|tilsetjingar|
            tilsettingar|nytilsetjingar|nytilsettingar|rekruttering\w*)
        """,
        r"""
        (?:opphev|avslutt|avvikl|fjern|hev|upphäv|ophæv)\w*
        (?:slutt på|ferdig med|etter|over for|ends?|lifts?|lifted|after)
            [ ](?:\w+ )?(?:ansettelses|ansettings|tilsettings|tilsetjings|
            stillings|hiring)\w*
        (?:kunde|kunder|kundar|kommuner|kommunar|bransje|bransjen|offentlig sektor)
            [ ](?:\w+ )?(?:innfør|har|med)\w*
        råd
        slik
        verktøy for
        """,
    ),
    (
        "public_conflict",
        rf"""
        saksøk(?:er|jer|t|es|te)?
        saksøkt
        stevn(?:er|et|es|ing)\b[^.]*rett\w*
        (?:tar|tek) ut (?:stevning|søksmål|stemning)
        søksmål(?:et)? (?:mot|fra|frå)
        (?:tiltalt|siktet|sikta|bøtelagt|dømt|åtalad|tiltalt|fined|indicted|sued)
        (?:overtredelsesgebyr|lovbrotsgebyr|forelegg|tvangsmulkt)
        {_AUTHORITY} (?:gir|gjev|ilegger|varsler|varslar|har ilagt|gransker|granskar|
            etterforsker|etterforskar|pålegger|stanser|refser)[^.]*
        (?:går|gått|gikk) (?:ut )?(?:til|i) streik
        tatt ut i streik
        lockout
        stämmer
        stäms
        sagsøg(?:er|es|t)
        bøde(?:forlæg)? (?:på|til)
        lawsuit (?:against|from|filed)
        sues
        files? suit
        voldgiftssak\w*
        rettssak(?:en|a)? (?:mot|mellom)
        søksmål
        """,
        r"""
        bistår
        advokatfirma\w*
        jusstips
        forsikring mot
        forlik
        frikjent
        frifunnet
        henlagt
        frafaller
        trekker søksmålet
        vant
        vinner
        """,
    ),
    (
        "negative_mention",
        r"""
        (?:refser|refses|slakter|slakt(?:et|es)|sviktet|skandale\w*|
            kritikk(?:en)? (?:mot|for|av|frå|fra)
            |hard(?:t)? ut mot|anklag(?:er|es|et)|beskyld(?:er|es|t)|krise(?:n)? i|
            ulovlig\w*
            |lovbrudd|lovbrot|brøt loven|braut lova|svindel|bedrageri|korrupsjon|
            underslag
            |boikott\w*|raser mot|varsler om|varslere|dårlig arbeidsmiljø|fare for
            |avslør(?:er|t|es))
        (?:kritiser(?:er|es|ast|t))
        kritik (?:mot|af)
        skandal\w*
        anklagas
        anklages
        scandal
        accused of
        under fire
        criticis\w+
        criticiz\w+
        fraud
        boycott
        """,
        r"""
        skandaløst (?:bra|god|billig)\w*
        kritikerrost\w*
        fare for (?:snø|regn|skred)
        """,
    ),
    (
        "reorganisation",
        r"""
        omorganiser\w*
        ny(?:tt)? organisasjon(?:sstruktur|smodell|skart)?(?:en)?
        ny (?:konsern)?struktur
        ny konsernmodell
        ny organisering
        omstrukturer\w*
        omstilling(?:en|a|sprosess(?:en)?)
        restrukturer\w*
        (?:slår|slår vi|slås) (?:sammen|saman) (?:\w+ ){0,3}(?:avdeling|divisjon|
            enhet|eining|forretningsområde)\w*
        samler (?:\w+ ){0,4}i (?:to|tre|fire|fem|én|ett) (?:divisjon|
            forretningsområde|enhet|selskap)\w*
        samlar (?:\w+ ){0,4}i (?:to|tre|fire|fem|éi|eitt) (?:divisjon|
            forretningsområde|eining|selskap)\w*
        delas? in i (?:\w+ ){0,2}affärsområden
        ny organisation(?:sstruktur)?
        re-?organi[sz](?:es|ing|ation)
        restructuring
        new organi[sz]ational structure
        """,
        r"""
        gjeldsrestrukturering
        restrukturering av (?:gjeld|lån)
        debt restructuring
        grønn omstilling
        grøn omstilling
        det grønne skiftet
        energiomstilling\w*
        omstillingsfond\w*
        hjelper
        rådgivning
        kunde\w*
        kommunesammenslåing
        """,
    ),
    (
        "subsidiary_founded",
        r"""
        (?:etablerer|etablert|stifter|stiftet|oppretter|opprettet|starter|startar|
            etablerar|
            stiftar|opprettar|danner)
            [ ](?:\w+ ){0,4}?(?:datter)?selskap(?:et)?
        nytt datterselskap
        nytt dotterselskap
        eige dotterselskap
        nyt datterselskab
        bildar (?:\w+ ){0,2}dotterbolag
        nytt dotterbolag
        (?:stifter|etablerer) (?:\w+ ){0,2}datterselskab
        (?:establishes|forms|sets up|founds) (?:\w+ ){0,4}subsidiary
        new subsidiary
        """,
        r"""
        holding\w*
        eiendom\w*
        eigedom\w*
        property
        real estate
        spv
        single purpose
        special purpose
        hjemmelsselskap\w*
        investeringsselskap\w*
        fastighet\w*
        ejendom\w*
        prosjektselskap\w*
        samarbeid
        felleseid
        joint venture
        """,
    ),
    (
        "establishment_opened",
        rf"""
        (?:åpner|opnar|åpnet|opna|har åpnet|har opna|etablerer|etablerar|öppnar|åbner|
            opens|opened)
            [ ](?:(?:et|eit|en|ei|ein|a|an|its|vårt|vår|sin|sitt|dørene til|første|
            fyrste) ){{0,2}}
            (?:(?:helt|heilt) )?(?:ny(?:e|tt|t)? |nytt |new |first )?{_SITE}{_PLACE}?
        nytt (?:avdelings)?kontor{_PLACE}
        ny avdeling{_PLACE}
        ny butikk{_PLACE}
        nyt kontor{_PLACE}
        (?:etablerer|etablerar) (?:oss|seg|sig){_PLACE}
        """,
        r"""
        åpner for
        opnar for
        åpen dag
        open dag
        åpningstid\w*
        opningstid\w*
        gjenåpn\w*
        gjenopn\w*
        reopen\w*
        igjen
        åpent (?:i|på|hele)
        åpner dør(?:en|ene) for
        flytter
        nye lokaler
        utstilling\w*
        pop-?up\w*
        nettbutikk\w*
        web ?shop
        """,
    ),
    (
        "establishment_closed",
        rf"""
        (?:legger|legg|lägger|har lagt) (?:ned|ner) (?:\w+ ){{0,2}}{_SITE}{_PLACE}?
        (?:stenger|stengjer|stänger|lukker|avvikler|avviklar|nedlegger|nedlægger|
            closes|closing|shuts)
            (?: ned| ner)? (?:\w+ ){{0,2}}?{_SITE}{_PLACE}?
        {_SITE}{_PLACE}? (?:legges|blir lagt|vert lagt|læggs|läggs) (?:ned|ner)
        """,
        r"""
        tidlig\w*
        tidleg\w*
        early
        (?:stenger|stengjer|closes) (?:kl|klokken|at)
        midlertidig\w*
        mellombels
        tillfälligt
        midlertidigt
        temporar\w*
        (?:i|for|til|under|over) (?:påsk\w*|jul\w*|sommer\w*|sommar\w*|ferie\w*|
            helg\w*|easter|christmas)
        sommerstengt
        helligdag\w*
        uvær\w*
        smitte\w*
        strømbrudd
        vedlikehold
        oppussing\w*
        """,
    ),
    (
        "ownership_change",
        r"""
        ny(?:e|tt)? (?:hoved|majoritets|med|del)?(?:eier(?:e|en|ne)?|eigar(?:ar|en)?)
        (?:blir|vert) (?:største |største |ny |nye |ein av dei nye )?(?:eier|eigar|
            hovedeier|majoritetseier|medeier)(?:e|ar)? (?:i|av)
        (?:går|kommer|kjem) inn (?:som eier|som eigar|på eiersiden|på eigarsida)
        (?:eierskifte|eigarskifte|generasjonsskifte|ägarskifte|ejerskifte)(?:t)?
        selger seg (?:helt )?ut (?:av|i)
        (?:ny|nya) (?:huvud)?ägare
        ny (?:hoved)?ejer
        new (?:majority |principal )?(?:owners?|shareholder)
        change of ownership
        """,
        r"""
        forvalterkonto\w*
        nominee\w*
        huseier\w*
        hytteeier\w*
        bileier\w*
        båteier\w*
        eierskifte(?:forsikring|rapport)
        eierskifteforsikring\w*
        bolig\w*
        hund\w*
        kunde\w*
        flagg\w*
        tips til
        nye eiere av (?:bil|hytte|hus|båt)\w*
        """,
    ),
    (
        "public_investment",
        r"""
        (?:kommunestyret|bystyret|fylkestinget|formannskapet|stortinget|regjeringen|
            regjeringa|
            kommunestyre|kommunfullmäktige|byrådet|kommunalbestyrelsen|
            (?:the )?(?:city|town|county) council)
            (?: \w+){0,2}? (?:vedtok|vedtar|vedtek|har vedtatt|har vedteke|bevilger|
            bevilget|løyver|løyvde|
            godkjenner|godkjente|godkjende|beslutar|beslutade|godkender|vedtager|
            bevilliger|approves|approved)[^.]{0,120}?
            (?:bygg\w*|skole\w*|skule\w*|sykehjem\w*|sjukeheim\w*|vannverk\w*|
            vassverk\w*|renseanlegg\w*|reinseanlegg\w*|
            omsorgssenter\w*|svømmehall\w*|symjehall\w*|vei\w*|veg\w*|bru\w*|
            investering\w*|millioner|millionar|miljoner|mio|million|
            skola\w*|plejehjem\w*|school|hospital)
        (?:investeringsbudsjett(?:et)?|investeringsbudsjettet) (?:på|er vedtatt|
            er vedteke|vedtatt)
        (?:får|fikk|fekk) \d[\d .,]* (?:mill\w*|kroner)[^.]{0,60}? til (?:å bygge|
            bygging|utbygging|nytt?|ny)\b[^.]{0,40}(?:over statsbudsjettet|
            i statsbudsjettet|frå staten|fra staten)
        """,
        r"""
        mulighetsstudie\w*
        moglegheitsstudie\w*
        forstudie\w*
        utred\w*
        utgrei\w*
        skisse\w*
        konsept\w*
        høring\w*
        høyring\w*
        innspill\w*
        innspel
        forslag\w*
        foreslår
        föreslår
        förstudie
        driftsbudsjett\w*
        """,
    ),
    (
        "facility_expansion",
        rf"""
        (?:bygger|byggjer|oppfører|reiser|bygger ut|skal bygge|skal byggje|bygg|opför)
            [ ](?:(?:et|eit|en|ei|ein|sin|sitt|vårt|vår) )?(?:ny(?:tt|e|t)? |større |
            moderne ){{1,2}}(?:\w+ ){{0,2}}?{_PLANT}
        (?:utvider|utvidar|udvider|bygger ut|byggjer ut|dobler|doblar|expanderar|
            bygger til)
            [ ](?:\w+ ){{0,2}}?(?:{_PLANT}|produksjon(?:en|skapasiteten|skapasitet)?|
            lokalene|lokala|kapasiteten)
        (?:byggestart|spadetak(?:et)?|første spadetak|fyrste spadetak|spadestik|
            grunnstein(?:en)?)[^.]{{0,60}}?{_PLANT}
        (?:byggetillatelse|byggeløyve|rammetillatelse|rammeløyve|
            igangsettingstillatelse|bygglov|byggetilladelse)[^.]{{0,60}}?{_PLANT}
        investerer \d[\d .,]* (?:mill\w*|milliard\w*|kroner|MNOK|
            mio\.?)[^.]{{0,60}}?{_PLANT}
        investerar \d[\d .,]* (?:mill\w*|miljoner|kroner|kronor)[^.]{{0,60}}?{_PLANT}
        breaks ground[^.]{{0,60}}{_PLANT}
        (?:builds?|building) (?:a )?new (?:\w+ ){{0,2}}{_PLANT}
        expands? (?:its |our )?(?:\w+ ){{0,2}}{_PLANT}
        """,
        r"""
        på oppdrag (?:for|fra|frå)
        kontrakt(?:en|a)?
        for (?:\w+ )?kommune
        kunde\w*
        oppdragsgiver\w*
        byggherre\w*
        tildelt
        vunnet
        vinner
        lego
        modell\w*
        leverer
        leverandør
        """,
    ),
    (
        "product_launched",
        r"""
        (?:lanserer|lanserar|lanserte|lansert|lancerer|slipper|introduserer|
            introduserar|introducerar|introducerer|presenterer)
            [ ](?:(?:vi|me|nå|no|nu|i dag|sin|sitt|vår|vårt|en|ein|ei|et|eit|ett|den|
            det) ){0,3}
            (?:(?:helt|heilt) )?(?:ny(?:e|tt|t)?|nya|neste generasjon\w*|første|
            fyrste)\b
        lansering(?:en|a)? av (?:(?:vår|vårt|vår|den|det|en|et|eit) ){0,2}(?:ny(?:e|
            tt|t)?|første)\b
        (?:launches|launched|introduces|unveils|releases) (?:its |a |an |
            the )?(?:all-)?(?:new|next[- ]generation|first)\b
        (?:lanserer|lanserar|lancerer|launches) (?-i:[A-ZÆØÅ][\w-]+)(?=,? (?:–|-|en|
            ein|et|eit|ett|som|a|for)\b)
        """,
        r"""
        versjon \d[\d.]*
        version \d[\d.]*
        v\d+\.\d+\w*
        oppdatering\w*
        patch\w*
        feilretting\w*
        bug ?fix\w*
        release notes
        endringslogg
        changelog
        uppdatering\w*
        (?:ny(?:e|tt)?|new|nya|nyt) (?:\w+ )?(?:kampanje\w*|konkurranse\w*|
            konkurranse|podkast\w*|podcast\w*|nettside\w*|nettsted\w*|heimeside\w*|
            hjemmeside\w*|rapport\w*|strategi\w*|undersøkelse\w*|logo\w*|profil\w*|
            identitet\w*|website|report|strategy|campaign|hemsida|studie\w*|
            stipend\w*|e-bok\w*|bok|video\w*|kalender\w*|nyhetsbrev\w*|årsrapport\w*)
        """,
    ),
    (
        "certification_gained",
        r"""
        (?:er|ble|blir|vart|vert|har blitt|har vorte|er nå|er no|nå|no|now|är|är nu|
            blev|har blivit|is now|becomes)
            (?: nå| no| nu| now)?(?: (?:endelig|offisielt|
            også))? (?:[\w/.-]+[ -]){0,3}?(?:ISO|NS-EN|EN|NS|SOC|PCI|HACCP|FSC|PEFC|
            ASC|MSC|B Corp|Miljøfyrtårn|Svanemerket|Svanemerka|EcoVadis|Debio|BREEAM|
            Achilles|Sellihca|StartBANK)[ -]?(?:\w*[\d:/.-]*\w*)?[ -]?(?:sertifisert|
            sertifiserte|certifierad|certificeret|certified|godkjent|godkjend)
        sertifisert(?:e)? (?:etter|i henhold til|i samsvar med|som|iht\.?|
            innen) (?:ISO|NS-EN|EN|NS|HACCP|FSC|PEFC|Miljøfyrtårn|
            Svanemerke\w*)[\w: .-]*
        certifierade? enligt (?:ISO|EN)[\w: .-]*
        certificeret efter (?:ISO|EN)[\w: .-]*
        (?:oppnår|oppnådd|oppnådde|får|fikk|fekk|fått|mottatt|motteke|mottok|tildelt|
            har fått|receives|received|achieves|achieved|earns|får|opnår|erhåller)
            [ ](?:\w+ ){0,3}?(?:ISO|NS-EN|EN|SOC|FSC|PEFC|HACCP|Miljøfyrtårn|
            Svanemerke\w*|B Corp|EcoVadis)[ -]?[\w:./-]*[ -]?(?:sertifiser\w*|
            sertifikat\w*|certifi\w*|godkjen\w*)?
        ISO[ -]?\d{4,5}(?:[-:]\d+)?-?sertifi(?:sering|sert|
            kat)\w* (?:er )?(?:på plass|i boks|i hamn|i havn)
        """,
        r"""
        sertifiserte (?:fagfolk|rørleggere|røyrleggarar|konsulenter|konsulentar|
            teknikere|partnere|montører|elektrikere)
        tilbyr
        tilbyd
        kurs\w*
        slik blir
        søker
        søkjer
        utløp\w*
        resertifiser\w*
        fornyet
        fornya
        mister
        mistet
        mista
        hjelper
        rådgivning
        leverandører som
        krever
        krav om
        jobber mot
        arbeider mot
        på vei mot
        """,
    ),
    (
        "certification_lost",
        r"""
        (?:mister|mistet|mista|har mistet|har mista|taper|tapte|fratatt|fråteke|
            förlorar|mister|loses|lost|stripped of)
            [ ](?:\w+ ){0,3}?(?:(?:ISO|NS-EN|FSC|PEFC|Miljøfyrtårn|Svanemerke\w*|
            Debio)[ -]?[\w:./-]*[ -]?)?(?:sertifiser\w*|sertifikat\w*|certifi\w*|
            sentral godkjenning|godkjenninga|godkjenningen|svanemerket)
        (?:sertifikatet|sertifiseringen|sertifiseringa|godkjenningen|certifikatet|
            certification) (?:er |ble |vart |has been |is )?(?:trukket|trekt|inndratt|
            inndregen|suspendert|suspended|withdrawn|revoked|dragits in)
        """,
        r"""
        mister du
        førerkort\w*
        unngå
        risiko
        """,
    ),
    (
        "security_incident",
        r"""
        (?:utsatt for|utsett for|rammet av|ramma av|råka av|offer for|utsatts för|
            drabbats av|utsat for|ramt af|hit by|victim of|targeted (?:by|in))
            [ ](?:(?:et|eit|ein|en|a|an|ett|alvorlig|alvorleg|omfattende|omfattande|
            målrettet|målretta|serious|major|large-scale) ){0,3}
            (?:\w*(?:data|cyber|dataangrep|hacker|løsepenge|løysepenge|ransomware|it-|
            tjenestenekt|dos-)\w*(?:angrep|angrepp|attack|angreb|virus|innbrudd|
            innbrot|intrång)?|cyber ?attack|data breach|ransomware attack|
            security breach|cyber incident)
        (?:dataangrep|cyberangrep|hackerangrep|løsepengeangrep|datainnbrudd|
            datainnbrot|sikkerhetshendelse|tryggingshending|cyberangreb|hackerangreb|
            databrud|dataintrång|cyberattack|it-attack|sikkerhetsbrudd|
            sikkerheitsbrot|cyber ?security incident|security incident|data breach|
            cyber ?attack)(?:en|et|a)?
            (?:(?:s)? (?:mot|hos|i|ved|på|at|against|mod) (?:oss|våre|vår|vårt|us|our|
            selskapet|(?-i:[A-ZÆØÅ]\w+)))
        personopplysninger (?:er |har kommet |kan være )?på avveie
        personopplysningar på avvegar
        kundedata på avveie
        (?:vi|me|we) (?:har |have )?(?:oppdaget|oppdaga|avdekket|avdekka|discovered|
            detected|identified) (?:\w+ ){0,3}?(?:datainnbrudd|dataangrep|
            sikkerhetsbrudd|sikkerhetshendelse|security incident|data breach|
            unauthori[sz]ed access)
        """,
        r"""
        beskytt\w*
        forebygg\w*
        førebygg\w*
        råd
        rapport(?:en)?
        trussel\w*
        øvelse\w*
        øving\w*
        simuler\w*
        test\w*
        sikre (?:deg|dere)
        risiko(?:en)? for
        økning
        auke i
        flere (?:bedrifter|virksomheter|kommuner)
        fleire (?:bedrifter|verksemder)
        statistikk
        undersøkelse
        hindre
        stoppe(?:t)?
        unngå
        dersom
        hvis
        om du blir
        er du
        when
        if you
        kunder som
        forsikring\w*
        frykter
        skydda
        slik
        """,
    ),
    (
        "strategy_statement",
        r"""
        ny(?:e|tt)? (?:[a-zæøåäö-]*)strategi(?:en|plan|er|ar)?(?: (?:for|mot|fram|
            frem|til|med)\b)?
        (?:vedtatt|vedteke|vedtok|vedtar|vedtek|lanserer|legger fram|legg fram|
            presenterer) (?:\w+ ){0,3}(?:strategi|strategiplan|satsing|målbilde)(?:en|
            a)?
        (?:satser|satsar) (?:stort|tungt|offensivt|hardt|friskt|massivt|kraftig|
            stærkt|stort och brett)? ?(?:på|mot) \w+
        (?:strategisk|storstilt|offensiv) (?:satsing|satsning)
        (?:mål|ambisjon|målsetting)(?:et|en|a)? (?:er|vårt er|vår er|om) å (?:doble|
            tredoble|bli|vokse|nå|halvere|vekse|kutte|fordoble)
        skal (?:doble|tredoble|fordoble|firedoble) (?:omsetning\w*|eksport\w*|salg\w*|
            sal|produksjon\w*)
        (?:mot|innen|fram mot|fram til|inntil) 20[2-4]\d skal (?:vi|me|selskapet|
            konsernet)
        (?:setter|sett|set|sætter|sätter) (?:i )?gang (?:i |med )?(?:\w+ ){1,3}(?:løft|
            satsing|satsning|initiativ)(?:et|en|a)? (?:for|på|innen|innan|inom|inden)
        (?:starter|startar|innleder|innleier|inleder|indleder|lanserer|lanserar|
            lancerer) (?:\w+ ){0,3}(?:løft|satsing|satsning|initiativ)(?:et|en|a)?
            (?:for|på|innen|innan|inom|inden)
        (?:nytt|nyt|stort|felles) løft for
        (?:ny|stor|storstilt) (?:satsing|satsning) (?:på|innen|innan|inom|inden)
        (?:start(?:s|ing)?|launch(?:es|ing)?|begin(?:s|ning)?) (?:a |an |our |its )?
            (?:[\w-]+ ){0,2}(?:effort|initiative|programme|program) (?:on|around|for|to)
        ny strategi
        new strategy
        strategic plan for
        sets? (?:a )?target (?:of|to)
        aims to (?:double|triple|become)
        """,
        r"""
        strategispill\w*
        brettspill\w*
        konkurransestrategi for deg
        lynkurs
        rådgiver\w* innen strategi
        hjelper
        kundes
        kunder med
        aksjestrategi
        investeringstips
        satser på (?:fint|godt) vær
        satser på seier
        tunge løft
        (?:graduate|trainee|loyalty|bonus|training|referral) program\w*
        idrett\w*
        fotball\w*
        håndball\w*
        ansatt som
        ny strategidirektør
        strategisjef
        sponsor\w*
        """,
    ),
    (
        "sustainability_or_compliance_focus",
        r"""
        (?:første|fyrste|ny(?:tt|e)?|vår første|
            vår fyrste) (?:[a-zæøå]*(?:bærekraftsrapport|berekraftsrapport|
            klimaregnskap|klimarekneskap|bærekraftsstrategi|berekraftsstrategi|
            klimastrategi|miljøstrategi|klimamål|bærekraftsmål|miljøpolitikk|
            etiske retningslinjer))(?:en|et|a)?
        (?:forplikter|forpliktar) (?:oss|seg) til (?:\w+ ){0,3}(?:klimamål|
            science based|sbti|parisavtalen|netto null|nettonull|nullutslipp|
            menneskerettigheter)
        (?:science based targets|sbti|netto null|nettonull|net[- ]zero|
            klimanøytral\w*)[^.]{0,40}(?:innen|godkjent|validert|by|senest|inom|inden|
            approved|mål|forplikt\w*|target)
        (?:skal (?:bli|være|vere)|blir|vert) (?:klimanøytral\w*|utslippsfri\w*|
            utsleppsfri\w*|fossilfri\w*) (?:innen|i|fra|frå)
        (?:ansetter|tilsetter|oppretter|etablerer|
            opprettar) (?:\w+ ){0,3}(?:bærekraft\w*|berekraft\w*|compliance\w*|
            etterlevelse\w*)
        (?:ny|nya|första|første|new|first) (?:hållbarhetsrapport|hållbarhetsstrategi|
            bæredygtighedsrapport|bæredygtighedsstrategi|sustainability (?:report|
            strategy)|climate strategy)
        """,
        r"""
        åpenhetsloven
        openheitslova
        åpenhetslova
        aktsomhetsvurdering\w*
        aktsemdvurdering\w*
        modern slavery
        redegjørelse
        utgreiing
        årsrapport\w*
        årlig\w*
        årleg\w*
        hjelper
        rådgivning
        tilbyr
        for (?:våre )?kunder
        ansatt som
        """,
    ),
    (
        "rfi_or_quote_request_published",
        r"""
        (?:ber om|be om|innhenter|innhentar|hentar inn|henter inn|inviterer til å gi|
            indhenter|begär in) (?:\w+ )?(?:tilbud|tilbod|pristilbud|pristilbod|anbud|
            anbod|offerter|offerter)(?: (?:på|for|om|fra|frå|av)\b)
        prisforespørsel\w*
        tilbudsforespørsel\w*
        tilbodsførespurnad\w*
        prisførespurnad\w*
        offertförfrågan
        forespørsel om (?:pris|tilbud|informasjon|kvalifisering)
        førespurnad om (?:pris|tilbod|informasjon)
        request for (?:information|quotation|proposals?)
        RFI(?=[ :.-])
        RFQ(?=[ :.-])
        forespørgsel på tilbud
        invitasjon til (?:å gi )?(?:tilbud|å levere tilbud)
        (?:søker|søkjer) leverandør (?:av|til)
        """,
        r"""
        be om tilbud her
        få (?:et )?(?:uforpliktende |gratis )?(?:tilbud|tilbod)
        kontakt oss
        uforpliktende
        kampanje\w*
        godt tilbud
        slik (?:svarer|vinner)
        kurs\w*
        nytt tilbud til
        svarte på
        vant
        har levert
        forespørsel om (?:penger|støtte)
        """,
    ),
)  # fmt: skip
_RULES = tuple(
    _Rule(
        claim,
        # A line of a table may go on: what is indented deeper belongs to it.
        _words(re.sub(r"\n {12,}", "", re.sub(r" \| ", "\n", said))),
        _words(re.sub(r"\n {12,}", "", re.sub(r" \| ", "\n", means_else))),
    )
    for claim, said, means_else in _CLAIMS
)
_TRIGGERS = re.compile(
    r"bemann|permitter|oppsig|oppseiing|kutt|stilling|ansatte|tilsette|varsl|fyr|"
    r"afskedig|"
    r"säger upp|lay|job|redundan|workforce|furlough|saksøk|stevn|søksmål|tilta|sikt|"
    r"bøte|"
    r"dømt|gebyr|forelegg|tvangsmulkt|tilsynet|økokrim|streik|lockout|stäm|sagsøg|bøde|"
    r"lawsuit|sue|fined|indict|voldgift|rettssak|refs|slakt|svikt|skandal|kriti|anklag|"
    r"beskyld|krise|ulov|lovbr|lov|svindel|bedrag|korrup|underslag|boikott|raser|"
    r"arbeidsm|"
    r"avslør|scandal|accus|fire|fraud|boycott|organis|struktur|omstil|sammen|saman|"
    r"samler|"
    r"samlar|reorgan|restruct|selskap|dotter|datter|subsid|åpn|opn|öppn|åbn|open|etabl|"
    r"nytt|ny |kontor|legg|lägg|sten|stäng|luk|avvik|nedl|clos|shut|eier|eigar|ägar|"
    r"ejer|"
    r"ansett|tilset|hiring|recruit|rekrut|rekryt|anställ|ansæt|stillingsst|"
    r"owner|shareholder|kommunestyr|bystyr|fylkesting|formannsk|storting|regjering|"
    r"fullmäktige|byråd|kommunalb|council|budsjett|statsb|bygg|oppfør|utvid|udvid|dobl|"
    r"spade|grunnstein|invester|ground|build|expand|lanser|lancer|slipp|introd|"
    r"presenter|"
    r"launch|unveil|releas|sertifi|certifi|iso|godkjen|angrep|angrepp|attack|angreb|"
    r"innbr|hending|hendelse|avveie|avvegar|brudd|brot|breach|incident|strateg|sats|"
    r"løft|initiativ|effort|program|"
    r"mål|"
    r"ambisj|skal|target|aims|klima|bære|bere|miljø|etisk|sbti|science|netto|net|"
    r"fossil|utsl|hållb|sustain|tilbud|tilbod|anbud|anbod|offert|pris|forespør|"
    r"førespur|"
    r"request|rfi|rfq|leverandør|bytt|fas|phas|replac|retir|erstatt|migrer|utgår|end "
    r"of life",
    re.IGNORECASE,
)
_UNSURE = _words(
    r"""
    vurder(?:er|ar|es|ast|te|a)?
    overveier
    overvejer
    överväger
    vurdering av om
    kan (?:bli|komme|måtte|føre|vere|være|komma)
    frykter
    fryktar
    risikerer
    risikerar
    tru(?:es|er|ast|ar) (?:av|med)
    ifølge (?:kilder|rykter|anonyme)
    skal ifølge
    skal etter det \w+ (?:erfarer|kjenner til)
    ryktes
    ryktast
    rykter
    rykte
    rykta
    rygter
    ryktas
    spekul\w*
    angivelig
    angiveleg
    trolig
    truleg
    kanskje
    kanske
    måske
    muligens
    moglegens
    usikkert
    ønsker å
    ynskjer å
    vil gjerne
    planlegger
    planlegg
    planlägger
    drøfter
    drøftar
    mulls?
    may
    might
    could
    reportedly
    rumou?r\w*
    considers?
    considering
    allegedly
    sources say
    plans to
    """.replace(" | ", "\n")
)
_NEGATED = _words(
    r"""
    ikke
    ikkje
    inte
    ingen
    inga
    ej
    not
    never
    aldri
    aldrig
    unngår
    unngår vi
    slipper unna
    avverge\w*
    avlyser
    avlyst
    avlyser
    avblås\w*
    trekker tilbake
    trekkjer tilbake
    dropper
    droppar
    skrinlegger
    utsettes
    utsetter
    postpone\w*
    opphever
    avviser
    dementerer
    denies
    denied
    nei til
    """.replace(" | ", "\n")
)
_PAST = _words(
    r"""
    (?:\d+|ti|fem|to|tre|fire|tjue) år (?:siden|sidan|etter|efter|senere|seinare)
    for \w+ år sid[ae]n
    years (?:ago|after|later)
    år sedan
    i fjor
    i forfjor
    tidligere i år
    historien om
    historia om
    tilbakeblikk
    jubileum
    anniversary
    throwback
    under pandemien
    erfaringer fra
    erfaringar frå
    lærdom\w*
    lessons
    """.replace(" | ", "\n")
)
_ADVICE = _words(
    r"""
    kurs
    kurset
    webinar\w*
    seminar\w*
    podkast\w*
    podcast\w*
    frokostseminar
    guide
    tips
    sjekkliste
    sjekkliste\w*
    hvordan
    korleis
    slik (?:[a-zæøå]+ (?:du|dere|de|dykk|vi))
    how to
    hvorfor
    kvifor
    hva er
    kva er
    what is
    råd om
    \d+ (?:råd|tips|grep|ways|steg)
    nyttig å vite
    kronikk\w*
    leserinnlegg
    lesarinnlegg
    debattinnlegg
    debatt
    kommentar
    innlegg
    satire
    satirisk
    ytring
    op-ed
    opinion
    aprilsnarr
    """.replace(" | ", "\n")
)
_WE = _words(
    "vi\nme\noss\nvår\nvårt\nvåre\nvåra\nvår\nvore\nvores\nwe\nour\nus\nselskapet\nkonsernet\n"
    "verksemda\nbedriften\nkommunen\nkommunestyret\nbystyret\nstyret"
)
_NAME = r"[A-ZÆØÅÄÖ][\w&.'’/-]*"
_SUBJECT = re.compile(
    rf"(?P<name>{_NAME}(?: (?:& )?{_NAME}){{0,4}})"
    r"(?: (?:har|skal|må|er|blir|ble|vert|vart|vil|nå|no|also|også|has|is|will|varsler|"
    r"varslar|melder|vedtar|signalerer|ska|nu|blev)){0,3} $"
)
_YEAR = re.compile(r"\b(19[5-9]\d|20[0-4]\d)\b")


@lru_cache(maxsize=5_000)
def statements_of(
    title: str | None, text: str | None, year: int | None = None
) -> tuple[Statement, ...]:
    """What title and first sentences state, each claim once, in the order of types.

    Args:
        title: headline.
        text: body; its first sentences are read.
        year: when it was published. A sentence that names no year but earlier ones than
            the year before tells of the past.
    """
    if title and (_is_void(title, year) or title.rstrip().endswith("?")):
        return ()
    lead = list(sentences_of((text or "")[:_LEAD]))[:_SENTENCES]
    found: dict[str, Statement] = {}
    for sentence in [*([title] if title else []), *lead]:
        for statement in _statements_in(" ".join(sentence[:_LEAD].split()), year):
            found.setdefault(statement.claim, statement)
    return tuple(found[name] for name in STATEMENT_TYPES if name in found)


def _statements_in(sentence: str, year: int | None) -> Iterator[Statement]:
    if not _TRIGGERS.search(sentence) or sentence.endswith("?"):
        return
    if _is_void(sentence, year):
        return
    quote = " ".join(sentence.split()[:MAX_QUOTE_WORDS])
    for rule in _RULES:
        match = rule.said.search(sentence)
        if match is None or rule.means_else.search(sentence):
            continue
        yield Statement(
            claim=rule.claim,
            subject=_subject(sentence, match.start()),
            object=_object(rule.claim, match),
            person=None,
            title=None,
            quote=quote,
        )
    for mention in mentions(sentence):
        if mention.sense == PHASED_OUT:
            yield Statement(
                "technology_phase_out_stated",
                _subject(sentence, len(sentence)),
                mention.name, None, None, quote,
            )  # fmt: skip


def _object(claim: str, match: re.Match[str]) -> str | None:
    if claim in ("certification_gained", "certification_lost"):
        return first_named(match.string)
    return next((named for named in match.groupdict().values() if named), None)


def _is_void(sentence: str, year: int | None) -> bool:
    patterns = (_UNSURE, _NEGATED, _PAST, _ADVICE)
    if any(pattern.search(sentence) for pattern in patterns):
        return True
    years = [int(found) for found in _YEAR.findall(sentence)]
    return year is not None and bool(years) and max(years) < year - 1


def _subject(sentence: str, until: int) -> str | None:
    """The company that stands before the words; None where it speaks of itself."""
    if _WE.search(sentence):
        return None
    match = _SUBJECT.search(sentence[:until].rstrip(" ,:–-") + " ")
    name = company_named(match["name"]) if match else None
    if not name:
        return None
    # A common word at the start of a sentence is no name; a person is no company.
    if " " not in name and is_known(name.lower(), lang="nb"):
        return None
    (spans,) = people_and_organisations([sentence])
    at = sentence.find(name)
    is_person = any(s.kind == PERSON and s.start <= at < s.end for s in spans)
    return None if is_person else name
