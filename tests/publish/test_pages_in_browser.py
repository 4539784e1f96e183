"""Every page in headless Chromium: opens, links, is heard, fits a phone, runs nothing.

Out of made-up frames. Without a Chromium on the machine the tests are skipped.
"""

import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from orchestration.publish.report import write_report
from tests.publish import made_up_pages
from tests.publish.archive import archive, reader
from tests.scoring import made_up

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.slow(25)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TOP = ("index", "accounts", "signals", "record", "coverage", "run")
PHONE, DESK = {"width": 375, "height": 800}, {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip(
            "there is no Chromium on this machine (Debian: apt install chromium)"
        )
    with sync_api.sync_playwright() as playwright:
        # Its sandbox does not start for root, as in a container of CI.
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


def written(folder: Path, tables, accounts) -> Path:
    visits, bodies = archive(tables["signals"])
    write_report(
        folder,
        tables,
        accounts=accounts,
        home=folder,
        visits=visits,
        read_payload=reader(bodies),
    )
    return folder


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    return written(folder, made_up_pages.tables(), made_up.accounts())


def some_pages(report: Path) -> list[str]:
    """Every kind of page in both languages; of accounts, a listed and a silent one."""
    evidence = sorted(f.name for f in (report / "evidence").iterdir())[:2]
    pages = [f"{name}.html" for name in TOP]
    pages += ["account/acc-000.html", "account/acc-018.html", "account/acc-030.html"]
    pages += [f"evidence/{name}" for name in evidence]
    return [f"{folder}{page}" for page in pages for folder in ("", "en/")]


def test_every_link_of_every_page_leads_somewhere(report, browser):
    page = browser.new_page(java_script_enabled=False)
    targets: dict[Path, set[str]] = {}
    places: dict[Path, set[str]] = {}
    for file in sorted(report.rglob("*.html")):
        page.set_content(file.read_text(encoding="utf-8"))
        hrefs = page.locator("a[href]").evaluate_all(
            "links => links.map(a => a.getAttribute('href'))"
        )
        places[file] = set(
            page.locator("[id]").evaluate_all("marks => marks.map(m => m.id)")
        )
        targets[file] = set(hrefs)
    page.close()
    assert len(targets) >= 150
    reached = set()
    for file, hrefs in targets.items():
        for href in hrefs:
            parts = urlsplit(href)
            assert not parts.scheme, f"{file}: {href} leaves the report"
            assert not parts.netloc, f"{file}: {href} leaves the report"
            path = unquote(parts.path)
            target = (file.parent / path).resolve() if path else file
            assert target in places, f"{file}: {href} leads nowhere"
            if parts.fragment:
                assert parts.fragment in places[target], f"{file}: {href}"
            reached.add(target)
    assert reached == set(places), "a page that no link leads to"


def test_pages_open_without_a_word_on_the_console_and_fit_a_phone(report, browser):
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for name in some_pages(report):
        page.goto((report / name).as_uri())
        page.locator("details").evaluate_all("all => all.forEach(d => d.open = true)")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{name} is {width} px wide on a phone"
    assert said == []
    assert all(url.startswith("file:") for url in asked), asked
    context.close()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_axe_finds_no_serious_fault(report, browser, viewport):
    context = browser.new_context(viewport=viewport)
    page = context.new_page()
    names = some_pages(report)
    # A language and a folder at a time: the templates are the same.
    for name in names[::2] if viewport is PHONE else names[1::2]:
        page.goto((report / name).as_uri())
        page.locator("details").evaluate_all("all => all.forEach(d => d.open = true)")
        found = axe.Axe().run(page).response["violations"]
        serious = [
            (fault["id"], [node["target"] for node in fault["nodes"]][:3])
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]
        assert serious == [], f"{name}: {serious}"
    context.close()


def test_a_keyboard_comes_to_the_content_and_to_the_first_account(report, browser):
    page = browser.new_page(viewport=DESK)
    page.goto((report / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "name"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.close()


def test_pages_read_the_same_without_javascript_and_print(report, browser):
    context = browser.new_context(java_script_enabled=False, viewport=DESK)
    page = context.new_page()
    page.goto((report / "index.html").as_uri())
    assert "Fjordvik Møbler" in page.inner_text("main")
    page.emulate_media(media="print")
    assert not page.locator("header.site nav").is_visible()
    assert page.locator(".glance").is_visible()
    page.set_viewport_size({"width": 690, "height": 1000})  # A4 between its margins
    box = page.locator(".glance li").first.bounding_box()
    assert box["x"] + box["width"] <= 690
    context.close()


def test_nothing_that_came_from_the_web_is_executed(browser, tmp_path):
    tables, accounts = made_up_pages.harmful()
    report = written(tmp_path, tables, accounts)
    outside = {f for f in tmp_path.rglob("*") if f.is_file() and f.suffix != ".html"}
    assert not outside
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    harmful = sorted(report.rglob("*.html"))
    chosen = [f for f in harmful if f.parent.name not in ("account", "evidence")]
    chosen += [f for f in harmful if f.parent.name in ("account", "evidence")][::12]
    for file in chosen:
        page.goto(file.as_uri())
        count = page.locator("script, img, iframe, object, form, [onerror]").count()
        assert count == 0, file
        assert "49" not in page.locator("h1").inner_text()
    assert said == []
    assert any("alert(1)" in f.read_text() for f in chosen)
    page.close()
