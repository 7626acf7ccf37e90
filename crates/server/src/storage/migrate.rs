//! The tables, in versions. Each version is a list of statements that both databases take.
//!
//! A version that was released is never altered; a change is a new one after it.

use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseTransaction, Statement};

use super::{Database, StorageError};

/// Statements, each with `{serial}` where a key is that the database counts up itself: the one thing
/// that the two databases say differently.
const VERSIONS: &[&[&str]] = &[FIRST, PEOPLE, LEDGER, SWITCHES, READING, TELLING, ACCOUNTS];

const FIRST: &[&str] = &[
    "CREATE TABLE organisation (id {serial}, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, \
     created_at BIGINT NOT NULL)",
    "CREATE TABLE project (id {serial}, \
     organisation_id BIGINT NOT NULL REFERENCES organisation (id), \
     slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE TABLE workspace (id {serial}, project_id BIGINT NOT NULL REFERENCES project (id), \
     name TEXT NOT NULL UNIQUE, repo_url TEXT NOT NULL, branch TEXT NOT NULL, \
     created_at BIGINT NOT NULL)",
    "CREATE TABLE backend (id {serial}, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, \
     is_active BOOLEAN NOT NULL, token_hash TEXT NOT NULL UNIQUE, paused BOOLEAN NOT NULL, \
     maintenance BOOLEAN NOT NULL, last_seen_at BIGINT, created_at BIGINT NOT NULL)",
    "CREATE TABLE person (id {serial}, username TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL, \
     created_at BIGINT NOT NULL)",
    "CREATE TABLE personal_token (id {serial}, person_id BIGINT NOT NULL REFERENCES person (id), \
     token_hash TEXT NOT NULL UNIQUE, scope TEXT NOT NULL, expires_at BIGINT NOT NULL, \
     created_at BIGINT NOT NULL)",
    "CREATE TABLE permission (id {serial}, person_id BIGINT NOT NULL REFERENCES person (id), \
     project_id BIGINT REFERENCES project (id), role TEXT NOT NULL, valid_from BIGINT NOT NULL, \
     valid_until BIGINT)",
    "CREATE INDEX permission_of_person ON permission (person_id)",
    // Many requests share a text, and lists of requests do not read it.
    "CREATE TABLE definition (digest TEXT PRIMARY KEY, text TEXT NOT NULL)",
    "CREATE TABLE job_request (number {serial}, id TEXT NOT NULL UNIQUE, \
     workspace_id BIGINT NOT NULL REFERENCES workspace (id), \
     backend_id BIGINT NOT NULL REFERENCES backend (id), \
     created_by BIGINT NOT NULL REFERENCES person (id), \
     repo_url TEXT NOT NULL, branch TEXT NOT NULL, commit_sha TEXT NOT NULL, \
     definition_digest TEXT NOT NULL REFERENCES definition (digest), \
     requested_actions TEXT NOT NULL, force_run_dependencies BOOLEAN NOT NULL, \
     created_at BIGINT NOT NULL, status TEXT NOT NULL, message TEXT, \
     jobs_pending BIGINT NOT NULL, jobs_running BIGINT NOT NULL, jobs_succeeded BIGINT NOT NULL, \
     jobs_failed BIGINT NOT NULL, started_at BIGINT, completed_at BIGINT, runtime_ms BIGINT NOT NULL)",
    "CREATE INDEX job_request_of_workspace ON job_request (workspace_id, number)",
    "CREATE INDEX job_request_of_backend ON job_request (backend_id, number)",
    "CREATE INDEX job_request_of_person ON job_request (created_by, number)",
    "CREATE INDEX job_request_of_status ON job_request (status, number)",
    "CREATE TABLE job (sequence {serial}, id TEXT NOT NULL UNIQUE, \
     request_number BIGINT NOT NULL REFERENCES job_request (number), position BIGINT NOT NULL, \
     backend_id BIGINT NOT NULL REFERENCES backend (id), \
     workspace_id BIGINT NOT NULL REFERENCES workspace (id), \
     action TEXT NOT NULL, state TEXT NOT NULL, cancelled BOOLEAN NOT NULL, \
     created_at BIGINT NOT NULL, started_at BIGINT, completed_at BIGINT, reason TEXT, \
     metrics TEXT, record TEXT NOT NULL)",
    "CREATE INDEX job_of_request ON job (request_number, position)",
    // The newest job of each action is found in this index alone.
    "CREATE INDEX job_of_action ON job (workspace_id, backend_id, cancelled, action, sequence)",
    "CREATE INDEX job_of_state ON job (backend_id, state, sequence)",
    // One row: how many servers have begun to work on this database so far.
    "CREATE TABLE server (id BIGINT PRIMARY KEY, begun BIGINT NOT NULL)",
    "INSERT INTO server (id, begun) VALUES (1, 0)",
    "CREATE TABLE audit (id {serial}, at BIGINT NOT NULL, actor TEXT NOT NULL, \
     action TEXT NOT NULL, subject TEXT NOT NULL, details TEXT NOT NULL)",
    "CREATE INDEX audit_at ON audit (at)",
];

