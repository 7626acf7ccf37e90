//! Brings the rows of the audit log into the ledger, in order, each once.
//!
//! A row is kept with what it tells of, in one transaction, and is without an index then. From there it is
//! added to the ledger, and its index noted. If the server ends between the two, the entries at the end
//! of the ledger have no rows yet: they are found again by what they say.

use std::{collections::HashMap, path::PathBuf, sync::Arc, time::Duration};

use glovebox_ledger::{KeyFileError, Log, LogError, Signer};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use tokio::sync::watch;

use super::entry;
use crate::{
    storage::{Database, StorageError, entity::audit},
    token::random_name,
};

/// How soon a row is in the ledger.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a fault is left before the next attempt.
const REST: Duration = Duration::from_secs(5);

/// Rows of one batch.
const BATCH: u64 = 500;

/// Why rows do not get into the ledger. All are kept, and get there when this is mended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(
        "the ledger has {found} entries, and the database knows of {known}: put its folder back"
    )]
    Short { found: u64, known: u64 },
    #[error(
        "entry {0} of the ledger is of no row of the audit log: the database is older than the ledger"
    )]
    Unknown(u64),
    #[error("a row cannot be written as an entry: {0}")]
    Entry(#[from] serde_json::Error),
    #[error("writing the ledger met a defect")]
    Defect,
}

impl From<sea_orm::DbErr> for Fault {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Storage(error.into())
    }
}

/// What writes the ledger.
pub(super) struct Keeper {
    pub(super) database: Arc<Database>,
    pub(super) folder: PathBuf,
    pub(super) key_file: PathBuf,
    /// What the ledger is called.
    pub(super) name: String,
    /// What is wrong at this moment, for those who ask whether all is well.
    pub(super) trouble: watch::Sender<Option<String>>,
}

impl Keeper {
    /// Goes on until the server stops; then what is there is brought in once more.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut log = None;
        loop {
            // A server that was killed says nothing any more: another may be writing here.
            if stop.has_changed().is_err() {
                return;
            }
            let is_last = *stop.borrow();
            let rest = match self.turn(&mut log).await {
                Ok(()) => {
                    self.trouble.send_replace(None);
                    PAUSE
                }
                Err(error) => {
                    // It is opened anew, and checked, before anything is added again.
                    log = None;
                    let text = error.to_string();
                    if self.trouble.borrow().as_ref() != Some(&text) {
                        tracing::error!(%error, "deeds are kept, but not yet in the ledger");
                    }
                    self.trouble.send_replace(Some(text));
                    REST
                }
            };
            if is_last {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }

    async fn turn(&self, held: &mut Option<Log>) -> Result<(), Fault> {
        loop {
            let mut log = match held.take() {
                Some(log) => log,
                None => self.open().await?,
            };
            // Once it is open: what was only to be noted no longer waits.
            let rows = self.waiting().await?;
            if rows.is_empty() {
                *held = Some(log);
                return Ok(());
            }
            let rows = self.salted(rows).await?;
            let entries: Vec<Vec<u8>> = rows.iter().map(entry::of).collect::<Result<_, _>>()?;
            let first = log.size();
            let appended = tokio::task::spawn_blocking(move || {
                let added = log.append(&entries);
                (log, added)
            });
            let (log, added) = appended.await.map_err(|_| Fault::Defect)?;
            added?;
            self.note((first..).zip(&rows)).await?;
            *held = Some(log);
        }
    }

    /// Opens the ledger, and finds the rows of entries that were added but not noted.
    async fn open(&self) -> Result<Log, Fault> {
        let (folder, name) = (self.folder.clone(), self.name.clone());
        let key_file = self.key_file.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let signer = Signer::load_or_create(&key_file, &name)?;
            Ok::<_, Fault>(Log::open(&folder, signer)?)
        });
        let log = opened.await.map_err(|_| Fault::Defect)??;
        let known = self.known().await?;
        if log.size() < known {
            let found = log.size();
            return Err(Fault::Short { found, known });
        }
        while self.known().await? < log.size() {
            let known = self.known().await?;
            let rows = self.waiting().await?;
            let mut by_entry = HashMap::new();
            for row in &rows {
                by_entry.insert(entry::of(row)?, row);
            }
            let until = log.size().min(known + BATCH);
            let entries = log.entries(known..until)?;
            let mut found = Vec::new();
            for (index, entry) in (known..).zip(entries) {
                match by_entry.remove(&entry) {
                    Some(row) => found.push((index, row)),
                    None if found.is_empty() => return Err(Fault::Unknown(index)),
                    None => break,
                }
            }
            self.note(found.into_iter()).await?;
        }
        Ok(log)
    }

    /// Rows that are not in the ledger, as far as is known, the oldest first.
    async fn waiting(&self) -> Result<Vec<audit::Model>, Fault> {
        let rows = audit::Entity::find()
            .filter(audit::Column::LedgerIndex.is_null())
            .order_by_asc(audit::Column::Id)
            .limit(BATCH)
            .all(&**self.database)
            .await?;
        Ok(rows)
    }

    /// The same rows, each with a salt: those of versions that had no ledger come without one, and what is
    /// sealed without one is found out by trying.
    async fn salted(&self, mut rows: Vec<audit::Model>) -> Result<Vec<audit::Model>, Fault> {
        if rows.iter().all(|row| !row.salt.is_empty()) {
            return Ok(rows);
        }
        let write = self.database.write().await?;
        for row in rows.iter_mut().filter(|row| row.salt.is_empty()) {
            row.salt = random_name().map_err(StorageError::from)?;
            let salted = audit::ActiveModel {
                id: Set(row.id),
                salt: Set(row.salt.clone()),
                ..ActiveModelTrait::default()
            };
            salted.update(&*write).await?;
        }
        write.commit().await?;
        Ok(rows)
    }

    /// How many entries are known to be of a row.
    async fn known(&self) -> Result<u64, Fault> {
        let newest: Option<Option<i64>> = audit::Entity::find()
            .select_only()
            .column_as(audit::Column::LedgerIndex.max(), "newest")
            .into_tuple()
            .one(&**self.database)
            .await?;
        let newest = newest.flatten().map(|index| index.saturating_add(1));
        Ok(newest
            .and_then(|known| u64::try_from(known).ok())
            .unwrap_or(0))
    }

    async fn note<'r>(
        &self,
        found: impl Iterator<Item = (u64, &'r audit::Model)>,
    ) -> Result<(), Fault> {
        let write = self.database.write().await?;
        for (index, row) in found {
            let noted = audit::ActiveModel {
                id: Set(row.id),
                ledger_index: Set(i64::try_from(index).ok()),
                ..ActiveModelTrait::default()
            };
            noted.update(&*write).await?;
        }
        Ok(write.commit().await?)
    }
}
