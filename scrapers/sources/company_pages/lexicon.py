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
            the-company who-we-are our-story our-company wer-wir-sind uber-uns
            ueber-uns unternehmen
            """
        ),
    ),
    (
        "contact",
        _words(
            """
            kontakt kontakt-oss kontakta-oss kontakt-os kontakta yhteystiedot
            ota-yhteytta contact contact-us contacts kontakt-og-support vare-kontorer
            kontorer offices our-offices toimipisteet kontorsteder finn-oss
            """
        ),
    ),
    (
        "organisation",
        _words(
            """
            org-chart orgchart organisasjonskart organisationsschema
            organisationsdiagram organisaatiokaavio organizational-chart
            konsernstruktur koncernstruktur selskapsstruktur organisasjonsstruktur
            organisaatio konserni group-structure corporate-structure our-companies
            vare-selskaper vare-selskap datterselskaper dotterselskap dotterbolag
            datterselskab tytaryhtiot subsidiaries forretningsomrader
            virksomhetsomrader affarsomraden liiketoiminta-alueet
            business-areas business-units divisjoner
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
        "strategy",
        _words(
            """
            strategi strategien var-strategi visjon visjon-og-verdier visjon-og-strategi
            mal-og-strategi verdier vare-verdier vart-oppdrag strategia strategiamme
            visio arvot vision vision-och-varderingar varderingar vision-og-vaerdier
            strategy our-strategy mission mission-and-vision vision-and-values values
            our-values
            """
        ),
    ),
    (
        "prices",
        _words(
            """
            priser pris prisar prisliste prislister prislista prislistor
            priser-og-planer hva-koster-det kva-kostar-det abonnement abonnementer
            abonnementen pakker hinnasto hinnat hinta pricing prices price-list
            plans plans-and-pricing pricing-plans kostnad rates
            """
        ),
    ),
    (
        "services",
        _words(
            """
            tjenester tenester vare-tjenester vare-tenester tjenesteomrader
            dette-gjor-vi hva-vi-gjor kva-vi-gjer hva-vi-tilbyr det-vi-gjor
            tjenester-og-produkter losninger loesninger loysingar loysningar
            vare-losninger radgivning fagomrader kompetanse tjanster vara-tjanster
            losningar vad-vi-gor det-har-gor-vi vart-erbjudande erbjudande ydelser
            serviceydelser vores-ydelser losninger det-gor-vi hvad-vi-gor palvelut
            palvelumme ratkaisut ratkaisumme mita-teemme services our-services
            solutions our-solutions what-we-do what-we-offer capabilities expertise
            """
        ),
    ),
    (
        "products",
        _words(
            """
            produkter produktar produkt produktet vare-produkter produkter-og-tjenester
            varer sortiment produktkatalog nettbutikk butikk produkter-och-tjanster
            vara-produkter vores-produkter produkter-og-ydelser tuotteet tuotteemme
            tuotteet-ja-palvelut verkkokauppa products product our-products
            products-and-services shop store catalogue catalog
            """
        ),
    ),
    (
        "customers",
        _words(
            """
            kunder kundane vare-kunder kundehistorier kundereferanser kundecase caser
            case cases referanser referansar referanseprosjekter prosjekter prosjektar
            vare-prosjekter portefolje kundberattelser referenser referensprojekt
            kundcase vara-kunder projekt projekter kundehistorie referencer
            vores-kunder asiakkaat asiakkaamme asiakastarinat referenssit customers
            our-customers customer-stories success-stories case-studies references
            clients our-clients projects our-work portfolio
            """
        ),
    ),
    (
        "partners",
        _words(
            """
            partnere partnarar vare-partnere samarbeidspartnere samarbeidspartnarar
            samarbeid samarbeidspartner partnerprogram bli-partner forhandlere
            forhandlarar leverandorer partner partners vara-partners samarbetspartners
            samarbeten aterforsaljare samarbejdspartnere samarbejde forhandler
            kumppanit yhteistyokumppanit jalleenmyyjat our-partners partner-program
            partnerships resellers alliances ecosystem
            """
        ),
    ),
    (
        "sustainability",
        _words(
            """
            baerekraft berekraft baerekraftig samfunnsansvar apenhetsloven
            apenheitslova miljo miljo-og-samfunnsansvar klima-og-miljo esg
            redegjorelse-apenhetsloven hallbarhet hallbarhetsarbete vart-ansvar
            miljopolicy baeredygtighed samfundsansvar vores-ansvar vastuullisuus
            kestava-kehitys yritysvastuu sustainability csr responsibility
            corporate-responsibility environment esg-reporting transparency-act
            """
        ),
    ),
    (
        "investor",
        _words(
            """
            investor investorer investorar investorrelasjoner investors ir
            investor-relations aksjonaerer aksjonaerinformasjon borsmeldinger
            arsrapport arsrapporter aarsrapport aarsrapporter
            rapporter-og-presentasjoner finansiell-informasjon kvartalsrapporter
            investerare arsredovisning arsredovisningar finansiella-rapporter
            investering investorforhold arsrapporter-og-regnskaber sijoittajat
            sijoittajille vuosikertomus shareholders financial-reports annual-report
            annual-reports reports-and-presentations corporate-governance
            eierstyring eierstyring-og-selskapsledelse bolagsstyrning
            """
        ),
    ),
    (
        "content",
        _words(
            """
            engineering platform technology industries
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
    (
        "contact",
        (
            "kontakt oss",
            "kontakta oss",
            "kontakt os",
            "contact us",
            "ota yhteyttä",
            "våre kontorer",
            "our offices",
        ),
    ),
    (
        "organisation",
        (
            "organisasjonskart",
            "organisationsschema",
            "organizational chart",
            "konsernstruktur",
            "koncernstruktur",
            "forretningsområder",
            "affärsområden",
            "våre selskaper",
            "our companies",
            "business areas",
            "liiketoiminta alueet",
        ),
    ),
    ("strategy", ("vår strategi", "our strategy", "visjon og verdier", "våre verdier")),
    ("prices", ("se priser", "våre priser", "plans and pricing", "priser og planer")),
    (
        "services",
        (
            "våre tjenester",
            "våre tenester",
            "våra tjänster",
            "vores ydelser",
            "our services",
            "hva vi gjør",
            "kva vi gjer",
            "dette gjør vi",
            "det vi gjør",
            "vad vi gör",
            "hvad vi gør",
            "what we do",
            "what we offer",
            "våre løsninger",
            "our solutions",
            "mitä teemme",
            "palvelumme",
        ),
    ),
    (
        "products",
        ("våre produkter", "våra produkter", "vores produkter", "our products"),
    ),
    (
        "customers",
        (
            "våre kunder",
            "våra kunder",
            "vores kunder",
            "our customers",
            "our clients",
            "kundehistorier",
            "kundereferanser",
            "customer stories",
            "case studies",
            "våre prosjekter",
            "our work",
            "asiakastarinat",
        ),
    ),
    (
        "partners",
        (
            "våre partnere",
            "våra partners",
            "our partners",
            "bli partner",
            "become a partner",
            "samarbeidspartnere",
            "samarbetspartners",
            "samarbejdspartnere",
            "yhteistyökumppanit",
        ),
    ),
    (
        "sustainability",
        ("vårt ansvar", "vores ansvar", "klima og miljø", "vårt miljøarbeid"),
    ),
    (
        "investor",
        (
            "investor relations",
            "for investorer",
            "för investerare",
            "årsrapporter",
            "annual reports",
            "sijoittajille",
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
    "kontakt": "contact",
    "contact": "contact",
    "yhteystiedot": "contact",
    "tjenester": "services",
    "tenester": "services",
    "tjänster": "services",
    "ydelser": "services",
    "palvelut": "services",
    "services": "services",
    "løsninger": "services",
    "løysingar": "services",
    "lösningar": "services",
    "ratkaisut": "services",
    "solutions": "services",
    "produkter": "products",
    "produktar": "products",
    "tuotteet": "products",
    "products": "products",
    "priser": "prices",
    "prisar": "prices",
    "hinnasto": "prices",
    "pricing": "prices",
    "prices": "prices",
    "kunder": "customers",
    "kundar": "customers",
    "referanser": "customers",
    "referansar": "customers",
    "referenser": "customers",
    "referencer": "customers",
    "referenssit": "customers",
    "asiakkaat": "customers",
    "customers": "customers",
    "cases": "customers",
    "partnere": "partners",
    "partnarar": "partners",
    "partners": "partners",
    "kumppanit": "partners",
    "strategi": "strategy",
    "strategia": "strategy",
    "strategy": "strategy",
    "bærekraft": "sustainability",
    "berekraft": "sustainability",
    "samfunnsansvar": "sustainability",
    "åpenhetsloven": "sustainability",
    "hållbarhet": "sustainability",
    "bæredygtighed": "sustainability",
    "vastuullisuus": "sustainability",
    "sustainability": "sustainability",
    "investor": "investor",
    "investorer": "investor",
    "investors": "investor",
    "investerare": "investor",
    "sijoittajat": "investor",
    "ir": "investor",
    "media": "news",
    "press": "news",
    "nytt": "news",
    "innsikt": "news",
    "insights": "news",
}
