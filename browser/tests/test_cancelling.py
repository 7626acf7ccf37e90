"""Whoever asked for jobs stops them from the page: one of them, or all."""

import unittest
from urllib.parse import urlsplit

import served
from browsing import JOBS, BrowserTest, ask_for

# It ends by itself too, in case that nobody cancels it.
WAIT = "import time\ntime.sleep(300)\n"


class Cancelling(BrowserTest):
    @classmethod
    def setUpClass(cls):
        cls.served = served.demo()
        wait = "python:latest python analysis/wait.py {}"
        actions = [("long", wait, []), ("longer", wait, []), ("after_long", wait, ["long"])]
        actions = [(name, command.format(name), needs) for name, command, needs in actions]
        files = {"project.yaml": served.project_yaml(actions), "analysis/wait.py": WAIT}
        cls.served.commit("waiting", files)

    def test_one_job_and_then_all_of_the_request(self):
        researcher = self.visitor(self.served.origin)
        researcher.sign_in(self.served.sign_in_path("researcher"))
        page = researcher.page
        main = page.get_by_role("main")
        actions = ["long", "longer", "after_long"]
        path = ask_for(researcher, self.served.workspace, actions, ref="waiting")
        jobs = page.locator("[data-part=jobs] tbody tr")
        for action in ("long", "longer"):
            job = jobs.filter(has=page.get_by_role("link", name=action, exact=True))
            job.get_by_text("running", exact=False).wait_for(timeout=JOBS)

        with self.subTest("one job, after a second thought"):
            page.get_by_role("table").get_by_role("link", name="longer", exact=True).click()
            job = urlsplit(page.url).path
            main.get_by_role("link", name="Cancel", exact=True).click()
            self.assertIn("longer", page.get_by_role("heading", level=1).inner_text())
            main.get_by_role("link", name="Let it run").click()
            self.assertEqual(urlsplit(page.url).path, job)
            self.assertIn("running", page.locator(".answer").inner_text())
            main.get_by_role("link", name="Cancel", exact=True).click()
            main.get_by_role("button", name="Cancel").click()
            page.wait_for_url(f"**{job}")
            page.get_by_text("by researcher").first.wait_for(timeout=JOBS)
            page.locator(".answer").get_by_text("cancelled").first.wait_for(timeout=JOBS)
            # There is nothing more to cancel, and it says so.
            main.get_by_role("button", name="Cancel", disabled=True).wait_for(timeout=JOBS)
            self.assertIn("It has ended.", researcher.text())

        with self.subTest("all that is left"):
            researcher.go(path)
            main.get_by_role("link", name="Cancel", exact=True).click()
            heading = page.get_by_role("heading", level=1).inner_text()
            self.assertIn(path.split("/")[-2], heading)
            listed = main.get_by_role("listitem").all_inner_texts()
            self.assertEqual(sorted(listed), ["after_long", "long"])
            main.get_by_role("button", name="Cancel").click()
            page.wait_for_url(f"**{path}")
            main.get_by_role("button", name="Cancel", disabled=True).wait_for(timeout=JOBS)
            self.assertIn("All of it has ended.", researcher.text())
            counts = " ".join(page.locator(".counts").inner_text().split())
            self.assertIn("0 ✖ failed 0 % 3 ⊘ cancelled 100 %", counts)
            for state in jobs.locator("td:nth-child(2)").all_inner_texts():
                self.assertIn("cancelled", state)
                self.assertIn("by researcher at ", state)

        with self.subTest("a visitor reads who did it, and may do nothing"):
            anybody = self.visitor(self.served.origin)
            anybody.go(path)
            self.assertIn("by researcher at ", anybody.text())
            with anybody.expecting(401):
                anybody.go(f"{path}cancel/")
            self.assertIn("Sign in first", anybody.text())
            self.assertEqual(anybody.page.get_by_role("button", name="Cancel").count(), 0)


if __name__ == "__main__":
    unittest.main()
