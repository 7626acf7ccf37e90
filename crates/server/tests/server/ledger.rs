//! What was done gets into the ledger, once, in order, whatever happens to the server.

use std::{path::Path, time::Duration};

use glovebox_ledger::{Kept, Published, VerifierKey, verify, verify_against};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{
    http::{Answered, call_with, get},
    place::{Place, everywhere},
};

/// Waits until as many deeds are in the ledger as were done, and the database knows where, and gives its
/// entries. A deed is signed first and noted after.
async fn entries(place: &Place) -> Vec<Value> {
    let (folder, key) = place.ledger();
    let done = place.audit().await.len() as u64;
    let began = Instant::now();
    loop {
        let size = Published::open(&folder).and_then(|log| Ok(log.checkpoint()?.size));
        let is_signed = size.as_ref().is_ok_and(|size| *size == done);
        if is_signed && place.without_a_place().await == 0 {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "{size:?} of {done}"
        );
        sleep(Duration::from_millis(50)).await;
    }
    let report = verify(&folder, &key).unwrap();
    assert_eq!(report.checkpoint.size, done);
    let entries = Published::open(&folder).unwrap().entries(0..done).unwrap();
    let parse = |entry: Vec<u8>| serde_json::from_slice(&entry).unwrap();
    entries.into_iter().map(parse).collect()
}

#[tokio::test]
async fn requests_are_read_and_accounts_are_sealed() {
    everywhere(async |place| {
        let request = place.created("tpp", &["run_all"]).await;
        let entries = entries(&place).await;
        let of_request: Vec<&Value> = entries
            .iter()
            .filter(|entry| entry["action"] == "job_request_created")
            .collect();
        assert_eq!(of_request.len(), 1);
        assert_eq!(
            of_request[0]["subject"],
            format!("job-request/{}", request.id)
        );
        assert_eq!(of_request[0]["actor"], "researcher");
        let done = place.audit().await;
        let private = [
            "person_created",
            "role_granted",
            "personal_token_created",
            "backend_created",
        ];
        let private = done
            .iter()
            .filter(|(_, action, _)| private.contains(&action.as_str()));
        let sealed = entries.iter().filter(|entry| entry["sealed"].is_string());
        assert!(sealed.count() >= private.count());
        let text = Value::from(entries).to_string();
        assert!(!text.contains("role_granted") && !text.contains("person_created"));

        let page = get(place.address(), "/ledger/").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("job request created"), "{}", page.body);
        assert!(!page.body.contains("role granted"), "{}", page.body);
        let leads = get(place.address(), &format!("/job-requests/{}", request.id)).await;
        assert_eq!(leads.status, 308);
        place
    })
    .await;
}

#[tokio::test]
async fn a_copy_is_had_over_http_and_nothing_else_is() {
    everywhere(async |place| {
        place.created("tpp", &["run_all"]).await;
        entries(&place).await;
        let (_, key) = place.ledger();
        let checkpoint = get(place.address(), "/ledger/checkpoint").await;
        assert!(
            checkpoint.body.starts_with(key.name()),
            "{}",
            checkpoint.body
        );
        assert_eq!(checkpoint.header("cache-control"), Some("no-cache"));
        let size = checkpoint.body.lines().nth(1).unwrap();
        let tile = raw(&place, &format!("/ledger/tile/entries/000.p/{size}")).await;
        assert_eq!(tile.status, 200);
        assert!(tile.header("cache-control").unwrap().contains("immutable"));
        for path in [
            "tile/entries/000",
            "tile/entries/001.p/1",
            "../server.sqlite",
            "%2e%2e/ledger.key",
            "..%2fledger.key",
            "tile/../../ledger.key",
            "lock",
            "%ff",
        ] {
            let answered = raw(&place, &format!("/ledger/{path}")).await;
            assert_eq!(answered.status, 404, "{path}: {}", answered.body);
        }
        place
    })
    .await;
}

async fn raw(place: &Place, path: &str) -> Answered {
    call_with(place.address(), "GET", path, &[], "").await
}

#[tokio::test]
async fn a_server_that_was_killed_adds_nothing_twice() {
    everywhere(async |mut place| {
        place.created("tpp", &["cohort"]).await;
        let before = entries(&place).await;
        let (folder, key) = place.ledger();
        let copy = tempfile::tempdir().unwrap();
        copy_of(&folder, copy.path());
        place.kill().await;
        // As if it had been killed between adding entries and noting that.
        place
            .sql("UPDATE audit SET ledger_index = NULL WHERE ledger_index >= 3")
            .await;
        place.start().await;
        place.created("emis", &["cohort"]).await;
        let after = entries(&place).await;
        assert_eq!(after[..before.len()], before);
        assert_eq!(after.len(), before.len() + 1);
        continues(&folder, copy.path(), &key);
        place
    })
    .await;
}

#[tokio::test]
async fn a_ledger_that_was_lost_is_not_begun_anew() {
    everywhere(async |mut place| {
        place.created("tpp", &["cohort"]).await;
        entries(&place).await;
        place.stop().await;
        let (folder, key) = place.ledger();
        let kept = folder.with_extension("kept");
        std::fs::rename(&folder, &kept).unwrap();
        place.start().await;
        // The server works on, and says that something is to be mended.
        place.created("emis", &["cohort"]).await;
        let began = Instant::now();
        loop {
            let page = get(place.address(), "/ledger/").await;
            if page.body.contains("not in the ledger yet") {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(20));
            sleep(Duration::from_millis(50)).await;
        }
        place.stop().await;
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::rename(&kept, &folder).unwrap();
        place.start().await;
        entries(&place).await;
        verify(&folder, &key).unwrap();
        place
    })
    .await;
}

fn continues(folder: &Path, copy: &Path, key: &VerifierKey) {
    verify_against(folder, key, Kept::Copy(copy)).unwrap();
}

fn copy_of(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_of(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
