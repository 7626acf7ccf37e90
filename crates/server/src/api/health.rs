//! Whether the server works.

use std::sync::Arc;

use axum::{Json, extract::State};
use glovebox_protocol::Health;

use super::Refused;
use crate::app::App;

/// Says yes if the database answers.
pub(crate) async fn health(State(app): State<Arc<App>>) -> Result<Json<Health>, Refused> {
    app.database.check().await?;
    let status = "ok".to_owned();
    Ok(Json(Health { status }))
}
