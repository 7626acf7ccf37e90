//! A backend: one secure environment.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backend")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub slug: String,
    pub name: String,
    /// One that is not takes no requests, and its token opens nothing.
    pub is_active: bool,
    /// See [`crate::token::TokenHash`].
    pub token_hash: String,
    pub paused: bool,
    pub maintenance: bool,
    /// When an agent of it last called.
    pub last_seen_at: Option<i64>,
    pub created_at: i64,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
