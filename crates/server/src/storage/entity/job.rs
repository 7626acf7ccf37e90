//! A job. `record` is the whole of it; other columns repeat what is searched and summed by.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// The order in which jobs were made.
    #[sea_orm(primary_key)]
    pub sequence: i64,
    /// 16 characters.
    pub id: String,
    pub request_number: i64,
    /// The place of the action in its file, from 0.
    pub position: i64,
    pub backend_id: i64,
    pub workspace_id: i64,
    pub action: String,
    /// A word of [`glovebox_jobs::State`].
    pub state: String,
    pub cancelled: bool,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub completed_at: Option<i64>,
    /// A word of [`glovebox_protocol::Reason`], once an agent gave one.
    pub reason: Option<String>,
    /// [`glovebox_protocol::Metrics`] as JSON.
    pub metrics: Option<String>,
    /// [`glovebox_jobs::Job`] as JSON.
    pub record: String,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
