"""Which recruitment system a job link leads to, by its host, and whether we read it.

A system without a source of its own is told by name, so that a company which uses one
is not taken for one that advertises nothing: its ads are reached through the public job
feed and through JobPosting data on pages.
"""

import re

from scrapers.extract.link_parts import link_parts

# Host pattern, name, and whether a source reads its boards.
_SYSTEMS: tuple[tuple[re.Pattern[str], str, bool], ...] = tuple(
    (re.compile(rf"(?:^|\.)(?:{hosts})$"), name, is_supported)
    for hosts, name, is_supported in (
        (r"greenhouse\.io", "Greenhouse", True),
        (r"lever\.co", "Lever", True),
        (r"ashbyhq\.com", "Ashby", True),
        (r"teamtailor\.com|teamtailor-cdn\.com", "Teamtailor", True),
        (r"workable\.com", "Workable", True),
        (r"recruitee\.com", "Recruitee", True),
        (r"jobs\.personio\.[a-z]{2,3}", "Personio", True),
        (r"jobylon\.com", "Jobylon", True),
        (r"myworkdayjobs\.com|myworkdaysite\.com", "Workday", True),
        # No documented feed.
        (r"webcruiter\.(?:no|com|se|dk)", "Webcruiter", False),
        (r"reachmee\.com", "ReachMee", False),
        (r"varbi\.com", "Varbi", False),
        (r"jobbnorge\.no", "Jobbnorge", False),
        (r"finn\.no", "FINN", False),
        (r"easycruit\.com", "EasyCruit", False),
        (r"hr-manager\.net", "HR Manager", False),
        (r"cvideo\.no", "CVideo", False),
        (r"recman\.(?:no|io)", "RecMan", False),
        # Its robots.txt closes the programming interface to all but one.
        (r"smartrecruiters\.com", "SmartRecruiters", False),
        (r"icims\.com", "iCIMS", False),
        (r"successfactors\.(?:com|eu)", "SuccessFactors", False),
        (r"oraclecloud\.com", "Oracle Recruiting", False),
        (r"bamboohr\.com", "BambooHR", False),
        (r"jobvite\.com", "Jobvite", False),
    )
)


def job_system(url: str) -> tuple[str, bool] | None:
    """The system's name and whether its boards are read; None for any other link."""
    link = link_parts(url)
    if link is None:
        return None
    return next(
        (
            (name, is_supported)
            for hosts, name, is_supported in _SYSTEMS
            if hosts.search(link.host)
        ),
        None,
    )
