//! A browser in which somebody is signed in.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: i64,
    /// See [`crate::token::TokenHash`].
    pub token_hash: String,
    /// How they signed in: see [`crate::access::session::How`].
    pub how: String,
    pub created_at: i64,
    /// The first moment at which it is good for nothing.
    pub expires_at: i64,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
