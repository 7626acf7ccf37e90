//! From the cookie of a browser to who is signed in.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use glovebox_jobs::Timestamp;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{
    storage::{
        StorageError,
        entity::{person, session},
    },
    token::{NewToken, TokenHash},
};

/// How long somebody stays signed in: a working day, whatever they do.
pub(crate) const LASTS: Duration = Duration::from_hours(12);

/// How many a person has at most: a new one ends the oldest.
const MOST: u64 = 20;

/// How somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// By an address that was given to them.
    Link,
    /// By a password.
    Password,
    /// By a provider of identities.
    Provider,
    /// By a passkey.
    Passkey,
}

impl How {
    pub(crate) const ALL: [Self; 4] = [Self::Link, Self::Password, Self::Provider, Self::Passkey];

    /// The stable word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Password => "password",
            Self::Provider => "provider",
            Self::Passkey => "passkey",
        }
    }

    /// The way with a word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.as_str() == word)
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: i64,
    pub(crate) person: person::Model,
    how: Option<How>,
    proof: String,
}

impl Session {
    /// How they signed in, if this version knows that way.
    pub(crate) fn how(&self) -> Option<How> {
        self.how
    }

    /// What their forms carry. Whoever knows it knew the session's token.
    pub(crate) fn proof(&self) -> &str {
        &self.proof
    }

    /// Whether a form carried it.
    pub(crate) fn is_proved_by(&self, shown: &str) -> bool {
        self.proof.as_bytes().ct_eq(shown.as_bytes()).into()
    }
}

/// Signs a person in, and gives the token for the cookie. Who calls has found out that it is them, and
/// keeps the deed in the same transaction.
pub(crate) async fn begin(
    write: &impl ConnectionTrait,
    person: i64,
    how: How,
    token: &NewToken,
    now: Timestamp,
) -> Result<(), StorageError> {
    let lasts = i64::try_from(LASTS.as_millis()).unwrap_or(i64::MAX);
    // What is over is of no use to anybody.
    session::Entity::delete_many()
        .filter(session::Column::ExpiresAt.lte(now.0))
        .exec(write)
        .await?;
    let oldest = session::Entity::find()
        .filter(session::Column::PersonId.eq(person))
        .order_by_desc(session::Column::Id)
        .offset(MOST - 1)
        // SQLite takes no offset without a limit.
        .limit(MOST)
        .all(write)
        .await?;
    session::Entity::delete_many()
        .filter(session::Column::Id.is_in(oldest.into_iter().map(|row| row.id)))
        .exec(write)
        .await?;
    let row = session::ActiveModel {
        person_id: Set(person),
        token_hash: Set(token.hash().as_str().to_owned()),
        how: Set(how.as_str().to_owned()),
        created_at: Set(now.0),
        expires_at: Set(now.0.saturating_add(lasts)),
        ..ActiveModelTrait::default()
    };
    row.insert(write).await?;
    Ok(())
}

/// The session whose token this is, if it is not over.
pub(crate) async fn find(
    read: &impl ConnectionTrait,
    token: &str,
    now: Timestamp,
) -> Result<Option<Session>, StorageError> {
    let hash = TokenHash::of(token);
    let row = session::Entity::find()
        .filter(session::Column::TokenHash.eq(hash.as_str()))
        .one(read)
        .await?;
    let Some(row) = row.filter(|row| hash.is(&row.token_hash) && row.expires_at > now.0) else {
        return Ok(None);
    };
    let person = person::Entity::find_by_id(row.person_id).one(read).await?;
    Ok(person.map(|person| Session {
        id: row.id,
        how: How::from_word(&row.how),
        person,
        proof: proof_of(token),
    }))
}

/// Says that somebody signed in otherwise than they did: they know a password now, and are asked for it
/// like anybody.
pub(crate) async fn set_how(
    write: &impl ConnectionTrait,
    id: i64,
    how: How,
) -> Result<(), StorageError> {
    let row = session::ActiveModel {
        how: Set(how.as_str().to_owned()),
        ..ActiveModelTrait::default()
    };
    session::Entity::update_many()
        .set(row)
        .filter(session::Column::Id.eq(id))
        .exec(write)
        .await?;
    Ok(())
}

/// Ends a session.
pub(crate) async fn end(write: &impl ConnectionTrait, id: i64) -> Result<(), StorageError> {
    session::Entity::delete_by_id(id).exec(write).await?;
    Ok(())
}

/// Ends all sessions of a person but one, and says how many those were.
pub(crate) async fn end_others(
    write: &impl ConnectionTrait,
    person: i64,
    but: Option<i64>,
) -> Result<u64, StorageError> {
    let mut others = session::Entity::delete_many().filter(session::Column::PersonId.eq(person));
    if let Some(id) = but {
        others = others.filter(session::Column::Id.ne(id));
    }
    Ok(others.exec(write).await?.rows_affected)
}

/// The sessions of a person that are not over, newest first.
pub(crate) async fn of_person(
    read: &impl ConnectionTrait,
    person: i64,
    now: Timestamp,
) -> Result<Vec<session::Model>, StorageError> {
    let rows = session::Entity::find()
        .filter(session::Column::PersonId.eq(person))
        .filter(session::Column::ExpiresAt.gt(now.0))
        .order_by_desc(session::Column::Id)
        .limit(MOST)
        .all(read)
        .await?;
    Ok(rows)
}

/// Another hash of the token than the one that is kept: the database gives no proof away.
fn proof_of(token: &str) -> String {
    let digest = Sha256::new()
        .chain_update(b"glovebox form proof\0")
        .chain_update(token)
        .finalize();
    BASE64URL_NOPAD.encode(&digest)
}
