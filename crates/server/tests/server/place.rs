//! A place to test in: a repository, a database, a server, and people and backends in it.

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use glovebox_jobs::Timestamp;
use glovebox_ledger::{Signer, VerifierKey};
use glovebox_protocol::{
    Answer, Ask, CreateRequest, Created, Happened, JobRequest, PATH_ASK, PATH_JOB_REQUESTS,
    PATH_REPORT, Report, Task, Verdict,
};
use glovebox_server::{
    Admin, DatabaseUrl, HttpSettings, NewBackend, NewGrant, NewPersonalToken, NewWorkspace,
    NotifySettings, OidcSettings, Operations, Reader, Role, Scope, Server, ServerError, Settings,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, DatabaseBackend, DatabaseConnection, QueryResult,
    Statement,
};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

use crate::{
    http::{Answered, get, post},
    study::{self, asked},
};

pub(crate) struct Place {
    folder: tempfile::TempDir,
    database: DatabaseUrl,
    schema: Option<(String, String)>,
    pub(crate) tpp: String,
    pub(crate) emis: String,
    pub(crate) researcher: String,
    /// How people are told, from the next start on.
    pub(crate) notify: NotifySettings,
    running: Option<Running>,
    older: Vec<Running>,
    url: String,
    /// Where people are to reach the server, from when it starts.
    pub(crate) public_origin: Option<String>,
    /// The provider of identities that the server is told of when it starts.
    pub(crate) oidc: Option<OidcSettings>,
    /// How servers that are started from now on bear connections.
    pub(crate) http: HttpSettings,
}

struct Running {
    address: SocketAddr,
    reader: Reader,
    operations: Operations,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServerError>>,
}

/// Runs a test on every database there is.
pub(crate) async fn everywhere(test: impl AsyncFn(Place) -> Place) {
    test(Place::new(None).await).await.end().await;
    if let Ok(url) = env::var("GLOVEBOX_TEST_POSTGRES") {
        test(Place::new(Some(url)).await).await.end().await;
    }
}

impl Place {
    async fn new(postgres: Option<String>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().unwrap();
        let (url, schema) = match postgres {
            None => (
                format!(
                    "sqlite://{}/server.sqlite?mode=rwc",
                    folder.path().display()
                ),
                None,
            ),
            Some(url) => {
                let count = COUNT.fetch_add(1, Ordering::Relaxed);
                let schema = format!("test_{}_{count}", std::process::id());
                psql(&url, &format!("CREATE SCHEMA {schema}"));
                let join = if url.contains('?') { '&' } else { '?' };
                let within = format!("{url}{join}options=-csearch_path%3D{schema}");
                (within, Some((url, schema)))
            }
        };
        let study = folder.path().join("study");
        std::fs::create_dir(&study).unwrap();
        study::init(&study);
        let mut place = Self {
            folder,
            database: DatabaseUrl::new(url.clone()),
            schema,
            tpp: String::new(),
            emis: String::new(),
            researcher: String::new(),
            notify: NotifySettings::default(),
            running: None,
            older: Vec::new(),
            url,
            public_origin: None,
            oidc: None,
            http: HttpSettings::default(),
        };
        place.commit(study::PROJECT);
        place.set_up().await;
        place.start().await;
        place
    }

    async fn set_up(&mut self) {
        let admin = self.admin().await;
        admin
            .create_organisation("institute", "An institute")
            .await
            .unwrap();
        admin
            .create_project("institute", "sick-notes", "Sick notes")
            .await
            .unwrap();
        let workspace = NewWorkspace {
            project: "sick-notes".to_owned(),
            name: "Long-Covid".to_owned(),
            repo_url: format!("file://{}", self.folder.path().join("study").display()),
            branch: "main".to_owned(),
        };
        admin.create_workspace(&workspace).await.unwrap();
        for slug in ["tpp", "emis"] {
            let new = NewBackend {
                slug: slug.to_owned(),
                name: slug.to_uppercase(),
            };
            let token = admin.create_backend(&new).await.unwrap();
            token.reveal().clone_into(if slug == "tpp" {
                &mut self.tpp
            } else {
                &mut self.emis
            });
        }
        self.researcher = self
            .person("researcher", Some(Role::ProjectDeveloper))
            .await;
    }

    /// Opens the database beside the server, as the command line does.
    pub(crate) async fn admin(&self) -> Admin {
        let admin = Admin::open(&self.database, "setup").await.unwrap();
        admin.allowing_file_repositories()
    }

