//! How Glovebox calls others over HTTP: an agent its server, a server a provider of identities or a
//! webhook, a command the server of whoever typed it.
//!
//! All of them hold a secret that must get to nobody else, so what is so for one is so for all: TLS by the
//! machine's own authorities, nothing in the clear but on this machine, and no redirect.
//!
//! Must not know: who is called, or what is said.

use std::sync::Arc;

use ureq::{
    config::ConfigBuilder,
    tls::{RootCerts, TlsConfig},
    typestate::AgentScope,
};

/// Where what is called may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere, by TLS, through the proxy that the environment names.
    ByTls,
    /// On this machine: in the clear, and through no proxy.
    ThisMachine,
}

impl Reach {
    /// By TLS, unless it is on this machine.
    pub const fn of(is_on_this_machine: bool) -> Self {
        if is_on_this_machine {
            Self::ThisMachine
        } else {
            Self::ByTls
        }
    }
}

/// The settings of calls, to which each caller adds its own times. `who` is what a call says that it comes
/// from, before the version. An answer that says no is an answer, and no error.
pub fn settings(reach: Reach, who: &str) -> ConfigBuilder<AgentScope> {
    // An organisation may have authorities of its own.
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let settings = ureq::Agent::config_builder()
        .tls_config(tls)
        // A redirect would take the secret to somebody whom no setting names.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .https_only(reach == Reach::ByTls)
        .user_agent(format!("{who}/{}", env!("CARGO_PKG_VERSION")));
    match reach {
        Reach::ByTls => settings,
        Reach::ThisMachine => settings.proxy(None),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use super::*;

    #[test]
    fn nothing_is_sent_in_the_clear_but_on_this_machine() {
        let agent = settings(Reach::ByTls, "glovebox").build().new_agent();
        let refused = agent.get("http://127.0.0.1:9/").call();
        assert!(
            matches!(refused, Err(ureq::Error::RequireHttpsOnly(_))),
            "{refused:?}"
        );
    }

    #[test]
    fn a_redirect_is_an_answer_and_is_not_followed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let length = stream.read(&mut request).unwrap();
            let answer =
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let agent = settings(Reach::of(true), "glovebox-test")
            .build()
            .new_agent();
        let answer = agent.get(format!("http://{address}/")).call().unwrap();
        assert_eq!(answer.status(), 302);
        let request = served.join().unwrap().to_lowercase();
        assert!(request.contains("user-agent: glovebox-test/"), "{request}");
    }
}
