//! Whether the script that a command names is there: the commonest mistake, found before anything runs.

use glovebox_levels::did_you_mean;

/// Ends of file names that the runtimes' programs run.
const SCRIPTS: &[&str] = &[
    ".py", ".R", ".r", ".do", ".sh", ".jl", ".ipynb", ".Rmd", ".sql",
];

/// A script that a command names and that is neither code nor an input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MissingScript {
    /// As the command names it.
    pub(crate) path: String,
    /// Files of the study that it may be a slip of.
    pub(crate) nearest: Vec<String>,
}

/// Looks for the script among the words after the image.
///
/// Only the first word that is neither the program nor an option is looked at: a script's own
/// arguments may name files that it is yet to make.
pub(crate) fn missing_script(words: &[String], files: &[String]) -> Option<MissingScript> {
    let is_script = |word: &str| SCRIPTS.iter().any(|end| word.ends_with(end));
    let mut words = words.iter().map(String::as_str);
    let first = words.next()?;
    let path = if is_script(first) {
        first
    } else {
        // `python -m module` and `python -c code` run no file.
        let next =
            words.find(|word| !word.starts_with('-') || matches!(*word, "-m" | "-c" | "-e"))?;
        if !is_script(next) {
            return None;
        }
        next
    };
    let relative = path.strip_prefix("/workspace/").unwrap_or(path);
    if relative.starts_with('/') || relative.split('/').any(|part| part == "..") {
        return None;
    }
    let parts: Vec<&str> = relative
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    // A file, or a link in place of a folder on the way: where that leads is for the system to say.
    let is_there = |depth: usize| {
        let path = parts[..depth].join("/");
        files.contains(&path)
    };
    if (1..=parts.len()).any(is_there) {
        return None;
    }
    let nearest = did_you_mean(&parts.join("/"), files)
        .into_iter()
        .map(str::to_owned)
        .collect();
    Some(MissingScript {
        path: path.to_owned(),
        nearest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_script_that_is_not_there_is_missing() {
        let files = ["analysis/model.py", "analysis/plot.R", "linked"].map(str::to_owned);
        let cases: &[(&str, Option<&str>)] = &[
            ("python analysis/model.py --x missing.py", None),
            ("python -u analysis/model.py", None),
            ("python ./analysis/model.py", None),
            ("python /workspace/analysis/model.py", None),
            ("python analysis//./model.py", None),
            ("python linked/model.py", None),
            ("python analysis/modle.py", Some("analysis/modle.py")),
            ("analysis/plot.R", None),
            ("Rscript analysis/plots.R", Some("analysis/plots.R")),
            ("python -m module.py", None),
            ("python -c print(1)", None),
            ("bash -c script.sh", None),
            ("python /usr/lib/x.py", None),
            ("generate_cohort --study-definition s", None),
            ("python", None),
        ];
        for (command, expected) in cases {
            let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
            let found = missing_script(&words, &files);
            assert_eq!(
                found.as_ref().map(|missing| missing.path.as_str()),
                *expected,
                "{command}"
            );
        }
        let words = ["python", "analysis/modle.py"].map(str::to_owned);
        assert_eq!(
            missing_script(&words, &files).unwrap().nearest,
            ["analysis/model.py"]
        );
        assert_eq!(missing_script(&[], &files), None);
    }
}
