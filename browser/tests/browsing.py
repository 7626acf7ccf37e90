"""Debian's Chromium, and tests that notice what people would: errors in the console, requests that fail or
go elsewhere."""

import atexit
import contextlib
import os
import re
import shutil
import unittest
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Milliseconds: a page, and what a page waits for as jobs go on.
SOON = 10_000
JOBS = 120_000

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

_chromium = None


def chromium():
    """The browser that all tests share; each has contexts of its own."""
    global _chromium
    if _chromium is None:
        path = shutil.which("chromium")
        if not path:
            raise RuntimeError("chromium is not on the PATH: install Debian's package of that name")
        # Its own sandbox does not work for root.
        arguments = ARGUMENTS + (["--no-sandbox"] if os.geteuid() == 0 else [])
        playwright = sync_playwright().start()
        _chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        atexit.register(playwright.stop)
        atexit.register(_chromium.close)
    return _chromium


class Visitor:
    """Somebody with a browser of their own, which knows nobody yet."""

    def __init__(self, origin, **options):
        self.origin = origin
        self.complaints = []
        self.allowed = set()
        options = {"viewport": WIDE, "locale": "en-GB", "reduced_motion": "reduce", **options}
        self.context = chromium().new_context(base_url=origin, **options)
        self.context.set_default_timeout(SOON)
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        self.context.on("request", self._request)
        self.context.on("response", self._response)
        self.context.on("requestfailed", self._failed)
        self.page = self.context.new_page()

    def _console(self, message):
        text = message.text
        # The answers that a test expects are told of there too.
        refused = re.search(r"the server responded with a status of (\d+)", text)
        if message.type in ("error", "warning") and not (refused and int(refused[1]) in self.allowed):
            self.complaints.append(f"console of {message.page.url if message.page else '?'}: {text}")

    def _request(self, request):
        place = urlsplit(request.url)
        if f"{place.scheme}://{place.netloc}" != self.origin:
            self.complaints.append(f"a request elsewhere: {request.url}")

    def _response(self, response):
        if response.status >= 400 and response.status not in self.allowed:
            self.complaints.append(f"{response.status} of {response.request.method} {response.url}")

    def _failed(self, request):
        # Whoever leaves a page ends what it listens to and asks for, and its icon may be on its way (`other`).
        left = request.resource_type in ("eventsource", "fetch", "other")
        if not (left and request.failure == "net::ERR_ABORTED"):
            self.complaints.append(f"{request.failure} of {request.url}")

    @contextlib.contextmanager
    def expecting(self, status):
        """Meanwhile the server may refuse in this way, and does."""
        seen = []

        def look(response):
            if response.status == status:
                seen.append(response.url)

        self.context.on("response", look)
        self.allowed.add(status)
        yield
        # The console is told later.
        self.page.wait_for_load_state("load")
        self.page.evaluate("0")
        self.context.remove_listener("response", look)
        if not seen:
            self.complaints.append(f"no answer was {status}")

    def go(self, path):
        return self.page.goto(path if path.startswith("http") else self.origin + path)

    def sign_in(self, link):
        """Opens an address that signs somebody in, and presses its button."""
        self.go(link)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Sign out", exact=True).wait_for()
        return self

    def text(self):
        return self.page.get_by_role("main").inner_text()


class BrowserTest(unittest.TestCase):
    """A test whose visitors have nothing to complain about in the end."""

    maxDiff = None

    def visitor(self, origin, **options):
        visitor = Visitor(origin, **options)
        self.addCleanup(self._leave, visitor)
        return visitor

    def _leave(self, visitor):
        visitor.context.close()
        self.assertEqual(visitor.complaints, [])


def ask_for(visitor, workspace, actions, ref=None, force=False):
    """Asks for actions on the page, and gives back the path of the new request."""
    page = visitor.page
    visitor.go(f"{workspace}run-jobs/" + (f"?ref={ref}" if ref else ""))
    for action in actions:
        page.get_by_role("checkbox", name=action, exact=True).check()
    if force:
        page.get_by_role("checkbox", name="Force").check()
    page.get_by_role("radio", name="Demonstration").check()
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url(re.compile(r"/\d+/$"))
    return urlsplit(page.url).path
