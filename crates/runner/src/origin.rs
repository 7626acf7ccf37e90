//! Whose a job is, and which code it runs.

/// What the manifests say of an output beside the action that made it. Empty in a local run, where the
/// code is whatever lies in the project folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Names the job where it was asked for; else one is made up. A folder is named after it.
    pub job_id: Option<JobName>,
    /// The commit of the code.
    pub commit: Option<String>,
    /// Who asked for the job.
    pub user: String,
    /// Where the code came from.
    pub repo: String,
}

/// A job's name that is safe as the name of a folder: 1 to 100 of `A-Z a-z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobName(String);

/// A name that no folder is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name is not made of 1 to 100 letters, digits, underscores and hyphens")]
pub struct BadName;

impl JobName {
    /// The name, if it is one.
    ///
    /// # Errors
    /// It is empty, too long, or has other characters.
    pub fn new(name: &str) -> Result<Self, BadName> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if (1..=100).contains(&name.len()) && name.bytes().all(plain) {
            Ok(Self(name.to_owned()))
        } else {
            Err(BadName)
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_lead_nowhere_are_names() {
        for good in ["abcdefghij234567-001", "a", "A_b-9"] {
            assert_eq!(JobName::new(good).unwrap().as_str(), good);
        }
        let long = "a".repeat(101);
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a.b",
            "a b",
            "é",
            "a\0",
            long.as_str(),
        ] {
            assert_eq!(JobName::new(bad), Err(BadName), "{bad:?}");
        }
    }
}
