"""The rules of axe, on every main page, light and dark."""

import unittest

from axe_playwright_python.sync_playwright import Axe

from browsing import BrowserTest
from shown import turned


class Accessibility(BrowserTest):
    def test_no_page_breaks_a_rule_that_matters(self):
        axe, count = Axe(), 0
        for shown, page in turned(self):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found = axe.run(page).response["violations"]
                count += 1
                broken = [
                    f"{rule['id']}: {node['html'][:300]} {node.get('failureSummary', '')}"
                    for rule in found
                    if rule["impact"] in ("serious", "critical")
                    for node in rule["nodes"][:3]
                ]
                with self.subTest(shown.name, scheme=scheme):
                    self.assertEqual(broken, [])
        self.assertGreater(count, 60)


if __name__ == "__main__":
    unittest.main()
