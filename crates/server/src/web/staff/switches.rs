//! What is done to a backend at work, and the token of its agents.

use std::sync::Arc;

use axum::extract::{Path, State, rejection::PathRejection};
use glovebox_pages::staff::{Form, Link, Part, Problem};

use super::{
    Staff, answered, backends, done, page as blank, question,
    sent::{Sent, problem, problem_of_switch},
};
use crate::{
    NewToken, Operations, Switch,
    access::Permission,
    app::App,
    storage::entity::backend,
    web::{
        answer::{NoPage, Page},
        form::Proved,
    },
};

/// Something that a backend is switched to.
#[derive(Debug, Clone, Copy)]
enum To {
    /// While it is at work.
    Operated(Switch),
    /// Whether it takes requests, and its agents may call.
    Active(bool),
}

/// A switch: its word in addresses, what it does, what a button says, and what comes of it.
struct Way {
    word: &'static str,
    to: To,
    button: &'static str,
    advice: &'static str,
}

const WAYS: &[Way] = &[
    Way {
        word: "pause",
        to: To::Operated(Switch::Pause),
        button: "Pause",
        advice: "Nothing more starts there. What runs goes on.",
    },
    Way {
        word: "resume",
        to: To::Operated(Switch::Resume),
        button: "Resume",
        advice: "Jobs start there again.",
    },
    Way {
        word: "begin-maintenance",
        to: To::Operated(Switch::BeginMaintenance),
        button: "Begin database maintenance",
        advice: "Jobs that use the database stop, and start anew afterwards.",
    },
    Way {
        word: "end-maintenance",
        to: To::Operated(Switch::EndMaintenance),
        button: "End database maintenance",
        advice: "Jobs that use the database start again.",
    },
    Way {
        word: "activate",
        to: To::Active(true),
        button: "Put to work",
        advice: "It takes requests, and its agents may call.",
    },
    Way {
        word: "deactivate",
        to: To::Active(false),
        button: "Put to rest",
        advice: "It takes no requests, and its agents may not call. Jobs that are there stay where they are.",
    },
];

impl Way {
    fn of(word: &str) -> Result<&'static Self, NoPage> {
        let found = WAYS.iter().find(|way| way.word == word);
        found.ok_or(NoPage::Missing)
    }

    /// Whether it stops something, so that it is asked for twice.
    const fn stops(&self) -> bool {
        matches!(
            self.to,
            To::Operated(Switch::Pause | Switch::BeginMaintenance) | To::Active(false)
        )
    }

    /// Whether it would change anything.
    const fn changes(&self, row: &backend::Model) -> bool {
        match self.to {
            To::Active(active) => row.is_active != active,
            To::Operated(Switch::Pause) => row.is_active && !row.paused,
            To::Operated(Switch::Resume) => row.paused,
            To::Operated(Switch::BeginMaintenance) => row.is_active && !row.maintenance,
            To::Operated(Switch::EndMaintenance) => row.maintenance,
            To::Operated(_) => false,
        }
    }
}

/// What can be switched on a backend as it is now.
pub(super) fn parts(row: &backend::Model, path: &str) -> Vec<Part> {
    let (stopping, starting): (Vec<&Way>, Vec<&Way>) = WAYS
        .iter()
        .filter(|way| way.changes(row))
        .partition(|way| way.stops());
    let mut parts = vec![Part::Heading("Switch it")];
    for way in starting {
        let form = Form::new(way.word, "", format!("{path}{}/", way.word), way.button);
        parts.push(Part::Form(form));
    }
    let links = stopping
        .iter()
        .map(|way| Link::new(way.button, format!("{path}{}/", way.word)));
    let renew = Link::new("Renew its token", format!("{path}renew-token/"));
    parts.push(Part::Links(links.chain([renew]).collect()));
    parts
}

pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    staff: Staff,
    place: Result<Path<(String, String)>, PathRejection>,
) -> Page {
    let Path((slug, word)) = place?;
    staff.needs(Permission::BackendManage)?;
    let way = Way::of(&word)?;
    let found = backends::find(&app, &slug).await?;
    ask_page(&staff, &found, way, None)
}

pub(crate) async fn switch(
    State(app): State<Arc<App>>,
    staff: Staff,
    place: Result<Path<(String, String)>, PathRejection>,
    _: Proved<Sent>,
) -> Page {
    let Path((slug, word)) = place?;
    staff.needs(Permission::BackendManage)?;
    let way = Way::of(&word)?;
    let found = backends::find(&app, &slug).await?;
    let refused = match way.to {
        To::Active(active) => {
            let set = staff.admin(&app).set_backend_active(&slug, active).await;
            set.err().map(|error| problem(&error)).transpose()?
        }
        To::Operated(switch) => {
            let operations = Operations::new(Arc::clone(&app));
            let switched = operations.switch(&slug, switch, staff.username()).await;
            switched.err().map(problem_of_switch).transpose()?
        }
    };
    match refused {
        None => Ok(done(&backends::path(&slug), "switched")),
        Some(problem) => ask_page(&staff, &found, way, Some(problem)),
    }
}

fn ask_page(staff: &Staff, found: &backend::Model, way: &Way, problem: Option<Problem>) -> Page {
    let path = backends::path(&found.slug);
    let heading = format!("{}: {}?", way.button, found.name);
    let mut form = Form::new(
        way.word,
        heading,
        format!("{path}{}/", way.word),
        way.button,
    )
    .saying(way.advice)
    .dangerous(&path)
    .refused(problem);
    form.is_danger = way.stops();
    question(staff, &[backends::BELOW[0], (&found.name, &path)], form)
}

pub(crate) async fn ask_renew(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(slug) = slug?;
    staff.needs(Permission::BackendManage)?;
    let found = backends::find(&app, &slug).await?;
    let path = backends::path(&slug);
    let heading = format!("Renew the token of {}?", found.name);
    let form = Form::new("renew", heading, format!("{path}renew-token/"), "Renew the token")
        .saying("The old one opens nothing from then on: its agents stop calling until they have the new one.")
        .dangerous(&path);
    question(&staff, &[backends::BELOW[0], (&found.name, &path)], form)
}

pub(crate) async fn renew(
    State(app): State<Arc<App>>,
    staff: Staff,
    slug: Result<Path<String>, PathRejection>,
    _: Proved<Sent>,
) -> Page {
    let Path(slug) = slug?;
    staff.needs(Permission::BackendManage)?;
    let found = backends::find(&app, &slug).await?;
    match staff.admin(&app).renew_backend_token(&slug).await {
        Ok(token) => token_page(&staff, &slug, &found.name, &token),
        Err(error) => {
            problem(&error)?;
            Err(NoPage::Missing)
        }
    }
}

/// The one page that shows a token. No cache keeps it, and it is not to be had again.
pub(super) fn token_page(staff: &Staff, slug: &str, name: &str, token: &NewToken) -> Page {
    let path = backends::path(slug);
    let mut page = blank(staff, format!("The token of {name}"), backends::BELOW);
    page.parts.push(Part::Secret {
        text: token.reveal().to_owned(),
        advice: "This token is shown once. Keep it on the machine of the agents, in a file that only they may \
                 read, and name that file in agent.toml.",
    });
    page.parts
        .push(Part::Links(vec![Link::new(format!("To {name}"), path)]));
    answered(&page, false)
}
