//! Those who hold connections open and are slow, and those who guess.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use glovebox_protocol::{Ask, PATH_ASK};
use glovebox_server::HttpSettings;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    http::{get, read_until},
    place::{Place, everywhere},
};

/// What a server of these tests bears.
const SHORT: Duration = Duration::from_millis(700);

/// By when it must have lost patience, on a machine that is busy.
const LONG: Duration = Duration::from_secs(15);

async fn with(mut place: Place, http: HttpSettings) -> Place {
    place.http = http;
    place.stop().await;
    place.start().await;
    place
}

async fn open(server: SocketAddr, said: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(said.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the server ends the connection.
async fn until_ended(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let reading = stream.read_to_end(&mut read);
    // A connection may also be cut.
    let _ = timeout(LONG, reading).await.expect("the server ends it");
    String::from_utf8_lossy(&read).into_owned()
}

/// A call of an agent through a proxy, with what the proxy says of where it came from.
async fn ask_from(place: &Place, token: &str, from: &str, accept: &str) -> (u16, String) {
    let ask = Ask {
        agent: "agent-1".to_owned(),
        slots: 1,
        holds: Vec::new(),
        wait_seconds: 0,
    };
    let body = serde_json::to_string(&ask).unwrap();
    let said = format!(
        "POST {PATH_ASK} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         X-Forwarded-For: {from}\r\nAccept: {accept}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = until_ended(&mut open(place.address(), &said).await).await;
    let status = answer.split(' ').nth(1).expect("a status").parse().unwrap();
    (status, answer)
}

#[tokio::test]
async fn whoever_is_slow_to_say_what_they_want_is_let_go() {
    everywhere(async |place| {
        let http = HttpSettings {
            head_time: SHORT,
            body_time: SHORT,
            ..HttpSettings::default()
        };
        let place = with(place, http).await;

        // A byte at a time, for ever: each is sent long before any pause would be noticed.
        let mut drip = open(
            place.address(),
            "GET /health HTTP/1.1\r\nHost: localhost\r\nX: ",
        )
        .await;
        let began = Instant::now();
        while drip.write_all(b"a").await.is_ok() {
            assert!(began.elapsed() < LONG, "it is borne");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(began.elapsed() >= SHORT / 2, "{:?}", began.elapsed());

        // Nothing at all, and nothing more after an answer.
        let mut silent = open(place.address(), "").await;
        assert!(!until_ended(&mut silent).await.contains("200 OK"));
        let mut idle = open(
            place.address(),
            "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .await;
        read_until(&mut idle, "200 OK", LONG).await;
        until_ended(&mut idle).await;

        // A body that is announced and does not come.
        let head = format!(
            "POST {PATH_ASK} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{{",
            place.tpp
        );
        let mut half = open(place.address(), &head).await;
        let answer = until_ended(&mut half).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");

        assert_eq!(get(place.address(), "/health").await.status, 200);
        place
    })
    .await;
}

#[tokio::test]
async fn a_call_that_waits_longer_than_a_head_may_take_is_answered() {
    everywhere(async |place| {
        let http = HttpSettings {
            head_time: SHORT,
            body_time: SHORT,
            stall_time: SHORT,
            ..HttpSettings::default()
        };
        let place = with(place, http).await;
        let began = Instant::now();
        let none = place.ask(&place.tpp, 1, &[], 2).await;
        assert!(none.begin.is_empty());
        assert!(began.elapsed() >= SHORT * 2, "{:?}", began.elapsed());
        place
    })
    .await;
}

#[tokio::test]
async fn a_head_has_a_size() {
    everywhere(async |place| {
        let long = format!(
            "GET /health HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
            "a".repeat(70_000)
        );
        let many = format!(
            "GET /health HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
            "X: a\r\n".repeat(200)
        );
        for said in [long, many] {
            let mut stream = TcpStream::connect(place.address()).await.unwrap();
            // The server may have enough before all is sent.
            let _ = stream.write_all(said.as_bytes()).await;
            let answer = until_ended(&mut stream).await;
            assert!(!answer.contains("200 OK"), "{answer}");
        }
        let fits = format!(
            "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: {}\r\n\r\n",
            "a".repeat(7_000)
        );
        let answer = until_ended(&mut open(place.address(), &fits).await).await;
        assert!(answer.contains("200 OK"), "{answer}");
        place
    })
    .await;
}

#[tokio::test]
async fn whoever_takes_nothing_of_what_they_asked_for_is_let_go() {
    everywhere(async |place| {
        let http = HttpSettings {
            stall_time: SHORT,
            ..HttpSettings::default()
        };
        let place = with(place, http).await;
        let mut stream = TcpStream::connect(place.address()).await.unwrap();
        let asking = async {
            // Answers that nobody reads fill what lies between, until the server can send no more.
            while stream
                .write_all(b"GET /status/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .await
                .is_ok()
            {}
        };
        let ended = timeout(LONG * 2, asking).await;
        assert!(ended.is_ok(), "the connection is borne");
        assert_eq!(get(place.address(), "/health").await.status, 200);
        place
    })
    .await;
}

#[tokio::test]
async fn connections_have_a_number() {
    everywhere(async |place| {
        let http = HttpSettings {
            connections: 4,
            connections_each: 2,
            // So that this machine is somebody, and not whatever stands before the server.
            proxies: vec![[192, 0, 2, 1].into()],
            ..HttpSettings::default()
        };
        let place = with(place, http).await;
        let hold = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut first = open(place.address(), hold).await;
        let mut second = open(place.address(), hold).await;
        for stream in [&mut first, &mut second] {
            read_until(stream, "200 OK", LONG).await;
        }
        let mut third = open(place.address(), "").await;
        assert_eq!(until_ended(&mut third).await, "", "one too many");
        drop(first);
        let began = Instant::now();
        loop {
            let mut next = TcpStream::connect(place.address()).await.unwrap();
            let asked = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            let _ = next.write_all(asked.as_bytes()).await;
            if until_ended(&mut next).await.contains("200 OK") {
                break;
            }
            assert!(began.elapsed() < LONG, "no place becomes free");
        }

        // Where nobody has too many, further ones wait until there is room.
        drop(second);
        let http = HttpSettings {
            connections: 2,
            ..HttpSettings::default()
        };
        let place = with(place, http).await;
        let mut first = open(place.address(), hold).await;
        let mut second = open(place.address(), hold).await;
        for stream in [&mut first, &mut second] {
            read_until(stream, "200 OK", LONG).await;
        }
        let mut third = open(place.address(), hold).await;
        let mut byte = [0];
        let early = timeout(SHORT, third.read(&mut byte)).await;
        assert!(early.is_err(), "it waits: {early:?}");
        drop(first);
        read_until(&mut third, "200 OK", LONG).await;
        place
    })
    .await;
}

#[tokio::test]
async fn whoever_guesses_tokens_waits_and_nobody_else_does() {
    everywhere(async |place| {
        let http = HttpSettings {
            proxies: vec![[127, 0, 0, 1].into()],
            wrong_tokens: 3,
            wrong_token_every: Duration::from_hours(1),
            ..HttpSettings::default()
        };
        let place = with(place, http).await;
        let json = "application/json";
        for guess in ["a", "b", "c"] {
            let from = format!("203.0.113.{}, 198.51.100.7", guess.len());
            let (status, answer) = ask_from(&place, guess, &from, json).await;
            assert_eq!(status, 401, "{answer}");
        }
        // What the caller wrote before the proxy did makes nobody else of them; a right guess helps
        // nobody who has guessed.
        for (token, from) in [("d", "198.51.100.7"), (&place.tpp, "6.6.6.6, 198.51.100.7")] {
            let (status, answer) = ask_from(&place, token, from, json).await;
            assert_eq!(status, 429, "{answer}");
            let again_in = answer
                .lines()
                .find_map(|line| line.strip_prefix("retry-after: "))
                .expect("when to try again");
            let again_in: u64 = again_in.parse().unwrap();
            assert!((3_000..=3_600).contains(&again_in), "{again_in}");
            assert!(answer.contains(r#""code":"too_many_calls""#), "{answer}");
        }
        let (status, answer) = ask_from(&place, "e", "198.51.100.7", "text/html").await;
        assert_eq!(status, 429);
        assert!(
            answer.contains("<html") && answer.contains("retry-after: "),
            "{answer}"
        );

        let (status, answer) = ask_from(&place, &place.tpp, "198.51.100.8", json).await;
        assert_eq!(status, 200, "{answer}");
        place
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_no_setting_names_is_not_locked_out() {
    everywhere(async |place| {
        for _ in 0..40 {
            let (status, answer) = ask_from(&place, "guess", "198.51.100.7", "*/*").await;
            assert_eq!(status, 401, "{answer}");
        }
        let (status, answer) = ask_from(&place, &place.tpp, "198.51.100.7", "*/*").await;
        assert_eq!(status, 200, "{answer}");
        place
    })
    .await;
}
