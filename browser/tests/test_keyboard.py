"""Jobs are asked for without a mouse."""

import re
import unittest

import served
from browsing import BrowserTest

FOCUS = """() => {
    const found = document.activeElement;
    if (!found || found === document.body) return null;
    const style = getComputedStyle(found), box = found.getBoundingClientRect();
    return {
        index: [...document.querySelectorAll("*")].indexOf(found),
        tag: found.tagName, name: found.name || "", type: found.type || "", value: found.value || "",
        text: found.textContent.trim().slice(0, 60), path: found.getAttribute("href"),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 0 && box.height > 0 && box.right > 0 && box.left < innerWidth
            && box.bottom > 0 && box.top < innerHeight,
        isIn: !!found.closest("form.run"),
    };
}"""

# Of the buttons of one choice, the keyboard stops at one.
CONTROLS = """() => {
    const all = [...document.querySelectorAll("*")];
    const controls = [...document.querySelectorAll("form.run :is(input:not([type=hidden]), button, summary, a, select)")];
    return controls.filter((found) => !found.disabled && (found.type !== "radio" || found.checked))
        .map((found) => all.indexOf(found));
}"""

# More stops than any page has.
STOPS = 200


class Keyboard(BrowserTest):
    @classmethod
    def setUpClass(cls):
        cls.served = served.demo()

    def setUp(self):
        self.person = self.visitor(self.served.origin)
        self.person.sign_in(self.served.sign_in_path("researcher"))
        self.page = self.person.page
        self.person.go(f"{self.served.workspace}run-jobs/")

    def tab(self):
        self.page.keyboard.press("Tab")
        return self.page.evaluate(FOCUS)

    def test_the_first_stop_skips_to_the_content(self):
        first = self.tab()
        self.assertEqual(first["path"], "#main")
        self.assertTrue(first["seen"], first)
        self.assertTrue(first["outlined"], first)
        self.page.keyboard.press("Enter")
        self.assertTrue(self.page.url.endswith("#main"))
        inside = self.page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
        after = self.tab()
        self.assertTrue(inside or after["path"] != "/", after)
        self.assertFalse(self.page.evaluate("() => !!document.activeElement.closest('header')"))

    def test_each_control_is_reached_in_order_and_shows_it(self):
        self.page.get_by_role("radio", name="Demonstration").check()
        controls = self.page.evaluate(CONTROLS)
        self.assertGreaterEqual(len(controls), len(served.ACTIONS) + 4)
        self.page.evaluate("document.activeElement.blur()")
        self.page.reload()
        stops = []
        for _ in range(STOPS):
            stop = self.tab()
            if stop is None:
                break
            stops.append(stop)
            self.assertTrue(stop["outlined"] and stop["seen"], f"its focus cannot be seen: {stop}")
            if stop["value"] == "show":
                break
        reached = [stop["index"] for stop in stops if stop["isIn"]]
        self.assertEqual(reached, controls)

    def test_a_request_is_made_by_keys_alone(self):
        for _ in range(STOPS):
            stop = self.tab()
            if (stop["name"], stop["value"]) == ("action", "matching_2019"):
                self.page.keyboard.press("Space")
            elif stop["type"] == "radio":
                self.page.keyboard.press("Space")
            elif (stop["tag"], stop["value"]) == ("BUTTON", "run"):
                self.page.keyboard.press("Enter")
                break
        self.page.wait_for_url(re.compile(r"/\d+/$"))
        self.assertEqual(self.page.locator("[data-part=jobs] tbody tr").count(), 1)


if __name__ == "__main__":
    unittest.main()
