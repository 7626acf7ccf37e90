//! An agent: from its settings to its end.

mod asking;
mod tending;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use glovebox_protocol::{Answer, Ended, Happened};
use glovebox_sandbox::{Sandbox, Unavailable};

use crate::code::Mirrors;
use crate::core::Core;
use crate::folder::{AgentFolder, FolderError, make_private};
use crate::moment::Moment;
use crate::server::Server;
use crate::settings::Settings;
use crate::stop::Stop;
use crate::task::{Begin, Over, Why, restore};
use asking::{Asking, Brought};
use tending::Tending;

/// How often the wish to stop is looked for.
const TICK: Duration = Duration::from_millis(50);

/// How long the end waits for answers to asks that were given up.
const GOODBYE: Duration = Duration::from_secs(2);

/// An agent, which holds the lock of its folder.
pub struct Agent {
    core: Arc<Core>,
}

/// Why an agent does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its folder is in use, or cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// This machine cannot make sandboxes.
    #[error(transparent)]
    Sandbox(#[from] Unavailable),
    /// The token cannot be sent.
    #[error("the token cannot be sent: ask whoever runs the server for a new one")]
    Token,
    /// The machine failed.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What the main thread hears.
enum Heard {
    /// An ask was answered, or was not.
    Answered {
        number: u64,
        sent: Moment,
        answer: Option<Answer>,
    },
    /// Nothing more is to be done about a task.
    Settled,
}

impl Agent {
    /// Makes an agent whose sandboxes are started by the program that this is, which has to offer
    /// [`glovebox_sandbox::launcher::run`].
    ///
    /// # Errors
    /// Another agent uses the folder, or this machine cannot run jobs.
    pub fn new(settings: Settings) -> Result<Self, StartError> {
        let launcher = std::env::current_exe().map_err(|source| StartError::Io {
            what: "finding this program",
            source,
        })?;
        Self::launched_by(settings, launcher)
    }

    /// The same with another program that starts sandboxes.
    ///
    /// # Errors
    /// As for [`Self::new`].
    pub fn launched_by(settings: Settings, launcher: PathBuf) -> Result<Self, StartError> {
        let failed = |what| move |source| StartError::Io { what, source };
        let folder = AgentFolder::open(&settings.folder)?;
        make_private(&settings.workspaces).map_err(failed("making the folder of workspaces"))?;
        let mirrors = Mirrors::open(
            &folder.mirrors(),
            settings.allowed.file_repositories(),
            settings.repository_bytes,
        )
        .map_err(failed("opening the folder of mirrors"))?;
        let server =
            Server::new(&settings.server, &settings.token).map_err(|_| StartError::Token)?;
        let sandbox = Sandbox::new(launcher);
        sandbox.available()?;
        Ok(Self {
            core: Arc::new(Core {
                settings,
                server: Arc::new(server),
                folder,
                mirrors,
                sandbox,
                halting: AtomicBool::new(false),
                held: Mutex::default(),
            }),
        })
    }

    /// Runs until it is asked to stop. What an earlier agent in the same folder did not report is
    /// reported first.
    ///
    /// # Errors
    /// What an earlier agent left cannot be read.
    pub fn run(self, stop: &Stop) -> Result<(), StartError> {
        let (tell, heard) = mpsc::channel();
        let core = &self.core;
        let mut tending = Tending::new(Arc::clone(core), tell.clone());
        let owed = restore(&core.folder.tasks()).map_err(|source| StartError::Io {
            what: "reading what an earlier agent left",
            source,
        })?;
        for (task, folder, over) in owed {
            tracing::info!(task, "the end of an earlier task is reported");
            tending.take(&task, Begin::Restored(folder, over));
        }
        let mut asking = Asking::new(Arc::clone(core), tell);
        let mut ends_at = None;
        loop {
            let (draining, halting) = (stop.is_draining(), stop.is_halting());
            if halting && !core.halting.swap(true, Ordering::AcqRel) {
                for held in core.held().values() {
                    held.stop(Why::Halted);
                }
            }
            let holding = tending.holds();
            if draining && holding == 0 {
                // What was asked for before may still come; then it is given back.
                let end = *ends_at.get_or_insert_with(|| Moment::now().after(GOODBYE));
                let given_up = end.wait_from(Moment::now()).is_zero();
                if halting || given_up || !asking.may_bring_tasks() {
                    break;
                }
            }
            let slots = if draining { 0 } else { self.free(holding) };
            if !halting {
                asking.ask(slots);
            }
            match heard.recv_timeout(TICK) {
                Ok(Heard::Answered {
                    number,
                    sent,
                    answer,
                }) => {
                    let is_news = answer.map(|answer| follow(&mut tending, answer, sent, draining));
                    let brought = match is_news {
                        None => Brought::Failure,
                        Some(false) => Brought::Nothing,
                        Some(true) => Brought::News,
                    };
                    asking.answered(number, sent, brought);
                }
                Ok(Heard::Settled) => tending.join(),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
        tending.join_all();
        Ok(())
    }

    fn free(&self, holding: usize) -> u32 {
        let holding = u32::try_from(holding).unwrap_or(u32::MAX);
        self.core.settings.slots.saturating_sub(holding)
    }
}

/// Does what an answer says; whether it said anything new.
fn follow(tending: &mut Tending, answer: Answer, sent: Moment, draining: bool) -> bool {
    let mut is_news = false;
    for task in answer.stop {
        let Some(first) = tending.stop(&task) else {
            // Not held: there is nothing to stop, and the server waits to hear that.
            let over = Over {
                happened: Happened::Stopped,
                metrics: None,
            };
            tending.take(&task, Begin::Say(over));
            continue;
        };
        is_news |= first;
    }
    for task in answer.begin {
        let name = task.task.clone();
        // More than were asked for are not taken, whatever the server says.
        is_news |= if draining || tending.is_full() {
            tending.take(&name, Begin::Say(Over::ended(Ended::MayPass)))
        } else {
            tending.take(&name, Begin::Work(Box::new(task), sent))
        };
    }
    is_news
}
