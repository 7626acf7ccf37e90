//! Who sees which page, and who may send which form.

use glovebox_server::Role;

use super::{Browser, Fields};
use crate::place::everywhere;

/// Who looks, in the order of the columns below.
const PEOPLE: [(&str, &[Role]); 6] = [
    ("none", &[]),
    ("developer", &[Role::ProjectDeveloper]),
    ("service", &[Role::ServiceAdministrator]),
    ("staff", &[Role::StaffAreaAdministrator]),
    (
        "both",
        &[Role::StaffAreaAdministrator, Role::ServiceAdministrator],
    ),
    (
        "support",
        &[Role::StaffAreaAdministrator, Role::TechSupport],
    ),
];

/// Outside the area nobody sees anything of it, whether it is there or not.
const ALL: [u16; 6] = [403, 403, 403, 200, 200, 200];
const PROJECTS: [u16; 6] = [403, 403, 403, 403, 200, 200];
const WORKSPACES: [u16; 6] = [403, 403, 403, 403, 200, 403];
const NOTHING: [u16; 6] = [403, 403, 403, 404, 404, 404];

const PAGES: &[(&str, [u16; 6])] = &[
    ("/staff/", ALL),
    ("/staff/organisations/", ALL),
    ("/staff/new-organisation/", ALL),
    ("/staff/organisations/institute/", ALL),
    ("/staff/organisations/nowhere/", NOTHING),
    ("/staff/organisations/%00/", NOTHING),
    ("/staff/projects/", ALL),
    ("/staff/new-project/", PROJECTS),
    ("/staff/projects/sick-notes/", ALL),
    ("/staff/projects/nowhere/", NOTHING),
    ("/staff/projects/%00/", NOTHING),
    (
        "/staff/projects/sick-notes/revoke/?username=researcher&role=project_developer",
        PROJECTS,
    ),
    ("/staff/workspaces/", ALL),
    ("/staff/new-workspace/", WORKSPACES),
    ("/staff/new-workspace/?project=sick-notes", WORKSPACES),
    ("/staff/workspaces/long-covid/", ALL),
    ("/staff/workspaces/nowhere/", NOTHING),
    ("/staff/workspaces/%00/", NOTHING),
    ("/staff/workspaces/long-covid/archive/", WORKSPACES),
    ("/staff/backends/", ALL),
    ("/staff/new-backend/", ALL),
    ("/staff/backends/tpp/", ALL),
    ("/staff/backends/nowhere/", NOTHING),
    ("/staff/backends/%00/", NOTHING),
    ("/staff/backends/tpp/pause/", ALL),
    ("/staff/backends/tpp/explode/", NOTHING),
    ("/staff/backends/tpp/renew-token/", ALL),
    ("/staff/backends/tpp/dismiss/?username=researcher", ALL),
    ("/staff/users/", ALL),
    ("/staff/new-user/", ALL),
    ("/staff/users/researcher/", ALL),
    ("/staff/users/nobody/", NOTHING),
    ("/staff/users/%00/", NOTHING),
    ("/staff/users/researcher/revoke/?role=output_checker", ALL),
    ("/staff/users/researcher/revoke/?role=root", NOTHING),
    ("/staff/users/researcher/end-tokens/", ALL),
    ("/staff/users/researcher/end-sessions/", ALL),
    ("/staff/audit/", ALL),
    ("/staff/audit.csv", ALL),
];

#[tokio::test]
async fn each_page_is_for_those_who_may_see_it() {
    everywhere(async |place| {
        let visitor = Browser::of_visitor(&place);
        for (path, _) in PAGES {
            let answered = visitor.get(path).await;
            assert_eq!(answered.status, 401, "{path}");
            assert!(answered.body.contains("Sign in first"), "{path}");
        }
        for (column, (username, roles)) in PEOPLE.into_iter().enumerate() {
            let browser = Browser::of(&place, username, roles).await;
            for (path, statuses) in PAGES {
                let answered = browser.get(path).await;
                assert_eq!(answered.status, statuses[column], "{username} {path}");
            }
        }
        place
    })
    .await;
}

