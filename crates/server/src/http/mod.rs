//! Who calls.

use std::{convert::Infallible, net::IpAddr};

use axum::{extract::FromRequestParts, http::request::Parts};

/// Who makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAddress {
    ip: IpAddr,
}

impl ClientAddress {
    /// What limits go by; none where it stands for everybody.
    pub(crate) fn key(self) -> Option<IpAddr> {
        (!self.ip.is_loopback()).then_some(self.ip)
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self {
            ip: IpAddr::from([127, 0, 0, 1]),
        }))
    }
}
