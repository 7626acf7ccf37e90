//! Telling people how their requests ended: once, whatever happens in between.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use data_encoding::BASE64;
use glovebox_protocol::{CreateRequest, Created, Ended, Happened, Reason};
use glovebox_server::{
    EmailSettings, NotifySettings, Server, ServerError, Settings, SmtpTls, WebhookSettings,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    place::{Place, everywhere},
    receivers::{Call, call_receiver, mail_server},
    signed_in::{Browser, has, hidden},
    study::{SUCCESS, asked},
};

const SECRET: &str = "a secret of more than twenty-four bytes";

fn quick() -> NotifySettings {
    NotifySettings {
        first_retry: Duration::from_millis(50),
        ..NotifySettings::default()
    }
}

fn secret_in(place: &Place) -> PathBuf {
    let path = place.folder().join("webhook.secret");
    std::fs::write(&path, SECRET).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

fn webhook(place: &Place, address: std::net::SocketAddr) -> WebhookSettings {
    WebhookSettings {
        url: format!("http://{address}/hook"),
        secret_file: secret_in(place),
        allow_private: false,
    }
}

fn email(address: std::net::SocketAddr) -> EmailSettings {
    EmailSettings {
        server: address.ip().to_string(),
        port: address.port(),
        tls: SmtpTls::None,
        username: None,
        password_file: None,
        from: "Glovebox <jobs@example.org>".to_owned(),
    }
}

async fn restart(place: &mut Place, notify: NotifySettings) {
    place.stop().await;
    place.notify = notify;
    place.start().await;
}

/// Asks for one action, and lets it end.
async fn run(place: &Place, notify: bool, how: Happened) -> i64 {
    let asked = CreateRequest {
        notify,
        ..asked("tpp", &["cohort"])
    };
    let created: Created = place.create(&place.researcher, &asked).await.json();
    let task = place.take(&place.tpp).await.task;
    place.report(&place.tpp, &task, how).await;
    created.request.number
}

/// Checks a call as a receiver does, and gives what it says.
fn proved(call: &Call) -> Value {
    let (id, time) = (call.header("webhook-id"), call.header("webhook-timestamp"));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{id}.{time}.{}", call.body).as_bytes());
    let signature = BASE64.encode(&mac.finalize().into_bytes());
    assert_eq!(call.header("webhook-signature"), format!("v1,{signature}"));
    serde_json::from_str(&call.body).unwrap()
}

#[tokio::test]
async fn who_wants_it_is_told_once_of_all_jobs() {
    everywhere(async |mut place| {
        let (mail, up, mut mails) = mail_server("").await;
        up.set(true);
        let (hook, mut calls) = call_receiver(|| Some("204 No Content".to_owned())).await;
        place
            .sql("UPDATE person SET email = 'researcher@example.org'")
            .await;
        let settings = NotifySettings {
            email: Some(email(mail)),
            webhook: Some(webhook(&place, hook)),
            ..quick()
        };
        restart(&mut place, settings).await;

        // Chosen on the page.
        let researcher = Browser::sign_in(&place, "researcher").await;
        let path = "/sick-notes/long-covid/run-jobs/";
        let page = researcher.get(&place, path).await;
        has(&page, "name=\"notify\" value=\"yes\"> Tell me once");
        let commit = hidden(&page.body, "commit");
        let fields = [
            ("commit", commit.as_str()),
            ("ref", "main"),
            ("all", "yes"),
            ("backend", "tpp"),
            ("notify", "yes"),
            ("step", "run"),
        ];
        assert_eq!(researcher.send(&place, path, &fields).await.status, 303);
        for _ in 0..3 {
            let task = place.take(&place.tpp).await;
            let how = if task.action == "plot" {
                Happened::Ended(Ended::Failed(Reason::OutOfMemory))
            } else {
                SUCCESS
            };
            place.report(&place.tpp, &task.task, how).await;
        }

        let call = calls.next().await;
        let said = proved(&call);
        let id = place.request(1).await.id;
        assert_eq!(call.header("webhook-id"), format!("msg_{id}"));
        assert_eq!(said["id"], json!(id));
        assert_eq!(said["type"], json!("job_request.ended"));
        assert_eq!(said["status"], json!("failed"));
        assert_eq!(
            (&said["jobs_succeeded"], &said["jobs_total"]),
            (&json!(2), &json!(3))
        );
        assert_eq!(
            said["url"],
            json!(format!(
                "http://{}/sick-notes/long-covid/1/",
                place.address()
            ))
        );
        assert_eq!(
            said["jobs"][0]["action"],
            json!("plot"),
            "what failed comes first"
        );
        assert_eq!(
            said["jobs"][0]["reason"],
            json!("Stopped, because it used more memory than it may")
        );

        let mail = mails.next().await;
        assert!(mail.from.contains("<jobs@example.org>"), "{mail:?}");
        assert!(mail.to.contains("<researcher@example.org>"), "{mail:?}");
        for part in [
            "Subject: long-covid: job request 1 failed\r\n",
            &format!("Message-ID: <{id}.ended@example.org>\r\n"),
            "2 of 3 jobs succeeded",
            "/sick-notes/long-covid/1/",
            "plot: failed",
            "used more memory than it may",
            "cohort: succeeded",
        ] {
            assert!(
                mail.data.contains(part),
                "`{part}` is not in\n{}",
                mail.data
            );
        }

        // Of a request for which nobody asked it, nothing is told; and of no other twice.
        run(&place, false, SUCCESS).await;
        let third = run(&place, true, SUCCESS).await;
        assert_eq!(proved(&calls.next().await)["number"], json!(third));
        assert!(mails.next().await.data.contains("job request 3 succeeded"));
        assert!(calls.is_empty() && mails.is_empty());
        place
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_is_down_is_told_later_also_by_another_server() {
    everywhere(async |mut place| {
        let (mail, up, mut mails) = mail_server("").await;
        let answers = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&answers);
        // Out of order twice, then in order.
        let (hook, mut calls) = call_receiver(move || {
            let count = counted.fetch_add(1, Ordering::SeqCst);
            Some(if count < 2 {
                "503 Later".to_owned()
            } else {
                "200 OK".to_owned()
            })
        })
        .await;
        place
            .sql("UPDATE person SET email = 'researcher@example.org'")
            .await;
        let settings = NotifySettings {
            email: Some(email(mail)),
            webhook: Some(webhook(&place, hook)),
            ..quick()
        };
        restart(&mut place, settings).await;
        run(&place, true, SUCCESS).await;

        let first = calls.next().await;
        mails.next().await;
        place.kill().await;
        place.start().await;
        let second = calls.next().await;
        let third = calls.next().await;
        assert_eq!(answers.load(Ordering::SeqCst), 3);
        let ids = [&first, &second, &third].map(|call| call.header("webhook-id"));
        assert_eq!(ids[0], ids[1], "whoever has seen it knows it again");
        assert_eq!(ids[1], ids[2]);
        // What one way took is not sent there again while the other way is tried.
        up.set(true);
        let mut taken = mails.next().await;
        while !mails.is_empty() {
            taken = mails.next().await;
        }
        assert!(taken.data.contains("job request 1 succeeded"));
        run(&place, true, SUCCESS).await;
        assert_eq!(proved(&calls.next().await)["number"], json!(2));
        assert!(calls.is_empty());
        place
    })
    .await;
}

#[tokio::test]
async fn what_was_being_sent_when_the_server_was_killed_is_sent_again() {
    everywhere(async |mut place| {
        let heard = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&heard);
        let (hook, mut calls) = call_receiver(move || {
            (counted.fetch_add(1, Ordering::SeqCst) > 0).then(|| "200 OK".to_owned())
        })
        .await;
        let settings = NotifySettings {
            webhook: Some(webhook(&place, hook)),
            ..quick()
        };
        restart(&mut place, settings).await;
        run(&place, true, SUCCESS).await;
        let first = calls.next().await;
        place.kill().await;
        place.start().await;
        let second = calls.next().await;
        assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
        place
    })
    .await;
}

#[tokio::test]
async fn nobody_is_led_elsewhere_and_a_mailbox_that_is_not_there_holds_nothing_up() {
    everywhere(async |mut place| {
        let (mail, up, mut mails) = mail_server("nobody@").await;
        up.set(true);
        let (elsewhere, mut led) = call_receiver(|| Some("200 OK".to_owned())).await;
        let redirect = format!("307 Elsewhere\r\nLocation: http://{elsewhere}/");
        let (hook, mut calls) = call_receiver(move || Some(redirect.clone())).await;
        place
            .sql("UPDATE person SET email = 'nobody@example.org'")
            .await;
        let settings = NotifySettings {
            email: Some(email(mail)),
            webhook: Some(webhook(&place, hook)),
            attempts: 2,
            ..quick()
        };
        restart(&mut place, settings).await;
        run(&place, true, SUCCESS).await;
        for _ in 0..2 {
            calls.next().await;
        }
        place
            .sql("UPDATE person SET email = 'researcher@example.org'")
            .await;
        run(&place, true, SUCCESS).await;
        for _ in 0..2 {
            assert_eq!(
                proved(&calls.next().await)["number"],
                json!(2),
                "the first is given up"
            );
        }
        assert!(mails.next().await.data.contains("job request 2 succeeded"));
        assert!(led.is_empty());
        place
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_cancelled_has_ended_too_and_one_with_nothing_to_do_says_so_itself() {
    everywhere(async |mut place| {
        let (hook, mut calls) = call_receiver(|| Some("200 OK".to_owned())).await;
        let settings = NotifySettings {
            webhook: Some(webhook(&place, hook)),
            ..quick()
        };
        restart(&mut place, settings).await;
        let notified = CreateRequest {
            notify: true,
            ..asked("tpp", &["cohort"])
        };
        for _ in 0..2 {
            place.create(&place.researcher, &notified).await;
        }
        assert_eq!(place.request(2).await.status, "nothing_to_do");
        let researcher = Browser::sign_in(&place, "researcher").await;
        researcher
            .send(&place, "/sick-notes/long-covid/1/cancel/", &[])
            .await;
        let said = proved(&calls.next().await);
        assert_eq!(
            (&said["number"], &said["status"]),
            (&json!(1), &json!("failed"))
        );
        assert_eq!(said["jobs"][0]["status_code"], json!("cancelled_by_user"));
        run(&place, true, SUCCESS).await;
        assert_eq!(proved(&calls.next().await)["number"], json!(3));
        place
    })
    .await;
}

#[tokio::test]
async fn settings_that_would_give_a_secret_away_are_refused() {
    everywhere(async |place| {
        let secret = secret_in(&place);
        let open = place.folder().join("open.secret");
        std::fs::write(&open, SECRET).unwrap();
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
        let short = place.folder().join("short.secret");
        std::fs::write(&short, "short").unwrap();
        std::fs::set_permissions(&short, std::fs::Permissions::from_mode(0o600)).unwrap();
        let hook = |url: &str, secret: &PathBuf| NotifySettings {
            webhook: Some(WebhookSettings {
                url: url.to_owned(),
                secret_file: secret.clone(),
                allow_private: false,
            }),
            ..quick()
        };
        let mail = |server: &str, password_file: Option<PathBuf>, from: &str| NotifySettings {
            email: Some(EmailSettings {
                server: server.to_owned(),
                port: 25,
                tls: SmtpTls::None,
                username: password_file.is_some().then(|| "glovebox".to_owned()),
                password_file,
                from: from.to_owned(),
            }),
            ..quick()
        };
        let from = "jobs@example.org";
        let cases = [
            (hook("http://hooks.example.org/", &secret), "https://"),
            (hook("https://hooks.example.org/", &open), "chmod 600"),
            (
                hook("https://hooks.example.org/", &short),
                "at least 24 bytes",
            ),
            (mail("mail.example.org", None, from), "another machine"),
            (mail("127.0.0.1", Some(open.clone()), from), "chmod 600"),
            (mail("127.0.0.1", None, "nonsense"), "no address"),
        ];
        for (notify, words) in cases {
            let folder = tempfile::tempdir().unwrap();
            let mut settings = Settings::in_folder(folder.path());
            settings.notify = notify;
            let error = Server::bind(settings).await.err().expect("a refusal");
            assert!(matches!(error, ServerError::Notify(_)), "{error}");
            let said = error.to_string();
            assert!(said.contains(words), "{said}");
            assert!(!said.contains(SECRET), "{said}");
        }
        place
    })
    .await;
}
