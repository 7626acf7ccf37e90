"""A researcher asks for the six actions of the example and watches them go green; anybody sees the same."""

import os
import re
import secrets
import subprocess
import unittest
from urllib.parse import urlsplit

import served
from browsing import JOBS, BrowserTest, ask_for

LEVELS = {
    "highly sensitive: nobody may view",
    "moderately sensitive: viewable inside, releasable after review",
}

# Keeps each word that the answer and the jobs ever had, with a mark that a new page would not have.
WATCH = """
window.mark = "the same page";
window.seen = { answer: [], jobs: [] };
window.shift = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) shift += entry.value; })
    .observe({ type: "layout-shift" });
const note = () => {
    // A state is a shape, a blank, and its word.
    const words = (where) => [...document.querySelectorAll(where)].map((found) => found.innerText.trim().split(/\\s+/)[1]);
    for (const word of words(".answer strong")) if (!seen.answer.includes(word)) seen.answer.push(word);
    for (const word of words("[data-part=jobs] td:nth-child(2)")) if (!seen.jobs.includes(word)) seen.jobs.push(word);
};
note();
new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true });
"""

FACTS = """() => {
    const texts = (where) => [...document.querySelectorAll(where)].map((found) => found.textContent.trim());
    return {
        title: document.title,
        answer: texts(".answer > strong, .answer > span:not(:has(time))"),
        counts: texts(".counts li"),
        headings: texts("h2"),
        jobs: texts("[data-part=jobs] td"),
        instants: [...document.querySelectorAll("main time")].map((time) => time.dateTime),
        graph: texts("svg.graph text"),
        timeline: texts(".timeline li"),
        bars: document.querySelectorAll("svg.waterfall rect").length,
        about: texts("dl.facts dt"),
        levels: texts("dl.facts:last-of-type dd"),
    };
}"""


class Watching:
    """The scenario, on whichever database."""

    served = None

    def test_six_actions_go_green_without_reloading_and_anybody_sees_the_same(self):
        researcher = self.visitor(self.served.origin)
        self.watch(researcher)
        facts = researcher.page.evaluate(FACTS)
        path = urlsplit(researcher.page.url).path

        for options in ({}, {"java_script_enabled": False}):
            with self.subTest(options):
                anybody = self.visitor(self.served.origin, **options)
                anybody.go(path)
                main = anybody.page.get_by_role("main")
                self.assertEqual(anybody.page.evaluate(FACTS), facts)
                self.assertEqual(main.get_by_role("button").count(), 0)
                self.assertEqual(main.get_by_role("link", name=re.compile("Run|Cancel")).count(), 0)
                self.assertEqual(anybody.page.locator("form").count(), 0)
                self.assertEqual(anybody.page.get_by_role("link", name="Sign in").count(), 1)
                # They are shown no page that would let them ask either.
                anybody.go(self.served.workspace)
                self.assertEqual(main.get_by_role("link", name="Run jobs").count(), 0)

    def watch(self, researcher):
        page = researcher.page
        researcher.sign_in(self.served.researcher)
        researcher.go("/")
        page.get_by_role("table").get_by_role("link", name=served.WORKSPACE).first.click()
        self.assertEqual(urlsplit(page.url).path, self.served.workspace)
        page.get_by_role("link", name="Run jobs").click()
        for action in served.ACTIONS:
            page.get_by_role("checkbox", name=action).check()
        page.get_by_role("checkbox", name="Force").check()
        page.get_by_role("radio", name="Demonstration").check()
        page.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_url(re.compile(r"/\d+/$"))
        page.evaluate(WATCH)
        address = page.url

        rows = page.locator("[data-part=jobs] tbody tr")
        self.assertEqual(rows.count(), 6)
        page.locator(".answer.succeeded").wait_for(timeout=JOBS)
        self.assertEqual(page.evaluate("window.mark"), "the same page")
        self.assertEqual(page.url, address)
        # Nothing jumps under the reader's eyes; 0.1 is what is called good.
        self.assertLess(page.evaluate("window.shift"), 0.05)
        seen = page.evaluate("window.seen")
        self.assertEqual(seen["answer"][-1], "Succeeded")
        self.assertIn(seen["answer"][0], ("Waiting", "Running"))
        self.assertLessEqual({"waiting", "running", "succeeded"}, set(seen["jobs"]))
        self.assertIn("6 of 6 jobs", page.locator(".answer").inner_text())
        self.assertIn("Finished", page.locator("[data-part=about]").inner_text())

        for row in rows.all():
            cells = row.locator("td").all()
            self.assertRegex(cells[1].inner_text(), "succeeded$")
            outputs = cells[4].locator("li").all_inner_texts()
            self.assertGreater(len(outputs), 0)
            for output in outputs:
                self.assertTrue(any(level in output for level in LEVELS), output)
        drawn = "\n".join(page.locator("svg.graph text").all_text_contents())
        for action in served.ACTIONS:
            self.assertIn(action, drawn)
        self.assertGreaterEqual(page.locator("svg.waterfall rect").count(), 6)
        self.assertEqual(set(page.locator(".timeline li").all_inner_texts()), set(served.ACTIONS))


