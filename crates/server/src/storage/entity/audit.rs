//! What somebody did, and to what. Rows are only ever added.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: i64,
    /// A user name, or who else acted.
    pub actor: String,
    /// A stable word, such as `role_granted`.
    pub action: String,
    /// What it was done to, such as `person/researcher`.
    pub subject: String,
    /// A JSON object.
    pub details: String,
    /// Random; it keeps whoever reads the ledger from finding out what is sealed there by trying.
    pub salt: String,
    /// Its place in the ledger, once it is there.
    pub ledger_index: Option<i64>,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
