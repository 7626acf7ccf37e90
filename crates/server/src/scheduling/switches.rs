//! Switches that were kept beside the server: by the command line, which may run anywhere.

use std::time::Duration;

use glovebox_jobs::Event;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde_json::json;

use super::{Shared, Who};
use crate::{
    Switch,
    audit::Deed,
    storage::{StorageError, entity::backend_switch},
};

/// How often a backend looks for switches.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// How long a look may take. The backend has other things to do.
const LONGEST_LOOK: Duration = Duration::from_secs(2);

/// How many one look takes.
const AT_ONCE: u64 = 100;

/// Switches that were found, in the order in which they were wanted.
#[derive(Default)]
pub(super) struct Switches {
    /// The rows, which go when the events are kept.
    pub(super) rows: Vec<i64>,
    pub(super) events: Vec<Event>,
    pub(super) deeds: Vec<Deed>,
}

/// Looks for switches of a backend. A look that fails is no fault of the backend: the next will do.
pub(super) async fn look(shared: &Shared, who: &Who) -> Switches {
    match tokio::time::timeout(LONGEST_LOOK, find(shared, who)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::warn!(backend = who.slug, %error, "switches could not be looked for");
            Switches::default()
        }
        Err(_) => {
            tracing::warn!(backend = who.slug, "looking for switches took too long");
            Switches::default()
        }
    }
}

async fn find(shared: &Shared, who: &Who) -> Result<Switches, StorageError> {
    let rows = backend_switch::Entity::find()
        .filter(backend_switch::Column::BackendId.eq(who.id))
        .order_by_asc(backend_switch::Column::Id)
        .limit(AT_ONCE)
        .all(&**shared.database)
        .await?;
    let mut found = Switches::default();
    for row in rows {
        found.rows.push(row.id);
        let Some(switch) = Switch::from_word(&row.switch) else {
            // It would be in the way for ever.
            tracing::error!(
                backend = who.slug,
                switch = row.switch,
                "there is no such switch"
            );
            continue;
        };
        tracing::info!(
            backend = who.slug,
            switch = switch.as_str(),
            "a backend is switched"
        );
        found.events.push(switch.event());
        found.deeds.push(Deed {
            actor: row.actor,
            action: "backend_switched",
            subject: format!("backend/{}", who.slug),
            details: json!({ "switch": switch.as_str() }),
        });
    }
    Ok(found)
}

/// Takes those that were found away, in the transaction that keeps what they did.
pub(super) async fn remove(write: &impl ConnectionTrait, rows: &[i64]) -> Result<(), StorageError> {
    if rows.is_empty() {
        return Ok(());
    }
    backend_switch::Entity::delete_many()
        .filter(backend_switch::Column::Id.is_in(rows.iter().copied()))
        .exec(write)
        .await?;
    Ok(())
}
