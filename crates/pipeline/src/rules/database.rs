//! Which actions read the database.

use crate::project::Run;

/// Whether an action may connect to the patients' database. Everything else runs without network.
///
/// Decided by the image and the word right after it, and by nothing else.
pub(crate) fn is_database_action(run: &Run) -> bool {
    let command = run.arguments().first().map(String::as_str);
    match run.image.name.as_str() {
        "sqlrunner" => true,
        "ehrql" => matches!(command, Some("generate-dataset" | "generate-measures")),
        "cohortextractor" => {
            matches!(
                command,
                Some("generate_cohort" | "generate_codelist_report")
            )
        }
        "databuilder" => command == Some("generate-dataset"),
        _ => false,
    }
}

/// Whether a run is one of some commands of its image.
///
/// The first word is the command. Where it is an option instead, every later word may be the
/// command, since what options take an argument is not known here. A command is recognised by
/// how it begins, as the reference does.
pub(super) fn runs_command(run: &Run, commands: &[&str]) -> bool {
    let arguments = run.arguments();
    let is_command = |word: &String| commands.iter().any(|command| word.starts_with(command));
    match arguments.first() {
        Some(first) if first.starts_with('-') => arguments.iter().any(is_command),
        Some(first) => is_command(first),
        None => false,
    }
}