    /// Enters a person whom all backends take, perhaps with a role, and gives a token.
    pub(crate) async fn person(&self, username: &str, role: Option<Role>) -> String {
        let admin = self.admin().await;
        admin.create_person(username, username).await.unwrap();
        if let Some(role) = role {
            let grant = NewGrant {
                username: username.to_owned(),
                role,
                project: role.is_for_a_project().then(|| "sick-notes".to_owned()),
                from: None,
                until: None,
            };
            admin.grant_role(&grant).await.unwrap();
        }
        for backend in ["tpp", "emis"] {
            admin.admit(username, backend, None, None).await.unwrap();
        }
        self.token(username, Scope::Jobs, Duration::from_hours(1))
            .await
    }

    pub(crate) async fn token(&self, username: &str, scope: Scope, lasts: Duration) -> String {
        let new = NewPersonalToken {
            username: username.to_owned(),
            scope,
            expires_at: Timestamp(now() + i64::try_from(lasts.as_millis()).unwrap()),
        };
        let token = self.admin().await.create_personal_token(&new).await;
        token.unwrap().reveal().to_owned()
    }

    /// The folder that all of this is in.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Puts another commit in the place of the newest one, as by a forced push, and gives it.
    pub(crate) fn commit_instead(&self, project: &str) -> String {
        study::commit_instead(&self.folder.path().join("study"), project)
    }

    /// Changes the project file, and gives the commit.
    pub(crate) fn commit(&self, project: &str) -> String {
        study::commit(&self.folder.path().join("study"), project)
    }