class OnSqlite(Watching, BrowserTest):
    @classmethod
    def setUpClass(cls):
        cls.served = served.demo()

    def test_a_page_of_a_job_goes_on_by_itself_too(self):
        researcher = self.visitor(self.served.origin)
        researcher.sign_in(self.served.sign_in_path("researcher"))
        page = researcher.page
        ask_for(researcher, self.served.workspace, ["matching_2020"], force=True)
        page.get_by_role("table").get_by_role("link", name="matching_2020", exact=True).click()
        page.evaluate(WATCH)
        page.locator(".answer.succeeded").wait_for(timeout=JOBS)
        seen = page.evaluate("window.seen")
        self.assertEqual(page.evaluate("window.mark"), "the same page")
        self.assertIn(seen["answer"][0], ("waiting", "running"))
        self.assertEqual(seen["answer"][-1], "succeeded")


    def test_whoever_stands_on_a_link_stays_there_while_all_around_it_changes(self):
        researcher = self.visitor(self.served.origin)
        researcher.sign_in(self.served.sign_in_path("researcher"))
        page = researcher.page
        ask_for(researcher, self.served.workspace, ["matching_2019"], force=True)
        page.get_by_role("table").get_by_role("link", name="matching_2019", exact=True).focus()
        page.locator(".answer.succeeded, .answer > .succeeded").first.wait_for(timeout=JOBS)
        states = page.locator("[data-part=jobs] td:nth-child(2)").all_inner_texts()
        self.assertEqual([state.split()[1] for state in states], ["succeeded"] * 3)
        self.assertEqual(page.evaluate("document.activeElement.textContent"), "matching_2019")


class OnPostgres(Watching, BrowserTest):
    @classmethod
    def setUpClass(cls):
        server = os.environ.get("GLOVEBOX_TEST_POSTGRES")
        if not server:
            raise RuntimeError("name a PostgreSQL for tests in GLOVEBOX_TEST_POSTGRES")
        name = f"browser_{secrets.token_hex(6)}"
        tell(server, f"CREATE DATABASE {name}")
        cls.addClassCleanup(tell, server, f"DROP DATABASE {name} WITH (FORCE)")
        database = f"{server.rpartition('/')[0]}/{name}"
        cls.served = served.Demo(database)
        cls.addClassCleanup(cls.served.stop)
        # It is there that everything is, and in no file.
        count = tell(database, "SELECT count(*) FROM job")
        assert count == "6", f"{count} jobs in PostgreSQL"
        assert not list((cls.served.folder / "server").glob("*.sqlite"))


def tell(database, statement):
    command = ["psql", "--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "--command", statement, database]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(f"psql: {done.stderr}")
    return done.stdout.strip()


if __name__ == "__main__":
    unittest.main()
