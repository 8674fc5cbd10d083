"""OMERO.web, unmodified, in a real browser: what people do who work with images."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Site
from .laboratory import PASSWORD, USER

pytest.importorskip("selenium", reason="the extra `foreign` is not installed")

from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None,
    reason="needs Debian's packages chromium and chromium-driver",
)

#: Iviewer looks whether there is a server for tiles beside OMERO.web.
ASIDE = "/omero_ms_image_region/"
#: Seconds until something has to appear, on a busy machine.
PATIENCE = 90
#: So many looks at a page, two a second, until a click is made again.
CLICK_AGAIN = 10
FLAGS = (
    *("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run"),
    *("disable-background-networking", "disable-component-update", "disable-sync"),
    *("window-size=1500,950", "lang=en"),
    # containers have little shared memory
    "disable-dev-shm-usage",
)


class Browser:
    """A window, and how one finds one's way in it."""

    def __init__(self, driver: Any, origin: str) -> None:
        self.driver = driver
        self.origin = origin

    def go(self, path: str) -> None:
        self.driver.get(self.origin + path)

    def all(self, css: str) -> list[WebElement]:
        found: list[WebElement] = self.driver.find_elements(By.CSS_SELECTOR, css)
        return found

    def wait(self, what: Callable[[], Any], why: str) -> Any:
        """Wait until something is so; what stood in its way is told in the end."""
        last: list[str] = []

        def look(_: object) -> Any:
            try:
                return what()
            except Exception as error:
                last[:] = [f"{type(error).__name__}: {error}"]
                raise

        waiting = WebDriverWait(self.driver, PATIENCE, ignored_exceptions=[Exception])
        try:
            return waiting.until(look)
        except TimeoutException:
            raise TimeoutException("; ".join([why, *last])) from None

    def find(self, css: str, text: str = "") -> WebElement | None:
        """Give the first element that is shown with a text in it."""
        shown = (one for one in self.all(css) if one.is_displayed())
        return next((one for one in shown if text in one.text), None)

    def see(self, css: str, text: str = "") -> WebElement:
        """Wait for an element, with a text in it."""
        found: WebElement = self.wait(
            lambda: self.find(css, text), f"{css} {text!r} did not appear"
        )
        return found

    def click(self, css: str, text: str = "") -> None:
        def press() -> bool:
            element = self.find(css, text)
            if element is None:
                return False
            element.click()
            return True

        self.wait(press, f"{css} {text!r} could not be pressed")

    def click_until(self, css: str, text: str, reached: Callable[[], Any]) -> None:
        """Click, again after some seconds: a page may not listen yet to the first."""
        clicks = itertools.count()

        def press() -> Any:
            element = self.find(css, text)
            if (
                next(clicks) % CLICK_AGAIN == 0
                and element is not None
                and not reached()
            ):
                element.click()
            return reached()

        self.wait(press, f"pressing {css} {text!r} changed nothing")

    def type(self, css: str, text: str) -> None:
        field = self.see(css)
        field.clear()
        field.send_keys(text)

    def is_gone(self, css: str, text: str) -> bool:
        return not any(text in one.text for one in self.all(css))

    def is_drawn(self, css: str) -> bool:
        """Tell whether all pictures are there, and there are some."""
        script = (
            "const all = [...document.querySelectorAll(arguments[0])];"
            "return all.length > 0 && all.every(p => p.complete && p.naturalWidth > 1)"
        )
        return bool(self.driver.execute_script(script, css))

    def failures(self) -> list[str]:
        """Give what pages asked OMERO.web for in vain since they were last asked."""
        failed = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.responseReceived":
                answer = message["params"]["response"]
                if answer["status"] >= 400 and not answer["url"].endswith(ASIDE):
                    failed.append(f"{answer['status']} {answer['url']}")
        return failed