    pub(crate) async fn start(&mut self) {
        let mut settings = Settings::in_folder(self.folder.path());
        settings.database = self.database.clone();
        settings.git.allow_file = true;
        settings.public_origin.clone_from(&self.public_origin);
        settings.oidc.clone_from(&self.oidc);
        settings.http = self.http.clone();
        settings.notify = self.notify.clone();
        let server = Server::bind(settings).await.unwrap();
        let address = server.local_addr();
        let reader = server.reader();
        let operations = server.operations();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let shutdown = async move {
                let _ = stopped.await;
            };
            server.run(shutdown).await
        });
        self.running = Some(Running {
            address,
            reader,
            operations,
            stop,
            task,
        });
    }

    /// Starts another server on the same database, and gives the address of the older one.
    pub(crate) async fn start_another(&mut self) -> SocketAddr {
        let older = self.running.take().expect("a server that runs");
        let address = older.address;
        self.older.push(older);
        self.start().await;
        address
    }

    /// The folder of the ledger, and by what it is verified.
    pub(crate) fn ledger(&self) -> (PathBuf, VerifierKey) {
        let folder = self.folder.path();
        let key = Signer::load_or_create(&folder.join("ledger.key"), "glovebox.localhost");
        (folder.join("ledger"), key.unwrap().verifier_key().clone())
    }

    /// Changes the database behind the server's back.
    pub(crate) async fn sql(&self, statement: &str) {
        let connection = sea_orm::Database::connect(&self.url).await.unwrap();
        connection.execute_unprepared(statement).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Lets nobody else write, behind the server's back, until what it gives is dropped. With `PostgreSQL`,
    /// that is done by a statement about a table.
    pub(crate) async fn hold(&self, statement: &str) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url.clone());
        options.max_connections(1);
        let connection = sea_orm::Database::connect(options).await.unwrap();
        let begin = match connection.get_database_backend() {
            DatabaseBackend::Postgres => format!("BEGIN; {statement}"),
            _ => "BEGIN IMMEDIATE".to_owned(),
        };
        connection.execute_unprepared(&begin).await.unwrap();
        connection
    }

    /// The one text that a question to the database gives, behind the server's back.
    pub(crate) async fn text(&self, question: &str) -> String {
        let connection = sea_orm::Database::connect(&self.url).await.unwrap();
        let question = Statement::from_string(connection.get_database_backend(), question);
        let row = connection.query_one_raw(question).await.unwrap();
        let text = row.expect("a row").try_get("", "text").unwrap();
        connection.close().await.unwrap();
        text
    }

    /// How many deeds have no place in the ledger yet, as far as the database knows.
    pub(crate) async fn without_a_place(&self) -> i64 {
        let connection = sea_orm::Database::connect(&self.url).await.unwrap();
        let question = Statement::from_string(
            connection.get_database_backend(),
            "SELECT COUNT(*) AS count FROM audit WHERE ledger_index IS NULL",
        );
        let row = connection.query_one_raw(question).await.unwrap().unwrap();
        connection.close().await.unwrap();
        row.try_get("", "count").unwrap()
    }

    /// Who did what, and how it is told.
    pub(crate) async fn audit(&self) -> Vec<(String, String, String)> {
        let connection = sea_orm::Database::connect(&self.url).await.unwrap();
        let question = Statement::from_string(
            connection.get_database_backend(),
            "SELECT actor, action, details FROM audit ORDER BY id",
        );
        let rows = connection.query_all_raw(question).await.unwrap();
        let text = |row: &QueryResult, column: &str| row.try_get("", column).unwrap();
        rows.iter()
            .map(|row| {
                (
                    text(row, "actor"),
                    text(row, "action"),
                    text(row, "details"),
                )
            })
            .collect()
    }

    /// Stops the server as an operator does, which takes no long time.
    pub(crate) async fn stop(&mut self) {
        let running = self.running.take().expect("a server that runs");
        let _ = running.stop.send(());
        let ended = timeout(Duration::from_secs(15), running.task).await;
        let ended = ended.expect("the server stops in time");
        ended.unwrap().unwrap();
    }

    /// Waits until the older server has ended of itself, and gives why it did.
    pub(crate) async fn older_ended(&mut self) -> ServerError {
        let older = self.older.pop().expect("an older server");
        let ended = timeout(Duration::from_secs(15), older.task).await;
        let ended = ended.expect("the older server ends in time");
        ended.unwrap().expect_err("it does not go on")
    }

    /// Ends the server in the middle of whatever it does.
    pub(crate) async fn kill(&mut self) {
        let running = self.running.take().expect("a server that runs");
        running.task.abort();
        let _ = running.task.await;
    }

    async fn end(mut self) {
        self.older.extend(self.running.take());
        while let Some(running) = self.older.pop() {
            self.running = Some(running);
            self.stop().await;
        }
        if let Some((url, schema)) = &self.schema {
            psql(url, &format!("DROP SCHEMA {schema} CASCADE"));
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().expect("a server that runs").address
    }

    pub(crate) fn operations(&self) -> &Operations {
        let running = self.running.as_ref();
        &running.expect("a server that runs").operations
    }

    pub(crate) fn reader(&self) -> Reader {
        let running = self.running.as_ref();
        running.expect("a server that runs").reader.clone()
    }

    pub(crate) async fn create(&self, token: &str, asked: &CreateRequest) -> Answered {
        post(self.address(), PATH_JOB_REQUESTS, token, asked).await
    }

    /// Asks for actions on a backend as A researcher, which is taken.
    pub(crate) async fn created(&self, backend: &str, actions: &[&str]) -> JobRequest {
        let answered = self
            .create(&self.researcher, &asked(backend, actions))
            .await;
        assert_eq!(answered.status, 201, "{}", answered.body);
        answered.json::<Created>().request
    }

    pub(crate) async fn request(&self, number: i64) -> JobRequest {
        let path = format!("{PATH_JOB_REQUESTS}/{number}");
        get(self.address(), &path).await.json()
    }

    pub(crate) async fn ask(&self, token: &str, slots: u32, holds: &[&str], wait: u32) -> Answer {
        let ask = Ask {
            agent: "agent-1".to_owned(),
            slots,
            holds: holds.iter().map(|&held| held.to_owned()).collect(),
            wait_seconds: wait,
        };
        let answered = post(self.address(), PATH_ASK, token, &ask).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
        answered.json()
    }

    pub(crate) async fn report(&self, token: &str, task: &str, happened: Happened) -> Verdict {
        let report = Report {
            agent: "agent-1".to_owned(),
            task: task.to_owned(),
            happened,
            metrics: None,
        };
        let answered = post(self.address(), PATH_REPORT, token, &report).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
        answered.json()
    }

    /// Takes the one task that is there.
    pub(crate) async fn take(&self, token: &str) -> Task {
        let mut answer = self.ask(token, 1, &[], 10).await;
        assert_eq!(answer.begin.len(), 1, "{answer:?}");
        answer.begin.remove(0)
    }
}

fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

fn psql(url: &str, statement: &str) {
    let status = Command::new("psql")
        .args(["--quiet", "--no-psqlrc", "--command", statement, url])
        .status();
    assert!(status.unwrap().success(), "{statement}");
}
