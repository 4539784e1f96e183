"""What nobody can read is withheld where the person was known, and said. Made up."""

import bz2
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.contracts.gate import prepare_home
from orchestration.rights import access, archive, erase
from scrapers import packed
from scrapers.landing import read_payload, read_visits
from tests.rights import made_up_home, made_up_pdf
from tests.rights.made_up_home import DAYS, PERSON

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
PDF = (("Content-Type", "application/pdf"),)
CODED = made_up_pdf.coded(PERSON, is_mapped=False)
LOCKED = made_up_pdf.encrypted(made_up_pdf.made(b"(Hvem?) Tj"), "hemmelig")
NAMED = made_up_pdf.coded(PERSON, is_mapped=True)
OTHER = made_up_pdf.made(b"(Arsrapport) Tj")
BOMB = bz2.compress(bytes(3_000_000))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "home"
    prepare_home(home)
    site = "https://annet.example"

    def pdf(path: str, body: bytes, **more: str) -> object:
        return made_up_home.page(path, body, "content", headers=PDF, **more)

    made_up_home.land(
        home,
        DAYS[0],
        made_up_home.page("/ledelsen", made_up_home.leadership()),
        pdf("/kodet", CODED),
        pdf("/navngitt", NAMED),
        pdf("/rapport", OTHER),
        pdf("/bombe", BOMB),
        pdf("/last", LOCKED, account_id="a2", url=f"{site}/last"),
        # The same file at somebody who does not know the person.
        pdf("/kodet", CODED, account_id="a2", url=f"{site}/kodet"),
        pdf("/navngitt", NAMED, account_id="a2", url=f"{site}/navngitt"),
    )
    made_up_home.parse(home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(archive, "_UNPACKED_BYTES", 2_000_000)
    return Path(shutil.copytree(made, tmp_path / "home", symlinks=True))


def payloads(home: Path) -> dict[str, bytes]:
    visits = read_visits(home, "company_pages").iter_rows(named=True)
    return {v["url"]: read_payload(home, "company_pages", v) or b"" for v in visits}


def test_what_nobody_can_read_is_withheld_where_the_person_was_known(
    home: Path,
) -> None:
    said = access.access(home, PERSON).as_dict()
    assert {s["url"].rsplit("/", 1)[1] for s in said["sources"]} == {
        "ledelsen",
        "navngitt",
    }
    erased = erase.erase(home, PERSON, NOW)
    # The person is known at a1 by a page, at a2 by a PDF that can be read.
    assert (erased.n_unread, erased.n_left_unread) == (3, 0)
    held = payloads(home)
    assert {url.rsplit("/", 1)[1]: body for url, body in held.items()} == {
        "ledelsen": held[f"{made_up_home.SITE}/ledelsen"],
        "rapport": OTHER,
        "kodet": packed.WITHHELD_UNREAD,
        "bombe": packed.WITHHELD_UNREAD,
        "last": packed.WITHHELD_UNREAD,
        "navngitt": packed.WITHHELD_PDF,
    }
    assert "3 payloads that could not be read" in erased.text()
    assert erased.as_dict()["withheld_unread"] == 3
    again = erase.erase(home, PERSON, NOW)
    assert (again.n_changed, again.n_unread, again.n_left_unread) == (0, 3, 0)


def test_what_others_have_is_left_and_counted(home: Path) -> None:
    erased = erase.erase(home, "Oddvar Ukjent Oppdiktet", NOW)
    assert (erased.n_unread, erased.n_left_unread) == (0, 3)
    assert "3 of others were left" in erased.text()
    assert payloads(home)[f"{made_up_home.SITE}/kodet"] == CODED


def test_what_was_withheld_does_not_come_back(home: Path) -> None:
    erase.erase(home, PERSON, NOW)
    made_up_home.land(
        home, DAYS[1], made_up_home.page("/kodet", CODED, "content", headers=PDF)
    )
    assert payloads(home)[f"{made_up_home.SITE}/kodet"] == packed.WITHHELD_UNREAD


def test_a_kill_between_reading_and_withholding_loses_no_count(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite, calls = archive.rewrite, []

    def killed(*arguments: object) -> int:
        calls.append(arguments)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return rewrite(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(archive, "rewrite", killed)
        with pytest.raises(KeyboardInterrupt):
            erase.erase(home, PERSON, NOW)
    assert erase.erase(home, PERSON, NOW).n_unread == 3
    assert CODED not in payloads(home).values()
