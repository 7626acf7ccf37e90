//! The text of a `project.yaml`, kept once however many requests are frozen with it.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "definition")]
pub struct Model {
    /// Its SHA-256 in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub text: String,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
