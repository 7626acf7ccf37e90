//! What a form of the staff area carried, and why it was not taken.

use glovebox_jobs::Timestamp;
use glovebox_pages::staff::Problem;
use jiff::civil::Date;
use serde::Deserialize;

use super::super::answer::NoPage;
use crate::{AdminError, OperationError, clock};

/// The fields of a form, as they were typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Sent(Vec<(String, String)>);

/// A form that is shown again: with what was typed, and what is wrong with it.
#[derive(Debug, Clone)]
pub(super) struct Again {
    pub(super) sent: Sent,
    pub(super) problem: Problem,
}

impl Sent {
    /// What was typed into a field, without the spaces around it.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The same, unless it is empty.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// The moment at which a day in a field begins.
    pub(super) fn first_day(&self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        let Some(day) = self.day(name)? else {
            return Ok(None);
        };
        let begins = begin_of(day).ok_or_else(|| no_day(name))?;
        let now = clock::now();
        let today = now.0 - now.0.rem_euclid(DAY);
        match begins.0 {
            // Nothing is granted for a time that is over; today begins now.
            past if past < today => Err(Problem {
                field: name,
                text:
                    "The first day lies in the past: give today or a later day, or nothing for now"
                        .to_owned(),
            }),
            begins if begins == today => Ok(None),
            _ => Ok(Some(begins)),
        }
    }

    /// The first moment after a day in a field.
    pub(super) fn after_last_day(&self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        let day = self.day(name)?;
        let end = day.map(|day| day.tomorrow().ok().and_then(begin_of));
        end.map(|end| end.ok_or_else(|| no_day(name))).transpose()
    }

    fn day(&self, name: &'static str) -> Result<Option<Date>, Problem> {
        self.given(name)
            .map(|text| Date::strptime("%Y-%m-%d", text).map_err(|_| no_day(name)))
            .transpose()
    }
}

/// No field of any form: what is wrong with the whole of it.
const WHOLE: &str = "";

const DAY: i64 = 24 * 60 * 60 * 1000;

/// In UTC, as all times here.
pub(super) fn begin_of(day: Date) -> Option<Timestamp> {
    let begins = day.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp(begins.timestamp().as_millisecond()))
}

fn no_day(name: &'static str) -> Problem {
    Problem {
        field: name,
        text: "This is no day: write it as 2026-11-24".to_owned(),
    }
}

/// What a form says that was refused. What is no fault of who sent it has a page of its own.
pub(super) fn problem(error: &AdminError) -> Result<Problem, NoPage> {
    let field = match error {
        AdminError::BadName(_) | AdminError::Reserved(_) | AdminError::Exists { .. } => "slug",
        AdminError::BadText => "name",
        AdminError::NotFound { what, .. } => match *what {
            "person" => "username",
            "organisation" => "organisation",
            "project" => "project",
            _ => WHOLE,
        },
        AdminError::LastAdministrator | AdminError::BadPassword(_) | AdminError::BadIdentity => {
            WHOLE
        }
        AdminError::BadDates => "until",
        AdminError::OnlyEverywhere(_) | AdminError::OnlyInProjects(_) => "role",
        AdminError::BadEmail(_) => "email",
        AdminError::BadPurpose => "purpose",
        AdminError::BadBranch(_) => "branch",
        AdminError::BadUrl(_) => "repo_url",
        AdminError::NoRandomness(_) | AdminError::NotHashed | AdminError::Storage(_) => {
            tracing::error!(%error, "something could not be set up");
            return Err(NoPage::Unable);
        }
    };
    Ok(Problem {
        field,
        text: sentence(&error.to_string()),
    })
}

/// The same for a backend that was to be switched.
pub(super) fn problem_of_switch(error: OperationError) -> Result<Problem, NoPage> {
    match error {
        OperationError::NoBackend(_) => Err(NoPage::Missing),
        OperationError::Storage(error) => Err(error.into()),
        error @ OperationError::Unavailable => Ok(Problem {
            field: WHOLE,
            text: sentence(&error.to_string()),
        }),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(day: &str) -> Sent {
        Sent(vec![("day".to_owned(), day.to_owned())])
    }

    #[test]
    fn days_begin_and_end_at_midnight_in_utc() {
        let cases = [
            ("", Some(None)),
            ("2999-12-31", Some(Some(32_503_680_000_000))),
            (" 2999-12-31 ", Some(Some(32_503_680_000_000))),
            ("2999-02-30", None),
            ("31.12.2999", None),
            ("2999-12-31T10:00", None),
            ("9999-12-31", None),
        ];
        for (text, wanted) in cases {
            let until = sent(text).after_last_day("day").ok();
            assert_eq!(until.map(|until| until.map(|at| at.0)), wanted, "{text:?}");
        }
        assert!(sent("2020-01-01").first_day("day").is_err());
        let later = sent("2999-12-31").first_day("day").unwrap().unwrap();
        assert_eq!(later.0, 32_503_680_000_000 - DAY);
    }
}
