"""Take the pictures of the README from a running demonstration zone: `python docs/shots.py URL FOLDER [--all]`.

With `--all` every main page is taken at 1440×900 and 390×844, to be looked at after a change of pages.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PASSWORD = "wotu-demo"
PAGES = {
    "home": "/",
    "enterprises": "/registry/enterprises/",
    "match-overview": "/policy/match/",
    "imports": "/registry/imports/",
    "jobs": "/jobs/",
    "audit": "/audit/",
    "measures": "/registry/measures/",
    "articles": "/intel/articles/",
    "check": "/intel/check/",
    "wall": "/cockpit/",
}
README = {"match": "match", "wall": "wall", "profile": "profile", "import": "import", "check": "check"}
"""Pictures of the README and the pages they show."""


def main() -> None:
    """Sign in, walk the pages, save a picture of each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=QUIET)
        for size, name in ((WIDE, ""), (NARROW, "-narrow")) if asked.all else ((WIDE, ""),):
            page = browser.new_context(viewport=size, locale="zh-CN", device_scale_factor=1).new_page()  # type: ignore[arg-type]
            sign_in(page, asked.url)
            pages = found(page, asked.url)
            for key, path in pages.items():
                shown = next((picture for picture, of in README.items() if of == key), None)
                if not asked.all and shown is None:
                    continue
                page.goto(asked.url + path, wait_until="networkidle")
                page.wait_for_timeout(1500 if key == "wall" else 400)
                page.screenshot(path=asked.folder / f"{(key if asked.all else shown) or key}{name}.png")
        browser.close()


def sign_in(page: Page, url: str) -> None:
    """As the administrator of a demonstration zone."""
    page.goto(url + "/")
    if page.locator("input[name=username]").count():
        page.fill("input[name=username]", "admin")
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit], input[type=submit]")
        page.wait_for_load_state("networkidle")


def found(page: Page, url: str) -> dict[str, str]:
    """The pages to take: the fixed ones, one rule and one enterprise one condition short of it."""
    pages = dict(PAGES)
    page.goto(url + "/registry/imports/")
    sheet = page.locator("table a[href^='/registry/imports/']").first
    if sheet.count():
        pages["import"] = str(sheet.get_attribute("href"))
    page.goto(url + "/policy/match/")
    rule = page.locator("a[href^='/policy/match/'][href*='screening=']", has_text="高新技术企业认定").first
    if rule.count():
        path = str(rule.get_attribute("href"))
        joint = "&" if "?" in path else "?"
        pages["match"] = f"{path}{joint}state=near"
        pages["match-diagram"] = f"{path}{joint}state=near&view=diagram"
        page.goto(url + pages["match"])
        member = page.locator(".pm-members a").first
        if member.count():
            path = str(member.get_attribute("href"))
            pages["profile"] = path
            plain = re.sub(r"[?#].*", "", path)
            pages["profile-overview"] = plain
            pages["profile-indicators"] = f"{plain}?tab=indicators"
            pages["profile-timeline"] = f"{plain}?tab=timeline"
    return pages


if __name__ == "__main__":
    main()
