//! Telling by e-mail, through the organisation's own server.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};

use super::{CannotNotify, Told, digest::Digest, secret};
use crate::settings::{EmailSettings, SmtpTls};

/// How long a server may be silent, and how long the whole of it may take.
const SILENCE: Duration = Duration::from_secs(20);
const LONGEST: Duration = Duration::from_mins(1);

pub(super) struct Email {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Email {
    pub(super) fn new(settings: &EmailSettings) -> Result<Self, CannotNotify> {
        let bad = |reason: String| CannotNotify::Email { reason };
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|_| bad(format!("{:?} is no address to send from", settings.from)))?;
        let host = settings.server.as_str();
        let tls = || {
            TlsParameters::new(host.to_owned())
                .map_err(|error| bad(format!("TLS cannot be set up: {error}")))
        };
        let tls = match settings.tls {
            SmtpTls::Implicit => Tls::Wrapper(tls()?),
            SmtpTls::StartTls => Tls::Required(tls()?),
            SmtpTls::None if is_loopback(host) => Tls::None,
            SmtpTls::None => {
                let reason = format!("{host} is another machine: use TLS, or a relay on this one");
                return Err(bad(reason));
            }
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(SILENCE));
        match (&settings.username, &settings.password_file) {
            (Some(username), Some(file)) => {
                let password = secret::read(file)?;
                transport = transport.credentials(Credentials::new(username.clone(), password));
            }
            (None, None) => {}
            _ => {
                let reason = "give a user name and a file with a password, or neither";
                return Err(bad(reason.to_owned()));
            }
        }
        Ok(Self {
            transport: transport.build(),
            from,
        })
    }

    pub(super) async fn tell(&self, address: &str, digest: &Digest) -> Told {
        let message = match self.message(address, digest) {
            Ok(message) => message,
            Err(why) => return Told::Never(why),
        };
        match tokio::time::timeout(LONGEST, self.transport.send(message)).await {
            Ok(Ok(_)) => Told::Done,
            // The server will say the same again, as of a mailbox that there is not.
            Ok(Err(error)) if error.is_permanent() => Told::Never(said(&error)),
            Ok(Err(error)) => Told::Again(said(&error)),
            Err(_) => Told::Again("the server takes too long".to_owned()),
        }
    }

    fn message(&self, address: &str, digest: &Digest) -> Result<Message, String> {
        let to = address
            .parse()
            .map_err(|_| "this person's address is none".to_owned())?;
        // The same each time, so that one that comes twice is shown once.
        let id = format!("<{}.ended@{}>", digest.id, self.from.email.domain());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(digest.subject())
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(digest.text())
            .map_err(|error| error.to_string())
    }
}

/// What went wrong, for the log: what a server answers may quote somebody's address, and is left out.
fn said(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the server answers {code}"),
        None => error.to_string(),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}
