"""Links, frames and scripts of job boards, to the address that a spider takes."""

import importlib
import re

import pytest

from scrapers.extract.job_systems import job_system
from scrapers.source import load_spider, recognised

BOARDS = {
    "https://boards.greenhouse.io/eksempel": ("greenhouse_jobs", "eksempel"),
    "//boards.greenhouse.io/eksempel/jobs/123": ("greenhouse_jobs", "eksempel"),
    "https://job-boards.eu.greenhouse.io/eksempel": ("greenhouse_jobs", "eksempel"),
    "https://boards.greenhouse.io/embed/job_board/js?for=eksempel": (
        "greenhouse_jobs",
        "eksempel",
    ),
    "https://boards.greenhouse.io/embed/job_app?token=12&for=eksempel": (
        "greenhouse_jobs",
        "eksempel",
    ),
    "https://boards-api.greenhouse.io/v1/boards/eksempel/jobs?content=true": (
        "greenhouse_jobs",
        "eksempel",
    ),
    "https://jobs.lever.co/eksempel/5e2f/apply": ("lever_jobs", "eksempel"),
    "https://jobs.eu.lever.co/eksempel": ("lever_jobs", "eu:eksempel"),
    "https://api.lever.co/v0/postings/eksempel?mode=json": ("lever_jobs", "eksempel"),
    "https://jobs.ashbyhq.com/eksempel%20as/embed": ("ashby_jobs", "eksempel as"),
    "https://api.ashbyhq.com/posting-api/job-board/eksempel": (
        "ashby_jobs",
        "eksempel",
    ),
    "https://apply.workable.com/eksempel/j/ABC123/": ("workable_jobs", "eksempel"),
    "https://eksempel.workable.com/": ("workable_jobs", "eksempel"),
    "https://www.workable.com/api/accounts/eksempel?details=true": (
        "workable_jobs",
        "eksempel",
    ),
    "https://apply.workable.com/api/v1/widget/accounts/eksempel": (
        "workable_jobs",
        "eksempel",
    ),
    "https://eksempel.recruitee.com/o/selger": ("recruitee_jobs", "eksempel"),
    "https://jobb.eksempel.example/api/offers/": (
        "recruitee_jobs",
        "jobb.eksempel.example",
    ),
    "https://eksempel.teamtailor.com/jobs/101-selger": (
        "teamtailor_jobs",
        "eksempel.teamtailor.com",
    ),
    "https://career.teamtailor.com/": ("teamtailor_jobs", "career.teamtailor.com"),
    "https://karriere.eksempel.example/jobs.rss": (
        "teamtailor_jobs",
        "karriere.eksempel.example",
    ),
    "https://eksempel.jobs.personio.de/job/1?language=en": (
        "personio_jobs",
        "eksempel.jobs.personio.de",
    ),
    "https://eksempel.jobs.personio.com": (
        "personio_jobs",
        "eksempel.jobs.personio.com",
    ),
    "https://feed.jobylon.com/feeds/0123456789abcdef/?format=json": (
        "jobylon_jobs",
        "0123456789abcdef",
    ),
    "https://eksempel.wd3.myworkdayjobs.com/nb-NO/Karriere/job/Oslo/X_R1": (
        "workday_jobs",
        "eksempel.wd3.myworkdayjobs.com/eksempel/Karriere",
    ),
    "https://eksempel.wd3.myworkdayjobs.com/wday/cxs/eksempel/Karriere/jobs": (
        "workday_jobs",
        "eksempel.wd3.myworkdayjobs.com/eksempel/Karriere",
    ),
    "https://wd3.myworkdaysite.com/en-US/recruiting/eksempel/Karriere": (
        "workday_jobs",
        "wd3.myworkdaysite.com/eksempel/Karriere",
    ),
}
NO_BOARDS = [
    "https://eksempel.example/karriere",
    "https://www.greenhouse.io/customers",
    "https://greenhouse.io.eksempel.example/eksempel",
    "https://boards.greenhouse.io/",
    "https://boards.greenhouse.io/embed/job_board",
    "https://apply.workable.com/j/ABC123",
    "https://help.workable.com/hc",
    "https://www.recruitee.com/pricing",
    "https://app.teamtailor.com/login",
    "https://emp.jobylon.com/jobs/4069-eksempel/",
    "https://jobs.lever.co",
    "https://eksempel.wd3.myworkdayjobs.com/",
    "mailto:jobb@eksempel.example",
    "javascript:void(0)",
    "http://[::1/jobs.rss",
]


@pytest.mark.parametrize("url", BOARDS)
def test_a_board_is_recognised_by_its_source_alone(url: str) -> None:
    assert recognised(url) == (BOARDS[url],)


@pytest.mark.parametrize("url", BOARDS)
def test_the_spider_takes_what_is_recognised(url: str) -> None:
    source, address = BOARDS[url]
    pattern: re.Pattern[str] = load_spider(source).address  # type: ignore[attr-defined]
    assert pattern.fullmatch(address)


@pytest.mark.parametrize("url", NO_BOARDS)
def test_other_links_are_no_boards(url: str) -> None:
    assert recognised(url) == ()


@pytest.mark.parametrize("url", [u for u in BOARDS if "eksempel.example" not in u])
def test_the_system_of_a_board_is_told_as_read(url: str) -> None:
    found = job_system(url)
    assert found is not None
    assert found[1]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://1234.webcruiter.no/main/recruit", "Webcruiter"),
        ("https://candidate.webcruiter.com/cv?advertid=1", "Webcruiter"),
        ("https://site106.reachmee.com/Public/rssfeed/external.ashx?id=4", "ReachMee"),
        ("https://eksempel.varbi.com/what:job/jobID:1/", "Varbi"),
        ("https://www.jobbnorge.no/ledige-stillinger/stilling/1", "Jobbnorge"),
        ("https://www.finn.no/job/fulltime/ad.html?finnkode=1", "FINN"),
        ("https://careers.smartrecruiters.com/Eksempel", "SmartRecruiters"),
    ],
)
def test_systems_without_a_source_are_told_by_name(url: str, name: str) -> None:
    assert job_system(url) == (name, False)
    assert recognised(url) == ()


def test_other_hosts_are_no_job_system() -> None:
    assert job_system("https://eksempel.example/jobb") is None
    assert job_system("https://notfinn.no/job") is None


def test_no_source_asks_the_interface_that_robots_txt_closes() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("scrapers.sources.smartrecruiters_jobs")
