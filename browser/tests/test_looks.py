"""Every main page light and dark, wide and on a phone: nothing is wider than it, and each is kept as a picture
in `target/screenshots/` for people to look at."""

import pathlib
import shutil
import unittest

from browsing import PHONE, WIDE, BrowserTest
from shown import turned

PICTURES = pathlib.Path(__file__).parents[2] / "target" / "screenshots"

# What sticks out of the page to the right, unless it can be scrolled within a box of its own.
TOO_WIDE = """(screen) => {
    const inBox = (found) => found && (["auto", "scroll", "hidden"].includes(getComputedStyle(found).overflowX)
        || inBox(found.parentElement));
    return [...document.querySelectorAll("body *")]
        .filter((found) => found.getBoundingClientRect().right > screen + 1 && !inBox(found.parentElement))
        .map((found) => found.outerHTML.slice(0, 160));
}"""


class Looks(BrowserTest):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(PICTURES, ignore_errors=True)
        PICTURES.mkdir(parents=True)

    def test_on_a_wide_screen(self):
        self.look("wide", viewport=WIDE)

    def test_on_a_phone(self):
        self.look("phone", viewport=PHONE, is_mobile=True, has_touch=True)

    def look(self, width, **options):
        for shown, page in turned(self, **options):
            with self.subTest(shown.name):
                # Not `innerWidth`, which grows with what is too wide for a phone.
                screen = options["viewport"]["width"]
                self.assertEqual(page.evaluate(TOO_WIDE, screen), [])
                self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), screen)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                picture = PICTURES / f"{shown.name}-{width}-{scheme}.png"
                page.screenshot(path=picture, full_page=True, animations="disabled")


if __name__ == "__main__":
    unittest.main()
