"""Function and level of titles that leaders hold, in six languages.

Made up of the words of the trade, by function and level; the recorded titles of one
company are judged in `test_recorded_titles`.
"""

from pathlib import Path

from tests.warehouse.judged_titles import function_and_seniority

JUDGED = {
    ("general", 4): """
        CEO | Group CEO | President & CEO | Co-CEO | Managing Director
        Chief Executive | Country Manager Norway | General Manager | Adm. dir.
        Administrerende direktør | Daglig leder | Konsernsjef | Dagleg leiar
        Administrerande direktør | VD | Verkställande direktör | Koncernchef
        Adm. direktør | Direktør og daglig leder | Toimitusjohtaja | Konsernijohtaja
        VD & koncernchef | Landesjef Norge | Administrerende direktør (CEO)""",
    ("finance", 4): """
        CFO | Chief Financial Officer | Group CFO | Konsern-CFO | Interim CFO
        Finansdirektør (CFO) | CFO & Deputy CEO""",
    ("it", 4): """
        CTO | CIO | CISO | Chief Data Officer | Chief Digital Officer
        Chief Information Security Officer | Chief AI Officer
        Chief Data & Analytics Officer | Chief Digital and Information Officer
        Chief Analytics Officer""",
    ("sales", 4): """
        CRO | Chief Revenue Officer | Chief Commercial Officer | CCO
        Chief Sales Officer | Chief Customer Officer | Chief Business Officer
        Chief Sales and Marketing Officer | Chief Customer Success Officer""",
    ("marketing", 4): """
        CMO | Chief Marketing Officer | Chief Brand Officer
        Chief Communications Officer | Chief Marketing & Communications Officer
        Chief Communications and Public Affairs Officer""",
    ("operations", 4): """
        COO | Chief Operating Officer | Chief Operations Officer
        Chief Sustainability Officer | Chief Supply Chain Officer""",
    ("hr", 4): """
        CHRO | Chief People Officer | Chief Human Resources Officer
        Chief People & Culture Officer | Chief HR Officer | Chief Talent Officer""",
    ("product", 4): """
        CPO | Chief Product Officer | Chief Product & Technology Officer
        Chief Experience Officer | Chief Innovation Officer""",
    ("legal", 4): """
        General Counsel | Chief Legal Officer | Chief Compliance Officer
        Chief Risk Officer | Group General Counsel
        Chief Legal & Compliance Officer""",
    ("procurement", 4): """
        Chief Procurement Officer""",
    ("finance", 3): """
        Finance Director | VP Finance | Director of Finance | Økonomidirektør
        Finansdirektør | Ekonomidirektör | Økonomi- og finansdirektør | Talousjohtaja
        Finansdirektör | VP Accounting | Direktør økonomi og finans
        Konserndirektør økonomi og finans | Director, Investor Relations""",
    ("sales", 3): """
        VP, Global Channels | Vice President of Commercial Sales
        Area Vice President, Enterprise Sales | Senior Director of Alliances
        Regional Director, Public Sector Sales | Sales Director | VP Sales
        SVP Sales EMEA | Director of Sales | Salgsdirektør | Kommersiell direktør
        Försäljningsdirektör | Myyntijohtaja | Kaupallinen johtaja
        VP Business Development | VP of Customer Success | Area Vice President, Sales
        Kommerciel direktør | Konserndirektør salg | Director of Partnerships
        VP, Alliances | VP Channel""",
    ("marketing", 3): """
        Marketing Director | VP Marketing | Director of Communications
        Markedsdirektør | Kommunikasjonsdirektør | Marknadsdirektör
        Kommunikationsdirektör | Markkinointijohtaja | Viestintäjohtaja
        Direktør for kommunikasjon | VP Corporate Communications
        Director of Public Affairs | Marketingdirektør | Kommunikationsdirektør
        VP Growth | Director of Developer Marketing""",
    ("it", 3): """
        Senior Director of Infrastructure | Director of Engineering, Dev
        Senior Director, Development | Director of Quality Engineering
        Director, Security Operations | IT Director | IT-direktør | VP Engineering
        Director of Engineering | Teknologidirektør | Digitaldirektør | IT-direktör
        Tietohallintojohtaja | Teknologiajohtaja | SVP Technology
        Director of Data Science | VP Information Security | VP of Infrastructure
        Director, Site Reliability Engineering | Director of Machine Learning
        VP Software | Konserndirektør digitalisering
        Direktør for teknologi og digitalisering | Teknisk direktør
        Director, Platform | Digitaliseringsdirektør | It-direktør""",
    ("hr", 3): """
        HR Director | HR-direktør | VP People | Director of Human Resources
        Personaldirektør | HR-direktör | Personaldirektör | Henkilöstöjohtaja
        VP Human Resources | Konserndirektør HR | Organisasjonsdirektør
        Director of Talent Acquisition | Direktør for HR og organisasjon
        HR-johtaja""",
    ("operations", 3): """
        Operations Director | VP Operations | Driftsdirektør | Produksjonsdirektør
        Director of Supply Chain | Tuotantojohtaja | Produktionsdirektör
        Eiendomsdirektør | Bærekraftsdirektør | VP Manufacturing
        Director of Customer Support | Prosjektdirektør | Director of Quality
        Hållbarhetsdirektör | Logistikkdirektør | HMS-direktør | Anleggsdirektør""",
    ("product", 3): """
        VP R&D | Product Director | VP Product | Director of Product Management
        Produktdirektør | Director of Design | VP Design | Produktdirektör
        Tuotejohtaja | Forskningsdirektør | Director of User Research
        VP Product Management""",
    ("legal", 3): """
        Legal Director | VP Legal | Juridisk direktør | Director of Compliance
        Lakiasiainjohtaja | Compliancedirektør | Deputy General Counsel""",
    ("procurement", 3): """
        Innkjøpsdirektør | Procurement Director | VP Procurement | Inköpsdirektör
        Hankintajohtaja | Indkøbsdirektør | Director of Sourcing""",
    ("general", 3): """
        Strategidirektør | VP Strategy | Direktør | Regiondirektør | Chief of Staff
        Visekonsernsjef | Strategy Director | Strategiajohtaja | Divisjonsdirektør
        VP Corporate Development | Konserndirektør | Viseadministrerende direktør
        Vice VD | Varatoimitusjohtaja | Deputy CEO | Vicedirektør | Strategidirektör""",
    ("finance", 2): """
        Senior Manager, Tax | Manager, Billing
        Accounting & External Reporting Manager | Senior Manager, Revenue Accounting
        Økonomisjef | Finance Manager | Head of Finance | Regnskapssjef | Ekonomichef
        Rekneskapssjef | Økonomichef | Talouspäällikkö | Head of Accounting
        Redovisningschef | Økonomileder | Head of Tax | Lønningssjef
        Accounting Manager | Head of Treasury | Regnskabschef | Økonomiansvarlig""",
    ("sales", 2): """
        Area Sales Manager | Senior Manager, Customer Success
        Manager, Sales Development EMEA | Manager, Channel Sales | Manager, Deal Desk
        Regional Sales Manager, Enterprise | Alliances Manager Lead | Salgssjef
        Sales Manager | Head of Sales | Säljchef | Försäljningschef | Salgschef
        Myyntipäällikkö | Head of Partnerships | Salgsleder | Salsleiar
        Head of Customer Success | Head of Growth Sales | Regional Sales Manager
        Forretningsutviklingssjef | Salssjef | Head of Business Development
        Salgs- og markedssjef""",
    ("marketing", 2): """
        Manager, Field Marketing | Senior Manager, Corporate Communications
        Manager, Digital Marketing Programs | Markedssjef | Marketing Manager
        Head of Marketing | Marknadschef | Marketingchef | Markkinointipäällikkö
        Kommunikasjonssjef | Head of Communications | Kommunikationschef
        Viestintäpäällikkö | Marknadssjef | Head of Brand | Kommunikasjonsleder
        Pressesjef | Informasjonssjef | Head of Growth | Head of Content | Presschef""",
    ("it", 2): """
        Backend Engineering Manager, Verify | Fullstack Engineering Manager, Plan
        Frontend Engineering Manager | Manager, Site Reliability Engineering
        Security Manager, Application Security | Manager, Solutions Architects
        Quality Engineering Manager | Engineering Manager, Growth
        Manager, Data & Analytics | Manager, Support Engineering
        Infrastructure Engineering Manager, Database | IT-sjef | IT Manager
        Head of IT | IT-chef | Head of Engineering | Engineering Manager
        Tietohallintopäällikkö | IKT-leiar | Utviklingssjef IT | Head of Data
        Head of Security | Head of Machine Learning | Head of DevOps
        Development Manager | Teknisk sjef | IT-leder | It-chef | Teknisk chef
        Head of Platform | Software Development Manager | Head of QA | IT-päällikkö
        Digitaliseringssjef | Teknologisjef | Sikkerhetssjef | Systemutviklingssjef""",
    ("hr", 2): """
        Manager, Recruiting | Senior Manager, People Business Partners
        Manager, Total Rewards | HR-sjef | HR Manager | Head of HR | Head of People
        HR-chef | Personalsjef | Personalchef | Henkilöstöpäällikkö | HR-leder
        Rekrutteringssjef | HR-leiar | Head of Talent Acquisition | HR-ansvarlig
        Head of People & Culture | HR-päällikkö | People Manager Lead
        Head of Learning and Development""",
    ("operations", 2): """
        Manager, Professional Services | Support Manager
        Manager, Business Operations | Driftssjef | Operations Manager
        Head of Operations | Driftsleder | Produksjonssjef | Driftschef
        Produktionschef | Tuotantopäällikkö | Fabrikksjef | Kvalitetssjef
        Plant Manager | Logistikksjef | HMS-sjef | Driftsleiar | Eiendomssjef
        Head of Support | Kundeservicesjef | Avdelingsleder bygg | Kvalitetschef
        Laatupäällikkö | Lagersjef | Lagerchef | Bærekraftssjef | Hållbarhetschef
        Head of Sustainability | Head of Customer Support | Anleggsleder | Anleggssjef
        Vedlikeholdssjef | Verksmester | Platschef | Logistikchef | Byggesjef
        Fabrikschef""",
    ("product", 2): """
        Product Design Manager | UX Research Manager | Manager, Technical Writing
        Group Manager, Product | Produktsjef | Head of Product | Head of Design
        Produktchef | Tuotepäällikkö | Forskningssjef | Design Manager
        Group Product Manager""",
    ("legal", 2): """
        Head of Legal | Juridisk sjef | Chefsjurist | Legal Manager
        Head of Compliance | Compliance Manager | Juridisk chef""",
    ("procurement", 2): """
        Innkjøpssjef | Procurement Manager | Head of Procurement | Inköpschef
        Indkøbschef | Hankintapäällikkö | Ostopäällikkö | Innkjøpsleder
        Anskaffelsessjef | Purchasing Manager | Innkjøpssjef Norge
        Head of Sourcing""",
    ("general", 2): """
        Avdelingsleder | Regionleder | Head of Strategy | Strategisjef | Avdelingssjef
        Avdelingsleiar | Enhetsleder | Avdelningschef | Afdelingsleder | Kontorleder
        Regionsjef | Regionchef | Head of Corporate Development | Afdelingschef
        Einingsleiar | Kontorsjef""",
}  # fmt: skip


def test_titles_have_their_function_and_level(tmp_path: Path) -> None:
    judged = {
        title.strip(): verdict
        for verdict, lines in JUDGED.items()
        for line in lines.splitlines()
        for title in line.split(" | ")
        if title.strip()
    }
    told = function_and_seniority(tmp_path, judged)
    assert len(judged) > 400
    assert {title: told[title] for title in judged} == judged