/// How people sign in, where they may run jobs, and what they are told.
const PEOPLE: &[&str] = &[
    "ALTER TABLE person ADD COLUMN email TEXT",
    "ALTER TABLE personal_token ADD COLUMN name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE personal_token ADD COLUMN last_used_at BIGINT",
    "CREATE TABLE session (id {serial}, person_id BIGINT NOT NULL REFERENCES person (id), \
     token_hash TEXT NOT NULL UNIQUE, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)",
    "CREATE INDEX session_of_person ON session (person_id)",
    "CREATE TABLE password (person_id BIGINT PRIMARY KEY REFERENCES person (id), \
     hash TEXT NOT NULL, changed_at BIGINT NOT NULL)",
    "CREATE TABLE passkey (id {serial}, person_id BIGINT NOT NULL REFERENCES person (id), \
     credential_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, record TEXT NOT NULL, \
     created_at BIGINT NOT NULL, last_used_at BIGINT)",
    "CREATE INDEX passkey_of_person ON passkey (person_id)",
    // Who a person is at a provider of identities.
    "CREATE TABLE identity (id {serial}, person_id BIGINT NOT NULL REFERENCES person (id), \
     issuer TEXT NOT NULL, subject TEXT NOT NULL, created_at BIGINT NOT NULL, \
     UNIQUE (issuer, subject))",
    // An address that signs a person in, once: for a first sign-in and for a lost password.
    "CREATE TABLE sign_in_link (id {serial}, person_id BIGINT NOT NULL REFERENCES person (id), \
     token_hash TEXT NOT NULL UNIQUE, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, \
     used_at BIGINT)",
    // Where a person may run jobs, for a time.
    "CREATE TABLE backend_member (id {serial}, person_id BIGINT NOT NULL REFERENCES person (id), \
     backend_id BIGINT NOT NULL REFERENCES backend (id), valid_from BIGINT NOT NULL, \
     valid_until BIGINT)",
    "CREATE INDEX backend_member_of_person ON backend_member (person_id)",
    "ALTER TABLE workspace ADD COLUMN is_archived BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE workspace ADD COLUMN purpose TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE job_request ADD COLUMN will_notify BOOLEAN NOT NULL DEFAULT FALSE",
    // What is still to be told, one message a request.
    "CREATE TABLE notification (id {serial}, \
     request_number BIGINT NOT NULL UNIQUE REFERENCES job_request (number), \
     attempts BIGINT NOT NULL, next_at BIGINT NOT NULL, done_at BIGINT, created_at BIGINT NOT NULL)",
];

/// Which rows of the audit log are in the ledger, and where.
const LEDGER: &[&str] = &[
    "ALTER TABLE audit ADD COLUMN salt TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE audit ADD COLUMN ledger_index BIGINT",
    "CREATE UNIQUE INDEX audit_ledger_index ON audit (ledger_index)",
];

