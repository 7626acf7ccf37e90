//! A matching from its input files to its output files.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::{
    MatchError, Problem, Progress, Settings, Stage, Summary,
    choose::{Candidates, choose},
    dates::Day,
    exclusions::{Exclusions, Verdict},
    output::{self, Chosen, overwritten},
    problem::on_one_line,
    report::{self, Times},
    rounding::{Description, Rounded},
    table::{
        Dictionaries, Kind, NO_ROW, Row, Source, Table, UNKNOWN_CODE, Wanted, same_person, scan,
        sorted_by_id,
    },
};

/// The two files that are matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The people who are to be given controls; `.csv` or `.csv.gz`.
    pub cases: PathBuf,
    /// The people who may become controls; `.csv` or `.csv.gz`.
    pub controls: PathBuf,
}

impl Inputs {
    /// What is wrong with the files that can be told without any settings: whether they are there
    /// and begin with a header. For callers whose settings are wrong, to report both at once.
    pub fn problems(&self) -> Vec<Problem> {
        [&self.cases, &self.controls]
            .into_iter()
            .filter_map(|path| Source::open(path).err())
            .collect()
    }
}

/// Matches the controls of `inputs` to its cases and writes `matched_cases`, `matched_matches`,
/// `matched_combined` and `matching_report` to the folder that the settings name.
///
/// Everything is checked before anything is matched, and every problem is reported. The files are
/// written under temporary names and renamed once all are whole: on any error the folder is as
/// it was, except that a failure of the renaming itself can leave some of the new files.
pub fn match_files(
    inputs: &Inputs,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<Summary, MatchError> {
    let started = Timestamp::now();
    let data = Data::read(inputs, settings, progress)?;
    let read = Timestamp::now();
    let mut summary = Summary {
        cases_read: data.cases.rows() as usize,
        controls_read: data.controls.rows() as usize,
        in_both: data
            .same_person
            .iter()
            .filter(|control| **control != NO_ROW)
            .count(),
        oddities: data.oddities(settings),
        ..Summary::default()
    };

    let case_order = data.case_order(settings);
    let control_order = data.control_order(settings);
    summary.cases_eligible = case_order.len();
    summary.controls_eligible = control_order.len();
    let candidates = Candidates {
        cases: &data.cases,
        controls: &data.controls,
        case_order: &case_order,
        control_dates: &data.control_dates,
        control_order: &control_order,
        same_person: &data.same_person,
    };
    let choice = choose(settings, &candidates, progress)?;
    let matched = Timestamp::now();

    for found in &choice.found {
        *summary.found.entry(*found).or_default() += 1;
    }
    let kept: Vec<(Row, u32)> = case_order
        .iter()
        .copied()
        .zip(choice.found.iter().copied())
        .filter(|(_, found)| *found >= settings.min_matches_per_case)
        .collect();
    summary.cases_matched = kept.len();
    summary.controls_matched = choice
        .case_of
        .iter()
        .filter(|case| **case != NO_ROW)
        .count();

    let closest = data.describe_closest(settings, &kept, &choice.case_of);
    let report = report::text(
        settings,
        Times {
            started,
            read,
            matched,
        },
        &summary,
        &closest,
    );
    let chosen = Chosen {
        cases: (&data.case_source, &data.cases),
        controls: (&data.control_source, &data.controls),
        kept: &kept,
        case_of: &choice.case_of,
        control_dates: &data.control_dates,
        report: &report,
    };
    summary.files = output::write(settings, &chosen, progress)?;
    Ok(summary)
}

/// Both files, read and found sound.
struct Data {
    case_source: Source,
    control_source: Source,
    cases: Table,
    controls: Table,
    /// The controls in the order of their ids.
    sorted_controls: Vec<Row>,
    /// For each case the control that is the same person, or [`NO_ROW`].
    same_person: Vec<Row>,
    /// The index date that each case's controls are given, by the case's row; empty if none.
    control_dates: Vec<Day>,
}

impl Data {
    fn read(
        inputs: &Inputs,
        settings: &Settings,
        progress: &dyn Progress,
    ) -> Result<Self, MatchError> {
        let (case_source, control_source) =
            match (Source::open(&inputs.cases), Source::open(&inputs.controls)) {
                (Ok(cases), Ok(controls)) => (cases, controls),
                (cases, controls) => {
                    let problems = [cases.err(), controls.err()].into_iter().flatten();
                    return Err(MatchError::Data(problems.collect()));
                }
            };
        let mut problems = Vec::new();
        let mut dictionaries = Dictionaries::new(Wanted::dictionaries(settings));
        let cases = scan(
            &case_source,
            Wanted::in_cases(settings),
            &mut dictionaries,
            &mut problems,
            (Stage::ReadingCases, progress),
        )?;
        dictionaries.close();
        let controls = scan(
            &control_source,
            Wanted::in_controls(settings),
            &mut dictionaries,
            &mut problems,
            (Stage::ReadingControls, progress),
        )?;
        let sorted_cases = sorted_by_id(&case_source, &cases, &mut problems);
        let sorted_controls = sorted_by_id(&control_source, &controls, &mut problems);
        let control_dates = control_dates(settings, &case_source, &cases, &mut problems);
        if !problems.is_empty() {
            return Err(MatchError::Data(problems));
        }
        let same_person = same_person(
            (&cases.ids, &sorted_cases),
            (&controls.ids, &sorted_controls),
        );
        Ok(Self {
            case_source,
            control_source,
            cases,
            controls,
            sorted_controls,
            same_person,
            control_dates,
        })
    }

    /// The cases that are not excluded, in the order in which they are given controls.
    fn case_order(&self, settings: &Settings) -> Vec<Row> {
        let dates = self.cases.days(&settings.index_date_variable);
        let exclusions = Exclusions::of(&self.cases, settings);
        let mut order: Vec<Row> = (0..self.cases.rows())
            .filter(|row| exclusions.verdict(*row, dates[*row as usize]) == Verdict::Eligible)
            .collect();
        order.sort_by_key(|row| (dates[*row as usize], self.cases.ids.get(*row)));
        order
    }

    /// The controls that may be chosen at all, in the order of their ids.
    fn control_order(&self, settings: &Settings) -> Vec<Row> {
        let mut allowed = vec![true; self.controls.rows() as usize];
        if settings.drop_cases_from_matches {
            for control in self
                .same_person
                .iter()
                .filter(|control| **control != NO_ROW)
            {
                allowed[*control as usize] = false;
            }
        }
        if settings.generate_match_index_date.is_none() {
            let dates = self.controls.days(&settings.index_date_variable);
            let exclusions = Exclusions::of(&self.controls, settings);
            for (row, date) in (0..).zip(dates) {
                allowed[row as usize] &= exclusions.verdict(row, *date) == Verdict::Eligible;
            }
        }
        self.sorted_controls
            .iter()
            .copied()
            .filter(|row| allowed[*row as usize])
            .collect()
    }

    fn describe_closest(
        &self,
        settings: &Settings,
        kept: &[(Row, u32)],
        case_of: &[Row],
    ) -> Vec<report::Closest> {
        let describe = |name: &String| {
            let (of_cases, of_controls) = (self.cases.numbers(name), self.controls.numbers(name));
            let cases = kept.iter().map(|(case, _)| of_cases[*case as usize]);
            let controls = of_controls
                .iter()
                .zip(case_of)
                .filter(|(_, case)| **case != NO_ROW);
            (
                name.clone(),
                Description::new(cases),
                Description::new(controls.map(|(value, _)| *value)),
            )
        };
        settings
            .closest_match_variables
            .iter()
            .map(describe)
            .collect()
    }

    /// What is no mistake, but may not be what the study meant.
    fn oddities(&self, settings: &Settings) -> Vec<String> {
        let mut oddities = Vec::new();
        let in_both = self
            .same_person
            .iter()
            .filter(|control| **control != NO_ROW)
            .count();
        if in_both > 0 {
            let what_happens = if settings.drop_cases_from_matches {
                "they are not used as controls"
            } else {
                "they may be controls of other cases; drop_cases_from_matches prevents it"
            };
            oddities.push(format!(
                "{} people are in both files: {what_happens}",
                Rounded(in_both)
            ));
        }
        for (who, table, source) in [
            ("cases", &self.cases, &self.case_source),
            ("controls", &self.controls, &self.control_source),
        ] {
            for (wanted, column) in table.columns() {
                let missing = column.missing();
                // A missing date is the normal state of a date that excludes.
                if missing > 0 && wanted.setting != "date_exclusion_variables" {
                    oddities.push(format!(
                        "`{}` is missing in {} of {} {who}{}",
                        wanted.name,
                        Rounded(missing),
                        Rounded(table.rows() as usize),
                        if wanted.setting == "match_variables" {
                            ", who match nobody"
                        } else {
                            ""
                        },
                    ));
                }
            }
            for name in overwritten(settings, source, who == "cases") {
                oddities.push(format!(
                    "the {who} have a column `{name}`, which was overwritten"
                ));
            }
        }
        for (wanted, _) in self.controls.columns() {
            if let Kind::Category(_) = wanted.kind {
                let in_controls = self.controls.codes(&wanted.name, false);
                let in_cases = self.cases.codes(&wanted.name, false);
                let known = |codes: &[u32]| codes.iter().any(|code| *code < UNKNOWN_CODE);
                if known(in_cases) && !in_controls.is_empty() && !known(in_controls) {
                    oddities.push(format!(
                        "no value of `{}` is in both files, so nobody can match: is it coded alike?",
                        wanted.name
                    ));
                }
            }
        }
        oddities.into_iter().map(on_one_line).collect()
    }
}

/// The index date that the controls of each case are given, or nothing if they have their own.
fn control_dates(
    settings: &Settings,
    source: &Source,
    cases: &Table,
    problems: &mut Vec<Problem>,
) -> Vec<Day> {
    let Some(offset) = settings.generate_match_index_date else {
        return Vec::new();
    };
    let dates = cases.days(&settings.index_date_variable);
    let moved: Vec<Day> = dates
        .iter()
        .filter_map(|date| offset.apply(*date))
        .collect();
    if moved.len() < dates.len() {
        problems.push(Problem::new(
            source.path().display().to_string(),
            format!(
                "generate_match_index_date moves {} date(s) of `{}` out of the years 1 to 9999",
                dates.len() - moved.len(),
                settings.index_date_variable
            ),
        ));
    }
    moved
}
