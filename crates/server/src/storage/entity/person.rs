//! A person.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub username: String,
    pub full_name: String,
    /// Where they are written to, if they want that. In lower case.
    pub email: Option<String>,
    /// Whether those who look after the service entered it. What a person wrote themself proves nothing.
    pub email_is_confirmed: bool,
    pub created_at: i64,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
