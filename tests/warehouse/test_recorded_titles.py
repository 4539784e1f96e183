"""Function and seniority of the leadership titles of a recorded company.

The list was read and judged by hand: every distinct title of the recording that leads
somebody or something, by what its holder does and at which level. Of several titles of
one person the most senior one counts. Who is who is not in it.
"""

import json
from pathlib import Path

import pytest

from tests.warehouse.judged_titles import function_and_seniority
from tests.warehouse.test_recorded_people import WEB

TRUTH = WEB / "truth.jsonl"
pytestmark = pytest.mark.skipif(
    not TRUTH.exists(), reason="the recorded web is not here"
)

# (function, seniority): words of titles, `|` between them. A title belongs to the first
# line that has all of it; the lines hold whole titles and no patterns.
JUDGED = {
    ("general", 4): """
        CEO, Cofounder, Board of Directors
        CEO, co-founder, Board of Directors; *""",
    ("it", 4): """
        CTO, Cofounder, Board of Directors | CTO, co-founder, Board of Directors""",
    ("marketing", 4): "Chief Marketing Officer",
    ("general", 3): """
        Chief of Staff to CEO | Chief of Staff to CEO, Sales Ops & Strategy
        Chief of Staff to CEO; *""",
    ("product", 3): """
        (Interim) Director of Design; (Interim) Head of Technical Writing; VP Product
        (Interim) Director of Design; VP Product | Director of Design | VP Product
        Director of Product | Director of Product - Platform & Infrastructure
        Director of Product, Cloud | Director of Product, Code Graph
        Director of Product, Enablement | Director, Product Education
        Product Director for Global Code Graph | Product Director, Code Graph
        VP, Head of Product | Director of Documentation
        Director, Technical Writing""",
    ("it", 3): """
        (Interim) Engineering Manager, Content Platform; Director of Engineering
        (Interim) Engineering Manager, Content Platform; (Interim) Engineering Manager,\
 Frontend Platform; Director of Engineering
        Director of Data & Analytics | Director of Engineering
        Director of Engineering, Admin Experience | Director of Engineering, Code Graph
        Director of Engineering, Enablement | Director of Engineering, Global Code Graph
        VP Engineering | Customer Engineering Director
        Customer Engineering Director - Americas | Director of Customer Engineering
        Director of Customer Engineering - International
        Director, Customer Engineering
        Director, Customer & Implementation Engineering | VP of Customer Engineering
        Regional Director, Customer Engineering""",
    ("operations", 3): """
        Director of Customer Support
        (Interim) Engineering Manager, Delivery; Director of Customer Support""",
    ("marketing", 3): """
        Director of Community | Director of Content Strategy
        Director of Product Marketing
        Director of DevRel and Community | Director, Demand Generation
        Director, Developer Relations | Director of Developer Education
        VP of Marketing
        VP Marketing""",
    ("sales", 3): """
        Director, Demand Generation; Head of Sales Development | Director, Field GTM
        Director, Sales Strategy & Operations | Interim VP, Sales
        Director, Value Engineering & Sales Enablement | Regional Director Sales EMEA
        Regional Director of Sales, East | Regional Sales Director, West
        VP Sales, Western Region | VP of Sales | VP, Sales | VP of Technical Success
        Director, Technical Advisory""",
    ("hr", 3): """
        Director, People | Director, Recruiting | Director, Recruiting & People Ops
        Director, Technical Recruiting | VP People | VP of People | VP, Talent
        VP, Talent & People""",
    ("legal", 3): "Director of Legal",
    ("it", 2): """
        (Interim) Engineering Manager, Content Platform; (Interim) Engineering Manager,\
 Frontend Platform; Engineering Manager, Web
        (Interim) Engineering Manager, Content Platform; Engineering Manager, Web
        (Interim) Engineering Manager, Delivery | Analytics manager
        Engineering Manager
        Engineering Manager - Content Platform | Engineering Manager - DevOps
        Engineering Manager for Search Core
        Engineering Manager for Search Core; Engineering Manager, Delivery
        Engineering Manager, APIs; * | Engineering Manager, App
        Engineering Manager, Batch Changes
        Engineering Manager, Batch Changes; Engineering Manager, Code Insights
        Engineering Manager, Cloud | Engineering Manager, Cloud Operations
        Engineering Manager, Cloud SaaS | Engineering Manager, Code Exploration; *
        Engineering Manager, Code Insights | Engineering Manager, Code Intelligence
        Engineering Manager, Code Search
        Engineering Manager, Code Security tiger team; Engineering manager, search
        Engineering Manager, Cody Strategic | Engineering Manager, Core Application
        Engineering Manager, Delivery | Engineering Manager, Developer Experience
        Engineering Manager, Extensibility | Engineering Manager, Frontend Platform
        Engineering Manager, Frontend Platform; *
        Engineering Manager, Frontend platform | Engineering Manager, Graph; *
        Engineering Manager, Growth and Integrations
        Engineering Manager, IAM and Admin Experience
        Engineering Manager, Identity and Access Management (interim)
        Engineering Manager, Identity and Access Management (temporary)
        Engineering Manager, Identity and Access Management; *
        Engineering Manager, Repo Management | Engineering Manager, Web
        Engineering manager, search | Head of AI | Head of Engineering
        Head of Engineering; Interim Head of Search | Head of Infrastructure; *
        Head of Ship; * | Head of Ship | Head of Search | Head of Source
        Head of Support Engineering | Manager, Customer Engineering
        Security Engineering Manager | Tech Ops Manager""",
    ("operations", 2): """
        Business Operations Manager | Customer Support Manager
        Head of Customer Support
        Implementation Lead | Senior Manager, Customer Support
        Strategy & Operations Manager | Onboarding and Training Manager
        Strategic Projects Manager, Engineering""",
    ("marketing", 2): """
        Creative Operations Manager | Customer Marketing Lead
        Manager, Content Marketing
        Manager, Marketing Operations | Product Marketing Lead
        Product Marketing Lead, Enterprise | Programs Lead, Demand Gen Campaigns
        Senior Content Marketing Manager | Senior Email & Automation Marketing Manager
        Senior Manager, Content Strategy | Senior Manager, Internal Communications
        Technical Content Marketing Manager | Technical Content Research Manager
        👋 Senior Manager, Global Brand Strategy""",
    ("legal", 2): "Compliance Manager",
    ("product", 2): """
        Design Manager | Design Manager, Code Graph | Head of Design""",
    ("sales", 2): """
        Deal Desk Manager | Enablement Manager | Head of Business Development
        Head of International Sales | Head of Sales Development
        Manager, Enterprise - US West | Manager, Enterprise EMEA
        Manager, Technical Advisory | Sales Enablement Lead
        Sales Strategy & Operations Manager
        Senior Manager, Enterprise - US East and US Commercial
        Senior Manager, Enterprise US - West and APAC
        Senior Manager, Sales Development
        Senior Manager, US - West and APAC
        Senior Manager, Value Engineering & Sales Enablement""",
    ("finance", 2): "FP&A Manager, GTM | Payroll Manager",
    ("hr", 2): """
        People Operations Manager | Teammate Success Manager
        Senior Technical Recruiter, Team Lead | Team Lead, Senior Sales Recruiter""",
}  # fmt: skip


def _titles() -> list[str]:
    rows = map(json.loads, TRUTH.read_text(encoding="utf-8").splitlines())
    return sorted(
        {
            row[key].strip()
            for row in rows
            if row["kind"] == "people"
            for key in ("title", "old_title")
            if row.get(key)
        }
    )


def _judged(title: str) -> tuple[str, int] | None:
    for verdict, lines in JUDGED.items():
        for line in lines.splitlines():
            for whole in line.split(" | "):
                words = whole.strip()
                if words and (
                    title == words
                    or (words.endswith("*") and title.startswith(words[:-1].strip()))
                ):
                    return verdict
    return None


def test_leadership_titles_have_their_function_and_level(tmp_path: Path) -> None:
    titles = _titles()
    told = function_and_seniority(tmp_path, titles)
    leads = {title: verdict for title in titles if (verdict := _judged(title))}
    wrong = {
        title: (told[title], verdict)
        for title, verdict in leads.items()
        if told[title] != verdict
    }
    # And nobody is told to lead who does not: leads of projects and tools are close.
    claimed = {t for t in titles if told[t][1] in (3, 4)} - set(leads)
    assert len(leads) > 150
    assert not claimed, claimed
    assert len(wrong) <= 0.04 * len(leads), wrong
