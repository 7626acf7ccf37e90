//! The ledger of this server: what was done, in an append-only log that others can verify and copy.
//!
//! [`entry`] says what of a row is public; [`keeper`] brings the rows in.

pub(crate) mod entry;
mod keeper;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use glovebox_ledger::{KeyFileError, Published, ReadError, Served, Signer};
use tokio::{sync::watch, task::JoinHandle};

use crate::storage::Database;
use keeper::Keeper;

/// The ledger while the server runs.
pub(crate) struct Ledger {
    folder: PathBuf,
    key: String,
    trouble: watch::Receiver<Option<String>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Ledger {
    /// Sets it to work. `name` is what it is called when it is begun, and its key made; afterwards the key
    /// says what it is called.
    pub(crate) fn start(
        database: Arc<Database>,
        folder: &Path,
        key_file: &Path,
        name: &str,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, KeyFileError> {
        let signer = match Signer::load(key_file)? {
            Some(signer) => signer,
            None => Signer::load_or_create(key_file, name)?,
        };
        let name = signer.verifier_key().name();
        let key = signer.verifier_key().to_string();
        let (sender, trouble) = watch::channel(None);
        let keeper = Keeper {
            database,
            folder: folder.to_owned(),
            key_file: key_file.to_owned(),
            name: name.to_owned(),
            trouble: sender,
        };
        let task = tokio::spawn(keeper.run(stop));
        Ok(Self {
            folder: folder.to_owned(),
            key,
            trouble,
            task: Mutex::new(Some(task)),
        })
    }

    /// By what anybody verifies it.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// What is wrong with it at this moment, for the log's readers and not for visitors.
    pub(crate) fn is_in_trouble(&self) -> bool {
        self.trouble.borrow().is_some()
    }

    /// How many entries are signed.
    pub(crate) async fn size(&self) -> Result<u64, ReadError> {
        self.read(|published| Ok(published.checkpoint()?.size))
            .await
    }

    /// A file of it, by its path below the ledger's address.
    pub(crate) async fn file(&self, path: String) -> Result<Option<Served>, ReadError> {
        self.read(move |published| published.file(&path)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Published) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let folder = self.folder.clone();
        let looked = tokio::task::spawn_blocking(move || look(&Published::open(&folder)?)).await;
        looked.unwrap_or_else(|_| Err(ReadError::None(self.folder.clone())))
    }

    /// Waits until what was done before the stop is in it.
    pub(crate) async fn join(&self) {
        let task = {
            let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
            task.take()
        };
        if let Some(task) = task {
            // It catches what goes wrong in it.
            let _ = task.await;
        }
    }
}
