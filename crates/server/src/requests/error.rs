//! Why something that was asked for is not done.

use crate::{
    access::WhyNot,
    git::CannotRead,
    scheduling::{CannotCreate, Unavailable},
    storage::StorageError,
    token::NoRandomness,
};

/// Why something that was asked for is not done. Each is one sentence for the person who asked, except
/// for those faults that are not theirs, whose details are for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("there is no {what} {name:?}")]
    NotFound { what: &'static str, name: String },
    #[error("you may not {what} in this project: ask somebody who manages it for a role")]
    Forbidden { what: &'static str },
    #[error(transparent)]
    MayNotRun(WhyNot),
    #[error("this token is good for reading only: make one with the scope \"jobs\"")]
    ReadOnly,
    #[error("project.yaml is rejected at commit {commit}: mend what is listed, and push")]
    Rejected {
        commit: String,
        problems: Vec<glovebox_pipeline::Problem>,
    },
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    CannotRead(#[from] CannotRead),
    #[error("the server cannot do this at the moment: try again in a minute")]
    Unavailable,
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl From<WhyNot> for RequestError {
    fn from(why: WhyNot) -> Self {
        match why {
            // Nobody may, whatever they hold.
            WhyNot::Archived(_) | WhyNot::NotActive(_) => Self::Refused(why.to_string()),
            WhyNot::NoRole | WhyNot::NotAdmitted(_) => Self::MayNotRun(why),
        }
    }
}

impl From<Unavailable> for RequestError {
    fn from(_: Unavailable) -> Self {
        Self::Unavailable
    }
}

impl From<CannotCreate> for RequestError {
    fn from(error: CannotCreate) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<sea_orm::DbErr> for RequestError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Storage(error.into())
    }
}
