"""A person with a browser: search, address, review, keyboard, narrow screens, axe.

It needs a Chromium of the machine. Set SCREENSHOTS to a folder to look at the pages.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.serving import Server, rows

sync_api = pytest.importorskip("playwright.sync_api", reason="install it: make dev-setup")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(pytest.importorskip("axe_playwright_python").__file__).parent / "axe.min.js"
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here: apt-get install chromium"
)
PAGES = ["/", "/addresses/ADDRESS", "/alerts", "/profiles", "/model", "/docs"]
SIZES = {"wide": {"width": 1400, "height": 900}, "narrow": {"width": 360, "height": 740}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport=SIZES["wide"])
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.on("pageerror", lambda error: refused.append(str(error)))
    yield page
    context.close()
    # What the policy blocks shows here, and whatever fails.
    assert [text for text in refused if "422" not in text] == []


def scored(copy: Path) -> str:
    [(address,)] = rows(copy, "select address from marts.scam_alert_queue where alert_rank = 2")
    return address


def test_a_search_leads_to_the_address(served: Server, serving_copy: Path, tab: Any) -> None:
    address = scored(serving_copy)
    tab.goto(served.url)
    tab.get_by_label("Address").fill(address)
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/addresses/{address}")
    assert tab.get_by_role("heading", level=1).inner_text().lower() == address
    tab.goto(f"{served.url}/search?q=vitalik.eth")
    assert "names are not resolved" in tab.get_by_role("alert").inner_text()


def test_the_queue_is_worked_with_the_keyboard_alone(
    serve: Callable[..., Server], tab: Any
) -> None:
    server = serve()
    tab.goto(f"{server.url}/alerts")
    first, second = (tab.locator(".alert a").nth(position).inner_text() for position in range(2))
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    tab.keyboard.press("1")
    tab.wait_for_url("**stored=true")
    assert tab.get_by_role("status").inner_text() == "Your review is stored."
    left = tab.locator(".alert a").all_inner_texts()
    assert first in left
    assert second not in left
    assert server.service.reviews.latest(second)["decision"] == "confirmed_scam"


def test_pages_work_without_a_script(serve: Callable[..., Server], browser: Any) -> None:
    server = serve()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/alerts")
    address = page.locator(".alert a").first.inner_text()
    page.locator(".alert summary").first.click()
    page.locator(".alert").first.get_by_role("button", name="Not a scam").click()
    assert server.service.reviews.latest(address)["decision"] == "not_a_scam"
    context.close()


@pytest.mark.parametrize("field", ["Note", "Your name"])
def test_enter_in_a_text_field_stores_no_review(
    serve: Callable[..., Server], serving_copy: Path, tab: Any, field: str
) -> None:
    server = serve()
    address = scored(serving_copy)
    path = f"{server.url}/addresses/{address}"
    tab.goto(path)
    tab.get_by_label(field).fill("dana")
    tab.keyboard.press("Enter")
    tab.wait_for_timeout(500)
    assert tab.url == path
    assert server.service.reviews.latest(address) is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "path", ["/", "/addresses/ADDRESS", "/alerts", "/profiles", "/model", "/docs"]
)
def test_no_page_scrolls_sideways_or_has_an_axe_finding(
    served: Server, serving_copy: Path, browser: Any, path: str, size: str, scheme: str
) -> None:
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(served.url + path.replace("ADDRESS", scored(serving_copy)))
    if folder := os.environ.get("SCREENSHOTS"):
        name = f"{path.strip('/').replace('/', '-') or 'search'}-{size}-{scheme}.png"
        page.screenshot(path=Path(folder) / name, full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= SIZES[size]["width"]
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then(result => result.violations)")
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []
    context.close()
