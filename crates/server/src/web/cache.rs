//! Pages that visitors read, kept for a moment.
//!
//! What many look at is drawn once: a page that is in the news costs no more than one that nobody reads.
//! A page is kept for at most a second, since it says how long ago things were, and not at all once a request
//! that it shows has changed. Only visitors get one: whoever sends a cookie or a credential gets a page of
//! their own, which is never kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes, HttpBody as _, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::packed;
use crate::app::App;

/// For how long a page is kept.
const LONGEST: Duration = Duration::from_secs(1);
/// How many bytes of pages are kept, and how large one may be.
const MOST_BYTES: usize = 32 * 1024 * 1024;
const LARGEST: usize = 2 * 1024 * 1024;
/// How many addresses, and how long one may be.
const MOST: usize = 4_096;
const LONGEST_ADDRESS: usize = 1_024;
/// What tells the place of a packed page from that of the same as it is.
const PACKED: &str = " gzip";

/// Pages that are kept.
#[derive(Default)]
pub(crate) struct PageCache(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    by_address: HashMap<String, Place>,
    bytes: usize,
    swept: Option<Instant>,
}

/// A place for the page of an address.
#[derive(Default)]
struct Place {
    /// Held by whoever draws the page; others who want it wait for that.
    turn: Arc<tokio::sync::Mutex<()>>,
    page: Option<Kept>,
}

#[derive(Clone)]
struct Kept {
    headers: HeaderMap,
    body: Bytes,
    until: Instant,
    /// What had changed so far when it was drawn.
    so_far: u64,
}

enum Found {
    Page(Response),
    /// Nobody has drawn it. Whoever holds the turn does.
    Turn(Arc<tokio::sync::Mutex<()>>),
    /// There is no room for another address.
    Full,
}

/// Answers visitors from pages that were drawn a moment ago.
pub(crate) async fn keep(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let address = request.uri().path_and_query().map(ToString::to_string);
    let Some(mut address) = address.filter(|address| is_for_everybody(&request, address)) else {
        return next.run(request).await;
    };
    let pack = packed::is_understood(request.headers());
    if pack {
        // No address has a space.
        address.push_str(PACKED);
    }
    let number = number_in(request.uri().path());
    let so_far = || app.changes.so_far(number);
    let turn = match app.pages.find(&address, so_far()) {
        Found::Page(response) => return response,
        Found::Full => return next.run(request).await,
        Found::Turn(turn) => turn,
    };
    let _turn = turn.lock().await;
    // Whoever had the turn before may have drawn it.
    if let Found::Page(response) = app.pages.find(&address, so_far()) {
        return response;
    }
    // Before it is drawn: what changes meanwhile may not be on it.
    let so_far = so_far();
    let response = next.run(request).await;
    app.pages.kept(address, so_far, pack, response).await
}

fn is_for_everybody(request: &Request, address: &str) -> bool {
    let of_somebody = [header::COOKIE, header::AUTHORIZATION];
    request.method() == Method::GET
        && address.len() <= LONGEST_ADDRESS
        && !of_somebody
            .iter()
            .any(|name| request.headers().contains_key(name))
}

/// The number of the one request that a page shows: `/project/workspace/number/…`.
fn number_in(path: &str) -> Option<i64> {
    path.split('/').nth(3)?.parse().ok()
}

impl PageCache {
    fn find(&self, address: &str, so_far: u64) -> Found {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(place) = pages.by_address.get(address) {
            return match &place.page {
                Some(kept) if kept.is_good(now, so_far) => Found::Page(kept.response()),
                _ => Found::Turn(Arc::clone(&place.turn)),
            };
        }
        if pages.by_address.len() >= MOST {
            pages.sweep(now);
        }
        if pages.by_address.len() >= MOST {
            return Found::Full;
        }
        let place = pages.by_address.entry(address.to_owned()).or_default();
        Found::Turn(Arc::clone(&place.turn))
    }

