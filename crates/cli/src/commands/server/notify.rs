//! How the server tells people that their requests ended.

use std::path::PathBuf;

use glovebox_server::{EmailSettings, NotifySettings, SmtpTls, WebhookSettings};

/// Ways to tell people that their requests ended. Secrets are in files that nobody else may read.
#[derive(clap::Args)]
#[command(next_help_heading = "Telling people that their requests ended")]
pub(super) struct Notify {
    /// Send e-mail through this server.
    #[arg(long, value_name = "HOST[:PORT]", env = "GLOVEBOX_SMTP_SERVER", hide_env_values = true,
          requires = "mail_from", value_parser = host_and_port)]
    smtp_server: Option<(String, Option<u16>)>,

    /// How that server is spoken to.
    #[arg(long, value_enum, default_value_t = Tls::Implicit, env = "GLOVEBOX_SMTP_TLS")]
    smtp_tls: Tls,

    /// The name under which it lets this one send.
    #[arg(
        long,
        value_name = "NAME",
        env = "GLOVEBOX_SMTP_USERNAME",
        hide_env_values = true,
        requires = "smtp_password_file"
    )]
    smtp_username: Option<String>,

    /// The file with the password for that.
    #[arg(
        long,
        value_name = "FILE",
        env = "GLOVEBOX_SMTP_PASSWORD_FILE",
        requires = "smtp_username"
    )]
    smtp_password_file: Option<PathBuf>,

    /// Who e-mail comes from, such as `Glovebox <jobs@example.org>`.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "GLOVEBOX_MAIL_FROM",
        requires = "smtp_server"
    )]
    mail_from: Option<String>,

    /// Call this address too, `https://…`, with a signed description of each request that people want to
    /// be told of.
    #[arg(
        long,
        value_name = "URL",
        env = "GLOVEBOX_WEBHOOK",
        hide_env_values = true,
        requires = "webhook_secret_file"
    )]
    webhook: Option<String>,

    /// The file with the secret that those calls are signed with.
    #[arg(
        long,
        value_name = "FILE",
        env = "GLOVEBOX_WEBHOOK_SECRET_FILE",
        requires = "webhook"
    )]
    webhook_secret_file: Option<PathBuf>,

    /// Let the address be one of a private network.
    #[arg(long, requires = "webhook")]
    webhook_on_private_network: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Tls {
    /// By TLS from the first byte; the port is 465 unless another is given.
    Implicit,
    /// By TLS after STARTTLS, and not without; the port is 587 unless another is given.
    Starttls,
    /// In the clear, on this machine only; the port is 25 unless another is given.
    None,
}

impl Notify {
    pub(super) fn settings(&self) -> NotifySettings {
        let email = self.smtp_server.as_ref().zip(self.mail_from.as_ref());
        let email = email.map(|((server, port), from)| {
            let (tls, usual) = match self.smtp_tls {
                Tls::Implicit => (SmtpTls::Implicit, 465),
                Tls::Starttls => (SmtpTls::StartTls, 587),
                Tls::None => (SmtpTls::None, 25),
            };
            EmailSettings {
                server: server.clone(),
                port: port.unwrap_or(usual),
                tls,
                username: self.smtp_username.clone(),
                password_file: self.smtp_password_file.clone(),
                from: from.clone(),
            }
        });
        let webhook = self.webhook.as_ref().zip(self.webhook_secret_file.as_ref());
        let webhook = webhook.map(|(url, secret)| WebhookSettings {
            url: url.clone(),
            secret_file: secret.clone(),
            allow_private: self.webhook_on_private_network,
        });
        NotifySettings {
            email,
            webhook,
            ..NotifySettings::default()
        }
    }
}

/// A host with or without a port. An address of version 6 stands in brackets where a port follows it.
fn host_and_port(text: &str) -> Result<(String, Option<u16>), String> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').unwrap_or(port))),
        None if text.matches(':').count() > 1 => (text, None),
        None => text
            .split_once(':')
            .map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(port) => Some(port.parse().map_err(|_| format!("{port:?} is no port"))?),
        None => None,
    };
    if host.is_empty() || host.contains(['/', '@', ' ']) {
        return Err("give a host, and a port behind a colon if there is one".to_owned());
    }
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_have_a_port() {
        let cases = [
            ("mail.example.org", Some(("mail.example.org", None))),
            (
                "mail.example.org:587",
                Some(("mail.example.org", Some(587))),
            ),
            ("[::1]:25", Some(("::1", Some(25)))),
            ("::1", Some(("::1", None))),
            ("mail.example.org:x", None),
            ("mail.example.org:70000", None),
            ("smtp://mail.example.org", None),
            ("user@mail.example.org", None),
            ("", None),
            (":25", None),
        ];
        for (text, wanted) in cases {
            let wanted = wanted.map(|(host, port): (&str, Option<u16>)| (host.to_owned(), port));
            assert_eq!(host_and_port(text).ok(), wanted, "{text}");
        }
    }
}
