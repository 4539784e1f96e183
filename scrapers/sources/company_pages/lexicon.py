"""Words that tell what a page of a company is, in its path or in the label of a link.

Bokmål, nynorsk, Swedish, Danish, Finnish, English and some German. Data only; who
looks for what is in `spider.py`. Words of paths are folded: lower case,
æ as ae, ø and ö as o, å and ä as a, ü as u, words joined by hyphens.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# First match wins, so the narrower scope stands first.
PATHS: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "leadership",
        _words(
            """
            ledelse ledelsen ledelse-og-styre styre-og-ledelse ledergruppe ledergruppen
            konsernledelse konsernledelsen toppledelse toppledelsen var-ledelse
            leiing leiinga leiargruppe leiargruppa konsernleiing konsernleiinga
            styret styre styret-og-ledelsen ledning ledningen ledningsgrupp
            ledningsgruppen foretagsledning foretagsledningen bolagsledning
            koncernledning koncernledningen styrelse styrelsen styrelse-och-ledning
            ledning-och-styrelse direktion direktionen bestyrelse bestyrelsen
            ledelse-og-bestyrelse johtoryhma johto johtoryhma-ja-hallitus hallitus
            johtajat leadership leaders management management-team leadership-team
            executive-team executive-management executives board board-of-directors
            our-leadership our-management management-and-board governance-team
            geschaeftsfuehrung geschaftsfuhrung vorstand organisasjon organisasjonen
            organisation organisationen organization team teamet our-team the-team
            meet-the-team meet-our-team people our-people who-we-are-people ansatte
            alle-ansatte tilsette folk folka folkene vare-folk vare-ansatte
            folka-vare medarbeidere medarbeiderne medarbeidarar medarbejdere
            medarbetare vara-medarbetare vore-medarbejdere personal personalet
            henkilosto henkilokunta ihmiset tiimi staff crew mennesker menneskene
            var-team vart-team vort-team vi-er hvem-er-vi kontaktpersoner mitarbeiter
            """
        ),
    ),
    (
        "careers",
        _words(
            """
            karriere karriaere karriar karriarar karriere-hos-oss jobb jobber
            jobb-hos-oss jobbe-hos-oss jobbe-i jobb-i ledige-stillinger
            ledige-stillingar stillinger stillingar ledig-stilling stilling-ledig
            ledige-jobb ledige-jobber bli-en-av-oss bli-ein-av-oss bli-med-oss
            arbeid-hos-oss jobba-hos-oss lediga-jobb lediga-tjanster arbeta-hos-oss
            job jobs ledige-stillinger-og-karriere job-hos-os ledige-job karrierer
            avoimet-tyopaikat avoimet-paikat tyopaikat rekry ura toihin-meille
            careers career join-us join-our-team join work-with-us vacancies
            open-positions open-roles positions openings job-openings were-hiring
            we-are-hiring hiring work-for-us work-at jobs-and-careers stellenangebote
            """
        ),
    ),
    (
        "about",
        _words(
            """
            om-oss om om-selskapet om-bedriften om-firmaet om-konsernet om-verksemda
            om-foretaket kven-er-vi kven-vi-er hvem-vi-er vilka-vi-ar vilka-ar-vi
            om-foretaget om-bolaget om-os om-virksomheden hvem-er-vi-om meista
            meistae yritys yrityksesta tietoa-meista about about-us aboutus company
            the-company who-we-are our-story our-company kontakt kontakt-oss
            kontakta-oss kontakt-os kontakta yhteystiedot ota-yhteytta contact
            contact-us contacts wer-wir-sind uber-uns ueber-uns unternehmen
            """
        ),
    ),
    (
        "news",
        _words(
            """
            aktuelt aktuellt nyheter nytt nyhende presse pressemeldinger
            pressemeldingar presserom media blogg bloggen innsikt artikler artiklar
            nyhetsrom nyhetsarkiv pressmeddelanden press pressrum nyheder
            pressemeddelelser ajankohtaista uutiset tiedotteet blogi news newsroom
            press-releases press-room blog insights insikter indsigter articles
            updates aktuelles
            """
        ),
    ),
    (
        "content",
        _words(
            """
            tjenester tenester vare-tjenester produkter produktar produkt losninger
            loesninger loysingar loysningar priser strategi visjon visjon-og-verdier
            verdier vart-oppdrag baerekraft berekraft samfunnsansvar apenhetsloven
            referanser prosjekter prosjektar kunder kundehistorier investor investorer
            arsrapport aarsrapport tjanster losningar hallbarhet produktet ydelser
            baeredygtighed produkter-og-tjenester palvelut tuotteet ratkaisut
            vastuullisuus strategia services products solutions pricing strategy
            vision mission values sustainability customers cases references projects
            engineering product platform technology industries investors
            org-chart orgchart organisasjonskart organisationsschema
            organizational-chart
            terms-of-service terms privacy-policy
            """
        ),
    ),
)

# Parts of a path below which advertisements stand, beside the words of a careers list.
ADVERTISEMENT_PARENTS = _words(
    """
    stilling annonse annonser stillingsannonse jobbannonse jobbannonser tjanst
    ledig-job vacancy position opening job-ad job-ads job-posting tyopaikka o
    """
)
# Parameters of an address that names one advertisement of a list.
ADVERTISEMENT_PARAMETERS = _words(
    "id job jobid job_id stilling stillingid annonse ad adid vacancy vacancyid gh_jid"
)
# Pages below a careers list that are no advertisements.
NO_ADVERTISEMENTS = _words(
    """
    benefits perks culture our-culture life life-at students student studenter
    studentar graduates graduate graduate-program trainee traineeprogram internship
    internships sommerjobb faq locations departments teams apen-soknad open-application
    spontanansokan kultur var-kultur fordeler ansattfordeler goder formaner verdier
    hiring-process rekruttering rekrutteringsprosess moet-oss mot-oss mot-vare-ansatte
    diversity mangfold search sok alle all apply subscribe login jobbvarsel job-alerts
    """
)
# Pages below a news list that are no articles.
NO_ARTICLES = _words(
    """
    kategori kategorier category categories tag tags emne emner tema author forfatter
    archive arkiv page side sida search sok feed rss nyhetsbrev newsletter
    kontakt contact
    """
)
# First labels of host names that say what the host's front page is.
HOSTS: dict[str, str] = dict.fromkeys(
    _words("karriere karriar jobb jobs career careers rekry"), "careers"
) | dict.fromkeys(_words("news newsroom presse press blog blogg"), "news")

# Words in a row in the label of a link.
LABELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "leadership",
        (
            "leadership",
            "management team",
            "management",
            "executive team",
            "executives",
            "our team",
            "the team",
            "meet the team",
            "meet our team",
            "board of directors",
            "our people",
            "the people",
            "styret",
            "styre",
            "direktion",
            "direktionen",
            "styrelse",
            "styrelsen",
            "bestyrelse",
            "bestyrelsen",
            "ledning",
            "ledningen",
            "johto",
            "hallitus",
            "henkilöstö",
            "våre folk",
            "våre ansatte",
            "folka våre",
            "folkene",
            "folka",
            "menneskene",
            "ansatte",
            "tilsette",
            "medarbeidere",
            "medarbeiderne",
            "våra medarbetare",
            "medarbetare",
            "medarbejdere",
            "vårt team",
            "vort team",
            "teamet",
            "organisasjon",
            "organisasjonen",
            "organisation",
            "organization",
            "hvem er vi",
            "geschäftsführung",
        ),
    ),
    (
        "careers",
        (
            "karriere",
            "karriär",
            "ledige stillinger",
            "ledige stillingar",
            "ledig stilling",
            "ledige jobber",
            "ledige job",
            "lediga jobb",
            "lediga tjänster",
            "jobb hos",
            "jobbe hos",
            "jobbe i",
            "jobba hos",
            "arbeta hos",
            "job hos",
            "bli en av oss",
            "bli ein av oss",
            "bli med på laget",
            "careers",
            "career",
            "vacancies",
            "join us",
            "join our team",
            "open positions",
            "open roles",
            "work with us",
            "work for us",
            "we're hiring",
            "avoimet työpaikat",
            "töihin meille",
        ),
    ),
    (
        "about",
        (
            "om oss",
            "om os",
            "om selskapet",
            "om bedriften",
            "om konsernet",
            "om bolaget",
            "om företaget",
            "about",
            "about us",
            "who we are",
            "our story",
            "hvem vi er",
            "kven vi er",
            "meistä",
            "tietoa meistä",
            "kontakt oss",
            "kontakta oss",
            "kontakt os",
            "contact us",
            "wer wir sind",
            "über uns",
        ),
    ),
    (
        "news",
        (
            "nyheter",
            "nyhende",
            "aktuelt",
            "aktuellt",
            "presse",
            "pressemeldinger",
            "pressmeddelanden",
            "pressrum",
            "nyheder",
            "news",
            "newsroom",
            "press releases",
            "blogg",
            "blog",
            "uutiset",
            "ajankohtaista",
        ),
    ),
)

# Ends of compound words in the label of a link: konsernledelsen, koncernledning.
LABEL_ENDINGS: dict[str, str] = dict.fromkeys(
    _words(
        """
        ledelse ledelsen ledergruppe ledergruppen leiing leiinga leiargruppe
        leiargruppa ledning ledningen ledningsgrupp ledningsgruppen johtoryhmä
        """
    ),
    "leadership",
)

# Labels that are the whole label, because inside others they mean something else.
WHOLE_LABELS: dict[str, str] = {
    "team": "leadership",
    "people": "leadership",
    "folk": "leadership",
    "staff": "leadership",
    "crew": "leadership",
    "mennesker": "leadership",
    "tiimi": "leadership",
    "board": "leadership",
    "jobb": "careers",
    "jobs": "careers",
    "job": "careers",
    "stillinger": "careers",
    "stillingar": "careers",
    "rekry": "careers",
    "om": "about",
    "company": "about",
    "selskapet": "about",
    "kontakt": "about",
    "contact": "about",
    "media": "news",
    "press": "news",
    "nytt": "news",
    "innsikt": "news",
    "insights": "news",
}
