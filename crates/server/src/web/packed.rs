//! Pages for visitors, packed for browsers that unpack them.
//!
//! Only what is the same for everybody is ever packed: the length of a packed page tells of what stands in it, and a
//! page for somebody has a secret that a stranger could guess at by what he puts beside it.

use std::io::Write as _;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, header},
};
use flate2::{Compression, write::GzEncoder};

/// What is shorter fits into a packet or two as it is.
const SHORTEST: usize = 2 * 1024;

/// Whether whoever asks unpacks gzip.
pub(super) fn is_understood(headers: &HeaderMap) -> bool {
    let offered = headers.get_all(header::ACCEPT_ENCODING);
    let mut offered = offered
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    offered.any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = quality.trim().strip_prefix("q=").is_some_and(|quality| {
            let quality: Result<f32, _> = quality.trim().parse();
            quality.is_ok_and(|quality| quality <= 0.0)
        });
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Packs a page, if that is worth it, and says so in its headers.
pub(super) async fn packed(headers: &mut HeaderMap, body: Bytes) -> Bytes {
    let is_page = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page || body.len() < SHORTEST || headers.contains_key(header::CONTENT_ENCODING) {
        return body;
    }
    let plain = body.clone();
    // A millisecond for a large one: others are not to wait for that.
    let packing = tokio::task::spawn_blocking(move || {
        let mut into = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
        into.write_all(&plain)?;
        into.finish()
    });
    let Ok(Ok(packed)) = packing.await else {
        return body;
    };
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.remove(header::CONTENT_LENGTH);
    Bytes::from(packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn what_a_browser_offers_is_read() {
        for (offered, wanted) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("br", false),
            ("xgzip", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(offered));
            assert_eq!(is_understood(&headers), wanted, "{offered}");
        }
        assert!(!is_understood(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn a_long_page_is_packed_and_is_the_same() {
        let page = "a page of hundreds of jobs ".repeat(1_000);
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        for (kind, text, is_packed) in [
            (html.clone(), page.as_str(), true),
            (html, "short", false),
            (HeaderValue::from_static("image/png"), &page, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, kind);
            let body = packed(&mut headers, Bytes::copy_from_slice(text.as_bytes())).await;
            assert_eq!(headers.contains_key(header::CONTENT_ENCODING), is_packed);
            let mut back = String::new();
            if is_packed {
                assert!(body.len() * 4 < text.len());
                GzDecoder::new(&body[..]).read_to_string(&mut back).unwrap();
            } else {
                back = String::from_utf8(body.to_vec()).unwrap();
            }
            assert_eq!(back, text);
        }
    }
}
