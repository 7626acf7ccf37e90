//! The database: `SQLite` in a file, or `PostgreSQL`, behind the same code.
//!
//! * [`entity`] has the tables as types, one file each.
//! * [`migrate`] makes and alters the tables, in versions, at start.
//! * [`error`] tells a passing fault from one that calls for a person.
//!
//! Times are milliseconds since 1970 in UTC. What holds a shape of its own (a job, metrics) is JSON in a
//! column of text, with columns beside it for what is searched by.

#[expect(
    unreachable_pub,
    reason = "what the derives generate is public, and must match"
)]
pub(crate) mod entity;
mod error;
mod migrate;

use std::{fmt, ops::Deref, path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, DatabaseBackend, DatabaseConnection, DatabaseTransaction,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Mutex, MutexGuard};

pub use error::StorageError;

/// Where the database is: a URL, which may hold a password and is therefore never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// `postgres://…`, or `sqlite:…`.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// `SQLite` in a file, which is made if it is not there.
    pub fn sqlite_file(path: &Path) -> Self {
        // The path stands in a URL, where these three have a meaning.
        let path = path
            .display()
            .to_string()
            .replace('%', "%25")
            .replace('?', "%3f")
            .replace('#', "%23");
        Self(format!("sqlite://{path}?mode=rwc"))
    }

    fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.0.split(':').next().unwrap_or_default();
        write!(f, "DatabaseUrl({kind}:…)")
    }
}

/// A text that somebody looks for. `PostgreSQL` refuses a NUL in one; nothing is named so, and with that
/// character replaced nothing is found.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// How long a write waits for another one. Writes are short, so this is a fault and not a queue.
const BUSY: Duration = Duration::from_secs(10);

/// How many rows `SQLite` reads ahead of whoever takes them.
const ROW_BUFFER: usize = 512;

/// An open database whose tables are those of this version.
///
/// Reads go to the connection it derefs to. Writes that belong together go through [`Self::write`].
#[derive(Debug)]
pub(crate) struct Database {
    connection: DatabaseConnection,
    /// `SQLite` takes one writer at a time and lets the others poll; here they queue in order.
    writers: Option<Mutex<()>>,
}

impl Database {
    /// Opens it and brings its tables to this version.
    pub(crate) async fn open(url: &DatabaseUrl) -> Result<Self, StorageError> {
        let mut options = ConnectOptions::new(url.0.clone());
        options
            .max_connections(if url.is_sqlite() { 4 } else { 16 })
            .acquire_timeout(BUSY)
            .sqlx_logging(false)
            // A file does not hang up; asking it first cost each question of a page two switches of threads.
            .test_before_acquire(!url.is_sqlite())
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .foreign_keys(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // With WAL, what was committed survives a killed process; only a machine that
                    // loses its power could lose the last moments, and an effect must not.
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(BUSY)
                    // A page reads hundreds of rows, and each handful of them costs two switches of threads.
                    .row_buffer_size(ROW_BUFFER)
            });
        let connection = sea_orm::Database::connect(options).await?;
        let writers =
            (connection.get_database_backend() == DatabaseBackend::Sqlite).then(|| Mutex::new(()));
        let database = Self {
            connection,
            writers,
        };
        migrate::migrate(&database).await?;
        Ok(database)
    }

    /// Begins a transaction that writes. What is not committed is undone when it is dropped.
    ///
    /// No network and no other program may be waited for while one is open.
    pub(crate) async fn write(&self) -> Result<Write<'_>, StorageError> {
        let turn = match &self.writers {
            Some(writers) => Some(writers.lock().await),
            None => None,
        };
        // A transaction of SQLite that begins as a reader cannot always become a writer.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.connection.begin_with_options(options).await?;
        Ok(Write {
            transaction,
            _turn: turn,
        })
    }

    /// Whether it answers.
    pub(crate) async fn check(&self) -> Result<(), StorageError> {
        self.connection.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    pub(crate) async fn close(&self) -> Result<(), StorageError> {
        Ok(self.connection.close_by_ref().await?)
    }
}

impl Deref for Database {
    type Target = DatabaseConnection;

    fn deref(&self) -> &DatabaseConnection {
        &self.connection
    }
}

/// A transaction that writes.
pub(crate) struct Write<'d> {
    transaction: DatabaseTransaction,
    _turn: Option<MutexGuard<'d, ()>>,
}

impl Write<'_> {
    /// Keeps what was written.
    pub(crate) async fn commit(self) -> Result<(), StorageError> {
        Ok(self.transaction.commit().await?)
    }
}

impl Deref for Write<'_> {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.transaction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_never_shows_its_password() {
        let url = DatabaseUrl::new("postgres://glovebox:s3cret@db/glovebox");
        assert_eq!(format!("{url:?}"), "DatabaseUrl(postgres:…)");
    }

    #[tokio::test]
    async fn opening_twice_keeps_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite_file(&folder.path().join("odd % name?#.sqlite"));
        for _ in 0..2 {
            let database = Database::open(&url).await.unwrap();
            database.check().await.unwrap();
            database.close().await.unwrap();
        }
    }
}
