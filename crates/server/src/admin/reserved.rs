//! Words that addresses need for themselves, so that nothing can be called by them.

/// First words of addresses: a project called so would hide pages, or be hidden by them.
const FIRST: &[&str] = &[
    "accounts",
    "admin",
    "api",
    "assets",
    "backends",
    "dashboards",
    "docs",
    "event-list",
    "event-log",
    "events",
    "favicon.ico",
    "health",
    "health-check",
    "help",
    "job-requests",
    "jobs",
    "ledger",
    "login",
    "logout",
    "metrics",
    "new",
    "notifications",
    "openapi.json",
    "organisations",
    "orgs",
    "people",
    "projects",
    "publish-repo",
    "releases",
    "repo",
    "review",
    "robots.txt",
    "search",
    "settings",
    "setup",
    "sign-in",
    "sign-out",
    "sign-up",
    "staff",
    "static",
    "status",
    "tokens",
    "user",
    "users",
    "well-known",
    "workspaces",
];

/// Words after a project in an address that are pages of the project, and no workspace.
const OF_PROJECT: &[&str] = &[
    "edit",
    "logs",
    "members",
    "new-workspace",
    "releases",
    "settings",
];

/// Whether no project can be called so. Letters of either case are one here, as people read them.
pub(super) fn is_reserved(slug: &str) -> bool {
    FIRST.iter().any(|word| word.eq_ignore_ascii_case(slug))
}

/// Whether no workspace can be called so.
pub(super) fn is_page_of_project(name: &str) -> bool {
    OF_PROJECT
        .iter()
        .any(|word| word.eq_ignore_ascii_case(name))
}
