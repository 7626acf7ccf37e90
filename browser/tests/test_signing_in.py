"""Signing in: by an address that works once, by a password, by a passkey; and out."""

import unittest
from urllib.parse import urlsplit

import served
from browsing import BrowserTest

PASSWORD = "four words that nobody guesses"


class Password(BrowserTest):
    @classmethod
    def setUpClass(cls):
        cls.served = served.demo()
        cls.served.admin("create", "person", "newcomer", "A newcomer")

    def test_a_password_is_set_after_the_link_and_signs_in_from_then_on(self):
        link = self.served.sign_in_path("newcomer")
        person = self.visitor(self.served.origin)
        page = person.page
        person.sign_in(link)
        # Somebody without a password is led to where one is set.
        self.assertEqual(urlsplit(page.url).path, "/settings/")
        page.get_by_label("New password", exact=True).fill(PASSWORD)
        with person.expecting(422):
            page.get_by_label("New password again").fill(f"{PASSWORD}!")
            page.get_by_role("button", name="Set a password").click()
            page.get_by_role("alert").wait_for()
        page.get_by_label("New password", exact=True).fill(PASSWORD)
        page.get_by_label("New password again").fill(PASSWORD)
        page.get_by_role("button", name="Set a password").click()
        page.get_by_role("status").wait_for()

        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("link", name="Sign in").wait_for()
        with self.subTest("signed out is signed out"):
            person.go("/settings/")
            self.assertEqual(urlsplit(page.url).path, "/sign-in/")
        with self.subTest("the link was good once"), person.expecting(403):
            person.go(link)
            page.get_by_role("main").get_by_role("button", name="Sign in").click()
            page.get_by_role("alert").wait_for()

        with self.subTest("a wrong one, or a wrong name: the same answer"):
            answers = [self.refused(person, name) for name in ("newcomer", "nobody-like-this")]
            self.assertEqual(answers[0], answers[1])
        person.go("/settings/")
        page.get_by_label("User name").fill("newcomer")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out", exact=True).wait_for()
        # Where they were on their way to.
        self.assertEqual(urlsplit(page.url).path, "/settings/")

    def refused(self, person, username):
        page = person.page
        person.go("/sign-in/")
        with person.expecting(403):
            page.get_by_label("User name").fill(username)
            page.get_by_label("Password").fill("something else altogether")
            page.get_by_role("main").get_by_role("button", name="Sign in").click()
            answer = page.get_by_role("alert").inner_text()
        self.assertEqual(page.get_by_label("User name").input_value(), username)
        self.assertEqual(page.get_by_label("Password").input_value(), "")
        return answer


class Passkey(BrowserTest):
    """They need a public origin with a name."""

    @classmethod
    def setUpClass(cls):
        cls.served = served.Alone()
        cls.addClassCleanup(cls.served.stop)
        cls.served.admin("create", "person", "researcher", "A researcher")

    def test_a_passkey_is_added_and_signs_in_until_it_is_removed(self):
        person = self.visitor(self.served.origin)
        page = person.page
        devtools = person.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        authenticator = {"authenticatorId": made["authenticatorId"]}

        person.sign_in(self.served.sign_in_path("researcher"))
        person.go("/settings/")
        self.assertIn("You have no passkey.", person.text())
        page.get_by_label("What you call it").fill("This machine")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_label("Name of the passkey This machine").wait_for()
        kept = devtools.send("WebAuthn.getCredentials", authenticator)["credentials"]
        self.assertEqual([key["rpId"] for key in kept], ["localhost"])

        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("link", name="Sign in").click()
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("button", name="Sign out", exact=True).wait_for()
        self.assertEqual(page.locator("header").get_by_text("A researcher").count(), 1)

        person.go("/settings/")
        page.get_by_role("button", name="Remove This machine").click()
        page.get_by_role("status").first.wait_for()
        self.assertIn("You have no passkey.", person.text())
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("link", name="Sign in").click()
        with person.expecting(403):
            page.get_by_role("button", name="Sign in with a passkey").click()
            page.get_by_role("alert").wait_for()
        self.assertEqual(page.get_by_role("button", name="Sign out", exact=True).count(), 0)


if __name__ == "__main__":
    unittest.main()
