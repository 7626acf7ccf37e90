//! Backends that are switched from beside the server, as the command line does.

use std::time::{Duration, Instant};

use glovebox_protocol::{Happened, Verdict};
use glovebox_server::{Admin, AdminError, KeptSwitch, Switch};

use crate::{
    place::{Place, everywhere},
    study::{SUCCESS, asked, stands},
};

/// A switch holds within seconds.
const LONGEST: Duration = Duration::from_secs(5);

async fn switch(admin: &Admin, switch: Switch) {
    let kept = admin.switch_backend("tpp", switch).await.unwrap();
    taken(admin, kept).await;
}

async fn taken(admin: &Admin, kept: KeptSwitch) {
    let began = Instant::now();
    while !admin.is_switch_taken(kept).await.unwrap() {
        assert!(began.elapsed() < LONGEST, "no server takes it");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn deeds(audit: &[(String, String, String)], action: &str) -> Vec<String> {
    audit
        .iter()
        .filter(|(_, what, _)| what == action)
        .map(|(who, _, details)| format!("{who} {details}"))
        .collect()
}

#[tokio::test]
async fn a_running_server_takes_a_switch_and_so_does_the_next() {
    everywhere(async |mut place| {
        let admin = place.admin().await;
        let request = place.created("tpp", &["cohort"]).await;
        switch(&admin, Switch::Pause).await;
        assert!(place.ask(&place.tpp, 1, &[], 0).await.begin.is_empty());
        let now = place.request(request.number).await;
        assert_eq!(stands(&now, "cohort").1, "paused");
        let backends = place.reader().backends().await.unwrap();
        assert_eq!(backends.iter().filter(|backend| backend.paused).count(), 1);

        place.kill().await;
        place.start().await;
        assert!(place.ask(&place.tpp, 1, &[], 0).await.begin.is_empty());
        switch(&admin, Switch::Resume).await;
        place.take(&place.tpp).await;

        let audit = place.audit().await;
        let both = [
            r#"setup {"switch":"pause"}"#,
            r#"setup {"switch":"resume"}"#,
        ];
        assert_eq!(deeds(&audit, "backend_switch_asked"), both);
        assert_eq!(deeds(&audit, "backend_switched"), both);
        place
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_waits_hears_of_maintenance() {
    everywhere(async |place| {
        let admin = place.admin().await;
        place.created("tpp", &["cohort"]).await;
        let cohort = place.take(&place.tpp).await.task;
        let holds = [cohort.as_str()];
        let asking = place.ask(&place.tpp, 1, &holds, 20);
        let began = Instant::now();
        let (told, ()) = tokio::join!(asking, switch(&admin, Switch::BeginMaintenance));
        assert_eq!(told.stop, holds, "what uses the database is to stop");
        assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
        let stopped = place.report(&place.tpp, &cohort, Happened::Stopped).await;
        assert_eq!(stopped, Verdict::Noted);
        assert!(place.ask(&place.tpp, 1, &[], 0).await.begin.is_empty());

        switch(&admin, Switch::EndMaintenance).await;
        let again = place.take(&place.tpp).await;
        assert_eq!(
            place.report(&place.tpp, &again.task, SUCCESS).await,
            Verdict::Noted
        );
        place
    })
    .await;
}

#[tokio::test]
async fn what_was_wanted_while_no_server_ran_holds_once_one_does() {
    everywhere(async |mut place| {
        let admin = place.admin().await;
        place.created("tpp", &["cohort"]).await;
        place.stop().await;
        let wanted = [
            Switch::PrepareForReboot,
            Switch::BeginMaintenance,
            Switch::Resume,
            Switch::Pause,
        ];
        let mut last = None;
        for switch in wanted {
            last = Some(admin.switch_backend("tpp", switch).await.unwrap());
        }
        let last = last.unwrap();
        assert!(!admin.is_switch_taken(last).await.unwrap());
        place
            .sql(
                "INSERT INTO backend_switch (backend_id, switch, actor, at) \
                 SELECT id, 'explode', 'setup', 0 FROM backend WHERE slug = 'tpp'",
            )
            .await;
        place.start().await;
        taken(&admin, last).await;
        let backends = place.reader().backends().await.unwrap();
        let flags: Vec<(&str, bool, bool)> = backends
            .iter()
            .map(|backend| (backend.slug.as_str(), backend.paused, backend.maintenance))
            .collect();
        assert_eq!(flags, [("emis", false, false), ("tpp", true, true)]);
        let audit = place.audit().await;
        assert_eq!(deeds(&audit, "backend_switched").len(), wanted.len());
        // What no version knows is in nobody's way.
        switch(&admin, Switch::Resume).await;
        place
    })
    .await;
}

#[tokio::test]
async fn a_backend_that_is_not_there_is_not_switched() {
    everywhere(async |place: Place| {
        let admin = place.admin().await;
        let refused = admin.switch_backend("nowhere", Switch::Pause).await;
        assert!(
            matches!(refused, Err(AdminError::NotFound { .. })),
            "{refused:?}"
        );
        let audit = place.audit().await;
        assert!(deeds(&audit, "backend_switch_asked").is_empty());
        // The others go on.
        let answered = place
            .create(&place.researcher, &asked("tpp", &["cohort"]))
            .await;
        assert_eq!(answered.status, 201, "{}", answered.body);
        place
    })
    .await;
}
