//! What somebody tries who means harm: through other people's browsers, by odd names, and by asking for too much.

use std::{net::SocketAddr, process::Command, time::Duration};

use glovebox_protocol::PATH_JOB_REQUESTS;
use glovebox_server::{Role, Scope};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{
    browser::Browser,
    http::{call_as, call_with, get, post},
    place::{Place, everywhere},
    study::{PROJECT, asked},
};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
const HTML: &str = "Accept: text/html";

/// Calls again until something is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = timeout(Duration::from_secs(20), waiting).await;
    assert!(waited.is_ok(), "{what}");
}

#[tokio::test]
async fn a_site_whose_name_leads_to_this_machine_gets_nothing() {
    everywhere(async |mut place| {
        let port = place.address().port();
        let call = async |address: SocketAddr, method: &str, path: &str, host: &str| {
            let host = format!("Host: {host}");
            let headers = [host.as_str(), FORM, HTML];
            call_as(address, method, path, &headers, "username=a&password=b").await
        };
        let calls = [
            ("GET", "/"),
            ("GET", "/static/x/y"),
            ("GET", "/ledger/checkpoint"),
            ("GET", PATH_JOB_REQUESTS),
            ("GET", "/nothing/like/that"),
            ("POST", "/sign-in/"),
        ];
        for (method, path) in calls {
            let evil = format!("evil.example:{port}");
            let answered = call(place.address(), method, path, &evil).await;
            assert_eq!(answered.status, 421, "{method} {path}");
            assert!(!answered.body.contains("Glovebox"), "{}", answered.body);
            for host in ["localhost", "127.0.0.1", "[::1]"] {
                let host = format!("{host}:{port}");
                let answered = call(place.address(), method, path, &host).await;
                assert_ne!(answered.status, 421, "{method} {path} {host}");
            }
        }
        // What stands before it calls it by whatever name it likes, and forms are those of its origin.
        place.stop().await;
        place.public_origin = Some("https://jobs.example.org".to_owned());
        place.start().await;
        let host = format!("evil.example:{port}");
        assert_eq!(call(place.address(), "GET", "/", &host).await.status, 200);
        let host = format!("Host: {host}");
        let origin = format!("Origin: http://evil.example:{port}");
        let headers = [host.as_str(), &origin, FORM];
        let form = "username=a&password=b";
        let answered = call_as(place.address(), "POST", "/sign-in/", &headers, form).await;
        assert_eq!(answered.status, 403, "{}", answered.body);
        assert!(answered.body.contains("not from here"), "{}", answered.body);
        place
    })
    .await;
}

#[tokio::test]
async fn names_that_no_database_takes_are_nobodys() {
    everywhere(async |mut place| {
        place.stop().await;
        place.public_origin = Some("http://localhost:8000".to_owned());
        place.start().await;
        let mut browser = Browser::new(&place);
        for username in ["\0", "researcher\0", "\u{fffd}"] {
            let answered = browser.sign_in(username, "a bucket of green rain").await;
            assert_eq!(answered.status, 403, "{username:?}: {}", answered.body);
        }
        let fields = [
            "client_data",
            "authenticator_data",
            "signature",
            "user_handle",
        ];
        let mut fields: Vec<_> = fields.iter().map(|&name| (name, "AA")).collect();
        fields.push(("credential_id", "\0"));
        let answered = browser.post("/sign-in/passkey/", &fields).await;
        assert_eq!(answered.status, 403, "{}", answered.body);
        place
    })
    .await;
}

/// A server behind a proxy that says who calls.
async fn behind_a_proxy(place: &mut Place) {
    place.stop().await;
    place.http.proxies = vec![[127, 0, 0, 1].into()];
    place.start().await;
}

#[tokio::test]
async fn one_address_does_not_watch_in_the_place_of_all_others() {
    everywhere(async |mut place| {
        behind_a_proxy(&mut place).await;
        let number = place.created("tpp", &["cohort"]).await.number;
        let address = place.address();
        let watch = async |from: &str| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let call = format!(
                "GET /events/job-requests/{number} HTTP/1.1\r\nHost: {address}\r\nX-Forwarded-For: {from}\r\n\r\n"
            );
            stream.write_all(call.as_bytes()).await.unwrap();
            let mut status = [0; 12];
            stream.read_exact(&mut status).await.unwrap();
            (stream, String::from_utf8_lossy(&status[9..]).into_owned())
        };
        let mut streams = Vec::new();
        for n in 0..100 {
            let (stream, status) = watch("198.51.100.1").await;
            assert_eq!(status, "200", "{n}");
            streams.push(stream);
        }
        assert_eq!(watch("198.51.100.1").await.1, "503");
        assert_eq!(watch("198.51.100.2").await.1, "200");
        // Those who go make room.
        drop(streams);
        until("there is room", async || {
            watch("198.51.100.1").await.1 == "200"
        })
        .await;
        place
    })
    .await;
}