/// Switches of backends that the server at work has not taken yet.
const SWITCHES: &[&str] = &[
    "CREATE TABLE backend_switch (id {serial}, \
     backend_id BIGINT NOT NULL REFERENCES backend (id), switch TEXT NOT NULL, \
     actor TEXT NOT NULL, at BIGINT NOT NULL)",
    "CREATE INDEX backend_switch_of_backend ON backend_switch (backend_id, id)",
];

/// What pages for everybody need: whether code may be shown, and what lists are found and sorted by.
const READING: &[&str] = &[
    "ALTER TABLE workspace ADD COLUMN code_is_public BOOLEAN NOT NULL DEFAULT TRUE",
    "CREATE INDEX job_of_success ON job (workspace_id, backend_id, state, action, sequence)",
    "CREATE INDEX job_request_of_success ON job_request (jobs_succeeded, number)",
    "CREATE INDEX job_request_of_place ON job_request (workspace_id, backend_id, number)",
];

/// Each way on which something is told is kept by itself: what one took is not sent there again.
const TELLING: &[&str] = &[
    "ALTER TABLE notification ADD COLUMN email_at BIGINT",
    "ALTER TABLE notification ADD COLUMN webhook_at BIGINT",
    "ALTER TABLE notification ADD COLUMN outcome TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX notification_due ON notification (done_at, next_at)",
];

/// How somebody signed in, and whose addresses are known to be theirs.
const ACCOUNTS: &[&str] = &[
    "ALTER TABLE session ADD COLUMN how TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE person ADD COLUMN email_is_confirmed BOOLEAN NOT NULL DEFAULT FALSE",
    // Anybody may write anybody's address into their own settings; entered by staff, it leads to one person.
    "CREATE UNIQUE INDEX person_of_email ON person (email) WHERE email_is_confirmed",
    "CREATE INDEX personal_token_of_person ON personal_token (person_id)",
    "CREATE INDEX identity_of_person ON identity (person_id)",
];

/// Any number will do, as long as every Glovebox server takes the same.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_xact_lock(4168202110)";

/// Brings the tables to the newest version: all steps or none.
pub(super) async fn migrate(database: &Database) -> Result<(), StorageError> {
    let write = database.write().await?;
    let backend = write.get_database_backend();
    if backend == DatabaseBackend::Postgres {
        // Two servers that start together take turns. A writer of SQLite is alone anyway.
        write.execute_unprepared(POSTGRES_LOCK).await?;
    }
    write
        .execute_unprepared("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .await?;
    let found = version(&write, backend).await?;
    let known = i64::try_from(VERSIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StorageError::TooNew { found, known });
    }
    let serial = match backend {
        DatabaseBackend::Sqlite => "INTEGER PRIMARY KEY AUTOINCREMENT",
        _ => "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    };
    for (number, statements) in (1_i64..).zip(VERSIONS) {
        if number <= found {
            continue;
        }
        for statement in *statements {
            let statement = statement.replace("{serial}", serial);
            write.execute_unprepared(&statement).await?;
        }
        write
            .execute_unprepared(&format!("INSERT INTO schema_version VALUES ({number})"))
            .await?;
    }
    write.commit().await
}

async fn version(
    write: &DatabaseTransaction,
    backend: DatabaseBackend,
) -> Result<i64, StorageError> {
    let question = Statement::from_string(
        backend,
        "SELECT COALESCE(MAX(version), 0) AS version FROM schema_version",
    );
    let row = write.query_one_raw(question).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "version"))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DatabaseUrl;

    #[tokio::test]
    async fn tables_of_a_later_version_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite_file(&folder.path().join("db"));
        let database = Database::open(&url).await.unwrap();
        database
            .execute_unprepared("INSERT INTO schema_version VALUES (99)")
            .await
            .unwrap();
        let again = Database::open(&url).await.unwrap_err();
        assert!(matches!(again, StorageError::TooNew { found: 99, .. }));
    }
}
