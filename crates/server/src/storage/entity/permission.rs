//! A role of a person, in one project or everywhere, for a time.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "permission")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub person_id: i64,
    /// Nothing for everywhere.
    pub project_id: Option<i64>,
    /// See [`crate::access::Role`].
    pub role: String,
    pub valid_from: i64,
    /// The first moment at which it holds no more.
    pub valid_until: Option<i64>,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
