"""A request is asked for again: all of it, or only what failed."""

import unittest

import served
from browsing import JOBS, BrowserTest, ask_for

WRITE = "import pathlib\npathlib.Path('output').mkdir(exist_ok=True)\npathlib.Path('output/works.txt').write_text('made')\n"


class Again(BrowserTest):
    @classmethod
    def setUpClass(cls):
        cls.served = served.demo()
        run = "python:latest python analysis/{}.py"
        actions = [("works", run.format("works"), []), ("breaks", run.format("breaks"), [])]
        files = {
            "project.yaml": served.project_yaml(actions),
            "analysis/works.py": WRITE,
            "analysis/breaks.py": "raise SystemExit('it breaks')\n",
        }
        cls.served.commit("breaking", files)

    def setUp(self):
        self.researcher = self.visitor(self.served.origin)
        self.researcher.sign_in(self.served.sign_in_path("researcher"))
        self.page = self.researcher.page
        self.path = ask_for(self.researcher, self.served.workspace, ["works", "breaks"], ref="breaking")
        self.failed()

    def failed(self):
        """Waits until the request has failed, and gives back each action with its state."""
        self.page.locator(".answer").get_by_text("Failed").wait_for(timeout=JOBS)
        rows = self.page.locator("[data-part=jobs] tbody tr").all()
        cells = [row.locator("td").all_inner_texts() for row in rows]
        return {action: state.split()[1] for action, state, *_ in cells}

    def chosen(self):
        ticked = self.page.locator("input[name=action]:checked")
        return sorted(box.get_attribute("value") for box in ticked.all())

    def ask(self):
        self.page.get_by_role("button", name="Run", exact=True).click()
        self.page.wait_for_url(lambda url: "run-jobs" not in url)
        self.assertNotIn(self.path, self.page.url)

    def test_only_what_failed(self):
        self.page.get_by_role("link", name="Run only what failed").click()
        self.assertEqual(self.chosen(), ["breaks"])
        self.ask()
        self.assertEqual(self.failed(), {"breaks": "failed"})
        self.page.get_by_role("table").get_by_role("link", name="breaks").click()
        self.assertIn("from the same commit", self.researcher.text())

    def test_all_of_it(self):
        self.page.get_by_role("link", name="Run again", exact=True).click()
        self.assertEqual(self.chosen(), ["breaks", "works"])
        # First what it would do, and nothing is forgotten over that.
        self.page.get_by_role("button", name="Show what would run").click()
        self.page.get_by_text("This would run 2 jobs").wait_for()
        self.assertEqual(self.chosen(), ["breaks", "works"])
        self.ask()
        self.assertEqual(self.failed(), {"works": "succeeded", "breaks": "failed"})


if __name__ == "__main__":
    unittest.main()