#[tokio::test]
async fn a_visitor_does_not_keep_git_at_work() {
    everywhere(async |mut place| {
        behind_a_proxy(&mut place).await;
        let mut numbers = Vec::new();
        for n in 0..6 {
            place.commit(&PROJECT.replace("plot.py", &format!("plot{n}.py")));
            numbers.push(place.created("tpp", &["plot"]).await.number);
        }
        // Each with each: 15 comparisons.
        let pairs: Vec<String> = numbers
            .iter()
            .flat_map(|to| {
                let earlier = numbers.iter().filter(move |from| *from < to);
                earlier
                    .map(move |from| format!("/sick-notes/long-covid/{to}/changes/?since={from}"))
            })
            .collect();
        let mut statuses = Vec::new();
        for path in &pairs {
            let from = ["X-Forwarded-For: 198.51.100.1"];
            let answered = call_with(place.address(), "GET", path, &from, "").await;
            statuses.push(answered.status);
            assert_eq!(
                answered.status == 200,
                answered.body.contains("1 file changed")
            );
        }
        assert_eq!(statuses[..10], [200; 10]);
        assert_eq!(statuses[14], 429, "{statuses:?}");
        // What somebody has asked for is shown to anybody, and others may ask for more.
        let shown = async |path: &str, from: &str| {
            let from = [from];
            call_with(place.address(), "GET", path, &from, "")
                .await
                .status
        };
        assert_eq!(shown(&pairs[0], "X-Forwarded-For: 198.51.100.1").await, 200);
        assert_eq!(
            shown(&pairs[14], "X-Forwarded-For: 198.51.100.2").await,
            200
        );
        assert_eq!(
            shown(&pairs[14], "X-Forwarded-For: 198.51.100.1").await,
            200
        );
        place
    })
    .await;
}

#[tokio::test]
async fn searches_take_the_database_from_nobody() {
    everywhere(async |place| {
        place.created("tpp", &["cohort"]).await;
        let address = place.address();
        let held = place
            .hold("LOCK TABLE job_request IN ACCESS EXCLUSIVE MODE")
            .await;
        let searches: Vec<_> = (0..40)
            .map(|n| {
                tokio::spawn(async move { get(address, &format!("/event-log/?q=x{n}")).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let other = timeout(Duration::from_secs(5), get(address, "/organisations/")).await;
        assert_eq!(other.expect("an answer in time").status, 200);
        held.close().await.unwrap();
        for search in searches {
            let answered = search.await.unwrap();
            assert_eq!(answered.status, 200, "{}", answered.body);
        }
        place
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_used_again_and_again_writes_nothing() {
    everywhere(async |place| {
        let token = place
            .token("researcher", Scope::Read, Duration::from_hours(1))
            .await;
        let ask = async || {
            let what = asked("tpp", &["cohort"]);
            let call = post(place.address(), PATH_JOB_REQUESTS, &token, &what);
            timeout(Duration::from_secs(5), call)
                .await
                .map(|answered| answered.status)
        };
        assert_eq!(ask().await, Ok(403), "it is for reading");
        let held = place.hold("LOCK TABLE personal_token IN SHARE MODE").await;
        for _ in 0..3 {
            assert_eq!(ask().await, Ok(403));
        }
        held.close().await.unwrap();
        place
    })
    .await;
}

#[tokio::test]
async fn whoever_loses_their_role_while_a_repository_is_read_gets_no_job() {
    everywhere(async |place| {
        // Git waits at a pipe in the place of the file that it reads first.
        let head = place.folder().join("study/.git/HEAD");
        let kept = head.with_extension("kept");
        std::fs::rename(&head, &kept).unwrap();
        let made = Command::new("mkfifo").arg(&head).status();
        assert!(made.unwrap().success());
        let (reads, is_read) = tokio::sync::oneshot::channel();
        let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
        let pipe = std::thread::spawn(move || {
            use std::io::Write as _;
            let text = std::fs::read(&kept).unwrap();
            let mut pipe = std::fs::File::options().write(true).open(&head).unwrap();
            let _ = reads.send(());
            let _ = goes_on.recv_timeout(Duration::from_secs(30));
            std::fs::rename(&kept, &head).unwrap();
            pipe.write_all(&text).unwrap();
        });
        let asking = async {
            place
                .create(&place.researcher, &asked("tpp", &["cohort"]))
                .await
        };
        let revoking = async {
            let waited = timeout(Duration::from_secs(20), is_read).await;
            waited.expect("git reads").unwrap();
            let admin = place.admin().await;
            let role = Role::ProjectDeveloper;
            let revoked = admin.revoke_role("researcher", role, Some("sick-notes"));
            revoked.await.unwrap();
            go_on.send(()).unwrap();
        };
        let (answered, ()) = tokio::join!(asking, revoking);
        pipe.join().unwrap();
        assert_eq!(answered.status, 403, "{}", answered.body);
        let list = get(place.address(), PATH_JOB_REQUESTS).await;
        assert!(list.body.contains("\"job_requests\":[]"), "{}", list.body);
        place
    })
    .await;
}

#[tokio::test]
async fn what_is_sealed_of_an_older_version_has_a_salt() {
    everywhere(async |place| {
        let old = "INSERT INTO audit (at, actor, action, subject, details) \
             VALUES (1637000000000, 'setup', 'role_granted', 'person/researcher', '{}')";
        place.sql(old).await;
        let of = "SELECT CAST(ledger_index IS NULL AS TEXT) || ' ' || CAST(length(salt) AS TEXT) AS text \
             FROM audit WHERE at = 1637000000000";
        until("it is in the ledger, with a salt", async || {
            let text = place.text(of).await;
            let (is_waiting, length) = text.split_once(' ').unwrap();
            assert!(["0", "false"].contains(&is_waiting) <= (length == "16"), "{text}");
            ["0", "false"].contains(&is_waiting)
        })
        .await;
        place
    })
    .await;
}
