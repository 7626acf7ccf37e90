//! A workspace: a repository and a branch.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub project_id: i64,
    pub name: String,
    pub repo_url: String,
    pub branch: String,
    /// Whether everybody may see its code and what it declares.
    pub code_is_public: bool,
    pub created_at: i64,
    /// Nothing more is to be run in it.
    pub is_archived: bool,
    /// What it is for, in its makers' words.
    pub purpose: String,
}

#[derive(Debug, Copy, Clone, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
