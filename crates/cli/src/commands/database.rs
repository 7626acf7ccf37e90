//! Where a server's database is: beside its other files, or where the environment says.

use std::path::Path;

use glovebox_server::DatabaseUrl;

/// The database of the server in this folder, unless `GLOVEBOX_DATABASE_URL` names another. No argument
/// names one, as its address holds a password.
pub(super) fn of_server_in(folder: &Path) -> DatabaseUrl {
    match std::env::var("GLOVEBOX_DATABASE_URL") {
        Ok(url) if !url.is_empty() => DatabaseUrl::new(url),
        _ => DatabaseUrl::sqlite_file(&folder.join("server.sqlite")),
    }
}
