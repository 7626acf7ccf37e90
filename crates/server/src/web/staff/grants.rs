//! Who holds what since when and until when: tables of it, and the forms that grant and take it.

use glovebox_jobs::Timestamp;
use glovebox_pages::staff::{Cell, Form, Kind, Part, Problem, Table};
use glovebox_ui::Tone;

use super::{
    asked::{Asked, Heads},
    sent::Sent,
    users,
};
use crate::{
    NewGrant, Role, clock,
    read::Who,
    staff::{Grant, Membership},
    web::facts::moment,
};

/// What somebody holds for a time, on whichever page it is shown.
pub(super) struct Held {
    /// What is held, or who holds it: the first columns, each with what it is sorted by.
    pub(super) what: Vec<(String, Cell)>,
    pub(super) from: Timestamp,
    pub(super) until: Option<Timestamp>,
    /// What ends it, if its reader may do that.
    pub(super) end: Cell,
}

impl Held {
    fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// That it was taken back before it began.
    fn never_began(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }

    fn row(self, now: Timestamp) -> Vec<(String, Cell)> {
        let state = if self.never_began() {
            Cell::State(Tone::Cancelled, "withdrawn")
        } else if self.is_over(now) {
            Cell::State(Tone::Cancelled, "over")
        } else if self.from > now {
            Cell::State(Tone::Waiting, "later")
        } else {
            Cell::State(Tone::Succeeded, "now")
        };
        // What ends at midnight has the day before as its last.
        let last = self.until.map(|until| Timestamp(until.0.saturating_sub(1)));
        let key = |at: Timestamp| format!("{:020}", at.0.max(0));
        let mut row = self.what;
        row.push((key(self.from), Cell::Day(moment(self.from))));
        row.push(match last {
            Some(last) => (key(last), Cell::Day(moment(last))),
            None => ("~".to_owned(), Cell::text("until revoked")),
        });
        row.push((String::new(), state));
        row.push((String::new(), self.end));
        row
    }
}

/// A table of what holds now or later, and one of what is over if there is anything.
pub(super) fn parts(
    asked: &Asked,
    path: &str,
    (current, caption, empty): (&'static str, &'static str, &str),
    (past, past_caption): (&'static str, &'static str),
    heads: Heads,
    held: Vec<Held>,
) -> Vec<Part> {
    let now = clock::now();
    let (over, holding): (Vec<_>, Vec<_>) = held.into_iter().partition(|held| held.is_over(now));
    let rows = |held: Vec<Held>| held.into_iter().map(|held| held.row(now)).collect();
    let table = asked.sorted(path, (current, caption, empty), heads, rows(holding));
    let mut parts = vec![Part::Table(table)];
    if !over.is_empty() {
        let mut table: Table = asked.sorted(path, (past, past_caption, ""), heads, rows(over));
        // Nothing of it can be ended any more.
        table.columns.pop();
        for row in &mut table.rows {
            row.pop();
        }
        parts.push(Part::Table(table));
    }
    parts
}

/// A person, as the first column.
pub(super) fn who(who: &Who) -> (String, Cell) {
    let text = format!("{} ({})", who.full_name, who.username);
    (
        who.full_name.clone(),
        Cell::link(text, users::path(&who.username)),
    )
}

/// A role by its name; one that this version does not know by its word.
pub(super) fn role(word: &str) -> (String, Cell) {
    let name = Role::from_word(word).map_or_else(|| word.to_owned(), |role| role.name().to_owned());
    (name.clone(), Cell::Text(name))
}

pub(super) fn of_grant(grant: &Grant, what: Vec<(String, Cell)>, end: Cell) -> Held {
    Held {
        what,
        from: grant.from,
        until: grant.until,
        end,
    }
}

pub(super) fn of_membership(member: &Membership, what: Vec<(String, Cell)>, end: Cell) -> Held {
    Held {
        what,
        from: member.from,
        until: member.until,
        end,
    }
}

/// The roles that can be chosen.
pub(super) fn choices(which: fn(Role) -> bool) -> Kind {
    let roles = Role::ALL.into_iter().filter(|role| which(*role));
    let roles = roles.map(|role| (role.as_str().to_owned(), role.name().to_owned()));
    Kind::Choice(roles.collect())
}

/// Asks for the days of what is granted.
pub(super) fn asking_days(form: Form, sent: &Sent) -> Form {
    form.asking(
        Kind::Day,
        "from",
        "First day",
        "Nothing for now. Days begin and end at midnight UTC.",
        sent.get("from"),
    )
    .asking(
        Kind::Day,
        "until",
        "Last day",
        "Nothing for until it is revoked.",
        sent.get("until"),
    )
}

/// What a form that grants a role says.
pub(super) fn new_grant(
    sent: &Sent,
    username: &str,
    project: Option<&str>,
) -> Result<NewGrant, Problem> {
    if username.trim().is_empty() {
        return Err(Problem {
            field: "username",
            text: "Type the user name of whoever gets the role".to_owned(),
        });
    }
    Ok(NewGrant {
        username: username.to_owned(),
        role: chosen(sent)?,
        project: project.map(str::to_owned),
        from: sent.first_day("from")?,
        until: sent.after_last_day("until")?,
    })
}

pub(super) fn chosen(sent: &Sent) -> Result<Role, Problem> {
    Role::from_word(sent.get("role")).ok_or_else(|| Problem {
        field: "role",
        text: "Choose a role from the list".to_owned(),
    })
}
