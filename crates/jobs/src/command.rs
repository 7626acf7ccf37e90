//! The command of a job, as one line that is shown and that weights are found by.

use glovebox_pipeline::Action;

/// The words of an action, its `config` among them if it has any, quoted so that a POSIX shell would
/// read the same words again. The reference shows commands so, and its weights match on it.
pub fn one_line(action: &Action) -> String {
    let words = action.command_line();
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}

/// Quotes a word where it needs it, as `shlex.quote` of Python does.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r#"'"'"'"#))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_python_quotes_them() {
        for (word, quoted) in [
            ("", "''"),
            ("a/b-c_d.e:f@g%h+i=j,k", "a/b-c_d.e:f@g%h+i=j,k"),
            ("a b", "'a b'"),
            ("it's", r#"'it'"'"'s'"#),
            (r#"{"a": 1}"#, r#"'{"a": 1}'"#),
            ("é", "'é'"),
        ] {
            assert_eq!(quote(word), quoted);
        }
    }

    #[test]
    fn a_line_reads_back_as_its_words() {
        let project = glovebox_pipeline::check(
            r#"
version: 4
actions:
  plain:
    run: python:v2   "python" 'a b.py'
    outputs: {moderately_sensitive: {o: a.csv}}
  with_config:
    run: python:v2 python 'a b.py'
    config: {text: it's}
    outputs: {moderately_sensitive: {o: b.csv}}
"#,
        )
        .outcome
        .expect("a project");
        let line = |name| one_line(project.action(name).expect("an action"));
        assert_eq!(line("plain"), "python:v2 python 'a b.py'");
        for action in project.actions() {
            assert_eq!(
                glovebox_pipeline::split_words(&one_line(action)).expect("words"),
                action.command_line()
            );
        }
    }
}
