//! By which name the server was called.
//!
//! A page of another site can have its own name lead to this machine, and so call, in somebody's browser, a
//! server that nobody else can reach. What browsers say they call is that name.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

/// Whether a call was for this machine by a name of its own. Programs that name no host are no browsers.
pub(crate) fn is_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).into_iter();
    let (host, more) = (hosts.next(), hosts.next());
    match host.map(|host| host.to_str()) {
        None => true,
        Some(Ok(host)) => more.is_none() && names_this_machine(host),
        Some(Err(_)) => false,
    }
}

fn names_this_machine(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let number = rest.split(']').next().unwrap_or_default();
        return number.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    }
    let name = host.split(':').next().unwrap_or_default();
    // `localhost`, and what is below it, leads nowhere else in any browser.
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_this_machine() {
        let cases = [
            ("127.0.0.1:8000", true),
            ("127.0.0.1", true),
            ("127.3.2.1:80", true),
            ("[::1]:8000", true),
            ("[::1]", true),
            ("localhost:8000", true),
            ("LocalHost", true),
            ("study.localhost:8000", true),
            ("evil.example:8000", false),
            ("127.0.0.1.evil.example", false),
            ("localhost.evil.example", false),
            ("evil-localhost", false),
            ("10.0.0.1:8000", false),
            ("[2001:db8::1]:8000", false),
            ("[::1.evil.example]", false),
            ("evil.example:80@127.0.0.1", false),
            ("", false),
        ];
        for (host, wanted) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            assert_eq!(is_this_machine(&headers), wanted, "{host}");
        }
        assert!(is_this_machine(&HeaderMap::new()));
        let mut two = HeaderMap::new();
        for host in ["127.0.0.1", "evil.example"] {
            two.append(header::HOST, host.parse().unwrap());
        }
        assert!(!is_this_machine(&two));
    }
}
