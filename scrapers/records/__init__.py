"""What a parser yields: one frozen dataclass per kind of record.

The fields are the content columns of ``data_contracts/observed/<kind>.odcs.yml`` in
order; the lineage columns are added by the parse stage. No reading of bytes, no
files and no logic about a source belongs here.
"""

from scrapers.records.announcements import Announcement, Statement
from scrapers.records.annual_accounts import AnnualAccounts
from scrapers.records.job_ads import JobAd
from scrapers.records.notices import Notice
from scrapers.records.pages import Block, Link, Page
from scrapers.records.people import Person
from scrapers.records.registry_entities import RegistryEntity
from scrapers.records.registry_roles import RegistryRole
from scrapers.records.schema import polars_schema
from scrapers.records.site_structure import SiteEntry
from scrapers.records.technologies import Technology

Record = (
    Page
    | Person
    | JobAd
    | RegistryEntity
    | RegistryRole
    | Notice
    | Announcement
    | AnnualAccounts
    | Technology
    | SiteEntry
)

RECORD_TYPES: dict[str, type[Record]] = {
    record_type.KIND: record_type
    for record_type in (
        Page,
        Person,
        JobAd,
        RegistryEntity,
        RegistryRole,
        Notice,
        Announcement,
        AnnualAccounts,
        Technology,
        SiteEntry,
    )
}

__all__ = [
    "RECORD_TYPES",
    "Announcement",
    "AnnualAccounts",
    "Block",
    "JobAd",
    "Link",
    "Notice",
    "Page",
    "Person",
    "Record",
    "RegistryEntity",
    "RegistryRole",
    "SiteEntry",
    "Statement",
    "Technology",
    "polars_schema",
]