/// Every form there is, and who may send it: everybody with the area, or those who look after projects
/// or workspaces too.
const FORMS: &[(&str, Fields<'static>, [u16; 6])] = &[
    (
        "/staff/new-organisation/",
        &[("slug", "made"), ("name", "Made")],
        ALL,
    ),
    (
        "/staff/organisations/institute/rename/",
        &[("name", "Renamed")],
        ALL,
    ),
    (
        "/staff/new-project/",
        &[
            ("organisation", "institute"),
            ("slug", "made"),
            ("name", "Made"),
        ],
        PROJECTS,
    ),
    (
        "/staff/projects/sick-notes/grant/",
        &[("username", "researcher"), ("role", "project_collaborator")],
        PROJECTS,
    ),
    (
        "/staff/projects/sick-notes/revoke/",
        &[("username", "researcher"), ("role", "project_developer")],
        PROJECTS,
    ),
    (
        "/staff/new-workspace/",
        &[
            ("project", "sick-notes"),
            ("slug", "made"),
            ("repo_url", "https://example.org/made"),
            ("branch", "main"),
        ],
        WORKSPACES,
    ),
    (
        "/staff/workspaces/long-covid/purpose/",
        &[("purpose", "Made")],
        WORKSPACES,
    ),
    ("/staff/workspaces/long-covid/archive/", &[], WORKSPACES),
    ("/staff/workspaces/long-covid/unarchive/", &[], WORKSPACES),
    (
        "/staff/new-backend/",
        &[("slug", "made"), ("name", "Made")],
        ALL,
    ),
    (
        "/staff/backends/tpp/admit/",
        &[("username", "researcher")],
        ALL,
    ),
    (
        "/staff/backends/tpp/dismiss/",
        &[("username", "researcher")],
        ALL,
    ),
    ("/staff/backends/tpp/pause/", &[], ALL),
    ("/staff/backends/tpp/resume/", &[], ALL),
    ("/staff/backends/tpp/begin-maintenance/", &[], ALL),
    ("/staff/backends/tpp/end-maintenance/", &[], ALL),
    ("/staff/backends/tpp/deactivate/", &[], ALL),
    ("/staff/backends/tpp/activate/", &[], ALL),
    ("/staff/backends/tpp/renew-token/", &[], ALL),
    (
        "/staff/new-user/",
        &[("slug", "made"), ("name", "Made")],
        ALL,
    ),
    (
        "/staff/users/researcher/grant/",
        &[("role", "output_checker")],
        ALL,
    ),
    (
        "/staff/users/researcher/revoke/",
        &[("role", "output_checker")],
        ALL,
    ),
    ("/staff/users/researcher/end-tokens/", &[], ALL),
    ("/staff/users/researcher/end-sessions/", &[], ALL),
    ("/staff/users/researcher/sign-in-link/", &[], ALL),
];

#[tokio::test]
async fn a_form_without_its_proof_or_of_somebody_who_may_not_changes_nothing() {
    everywhere(async |place| {
        let visitor = Browser::of_visitor(&place);
        let mut people = Vec::new();
        for (username, roles) in PEOPLE {
            people.push(Browser::of(&place, username, roles).await);
        }
        let before = place.audit().await.len();
        for (path, fields, statuses) in FORMS {
            assert_eq!(visitor.post(path, fields).await.status, 401, "{path}");
            for (column, browser) in people.iter().enumerate() {
                let other = &people[(column + 1) % people.len()].proof;
                for proof in ["", "AAAA", other] {
                    let answered = browser.post_with(proof, path, fields).await;
                    assert_eq!(answered.status, 403, "{column} {path} {proof:?}");
                }
                if statuses[column] == 403 {
                    let answered = browser.post(path, fields).await;
                    assert_eq!(answered.status, 403, "{column} {path}");
                }
            }
        }
        assert_eq!(place.audit().await.len(), before, "something was done");
        // The same forms are taken from those who may.
        let both = &people[4];
        for (path, fields, _) in FORMS {
            let status = both.post(path, fields).await.status;
            assert!([200, 303].contains(&status), "{path}: {status}");
        }
        let audit = place.audit().await;
        let done = audit[before..].iter().filter(|(actor, ..)| actor == "both");
        assert_eq!(done.count(), FORMS.len(), "{:?}", &audit[before..]);
        place
    })
    .await;
}
