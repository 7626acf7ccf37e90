//! Forms that change something: they are taken from those who are signed in, and from our own pages only.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{answer::NoPage, viewer::Viewer};
use crate::{access::session::Session, app::App};

/// A form of somebody who is signed in. It came from a page of ours that was made for them.
pub(crate) struct Proved<T> {
    pub(crate) session: Arc<Session>,
    pub(crate) form: T,
}

#[derive(Deserialize)]
struct Proof {
    #[serde(default)]
    proof: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Proved<T> {
    type Rejection = NoPage;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, NoPage> {
        let viewer: Option<&Viewer> = request.extensions().get();
        let session = viewer
            .and_then(|viewer| viewer.session.clone())
            .ok_or(NoPage::SignInFirst)?;
        let body = read(request, app).await?;
        let proof: Proof = parse(&body)?;
        if !session.is_proved_by(&proof.proof) {
            return Err(NoPage::NotOurs);
        }
        let form = parse(&body)?;
        Ok(Self { session, form })
    }
}

/// A form of whoever it is, as that for signing in. It came from a page of ours.
pub(crate) struct OurForm<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for OurForm<T> {
    type Rejection = NoPage;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, NoPage> {
        let body = read(request, app).await?;
        Ok(Self(parse(&body)?))
    }
}

/// The bytes of a form, if the browser says that it comes from this site.
async fn read(request: Request, app: &Arc<App>) -> Result<Vec<u8>, NoPage> {
    if !is_from_here(request.headers(), app.public_origin()) {
        return Err(NoPage::NotOurs);
    }
    let body = axum::body::Bytes::from_request(request, app).await;
    Ok(body.map_err(|_| NoPage::Unreadable)?.into())
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, NoPage> {
    serde_html_form::from_bytes(body).map_err(|_| NoPage::Unreadable)
}

/// Browsers name the site that a form stands in; programs that name none carry no cookies of ours.
fn is_from_here(headers: &HeaderMap, public: Option<&str>) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(origin) = text(header::ORIGIN) {
        if let Some(public) = public {
            return origin == public;
        }
        let host = text(header::HOST).unwrap_or_default();
        let named = origin
            .strip_prefix("http://")
            .or(origin.strip_prefix("https://"));
        return named == Some(host);
    }
    text(header::HeaderName::from_static("sec-fetch-site")).is_none_or(|site| site == "same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_sites_are_not_taken() {
        // Origin, Sec-Fetch-Site, the public origin, and whether it is from here.
        let cases = [
            (Some("http://127.0.0.1:8000"), None, None, true),
            (Some("https://evil.example"), None, None, false),
            (Some("null"), None, None, false),
            (
                Some("http://127.0.0.1:8000.evil.example"),
                None,
                None,
                false,
            ),
            (
                Some("https://jobs.example"),
                None,
                Some("https://jobs.example"),
                true,
            ),
            (
                Some("http://127.0.0.1:8000"),
                None,
                Some("https://jobs.example"),
                false,
            ),
            (None, Some("same-origin"), None, true),
            (None, Some("cross-site"), None, false),
            (None, Some("same-site"), None, false),
            (None, None, None, true),
        ];
        for (origin, site, public, wanted) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:8000".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            assert_eq!(
                is_from_here(&headers, public),
                wanted,
                "{origin:?} {site:?}"
            );
        }
    }
}
