//! Signing in, and a person's settings.

use glovebox_pages::{
    Frame, PasskeyFacts, SessionFacts, SettingsPage, SettingsPart, SignInPage, SignedIn, TokenFacts,
};
use glovebox_ui::{Instant, PASSKEY_SCRIPT};

use crate::facts::{BEGAN, now};

fn frame() -> Frame {
    Frame {
        person: Some(SignedIn {
            username: "researcher".to_owned(),
            full_name: "A researcher".to_owned(),
            is_staff: false,
            proof: "the-proof".to_owned(),
        }),
    }
}

fn settings() -> SettingsPage {
    SettingsPage {
        frame: frame(),
        full_name: "A \"researcher\"".to_owned(),
        email: String::new(),
        needs_password: true,
        has_password: true,
        passkeys: None,
        tokens: Vec::new(),
        new_token: None,
        sessions: Vec::new(),
        identities: Vec::new(),
        problem: None,
        done: None,
        now: now(),
    }
}

fn token(id: i64, name: &str) -> TokenFacts {
    TokenFacts {
        id,
        name: name.to_owned(),
        scope: "jobs".to_owned(),
        created_at: Instant::from_millis(BEGAN),
        expires_at: Instant::from_millis(BEGAN + 86_400_000),
        last_used_at: None,
    }
}

#[test]
fn a_page_for_signing_in_keeps_the_name_that_was_typed_and_nothing_else() {
    let page = SignInPage {
        username: "<script>".to_owned(),
        next: "/settings/?a=\"b\"".to_owned(),
        provider: Some((
            "/sign-in/provider/?next=%2F".to_owned(),
            "The institute".to_owned(),
        )),
        problem: Some("There is nobody with this name.".to_owned()),
        ..SignInPage::default()
    };
    let html = page.html().unwrap();
    for wanted in [
        "value=\"&#60;script&#62;\"",
        "name=\"next\" value=\"/settings/?a=&#34;b&#34;\"",
        "href=\"/sign-in/provider/?next=%2F\">The institute</a>",
        "role=\"alert\">There is nobody with this name.",
        "autocomplete=\"username\"",
        "type=\"password\" autocomplete=\"current-password\"",
    ] {
        assert!(html.contains(wanted), "{wanted}: {html}");
    }
    assert!(!html.contains("type=\"password\" value"), "{html}");
    let link = SignInPage {
        is_link: true,
        ..SignInPage::default()
    };
    let html = link.html().unwrap();
    assert!(html.contains("signs you in once") && !html.contains("type=\"password\""));
}

#[test]
fn every_form_of_the_settings_carries_the_proof() {
    let page = SettingsPage {
        tokens: vec![token(7, "laptop"), token(8, "")],
        sessions: [true, false]
            .map(|is_this| SessionFacts {
                is_this,
                how: "password".to_owned(),
                created_at: Instant::from_millis(BEGAN),
                expires_at: Instant::from_millis(BEGAN + 1),
            })
            .to_vec(),
        ..settings()
    };
    let html = page.html().unwrap();
    let forms = html.matches("<form").count();
    assert_eq!(forms, 7, "{html}");
    assert_eq!(
        html.matches("name=\"proof\" value=\"the-proof\"").count(),
        forms
    );
    for wanted in [
        "action=\"/settings/tokens/7/revoke/\"",
        "aria-label=\"Revoke laptop\"",
        "aria-label=\"Revoke without a name\"",
        "value=\"A &#34;researcher&#34;\"",
        "name=\"current\"",
    ] {
        assert!(html.contains(wanted), "{wanted}: {html}");
    }
    let labels = html.matches("<label>").count();
    let visible = html.matches("<input").count()
        - html.matches("type=\"hidden\"").count()
        - html.matches(" hidden readonly>").count();
    assert_eq!(labels, visible + html.matches("<select").count());
}

#[test]
fn a_problem_leads_to_its_part_and_what_is_told_once_is_told() {
    for (part, id) in [
        (SettingsPart::Profile, "profile"),
        (SettingsPart::Password, "password"),
        (SettingsPart::Tokens, "tokens"),
        (SettingsPart::Passkeys, "passkeys"),
    ] {
        let page = SettingsPage {
            passkeys: Some(Vec::new()),
            problem: Some((part, "Something is <wrong>.".to_owned())),
            ..settings()
        };
        let html = page.html().unwrap();
        let wanted = format!("<a href=\"#{id}\">Something is &#60;wrong&#62;.</a>");
        assert!(html.contains(&wanted), "{html}");
        assert!(html.contains(&format!("<section id=\"{id}\">")), "{html}");
        assert_eq!(html.matches("aria-invalid").count(), 1, "{html}");
    }
    let page = SettingsPage {
        needs_password: false,
        has_password: false,
        new_token: Some("the-token".to_owned()),
        done: Some("It is done."),
        ..settings()
    };
    let html = page.html().unwrap();
    for wanted in [
        "<code>the-token</code>",
        "It is done.",
        "Set a password",
        "You have no token.",
    ] {
        assert!(html.contains(wanted), "{wanted}: {html}");
    }
    assert!(!html.contains("name=\"current\""));
    assert!(html.len() < 60_000);
}

#[test]
fn passkeys_are_asked_for_by_a_script_of_the_site_and_hidden_without_it() {
    let page = SettingsPage {
        passkeys: Some(vec![PasskeyFacts {
            id: 3,
            name: "the <blue> one".to_owned(),
            created_at: Instant::from_millis(BEGAN),
            last_used_at: None,
        }]),
        ..settings()
    };
    let settings_page = page.html().unwrap();
    let sign_in = SignInPage {
        passkeys: true,
        ..SignInPage::default()
    };
    let sign_in = sign_in.html().unwrap();
    for (html, wanted) in [
        (
            &settings_page,
            "data-passkey=\"/settings/passkeys/options\" hidden>",
        ),
        (&settings_page, "action=\"/settings/passkeys/3/remove/\""),
        (&settings_page, "value=\"the &#60;blue&#62; one\""),
        (
            &sign_in,
            "data-passkey=\"/sign-in/passkey/options\" hidden>",
        ),
    ] {
        assert!(html.contains(wanted), "{wanted}: {html}");
    }
    for html in [&settings_page, &sign_in] {
        assert!(html.contains(&format!("src=\"{}\" defer", PASSKEY_SCRIPT.path())));
        assert_eq!(html.matches("<script").count(), 2);
        assert_eq!(
            html.matches("</script>").count(),
            html.matches("defer></script>").count()
        );
    }
}
