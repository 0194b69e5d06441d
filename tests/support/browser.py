"""Chromium, for tests that look at pages as people do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def open_page() -> Iterator[Any]:
    """An empty page; the test is skipped where there is no Chromium."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is missing: make setup"
    )
    named = os.environ.get("CHROMIUM")
    executable = named or shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no Chromium found: on Debian, apt install chromium; else name it in CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        yield page
        browser.close()
