//! A switch of a backend that the server at work has not taken yet.

use sea_orm::entity::prelude::*;

/// A row. It is gone in the moment in which what it says is kept.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backend_switch")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub backend_id: i64,
    /// The word of a [`crate::Switch`].
    pub switch: String,
    /// Who wants it.
    pub actor: String,
    pub at: i64,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
