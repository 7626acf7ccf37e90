//! The ledger: a page about it, and its files for whoever keeps a copy.

use std::sync::Arc;

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::header,
    response::IntoResponse as _,
};
use glovebox_ledger::ReadError;
use glovebox_pages::{LedgerPage, LedgerRow};
use serde::Deserialize;

use super::{
    answer::{FOR_EVER, NoPage, Page, shown},
    facts,
    viewer::Viewer,
};
use crate::app::App;

/// Deeds of one page.
const SIZE: usize = 50;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    before: String,
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    viewer: Viewer,
    chosen: Result<Query<Chosen>, QueryRejection>,
) -> Page {
    let before = chosen
        .ok()
        .and_then(|Query(chosen)| chosen.before.parse().ok());
    // One more tells whether there are more.
    let mut deeds = app.reader.public_deeds(before, SIZE as u64 + 1).await?;
    let has_more = deeds.len() > SIZE;
    deeds.truncate(SIZE);
    let older = deeds.last().filter(|_| has_more).map(|deed| deed.index);
    let page = LedgerPage {
        frame: viewer.frame(),
        key: app.ledger.key().to_owned(),
        size: app.ledger.size().await.ok(),
        in_trouble: app.ledger.is_in_trouble(),
        rows: deeds
            .into_iter()
            .map(|deed| LedgerRow {
                index: deed.index,
                at: facts::moment(deed.at),
                actor: deed.actor,
                action: deed.action,
                subject: deed.subject,
            })
            .collect(),
        older: older.map(|index| format!("/ledger/?before={index}")),
        newer: before.map(|_| "/ledger/".to_owned()),
        now: facts::now(),
    };
    Ok(shown(page.html()?))
}

/// The checkpoint, a tile, or a bundle of entries.
pub(crate) async fn file(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
) -> Page {
    let Path(path) = path?;
    let found = app.ledger.file(path).await;
    let served = match found {
        Ok(served) => served.ok_or(NoPage::Missing)?,
        Err(ReadError::None(_)) => return Err(NoPage::Missing),
        Err(error) => {
            tracing::error!(%error, "a file of the ledger cannot be read");
            return Err(NoPage::Unable);
        }
    };
    let kept = if served.is_immutable() {
        FOR_EVER
    } else {
        "no-cache"
    };
    let headers = [
        (header::CONTENT_TYPE, served.content_type()),
        (header::CACHE_CONTROL, kept),
    ];
    Ok((headers, served.bytes).into_response())
}
