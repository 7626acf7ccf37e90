//! That somebody is to be told how a request ended.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub request_number: i64,
    pub attempts: i64,
    /// Not before.
    pub next_at: i64,
    /// When it was told, or given up.
    pub done_at: Option<i64>,
    pub created_at: i64,
    /// When it was told by e-mail.
    pub email_at: Option<i64>,
    /// When a webhook took it.
    pub webhook_at: Option<i64>,
    /// `told`, `given_up`, `nowhere`; nothing while it is to be told.
    pub outcome: String,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
