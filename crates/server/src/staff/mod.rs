//! What those who look after the service see: lists that are searched, sorted and read in parts, and who
//! holds what since when.
//!
//! Unlike [`crate::read`], this is not for everybody: only the staff area calls it.

mod deeds;
mod grants;
mod places;
mod service;

pub(crate) use deeds::{DeedsFilter, deeds};
pub(crate) use grants::{Grant, Membership, memberships, of_person, of_project};
pub(crate) use places::{
    ProjectRow, WorkspaceRow, organisation, organisations, project, projects, workspace, workspaces,
};
pub(crate) use service::{PersonView, backends, counts, people, person};

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
    sea_query::{Expr, ExprTrait as _, Func, LikeExpr},
};

use crate::storage::{Database, StorageError, storable};

/// How many rows a part has.
pub(crate) const SIZE: u64 = 25;

/// Which part of a list, in which order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// What a name contains; nothing for all.
    pub(crate) search: String,
    /// The word of a column.
    pub(crate) sort: String,
    pub(crate) descending: bool,
    /// How many parts come before.
    pub(crate) part: u64,
}

/// A part of a list.
#[derive(Debug, Clone)]
pub(crate) struct Listed<T> {
    pub(crate) rows: Vec<T>,
    /// How many there are in all.
    pub(crate) total: u64,
}

impl<T> Listed<T> {
    fn map<U>(self, change: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            rows: self.rows.into_iter().map(change).collect(),
            total: self.total,
        }
    }
}

impl Wanted {
    const fn order(&self) -> Order {
        if self.descending {
            Order::Desc
        } else {
            Order::Asc
        }
    }

    /// That any of some columns contains what is looked for, whatever its case.
    fn matching<C: ColumnTrait>(&self, columns: &[C]) -> Condition {
        let mut any = Condition::any();
        for column in columns {
            any = any.add(contains(*column, &self.search));
        }
        // No condition in it is none that has to hold.
        if self.search.is_empty() {
            Condition::all()
        } else {
            any
        }
    }
}

fn contains(column: impl ColumnTrait, text: &str) -> Expr {
    let mut pattern = String::from("%");
    for c in text.to_lowercase().chars() {
        if "%_\\".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    lower(column).like(LikeExpr::new(pattern).escape('\\'))
}

/// Without its case, as people sort.
fn lower(column: impl ColumnTrait) -> Expr {
    Expr::expr(Func::lower(plain(column)))
}

/// With its table, as several may have a column of that name.
fn plain(column: impl ColumnTrait) -> Expr {
    Expr::col(column.as_column_ref())
}

/// Reads a part of what a question finds. `by` is what it is sorted by, and `key` decides between equals.
async fn part<E: EntityTrait>(
    database: &Database,
    query: Select<E>,
    wanted: &Wanted,
    by: Expr,
    key: E::Column,
) -> Result<Listed<E::Model>, StorageError>
where
    E::Model: Send + Sync,
{
    let total = query.clone().count(&**database).await?;
    let rows = query
        .order_by(by, wanted.order())
        .order_by(key, wanted.order())
        .limit(SIZE)
        // What an address asks for is bounded, so that no database is asked to count beyond its numbers.
        .offset(Ord::min(wanted.part, 1_000_000) * SIZE)
        .all(&**database)
        .await?;
    Ok(Listed { rows, total })
}

/// What has a name in a column.
fn named<E: EntityTrait>(column: E::Column, name: &str) -> Select<E> {
    E::find().filter(column.eq(storable(name)))
}