@pytest.fixture(scope="module")
def browser(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start Chromium with an empty profile; log in."""
    options = Options()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = Chrome(options=options, service=Service(str(DRIVER)))
    try:
        driver.set_page_load_timeout(PATIENCE)
        window = Browser(driver, site.origin)
        window.go("/webclient/")
        window.type("input[name=username]", USER)
        window.type("input[name=password]", PASSWORD)
        window.click("input[type=submit]")
        yield window
    finally:
        driver.quit()


@pytest.fixture(autouse=True)
def _nothing_fails(browser: Browser) -> Iterator[None]:
    yield
    assert browser.failures() == []


def tree_of(browser: Browser) -> list[str]:
    return [one.text for one in browser.all("#dataTree .jstree-anchor")]


def open_section(browser: Browser, name: str) -> None:
    header = f"#general_tab h1[data-name={name}]"
    browser.see(header)
    if browser.all(f"{header}.closed"):
        browser.click(header)


def show(browser: Browser, what: str, identity: int) -> None:
    browser.go(f"/webclient/?show={what}-{identity}")
    browser.see("#general_tab h1[data-name=tags]")


def test_the_tree_opens_down_to_images(browser: Browser, site: Site) -> None:
    for name, inside in (("screening", "monday"), ("monday", "plain")):
        node = browser.see("#dataTree .jstree-anchor", name)
        node.find_element(By.XPATH, "preceding-sibling::*[1]").click()
        browser.see("#dataTree .jstree-anchor", inside)
    browser.click_until(
        "#dataTree .jstree-anchor",
        "monday",
        lambda: len(browser.all("#dataIcons li img")) == 2,
    )
    browser.wait(lambda: browser.is_drawn("#dataIcons li img"), "no thumbnails")
    assert {"Ann Lab", "tuesday", "stack", "plain"} <= {
        name.rstrip("0123456789") for name in tree_of(browser)
    }


def test_the_panel_shows_what_is_known_of_an_image(
    browser: Browser, site: Site
) -> None:
    show(browser, "image", site.laboratory.first("image"))
    browser.see("#general_tab", "128 x 96")
    for section, place, text in (
        ("tags", "#tags_container", "mitosis"),
        ("keyvaluepairs", "#mapAnnContainer", "TP53"),
        ("attachments", "#fileanns_container", "numbers.csv"),
        ("comments", "#comments_container", "well done"),
        ("ratings", "#rating_annotations", "4 / 1 votes"),
    ):
        open_section(browser, section)
        browser.see(place, text)
    browser.click("#annotation_tabs > ul > li > a", "Acquisition")
    browser.see("#metadata_tab", "Original Metadata")
    browser.click("#annotation_tabs > ul > li > a", "Preview")
    browser.wait(lambda: browser.is_drawn("#viewport-img"), "no preview")


def test_tags_pairs_and_comments_are_added(browser: Browser, site: Site) -> None:
    show(browser, "image", site.laboratory.ids["image"][1])
    open_section(browser, "tags")
    browser.click("#launch_tags_form")
    browser.type("#id_tag", "blurred")
    browser.click("#id_add_new_tag")
    browser.click(".ui-dialog button", "Save")
    browser.see("#tags_container", "blurred")

    open_section(browser, "keyvaluepairs")
    browser.click("#mapAnnContainer tr.placeholder td", "Add Key")
    browser.type("#mapAnnContainer td:first-child input", "drug")
    browser.all("#mapAnnContainer td:first-child input")[0].send_keys(Keys.TAB)
    browser.type("#mapAnnContainer td:last-child input", "DMSO")
    browser.all("#mapAnnContainer td:last-child input")[0].send_keys(Keys.ENTER)
    browser.see("#mapAnnContainer", "DMSO")

    open_section(browser, "comments")
    browser.type("#id_comment", "to be repeated")
    browser.click("#add_comment_form input[type=submit]")
    browser.see("#comments_container", "to be repeated")

    # All of it is on the server.
    show(browser, "image", site.laboratory.ids["image"][1])
    for section in ("tags", "keyvaluepairs", "comments"):
        open_section(browser, section)
    browser.see("#tags_container", "blurred")
    browser.see("#mapAnnContainer", "DMSO")
    browser.see("#comments_container", "to be repeated")


def test_the_viewer_shows_planes_and_regions(browser: Browser, site: Site) -> None:
    browser.go(f"/webgateway/img_detail/{site.laboratory.first('image')}/")
    browser.wait(lambda: browser.is_drawn("#weblitz-viewport-img"), "no image")
    browser.click("a", "Show ROIs")
    browser.wait(lambda: browser.all("svg rect"), "no regions")


def test_iviewer_shows_the_image_and_lists_its_regions(
    browser: Browser, site: Site
) -> None:
    browser.go(f"/webclient/img_detail/{site.laboratory.first('image')}/")
    browser.wait(lambda: browser.all(".ol-viewport canvas"), "no image")
    browser.click("a", "ROIs [2]")
    browser.see("regions-list, .regions-table, .regions-list", "a nucleus")


def test_a_plate_is_a_grid_of_pictures(browser: Browser, site: Site) -> None:
    browser.go(f"/webclient/?show=plate-{site.laboratory.first('plate')}")
    browser.wait(lambda: browser.is_drawn("#spw td.well img"), "no wells")
    assert len(browser.all("#spw td.well img")) == 4


def test_a_script_is_filled_in_and_run(browser: Browser, site: Site) -> None:
    browser.go("/webclient/")
    browser.click("#scriptButton")
    browser.click("#scriptList a", "util_scripts")
    window = browser.driver.current_window_handle
    browser.click("#scriptList a", "Add Up")
    browser.wait(lambda: len(browser.driver.window_handles) == 2, "no form")
    (form,) = set(browser.driver.window_handles) - {window}
    browser.driver.switch_to.window(form)
    browser.type("input[name=First]", "20")
    browser.type("input[name=Second]", "3")
    browser.click("input[type=submit]")
    browser.wait(lambda: len(browser.driver.window_handles) == 1, "the form stays open")
    browser.driver.switch_to.window(window)
    browser.click("#launch_activities")
    browser.see("#activities_content", "The sum is 23")


def test_a_dataset_is_made_and_deleted(browser: Browser, site: Site) -> None:
    browser.go(f"/webclient/?show=project-{site.laboratory.first('project')}")
    browser.see("#general_tab h1[data-name=tags]")
    browser.click("#adddatasetButton")
    browser.type("#new-container-form input[name=name]", "friday")
    browser.click(".ui-dialog button", "OK")
    browser.see("#dataTree .jstree-anchor", "friday")
    browser.click("#dataTree .jstree-anchor", "friday")
    browser.see("#general_tab", "friday")
    browser.click("#deleteButton")
    browser.click(".ui-dialog button", "Yes")
    browser.wait(
        lambda: browser.is_gone("#dataTree .jstree-anchor", "friday"), "still there"
    )


def test_a_picture_of_the_whole_window(browser: Browser, tmp_path: Path) -> None:
    browser.go("/webclient/")
    browser.see("#dataTree .jstree-anchor", "screening")
    path = tmp_path / "window.png"
    assert browser.driver.save_screenshot(str(path))
    assert path.stat().st_size > 20_000
