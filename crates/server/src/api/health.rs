//! Whether the server works.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::Refused;
use crate::app::App;

/// Says yes if the database answers.
pub(crate) async fn health(State(app): State<Arc<App>>) -> Result<Json<Value>, Refused> {
    app.database.check().await?;
    Ok(Json(json!({ "status": "ok" })))
}
