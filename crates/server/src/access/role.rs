//! Roles, and what each permits.

/// The roles that people hold, in the words of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Runs and cancels jobs of a project.
    ProjectDeveloper,
    /// Sees what a project was given.
    ProjectCollaborator,
    /// Runs and cancels jobs of all projects, to keep the service going.
    DeploymentAdministrator,
    /// Reviews what is to be released.
    OutputChecker,
    /// Lets what was released be published.
    OutputPublisher,
    /// Looks after the service: organisations, projects, backends and people.
    StaffAreaAdministrator,
}

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Permission {
    /// Asking for jobs.
    JobRun,
    /// Cancelling jobs that somebody else asked for.
    JobCancel,
    /// Seeing the staff area.
    StaffArea,
    /// Seeing what not everybody may: code that is not public, and what jobs used.
    SeeMore,
}

impl Role {
    /// Every role there is.
    pub const ALL: [Self; 6] = [
        Self::ProjectDeveloper,
        Self::ProjectCollaborator,
        Self::DeploymentAdministrator,
        Self::OutputChecker,
        Self::OutputPublisher,
        Self::StaffAreaAdministrator,
    ];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProjectDeveloper => "project_developer",
            Self::ProjectCollaborator => "project_collaborator",
            Self::DeploymentAdministrator => "deployment_administrator",
            Self::OutputChecker => "output_checker",
            Self::OutputPublisher => "output_publisher",
            Self::StaffAreaAdministrator => "staff_area_administrator",
        }
    }

    /// The role with a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    pub(crate) const fn permits(self, what: Permission) -> bool {
        match what {
            Permission::JobRun | Permission::JobCancel => {
                matches!(self, Self::ProjectDeveloper | Self::DeploymentAdministrator)
            }
            Permission::StaffArea => matches!(self, Self::StaffAreaAdministrator),
            Permission::SeeMore => true,
        }
    }
}

/// What a personal token is good for. It never permits what its person may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Asking for jobs, and cancelling them.
    Jobs,
    /// Only seeing what its person may see.
    Read,
}

impl Scope {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jobs => "jobs",
            Self::Read => "read",
        }
    }

    /// The scope with a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Jobs, Self::Read]
            .into_iter()
            .find(|scope| scope.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_roles() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_word("root"), None);
    }

    #[test]
    fn who_reviews_does_not_run() {
        assert!(Role::ProjectDeveloper.permits(Permission::JobRun));
        assert!(!Role::OutputChecker.permits(Permission::JobRun));
        assert!(!Role::ProjectCollaborator.permits(Permission::JobCancel));
    }
}
