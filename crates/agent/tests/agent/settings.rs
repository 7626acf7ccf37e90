//! `agent.toml`: each thing that can be wrong has an error of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use glovebox_agent::{Settings, SettingsError, TokenError};

const GOOD: &str = "
server = 'https://jobs.example.org'
token_file = 'token'
name = 'tpp-1'
folder = 'agent'
slots = 3
repositories = ['https://github.com/opensafely']
runtimes = ['python:v2', 'cohortextractor']

[limits]
cpus = 1.5
memory_mib = 2048
time_minutes = 60
";

fn read(change: (&str, &str), token: &str, mode: u32) -> Result<Settings, SettingsError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    fs::write(&path, token).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    let text = GOOD.replace(change.0, change.1);
    assert!(change.0.is_empty() || text != GOOD, "{change:?}");
    fs::write(dir.path().join("agent.toml"), text).unwrap();
    Settings::read(&dir.path().join("agent.toml"))
}

#[test]
fn settings_in_order_are_read() {
    let settings = read(("slots = 3", "slots = 4"), "secret\n", 0o600).unwrap();
    assert_eq!(settings.slots, 4);
    assert_eq!(settings.workspaces, settings.folder.join("workspaces"));
    assert!(settings.folder.is_absolute());
    assert_eq!(settings.limits.memory, 2 << 30);
    assert_eq!(settings.limits.wall.as_secs(), 3600);
    assert_eq!(settings.limits.cpu_time.as_secs(), 5400);
    let shown = format!("{settings:?}");
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn each_wrong_setting_has_its_error() {
    type Is = fn(&SettingsError) -> bool;
    let cases: &[((&str, &str), Is)] = &[
        (("slots = 3", "slots = "), |e| {
            matches!(e, SettingsError::Syntax(_))
        }),
        (("slots = 3", "slot = 3"), |e| {
            matches!(e, SettingsError::Syntax(_))
        }),
        (("cpus", "cpu"), |e| matches!(e, SettingsError::Syntax(_))),
        (("name = 'tpp-1'", ""), |e| {
            matches!(e, SettingsError::Syntax(_))
        }),
        (("token_file = 'token'", "token = 'secret'"), |e| {
            matches!(e, SettingsError::Syntax(_))
        }),
        (("slots = 3", "slots = 0"), |e| {
            matches!(e, SettingsError::Slots(0))
        }),
        (("slots = 3", "slots = 257"), |e| {
            matches!(e, SettingsError::Slots(257))
        }),
        (("https://jobs", "http://jobs"), |e| {
            matches!(e, SettingsError::Server(_))
        }),
        (("tpp-1", "a b"), |e| matches!(e, SettingsError::Name(_))),
        (("tpp-1", ""), |e| matches!(e, SettingsError::Name(_))),
        (("https://github.com/opensafely", "github.com"), |e| {
            matches!(e, SettingsError::Repository { .. })
        }),
        (("https://github.com/opensafely", "file:///srv"), |e| {
            matches!(e, SettingsError::Repository { .. })
        }),
        (
            ("https://github.com/opensafely", "https://a@b.org/x"),
            |e| matches!(e, SettingsError::Repository { .. }),
        ),
        (("['https://github.com/opensafely']", "[]"), |e| {
            matches!(e, SettingsError::AllowsNothing("repositories"))
        }),
        (("['python:v2', 'cohortextractor']", "[]"), |e| {
            matches!(e, SettingsError::AllowsNothing("runtimes"))
        }),
        (("python:v2", "python:"), |e| {
            matches!(e, SettingsError::Runtime(_))
        }),
        (("cpus = 1.5", "cpus = 0.0"), |e| {
            matches!(e, SettingsError::Limit("limits.cpus"))
        }),
        (("cpus = 1.5", "cpus = nan"), |e| {
            matches!(e, SettingsError::Limit("limits.cpus"))
        }),
        (("2048", "0"), |e| {
            matches!(e, SettingsError::Limit("limits.memory_mib"))
        }),
        (("2048", "9223372036854775807"), |e| {
            matches!(e, SettingsError::Limit("limits.memory_mib"))
        }),
        (("= 60", "= 0"), |e| {
            matches!(e, SettingsError::Limit("limits.time_minutes"))
        }),
        (("'token'", "'no-such-file'"), |e| {
            matches!(
                e,
                SettingsError::Token {
                    source: TokenError::Read(_),
                    ..
                }
            )
        }),
        (("'token'", "'.'"), |e| {
            matches!(
                e,
                SettingsError::Token {
                    source: TokenError::NotAFile,
                    ..
                }
            )
        }),
    ];
    for (change, is) in cases {
        let error = read(*change, "secret", 0o600).unwrap_err();
        assert!(is(&error), "{change:?}: {error:?}");
        assert!(
            !error.to_string().contains("secret'") || change.1.contains("secret"),
            "{error}"
        );
    }
}

#[test]
fn a_token_that_others_may_read_is_refused() {
    for mode in [0o640, 0o604, 0o644, 0o620, 0o660] {
        let error = read(("", ""), "secret", mode).unwrap_err();
        assert!(
            matches!(error, SettingsError::Token { source: TokenError::Mode(found), .. } if found == mode),
            "{mode:o}: {error}"
        );
    }
    for content in [
        "",
        "\n",
        "two\nlines",
        "sp ace",
        "\u{e9}",
        &"x".repeat(4097),
    ] {
        let error = read(("", ""), content, 0o600).unwrap_err();
        let is = matches!(
            error,
            SettingsError::Token {
                source: TokenError::Content,
                ..
            }
        );
        assert!(is, "{content:?}: {error}");
    }
}
