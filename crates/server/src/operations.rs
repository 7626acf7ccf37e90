//! What those who run the service do to backends at work.

use std::{sync::Arc, time::Duration};

use glovebox_jobs::{Event, JobId};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;

use crate::{
    app::App,
    audit::Deed,
    scheduling::{Message, Tell},
    storage::{StorageError, entity::backend},
};

/// How long a page waits for a backend at most.
const AT_ONCE: Duration = Duration::from_millis(250);

/// Why an operation is not done.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// There is no such backend.
    #[error("there is no backend {0:?}")]
    NoBackend(String),
    /// The backend is beginning anew, or the server is stopping.
    #[error("the backend cannot be reached at this moment: try again in a minute")]
    Unavailable,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a backend is to do from now on. It is kept, and holds after a restart of the server too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// Start nothing more; what runs goes on.
    Pause,
    /// Start jobs again.
    Resume,
    /// The database is being maintained: what uses it stops, and starts anew afterwards.
    BeginMaintenance,
    /// The database is there again.
    EndMaintenance,
    /// The machine will be restarted: what runs stops, and starts anew after [`Self::Resume`].
    PrepareForReboot,
}

impl Switch {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::Pause,
        Self::Resume,
        Self::BeginMaintenance,
        Self::EndMaintenance,
        Self::PrepareForReboot,
    ];

    /// The switch of a stable word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::BeginMaintenance => "begin_maintenance",
            Self::EndMaintenance => "end_maintenance",
            Self::PrepareForReboot => "prepare_for_reboot",
        }
    }

    pub(crate) const fn event(self) -> Event {
        match self {
            Self::Pause => Event::Pause,
            Self::Resume => Event::Resume,
            Self::BeginMaintenance => Event::MaintenanceBegan,
            Self::EndMaintenance => Event::MaintenanceEnded,
            Self::PrepareForReboot => Event::PrepareForReboot,
        }
    }
}

/// A handle on the backends of a server that runs.
#[derive(Clone)]
pub struct Operations {
    app: Arc<App>,
}

impl Operations {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Switches a backend. `actor` is who the audit log names.
    pub async fn switch(
        &self,
        backend: &str,
        switch: Switch,
        actor: &str,
    ) -> Result<(), OperationError> {
        let backend = self.find(backend).await?;
        let tell = Tell {
            events: vec![switch.event()],
            note: None,
            deed: Some(Deed {
                actor: actor.to_owned(),
                action: "backend_switched",
                subject: format!("backend/{}", backend.slug),
                details: json!({ "switch": switch.as_str() }),
            }),
        };
        let told = self
            .app
            .scheduling
            .ask(&backend, |answer| Message::Tell { tell, answer })
            .await;
        told.map(drop).map_err(|_| OperationError::Unavailable)
    }

    /// The jobs of a backend that wait for nothing but workers, in the order in which they would begin.
    pub async fn queue(&self, backend: &str) -> Result<Vec<JobId>, OperationError> {
        let backend = self.find(backend).await?;
        self.app
            .scheduling
            .ask(&backend, |answer| Message::Queue { answer })
            .await
            .map_err(|_| OperationError::Unavailable)
    }

    /// The same for a page, which rather shows no order than waits for it.
    pub(crate) async fn queue_at_once(&self, backend: i64) -> Vec<JobId> {
        let found = backend::Entity::find_by_id(backend)
            .one(&**self.app.database)
            .await;
        let Ok(Some(backend)) = found else {
            return Vec::new();
        };
        let queue = self
            .app
            .scheduling
            .ask_within(AT_ONCE, &backend, |answer| Message::Queue { answer })
            .await;
        queue.unwrap_or_default()
    }

    async fn find(&self, slug: &str) -> Result<backend::Model, OperationError> {
        backend::Entity::find()
            .filter(backend::Column::Slug.eq(slug))
            .one(&**self.app.database)
            .await
            .map_err(StorageError::from)?
            .ok_or_else(|| OperationError::NoBackend(slug.to_owned()))
    }
}
