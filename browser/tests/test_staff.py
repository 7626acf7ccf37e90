"""Staff let somebody run jobs until a day, read that in the audit log, and take it back."""

import datetime
import unittest

import served
from browsing import BrowserTest, ask_for

PROJECT = f"/staff/projects/{served.PROJECT}/"


class Staff(BrowserTest):
    @classmethod
    def setUpClass(cls):
        cls.served = served.demo()
        cls.served.admin("grant", "staff", "service_administrator")
        cls.served.admin("create", "person", "colleague", "A colleague")
        cls.served.admin("admit", "colleague", "demo")

    def test_a_role_is_granted_until_a_day_used_and_revoked(self):
        staff, colleague = self.visitor(self.served.origin), self.visitor(self.served.origin)
        staff.sign_in(self.served.staff)
        colleague.sign_in(self.served.sign_in_path("colleague"))
        self.may_run(colleague, False)

        page = staff.page
        main = page.get_by_role("main")
        page.get_by_role("link", name="Staff area").click()
        page.get_by_role("link", name="Projects", exact=True).click()
        page.get_by_role("table").get_by_role("link", name="Sick notes after COVID-19").click()

        with self.subTest("what is mistaken is said, and what was typed is kept"), staff.expecting(422):
            page.get_by_label("User name").fill("nobody-like-this")
            page.get_by_label("Last day").fill("2031-03-09")
            page.get_by_role("button", name="Grant the role").click()
            problem = page.get_by_role("alert")
            problem.get_by_role("link").click()
            self.assertEqual(page.evaluate("document.activeElement.name"), "username")
            self.assertEqual(page.get_by_label("User name").input_value(), "nobody-like-this")
            self.assertEqual(page.get_by_label("Last day").input_value(), "2031-03-09")

        last = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30)
        page.get_by_label("User name").fill("colleague")
        page.get_by_label("Role", exact=True).select_option(label="Project developer")
        page.get_by_label("Last day").fill(last.isoformat())
        page.get_by_role("button", name="Grant the role").click()
        page.get_by_role("status").wait_for()
        held = page.locator("table#members tr").filter(has_text="A colleague")
        self.assertIn(last.isoformat(), held.locator("time").last.get_attribute("datetime"))

        with self.subTest("it is in the audit log, by whom and until when"):
            page.get_by_role("link", name="Audit log").click()
            told = main.locator("tbody tr").first.inner_text()
            self.assertIn("staff", told)
            self.assertIn("colleague", told)
            self.assertIn("project_developer", told.lower().replace(" ", "_"))

        self.may_run(colleague, True)
        ask_for(colleague, self.served.workspace, ["matching_2019"])
        self.assertIn("A colleague", colleague.text())

        staff.go(PROJECT)
        held.get_by_role("link", name="Revoke").click()
        self.assertIn("Revoke the role", staff.text())
        page.get_by_role("button", name="Revoke the role").click()
        page.get_by_role("status").wait_for()
        self.assertEqual(page.locator("table#members tr").filter(has_text="A colleague").count(), 0)
        self.assertIn("A colleague", page.locator("table#history").inner_text())
        self.may_run(colleague, False)

    def may_run(self, person, may):
        person.go(self.served.workspace)
        offered = person.page.get_by_role("link", name="Run jobs")
        self.assertEqual(offered.count(), int(may))
        if not may:
            with person.expecting(403):
                person.go(f"{self.served.workspace}run-jobs/")

    def test_others_find_no_staff_area(self):
        person = self.visitor(self.served.origin)
        person.sign_in(self.served.sign_in_path("colleague"))
        self.assertEqual(person.page.get_by_role("link", name="Staff area").count(), 0)
        with person.expecting(403):
            person.go(PROJECT)
        self.assertNotIn("Grant", person.text())


if __name__ == "__main__":
    unittest.main()
