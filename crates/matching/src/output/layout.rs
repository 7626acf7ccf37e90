//! Which columns an output file has, and where each cell comes from.

use crate::{MatchRule, Settings, table::Source};

/// Where a cell of an output row comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// The cell at this place of the input row, unchanged.
    Input(usize),
    /// The index date made from the case's.
    ControlDate,
    /// The month of this column, two digits.
    Month(String),
    /// The `patient_id` of the set's case.
    SetId,
    /// 1 for a case, 0 for a control.
    Indicator,
    /// How many controls the case has.
    MatchCounts,
    /// The file that this row is from has no such column.
    Empty,
}

/// Column names with the origin of their cells.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub(super) columns: Vec<(Vec<u8>, Cell)>,
}

impl Layout {
    /// `matched_cases`: `patient_id`, the input's columns, months, `set_id`, indicator, counts.
    pub(super) fn of_cases(settings: &Settings, source: &Source) -> Self {
        let mut layout = Self::of_input(source);
        layout.put_common(settings);
        layout.put("match_counts", Cell::MatchCounts);
        layout
    }

    /// `matched_matches`: the same without counts; a generated date that the input does not have
    /// comes after its columns.
    pub(super) fn of_controls(settings: &Settings, source: &Source) -> Self {
        let mut layout = Self::of_input(source);
        if settings.generate_match_index_date.is_some() {
            layout.put(&settings.index_date_variable, Cell::ControlDate);
        }
        layout.put_common(settings);
        layout
    }

    /// `matched_combined`: the columns of the cases, then those that only the controls have; as a
    /// layout for rows of the cases and one for rows of the controls.
    pub(super) fn combined(cases: &Self, controls: &Self) -> (Self, Self) {
        let only_controls = controls
            .columns
            .iter()
            .filter(|(name, _)| cases.cell(name).is_none())
            .cloned();
        let names: Vec<Vec<u8>> = cases
            .columns
            .iter()
            .cloned()
            .chain(only_controls)
            .map(|(name, _)| name)
            .collect();
        let fill = |layout: &Self| Self {
            columns: names
                .iter()
                .map(|name| {
                    (
                        name.clone(),
                        layout.cell(name).cloned().unwrap_or(Cell::Empty),
                    )
                })
                .collect(),
        };
        (fill(cases), fill(controls))
    }

    fn cell(&self, name: &[u8]) -> Option<&Cell> {
        self.columns
            .iter()
            .find(|(column, _)| column == name)
            .map(|(_, cell)| cell)
    }

    fn of_input(source: &Source) -> Self {
        let mut columns: Vec<_> = source
            .header()
            .iter()
            .enumerate()
            .map(|(position, name)| (name.to_vec(), Cell::Input(position)))
            .collect();
        let id = columns
            .iter()
            .position(|(name, _)| name == b"patient_id")
            .unwrap_or(0);
        columns[..=id].rotate_right(1);
        Self { columns }
    }

    fn put_common(&mut self, settings: &Settings) {
        for name in month_variables(settings) {
            self.put(&format!("{name}_m"), Cell::Month(name.to_owned()));
        }
        self.put("set_id", Cell::SetId);
        self.put(&settings.indicator_variable_name, Cell::Indicator);
    }

    /// A column that the input already has is overwritten where it stands.
    fn put(&mut self, name: &str, cell: Cell) {
        match self
            .columns
            .iter_mut()
            .find(|(column, _)| column == name.as_bytes())
        {
            Some((_, old)) => *old = cell,
            None => self.columns.push((name.as_bytes().to_vec(), cell)),
        }
    }
}

fn month_variables(settings: &Settings) -> impl Iterator<Item = &str> {
    settings
        .match_variables
        .iter()
        .filter(|(_, rule)| *rule == MatchRule::MonthOnly)
        .map(|(name, _)| name.as_str())
}

/// The columns of an input file that its output has under the same name with other content,
/// other than an index date that the settings say to generate.
pub(crate) fn overwritten(settings: &Settings, source: &Source, is_cases: bool) -> Vec<String> {
    let mut names: Vec<String> = month_variables(settings)
        .map(|name| format!("{name}_m"))
        .collect();
    names.push("set_id".to_owned());
    names.push(settings.indicator_variable_name.clone());
    if is_cases {
        names.push("match_counts".to_owned());
    }
    names.retain(|name| source.position(name).is_some());
    names
}
