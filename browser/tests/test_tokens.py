"""A token that somebody makes in their settings lets their programs ask for jobs, until it is revoked."""

import unittest

import served
from browsing import BrowserTest


class Tokens(BrowserTest):
    @classmethod
    def setUpClass(cls):
        cls.served = served.demo()

    def test_a_token_made_in_settings_asks_for_jobs_until_it_is_revoked(self):
        person = self.visitor(self.served.origin)
        page = person.page
        person.sign_in(self.served.sign_in_path("researcher"))
        person.go("/settings/")
        page.get_by_label("What it is for").fill("a script")
        page.get_by_label("Days until it ends").fill("2")
        page.get_by_role("button", name="Make a token").click()
        token = page.get_by_role("status").locator("code").inner_text()

        kept = self.served.folder / "made.token"
        kept.touch(mode=0o600)
        kept.write_text(token + "\n")
        told = self.submit(kept)
        self.assertRegex(told, r"job request \d+: http://")
        request = told.split("job request ")[1].split(":")[0]
        person.go(f"/job-requests/{request}/")
        self.assertIn("A researcher", person.text())

        person.go("/settings/")
        self.assertNotIn(token, page.content())
        page.get_by_role("button", name="Revoke a script").click()
        page.get_by_role("status").wait_for()
        with self.assertRaises(RuntimeError):
            self.submit(kept)

    def submit(self, token):
        server = ["--server", self.served.origin, "--token-file", str(token)]
        return self.served.command("submit", served.WORKSPACE, "matching_2019", "--backend", "demo", *server)


if __name__ == "__main__":
    unittest.main()
