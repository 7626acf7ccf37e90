//! Signing in by an address that is given once, and out again.

use std::{net::SocketAddr, time::Duration};

use crate::{
    http::{Answered, call_with},
    place::{Place, everywhere},
};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";

async fn post(server: SocketAddr, path: &str, headers: &[&str], body: &str) -> Answered {
    let mut headers = headers.to_vec();
    headers.push(FORM);
    call_with(server, "POST", path, &headers, body).await
}

/// Signs the researcher in, and gives the header with the cookie.
pub(crate) async fn sign_in(place: &Place) -> String {
    let path = link(place).await;
    let answered = post(place.address(), &path, &[], "").await;
    assert_eq!(answered.status, 303, "{}", answered.body);
    let cookie = answered.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    format!("Cookie: {}", cookie.split(';').next().unwrap())
}

async fn link(place: &Place) -> String {
    let admin = place.admin().await;
    let lasts = Duration::from_mins(1);
    let token = admin
        .create_sign_in_link("researcher", lasts)
        .await
        .unwrap();
    format!("/sign-in/{}/", token.reveal())
}

fn proof(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"proof\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_address_signs_in_once() {
    everywhere(async |place| {
        let path = link(&place).await;
        // Looking at it, as programs do before people, uses nothing up.
        for _ in 0..2 {
            let page = call_with(place.address(), "GET", &path, &[], "").await;
            assert_eq!((page.status, page.header("set-cookie")), (200, None));
        }
        let elsewhere = post(
            place.address(),
            &path,
            &["Origin: https://evil.example"],
            "",
        );
        assert_eq!(elsewhere.await.status, 403);
        assert_eq!(post(place.address(), &path, &[], "").await.status, 303);
        assert_eq!(post(place.address(), &path, &[], "").await.status, 403);
        place
    })
    .await;
}

#[tokio::test]
async fn signing_out_takes_the_proof_of_the_session() {
    everywhere(async |place| {
        let cookie = sign_in(&place).await;
        let other = sign_in(&place).await;
        let home = call_with(place.address(), "GET", "/", &[&cookie], "").await;
        assert!(home.body.contains("A researcher"), "{}", home.body);
        let others = call_with(place.address(), "GET", "/", &[&other], "").await;
        let cases = [
            ("", 403),
            ("proof=", 403),
            ("proof=AAAA", 403),
            (&format!("proof={}", proof(&others.body)), 403),
            (&format!("proof={}", proof(&home.body)), 303),
            // It is over.
            (&format!("proof={}", proof(&home.body)), 401),
        ];
        for (body, status) in cases {
            let answered = post(place.address(), "/sign-out/", &[&cookie], body).await;
            assert_eq!(answered.status, status, "{body}");
        }
        let home = call_with(place.address(), "GET", "/", &[&cookie], "").await;
        assert!(home.body.contains("Sign in"));
        let others = call_with(place.address(), "GET", "/", &[&other], "").await;
        assert!(others.body.contains("A researcher"));
        let said: Vec<_> = place
            .audit()
            .await
            .into_iter()
            .map(|(_, what, _)| what)
            .collect();
        let signed: Vec<_> = said
            .iter()
            .filter(|what| what.starts_with("signed_"))
            .collect();
        assert_eq!(signed, ["signed_in", "signed_in", "signed_out"]);
        place
    })
    .await;
}
