//! A passkey of a person.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: i64,
    /// Base64url.
    pub credential_id: String,
    /// What its owner calls it.
    pub name: String,
    /// The public key and what belongs to it, as JSON.
    pub record: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