    /// Keeps a page, if it is one for everybody.
    async fn kept(&self, address: String, so_far: u64, pack: bool, response: Response) -> Response {
        let (mut parts, body) = response.into_parts();
        let size = body.size_hint().exact();
        let fits = size.is_some_and(|size| size <= u64::try_from(LARGEST).unwrap_or(u64::MAX));
        let is_page = parts.status == StatusCode::OK
            && !parts.headers.contains_key(header::SET_COOKIE)
            && fits;
        if !is_page {
            return Response::from_parts(parts, body);
        }
        let Ok(body) = to_bytes(body, LARGEST).await else {
            // What is in memory and of a known size can be read.
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            return response;
        };
        let body = if pack {
            packed::packed(&mut parts.headers, body).await
        } else {
            body
        };
        parts.headers.append(
            header::VARY,
            HeaderValue::from_name(header::ACCEPT_ENCODING),
        );
        let kept = Kept {
            headers: parts.headers.clone(),
            body: body.clone(),
            until: Instant::now() + LONGEST,
            so_far,
        };
        self.put(address, kept);
        Response::from_parts(parts, Body::from(body))
    }

    fn put(&self, address: String, kept: Kept) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let size = kept.body.len();
        let is_time = pages.swept.is_none_or(|swept| now - swept > LONGEST);
        if is_time || pages.bytes + size > MOST_BYTES {
            pages.sweep(now);
        }
        let Pages {
            by_address, bytes, ..
        } = &mut *pages;
        if *bytes + size > MOST_BYTES {
            return;
        }
        let place = by_address.entry(address).or_default();
        *bytes += size;
        if let Some(before) = place.page.replace(kept) {
            *bytes -= before.body.len();
        }
    }
}

impl Pages {
    /// Forgets what is too old, and places that nobody waits at.
    fn sweep(&mut self, now: Instant) {
        let bytes = &mut self.bytes;
        self.by_address.retain(|_, place| {
            if let Some(page) = place.page.take_if(|page| page.until <= now) {
                *bytes -= page.body.len();
            }
            place.page.is_some() || Arc::strong_count(&place.turn) > 1
        });
        self.swept = Some(now);
    }
}

impl Kept {
    fn is_good(&self, now: Instant, so_far: u64) -> bool {
        self.until > now && self.so_far == so_far
    }

    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Response {
        Response::new(Body::from(text.to_owned()))
    }

    fn is_found(cache: &PageCache, address: &str, so_far: u64) -> bool {
        matches!(cache.find(address, so_far), Found::Page(_))
    }

    #[tokio::test]
    async fn a_page_is_kept_until_something_changes() {
        let cache = PageCache::default();
        assert!(!is_found(&cache, "/a/", 7));
        cache.kept("/a/".to_owned(), 7, false, page("a")).await;
        assert!(is_found(&cache, "/a/", 7));
        assert!(!is_found(&cache, "/a/", 8), "it changed");
        assert!(!is_found(&cache, "/a/?b", 7), "another address");
        tokio::time::sleep(LONGEST + Duration::from_millis(50)).await;
        assert!(!is_found(&cache, "/a/", 7), "it is old");
    }

    #[tokio::test]
    async fn what_is_not_for_everybody_is_not_kept() {
        let cache = PageCache::default();
        let mut missing = page("no");
        *missing.status_mut() = StatusCode::NOT_FOUND;
        let mut with_cookie = page("mine");
        let value = HeaderValue::from_static("a=b");
        with_cookie.headers_mut().insert(header::SET_COOKIE, value);
        let large = page(&"x".repeat(LARGEST + 1));
        for response in [missing, with_cookie, large] {
            cache.kept("/a/".to_owned(), 0, false, response).await;
            assert!(!is_found(&cache, "/a/", 0));
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded() {
        let cache = PageCache::default();
        let half = "x".repeat(LARGEST / 2);
        for n in 0..200 {
            cache.kept(format!("/{n}/"), 0, false, page(&half)).await;
        }
        {
            let pages = cache.0.lock().unwrap();
            assert!(pages.bytes <= MOST_BYTES, "{}", pages.bytes);
            let held: usize = pages
                .by_address
                .values()
                .filter_map(|place| Some(place.page.as_ref()?.body.len()))
                .sum();
            assert_eq!(held, pages.bytes);
        }
        for n in 0..2 * MOST {
            let _ = cache.find(&format!("/{n}/x/"), 0);
        }
        assert!(cache.0.lock().unwrap().by_address.len() <= MOST);
    }

    #[test]
    fn the_page_of_a_request_is_told_by_its_address() {
        assert_eq!(number_in("/p/w/4168/"), Some(4168));
        assert_eq!(number_in("/p/w/4168/abc/"), Some(4168));
        assert_eq!(number_in("/event-log/"), None);
        assert_eq!(number_in("/p/w/logs/"), None);
    }
}
