//! What the author of a study definition that goes wrong is told, by Python or after it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod evaluating;

use evaluating::{evaluate, folder, plan};
use glovebox_cohortextractor::{DocumentError, FUNCTIONS, parse_document};

/// What the author of a faulty study is told.
fn complaint(code: &str) -> String {
    let folder = folder(code);
    let evaluation = evaluate(folder.path(), &["generate_cohort"]);
    let problems = match parse_document(&evaluation.document) {
        Ok(_) => {
            assert_eq!(evaluation.code, Some(0), "{}", evaluation.log);
            plan(folder.path(), &evaluation.document)
                .err()
                .unwrap_or_default()
        }
        Err(DocumentError::Study(problems)) => {
            assert_eq!(evaluation.code, Some(1));
            problems
        }
        Err(error) => panic!("{error}: {}", evaluation.log),
    };
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn mistakes_of_python_are_named_with_their_line() {
    let cases = [
        (
            "study = StudyDefinition(patients.all(),\n x=patients.sex(retrun_expectations={}))",
            "analysis/study_definition.py:3: x: patients.sex has no argument \
             'retrun_expectations'; did you mean return_expectations?",
        ),
        (
            "\npatients.sxe()",
            "study_definition.py:3: AttributeError: there is no function patients.sxe; did you mean sex?",
        ),
        (
            "1/0",
            "study_definition.py:2: ZeroDivisionError: division by zero",
        ),
        ("exit(3)", "study_definition.py:2: SystemExit: 3"),
        ("x = (", "study_definition.py:2: SyntaxError"),
        (
            "params['k']",
            "study_definition.py:2: Missing --param error: k",
        ),
        ("x = 1", "defines no 'study'"),
        (
            "codelist([], system='ctv3')",
            "study_definition.py:2: the codelist is empty",
        ),
        (
            "codelist([('a', 1), ('a', 2)], 'ctv3')",
            "code a has two categories: '1' and '2'",
        ),
        (
            "codelist_from_csv('codelists/no.csv', 'ctv3')",
            "cannot read the codelist codelists/no.csv",
        ),
        (
            "combine_codelists(codelist(['a'], 'x'), codelist(['a'], 'y'))",
            "different systems: 'x' and 'y'",
        ),
        (
            "study = StudyDefinition(patients.all(), a=patients.minimum_of())",
            "definition.py:2: a: patients.minimum_of has nothing to compare: give it the names of \
             variables in quotes, or extra columns as keywords",
        ),
        (
            "study = StudyDefinition(patients.all(), a=patients.minimum_of([]))",
            "definition.py:2: a: patients.minimum_of compares variables: give it their names",
        ),
        (
            "\nstudy = StudyDefinition(patients.all(), default_expectations={'int': {'mean': float('nan')}})",
            "definition.py:3: default_expectations: int: mean: nan is not a finite number",
        ),
        (
            "\nstudy = StudyDefinition(patients.all(), index_date=object())",
            "definition.py:3: index_date: a object is no value",
        ),
        (
            "study = StudyDefinition(patients.all(), a=patients.age_as_of('\\ud800'))",
            "definition.py:2: a: reference_date: the text '\\ud800' is not Unicode",
        ),
        (
            "study = StudyDefinition(patients.all(), **{'\\ud800': patients.all()})",
            "definition.py:2: ?: its name: the text '\\ud800' is not Unicode",
        ),
        (
            "study = StudyDefinition(patients.all(), a=patients.with_these_clinical_events(codelist(['\\ud800'], 'ctv3')))",
            "definition.py:2: a: codelist: the text '\\ud800' is not Unicode",
        ),
        (
            "study = StudyDefinition(patients.all(), a=patients.fixed_value(10**5000))",
            "definition.py:2: a: value: a whole number is too large",
        ),
        (
            "study = StudyDefinition(patients.all())\nmeasures = 3",
            "'measures' in analysis/study_definition.py must be a list of Measure",
        ),
        (
            "study = StudyDefinition(patients.all())\nmeasures = {'a': Measure('a', 'b', 'c')}",
            "'measures' in analysis/study_definition.py must be a list of Measure",
        ),
        (
            "study = StudyDefinition(patients.all())\nmeasures = [Measure('a', 'b', 'c'), 'd']",
            "'measures' in analysis/study_definition.py must be a list of Measure",
        ),
        (
            "study = StudyDefinition(patients.all())\nmeasures = [Measure('a', 'b', float('inf'))]",
            "definition.py:3: measure 1: numerator: inf is not a finite number",
        ),
        (
            "raise Exception('\\ud800')",
            "definition.py:2: Exception: ?",
        ),
        (
            "study = StudyDefinition(patients.all(), a=patients.sex(return_expectations={\
             'rate': 'universal', 'date': {'earliest': 'today', 'latest': 'today'}, \
             'category': {'ratios': {'M': 1}}}), b=patients.minimum_of('a'))",
            "b: the values of 'a' are texts, and only numbers and dates have a least",
        ),
    ];
    for (code, expected) in cases {
        let complaint = complaint(code);
        assert!(complaint.contains(expected), "{code}: {complaint}");
    }
}

#[test]
fn all_mistakes_come_at_once() {
    let complaint = complaint(
        "study = StudyDefinition(population=patients.all(1), a=patients.sex(x=1), b=2, \
         patient_id=patients.sex(), c=patients.age_as_of())",
    );
    assert_eq!(complaint.lines().count(), 5, "{complaint}");
}

#[test]
fn a_folder_that_is_no_study_and_a_command_that_is_none() {
    let empty = tempfile::tempdir().unwrap();
    let cases: [(&[&str], i32, &str); 4] = [
        (
            &["generate_cohort"],
            1,
            "this folder has no analysis folder",
        ),
        (
            &["generate_measures", "--output-dir", "x"],
            2,
            "generate_measures is not supported yet",
        ),
        (
            &["generate_cohort", "--nonsense"],
            2,
            "unrecognized arguments",
        ),
        (&["nonsense"], 2, "invalid choice"),
    ];
    for (arguments, code, message) in cases {
        let evaluation = evaluate(empty.path(), arguments);
        assert_eq!(evaluation.code, Some(code));
        assert!(evaluation.log.contains(message), "{}", evaluation.log);
    }
}

#[test]
fn a_study_needs_no_folder_of_codelists_unless_it_reads_one() {
    for (code, expected) in [
        ("study = StudyDefinition(patients.all())", ""),
        (
            "codelist_from_csv('codelists/a.csv', 'ctv3')",
            "cannot read the codelist codelists/a.csv: No such file",
        ),
    ] {
        let folder = folder(code);
        std::fs::remove_dir(folder.path().join("codelists")).unwrap();
        let evaluation = evaluate(folder.path(), &["generate_cohort"]);
        assert_eq!(evaluation.code == Some(0), expected.is_empty());
        assert!(evaluation.log.contains(expected), "{}", evaluation.log);
    }
}

#[test]
fn python_and_rust_know_the_same_functions() {
    let folder = folder(
        "from cohortextractor.signatures import SIGNATURES\n\
         raise Exception(' '.join(f'{n}:' + ','.join(s.names) for n, s in SIGNATURES.items()))",
    );
    let evaluation = evaluate(folder.path(), &["generate_cohort"]);
    let Err(DocumentError::Study(problems)) = parse_document(&evaluation.document) else {
        panic!("{}", evaluation.log);
    };
    // Functions that Python knows by name only, so that a study that uses them is told so by Rust.
    let not_supported = ["with_complete_history_between", "with_an_isaric_record"];
    let listed = problems[0].message.trim_start_matches("Exception: ");
    let mut shared = 0;
    for entry in listed.split(' ') {
        let (name, arguments) = entry.split_once(':').unwrap();
        let found = FUNCTIONS
            .iter()
            .flat_map(|subject| subject.iter())
            .find(|each| each.name == name);
        let Some(function) = found else {
            assert!(not_supported.contains(&name), "Rust does not know {name}");
            continue;
        };
        shared += 1;
        let known = function.argument_names();
        for argument in arguments.split(',').filter(|argument| !argument.is_empty()) {
            assert!(
                known.contains(&argument),
                "Rust does not know {name}({argument})"
            );
        }
    }
    assert_eq!(
        shared,
        FUNCTIONS.iter().map(|subject| subject.len()).sum::<usize>()
    );
}
