//! Which images there are, and what a wrong table says.

use glovebox_runtimes::{Builtin, ResolveError, Runtimes};

fn embedded() -> Runtimes {
    Runtimes::embedded().expect("the table that comes with Glovebox")
}

#[test]
fn images_of_real_studies_are_known() {
    for (name, version, builtin) in [
        ("cohortextractor", "latest", Some(Builtin::CohortExtractor)),
        ("cohortextractor", "v1", Some(Builtin::CohortExtractor)),
        ("cohortextractor", "v1.93.3", Some(Builtin::CohortExtractor)),
        ("python", "latest", None),
        ("python", "v1", None),
        ("python", "v2", None),
        ("python", "v2.1", None),
        ("r", "latest", None),
        ("r", "v1", None),
        ("r", "v2", None),
    ] {
        let runtime = embedded().resolve(name, version).expect(name);
        assert_eq!(runtime.builtin(), builtin);
        assert_eq!(runtime.id(), format!("{name}:{version}"));
    }
}

#[test]
fn other_versions_are_not_taken_for_known_ones() {
    for (name, version) in [
        ("python", "v9"),
        ("python", ""),
        ("python", "Latest"),
        ("python", "v2."),
        ("python", "v2.x"),
        ("python", "v2..1"),
        ("python", "v2.*"),
        ("python", "v21"),
        ("cohortextractor", "v1.٣"),
        ("r", "v1.1"),
        ("r", "dev"),
    ] {
        let error = embedded().resolve(name, version).expect_err(version);
        assert!(
            matches!(error, ResolveError::UnknownVersion { .. }),
            "{name}:{version}"
        );
    }
    let error = embedded().resolve("python", "v9").expect_err("no v9");
    insta::assert_snapshot!(error, @"there is no version `v9` of python; its versions here are latest, v1, v2, v2.*");
}

#[test]
fn an_image_of_the_field_is_told_from_an_unknown_one() {
    for name in [
        "ehrql",
        "databuilder",
        "sqlrunner",
        "jupyter",
        "stata-mp",
        "cohort-joiner",
        "cox-ipw",
        "deciles-charts",
        "kaplan-meier-function",
        "matching",
    ] {
        let error = embedded().resolve(name, "latest").expect_err(name);
        assert!(matches!(error, ResolveError::NotAvailable { .. }), "{name}");
    }
    let error = embedded().resolve("ehrql", "v1").expect_err("ehrql");
    insta::assert_snapshot!(error, @"ehrql is not available here: ehrQL datasets cannot be generated here yet");
}

#[test]
fn an_unknown_image_lists_the_known_ones_and_guesses() {
    let error = embedded().resolve("pyhton", "latest").expect_err("a slip");
    insta::assert_snapshot!(error, @"there is no image `pyhton` (did you mean `python`?); the images here are cohortextractor, python, r");
    for (name, meant) in [
        ("Python", Some("python")),
        ("ghcr.io/opensafely-core/python", Some("python")),
        ("cohort-extractor", Some("cohortextractor")),
        ("cohortextactor", Some("cohortextractor")),
        ("R", Some("r")),
        ("stata", Some("stata-mp")),
        ("ubuntu", None),
        ("x", None),
        ("", None),
        ("\u{1f9e4}", None),
    ] {
        let Err(ResolveError::UnknownImage {
            suggestion, known, ..
        }) = embedded().resolve(name, "latest")
        else {
            panic!("{name} is unknown");
        };
        assert_eq!(suggestion.as_deref(), meant, "{name}");
        assert_eq!(known, ["cohortextractor", "python", "r"]);
    }
}

#[test]
fn a_wrong_table_says_what_is_wrong() {
    let python = "[environments.p]\nkind = \"python\"\nlock = \"python.txt\"\nimports = []\nprogram = \"python\"\n";
    let message = |text: &str| Runtimes::from_toml(text).expect_err(text).to_string();
    let image = |keys: &str| message(&format!("{python}[images.i]\n{keys}\n"));
    insta::assert_snapshot!(image("environment = \"q\"\nversions = [\"latest\"]"), @"the image `i` names the environment `q`, which the table does not have");
    let incomplete =
        "the image `i` needs an environment and at least one version, or else `unavailable` alone";
    for keys in [
        "",
        "environment = \"p\"",
        "environment = \"p\"\nversions = []",
        "versions = [\"latest\"]",
        "unavailable = \"no\"\nversions = [\"latest\"]",
        "unavailable = \"no\"\nenvironment = \"p\"\nversions = [\"latest\"]",
        "unavailable = \"no\"\nbuiltin = \"cohortextractor\"",
    ] {
        assert_eq!(image(keys), incomplete, "{keys}");
    }
    let lock = |name: &str| message(&python.replace("python.txt", name));
    insta::assert_snapshot!(lock("other.txt"), @"there is no lock `other.txt`: it is a file name, of a file beside the table");
    for name in ["../python.txt", "/etc/passwd", ".", ""] {
        assert!(
            lock(name).starts_with(&format!("there is no lock `{name}`")),
            "{name}"
        );
    }
    let r = "[environments.r]\nkind = \"r\"\nprogram = \"Rscript\"\npackages = []\n[images.i]\nbuiltin = \"cohortextractor\"\nenvironment = \"r\"\nversions = [\"v1\"]\n";
    insta::assert_snapshot!(message(r), @"the image `i` is built in and needs an environment of kind \"python\"");
    for text in [
        "images = 1",
        "[images.i",
        "[images.i]\nversion = [\"v1\"]",
        "[images.i]\nbuiltin = \"shell\"",
        "[environments.e]\nkind = \"perl\"",
        "[environments.e]\nlock = \"python.txt\"",
        "other = 1",
    ] {
        assert!(
            message(text).starts_with("the table of runtimes is wrong: "),
            "{text}"
        );
    }
}

#[test]
fn every_image_has_a_row() {
    let rows = embedded().images();
    let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names[..3], ["cohortextractor", "python", "r"]);
    assert!(
        rows[..3]
            .iter()
            .all(|row| row.runtime.is_ok() && !row.versions.is_empty())
    );
    assert!(
        rows[3..]
            .iter()
            .all(|row| row.runtime.is_err() && row.versions.is_empty())
    );
}
