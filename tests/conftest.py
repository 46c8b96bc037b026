"""What every test may use, and the promise that under WOTU_TEST_REQUIRE=all nothing real is skipped."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

os.environ.setdefault("WOTU_VAR", tempfile.mkdtemp(prefix="wotu-test-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
USES_DATABASE = {"django_db", "db", "transactional_db"}
REQUIRED = set(os.environ.get("WOTU_TEST_REQUIRE", "").replace("all", "browser,postgres,spark").split(",")) - {""}


def pytest_configure() -> None:
    """Passwords of the tests' accounts are hashed quickly: what a slow hash is for guards nobody here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only-database", action="store_true", help="only tests that use a database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files marked slow come first, so that workers end together; --only-database leaves the rest to the other run."""
    if config.getoption("only_database"):
        uses = [bool(USES_DATABASE & {*item.fixturenames, *(m.name for m in item.iter_markers())}) for item in items]  # type: ignore[attr-defined]
        config.hook.pytest_deselected(items=[item for item, use in zip(items, uses, strict=True) if not use])
        items[:] = [item for item, use in zip(items, uses, strict=True) if use]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real rules, conformance cases and messy sheets beside the checkout; skipped with a sentence if away."""
    if not SHARED.exists():
        pytest.skip("../shared is not there: its cases were not run")
    return SHARED


def chromium() -> str | None:
    """Where the browser is: WOTU_CHROMIUM, or the system's."""
    return os.environ.get("WOTU_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """Under WOTU_TEST_REQUIRE a skipped test of a required part is a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail") and REQUIRED & {m.name for m in item.iter_markers()}:
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, but WOTU_TEST_REQUIRE asks for it: {call.excinfo and call.excinfo.value}"
        )


@pytest.fixture(autouse=True)
def lake(settings, tmp_path):  # type: ignore[no-untyped-def]
    """Every test has a lake and an upload folder of its own."""
    settings.LAKE = tmp_path / "lake"
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.LAKE
