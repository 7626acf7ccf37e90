//! The stable names of everything that can be said about a project file.

macro_rules! kinds {
    ($($variant:ident => $name:literal, $meaning:literal;)*) => {
        /// What is wrong, or worth a warning: `subject:fault`.
        ///
        /// Programs may rely on these names; the wording of a message may change at any time.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Kind {
            $(#[doc = $meaning] $variant,)*
        }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

kinds! {
    YamlNotUtf8 => "yaml:not-utf-8", "The bytes are not UTF-8.";
    YamlTooLarge => "yaml:too-large", "The file, or what its aliases expand to, is beyond the limits.";
    YamlTooDeep => "yaml:too-deep", "Lists and maps stand inside each other beyond the limit.";
    YamlSyntax => "yaml:syntax", "The text is not YAML.";
    YamlRecursiveAlias => "yaml:recursive-alias", "An alias stands inside what it refers to.";
    YamlDuplicateKey => "yaml:duplicate-key", "A map has the same key twice.";
    YamlMultipleDocuments => "yaml:multiple-documents", "A second document begins.";
    YamlEmpty => "yaml:empty", "There is nothing in the file.";
    ProjectNotAMap => "project:not-a-map", "The file is not a map.";
    ProjectKeyNotAString => "project:key-not-a-string", "A key of the file is not a string.";
    ProjectUnknownKey => "project:unknown-key", "A key of the file is not known.";
    ProjectTooManyErrors => "project:too-many-errors", "More errors were found than are reported.";
    VersionMissing => "version:missing", "There is no version.";
    VersionNotANumber => "version:not-a-number", "The version is not a finite number.";
    VersionTooNew => "version:too-new", "The version does not exist yet.";
    VersionOld => "version:old", "Warning: a newer version of the format exists.";
    ActionsNotAMap => "actions:not-a-map", "`actions` is missing or not a map.";
    ActionBadName => "action:bad-name", "An action has a name that cannot be used.";
    ActionDuplicateName => "action:duplicate-name", "Two action names differ only in their type.";
    ActionNameNotAString => "action:name-not-a-string", "Warning: nothing can need an action whose name is not a string.";
    ActionRunAllReserved => "action:run-all-reserved", "`run_all` is no name for an action from version 5 on.";
    ActionRunAllIgnored => "action:run-all-ignored", "Warning: an action named `run_all` is left out of `run_all`.";
    ActionNotAMap => "action:not-a-map", "An action is not a map.";
    ActionNoRun => "action:no-run", "An action has no `run`.";
    ActionNoOutputs => "action:no-outputs", "An action has no `outputs`.";
    ActionKeyNotAString => "action:key-not-a-string", "A key of an action is not a string.";
    ActionUnknownKey => "action:unknown-key", "A key of an action is not known.";
    RunNotAString => "run:not-a-string", "`run` is not a string.";
    RunEmpty => "run:empty", "`run` holds no word.";
    RunTooManyWords => "run:too-many-words", "The commands of the file have more words than are read.";
    RunUnbalancedQuote => "run:unbalanced-quote", "A quote in `run` is never closed.";
    RunTrailingBackslash => "run:trailing-backslash", "`run` ends with a backslash that escapes nothing.";
    RunBadImage => "run:bad-image", "The image in `run` has a name that cannot be used.";
    RunBadImageVersion => "run:bad-image-version", "The image in `run` has no valid version.";
    RunLatestRemoved => "run:latest-removed", "`:latest` is forbidden from version 5 on.";
    RunLatest => "run:latest", "Warning: `:latest` says nothing about which version will run.";
    RunDuplicateCommand => "run:duplicate-command", "Two actions have the same command.";
    NeedsNotAList => "needs:not-a-list", "`needs` is not a list.";
    NeedsItemNotAString => "needs:item-not-a-string", "An item of `needs` is not a string.";
    NeedsItemHasSpace => "needs:item-has-space", "An item of `needs` contains a space.";
    NeedsUnknownAction => "needs:unknown-action", "An item of `needs` names no action.";
    NeedsCycle => "needs:cycle", "Actions need each other in a circle.";
    NeedsDuplicate => "needs:duplicate", "Warning: `needs` names an action twice.";
    OutputsNotAMap => "outputs:not-a-map", "`outputs` is not a map.";
    OutputsNoneGiven => "outputs:none-given", "`outputs` has no security level.";
    OutputsKeyNotAString => "outputs:key-not-a-string", "A security level is not a string.";
    OutputsUnknownLevel => "outputs:unknown-level", "A security level is not known.";
    OutputsLevelNotAMap => "outputs:level-not-a-map", "What stands under a level is not a map.";
    OutputsPathNotAString => "outputs:path-not-a-string", "An output path is not a string.";
    OutputsDuplicatePath => "outputs:duplicate-path", "An output path is given twice.";
    OutputsOverlap => "outputs:overlap", "Warning: outputs of two actions match the same file.";
    PathBackslash => "path:backslash", "A path contains a backslash.";
    PathUnsupportedWildcard => "path:unsupported-wildcard", "A path contains a wildcard other than `*`.";
    PathNoExtension => "path:no-extension", "A path has no file extension.";
    PathTypeNotAllowedAtModerate => "path:type-not-allowed-at-moderate", "A file type may not stand at the moderately sensitive level.";
    PathNotNormalised => "path:not-normalised", "A path is not in its shortest form.";
    PathInMetadataDir => "path:in-metadata-dir", "A path lies in `metadata/`.";
    PathAbsolute => "path:absolute", "A path is absolute.";
    PathEscapesWorkspace => "path:escapes-workspace", "A path leads out of the workspace.";
    PathReserved => "path:reserved", "A path lies in a folder that is kept for tools.";
    PathControlCharacter => "path:control-character", "A path contains a control character.";
    PathTooLong => "path:too-long", "A path is longer than a file can be named.";
    ConfigNotAMap => "config:not-a-map", "`config` is not a map.";
    ConfigNotJson => "config:not-json", "A value in `config` has no JSON form.";
    DummyDataFileNotAString => "dummy-data-file:not-a-string", "`dummy_data_file` is not a string.";
    DummyDataFileEscapesWorkspace => "dummy-data-file:escapes-workspace", "`dummy_data_file` leads out of the workspace.";
    CohortextractorRemoved => "cohortextractor:removed", "cohortextractor is forbidden from version 4 on.";
    CohortextractorMoreThanOneLevel => "cohortextractor:more-than-one-level", "`generate_cohort` has outputs at more than one level.";
    CohortextractorManyDirs => "cohortextractor:many-dirs", "`generate_cohort` has outputs in more than one folder.";
    EhrqlOutputsNotHighlySensitive => "ehrql:outputs-not-highly-sensitive", "`generate-dataset` has outputs below highly sensitive.";
    EhrqlNoOutputArgument => "ehrql:no-output-argument", "`generate-dataset` has no `--output`.";
    EhrqlOutputMismatch => "ehrql:output-mismatch", "`--output` and `outputs` do not agree.";
    ExpectationsMissing => "expectations:missing", "Version 3 demands `expectations`.";
    ExpectationsForbidden => "expectations:forbidden", "`expectations` is forbidden from version 4 on.";
    ExpectationsNotAMap => "expectations:not-a-map", "`expectations` is not a map.";
    ExpectationsNoPopulationSize => "expectations:no-population-size", "`expectations` has no `population_size`.";
    ExpectationsUnknownKey => "expectations:unknown-key", "A key of `expectations` is not known.";
    ExpectationsNotANumber => "expectations:not-a-number", "`population_size` is not a whole number.";
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_distinct_and_in_one_style() {
        let names: HashSet<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
        for name in names {
            let (subject, fault) = name.split_once(':').unwrap_or_default();
            for word in [subject, fault] {
                assert!(!word.is_empty(), "{name}");
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                assert!(word.chars().all(plain), "{name}");
            }
        }
    }
}
