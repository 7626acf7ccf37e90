//! Roles, and what each permits: the table of the field, as data.

use Permission as P;

/// The roles that people hold, in the words of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Runs and cancels jobs of a project, and looks after its workspaces.
    ProjectDeveloper,
    /// Sees what a project was given.
    ProjectCollaborator,
    /// Runs and cancels jobs of all projects, to keep the service going.
    DeploymentAdministrator,
    /// Reviews what is to be released.
    OutputChecker,
    /// Lets what was released be published.
    OutputPublisher,
    /// Says of a repository that it may be published with its outputs.
    RepositorySigner,
    /// Looks after projects, their workspaces and who works in them.
    ServiceAdministrator,
    /// Helps researchers with their projects.
    TechSupport,
    /// Looks after the service: organisations, backends and people.
    StaffAreaAdministrator,
}

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Permission {
    /// Seeing releases in the secure zone without changing anything.
    AirlockReadOnly,
    /// Deciding on applications for projects.
    ApplicationManage,
    /// Making backends, switching them, and saying who may run jobs there.
    BackendManage,
    /// Cancelling jobs that somebody else asked for.
    JobCancel,
    /// Asking for jobs.
    JobRun,
    /// Making and renaming organisations.
    OrgCreate,
    /// Making projects.
    ProjectCreate,
    /// Saying which application a project came from.
    ProjectLinkToApplication,
    /// Saying where a project stands.
    ProjectManage,
    /// Taking a released file back.
    ReleaseFileDelete,
    /// Sending a released file here.
    ReleaseFileUpload,
    /// Seeing released files.
    ReleaseFileView,
    /// Saying of a repository that it may be published with its outputs.
    RepoSignOffWithOutputs,
    /// Asking for released files to be published.
    SnapshotCreate,
    /// Letting released files be published.
    SnapshotPublish,
    /// Seeing the staff area.
    StaffArea,
    /// Seeing what not everybody may: code that is not public, and what jobs used.
    SeeMore,
    /// Seeing that there are outputs which were not released.
    UnreleasedOutputsView,
    /// Saying who holds which role in a project.
    UserEditProjectRoles,
    /// Entering people, saying which roles they hold everywhere, and ending their tokens.
    UserManage,
    /// Putting a workspace aside, and taking it up again.
    WorkspaceArchive,
    /// Making workspaces, and saying what they are for.
    WorkspaceCreate,
    /// Saying whether those who work in a workspace are told how jobs ended.
    WorkspaceToggleNotifications,
}

/// Where a role can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reach {
    /// In all projects only.
    Everywhere,
    /// In single projects only.
    InProjects,
    /// Either.
    Both,
}

impl Role {
    /// Every role there is.
    pub const ALL: [Self; 9] = [
        Self::ProjectDeveloper,
        Self::ProjectCollaborator,
        Self::DeploymentAdministrator,
        Self::OutputChecker,
        Self::OutputPublisher,
        Self::RepositorySigner,
        Self::ServiceAdministrator,
        Self::TechSupport,
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
            Self::RepositorySigner => "repository_signer",
            Self::ServiceAdministrator => "service_administrator",
            Self::TechSupport => "tech_support",
            Self::StaffAreaAdministrator => "staff_area_administrator",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProjectDeveloper => "Project developer",
            Self::ProjectCollaborator => "Project collaborator",
            Self::DeploymentAdministrator => "Deployment administrator",
            Self::OutputChecker => "Output checker",
            Self::OutputPublisher => "Output publisher",
            Self::RepositorySigner => "Repository signer",
            Self::ServiceAdministrator => "Service administrator",
            Self::TechSupport => "Tech support",
            Self::StaffAreaAdministrator => "Staff area administrator",
        }
    }

    /// The role with a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether it can be held in a single project.
    pub const fn is_for_a_project(self) -> bool {
        matches!(self.reach(), Reach::InProjects | Reach::Both)
    }

    /// Whether it can be held in all projects at once.
    pub const fn is_for_everywhere(self) -> bool {
        matches!(self.reach(), Reach::Everywhere | Reach::Both)
    }

    pub(crate) const fn reach(self) -> Reach {
        match self {
            Self::ProjectDeveloper => Reach::InProjects,
            Self::ProjectCollaborator => Reach::Both,
            _ => Reach::Everywhere,
        }
    }

    /// All that it permits.
    pub(crate) const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::ProjectDeveloper => &[
                P::JobRun,
                P::JobCancel,
                P::ProjectManage,
                P::ReleaseFileView,
                P::SnapshotCreate,
                P::UnreleasedOutputsView,
                P::WorkspaceCreate,
                P::WorkspaceArchive,
                P::WorkspaceToggleNotifications,
            ],
            Self::ProjectCollaborator => &[P::ReleaseFileView],
            Self::DeploymentAdministrator => &[P::JobRun, P::JobCancel, P::AirlockReadOnly],
            Self::OutputChecker => &[
                P::ReleaseFileView,
                P::ReleaseFileUpload,
                P::ReleaseFileDelete,
                P::UnreleasedOutputsView,
            ],
            Self::OutputPublisher => &[P::SnapshotPublish],
            Self::RepositorySigner => &[P::RepoSignOffWithOutputs],
            // The reference lets everybody in its staff area change workspaces; here it is the role of
            // those who look after projects.
            Self::ServiceAdministrator => &[
                P::UserEditProjectRoles,
                P::OrgCreate,
                P::ProjectCreate,
                P::ProjectLinkToApplication,
                P::WorkspaceCreate,
                P::WorkspaceArchive,
            ],
            Self::TechSupport => &[
                P::ReleaseFileView,
                P::UserEditProjectRoles,
                P::ProjectCreate,
            ],
            Self::StaffAreaAdministrator => &[
                P::ApplicationManage,
                P::BackendManage,
                P::OrgCreate,
                P::UserManage,
                P::StaffArea,
            ],
        }
    }

    pub(crate) fn permits(self, what: Permission) -> bool {
        // Whoever holds any role sees more than a visitor.
        what == P::SeeMore || self.permissions().contains(&what)
    }
}

impl Permission {
    /// The roles that permit it, as a sentence names them.
    pub(crate) fn granted_by(self) -> String {
        let roles = Role::ALL.into_iter().filter(|role| role.permits(self));
        let names: Vec<_> = roles.map(|role| role.name().to_lowercase()).collect();
        names.join(" or ")
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

    /// Who may do what, read from the side of what is done.
    #[test]
    fn each_permission_is_in_the_right_hands() {
        use Role as R;
        let table: [(Permission, &[Role]); 22] = [
            (P::AirlockReadOnly, &[R::DeploymentAdministrator]),
            (P::ApplicationManage, &[R::StaffAreaAdministrator]),
            (P::BackendManage, &[R::StaffAreaAdministrator]),
            (
                P::JobCancel,
                &[R::ProjectDeveloper, R::DeploymentAdministrator],
            ),
            (
                P::JobRun,
                &[R::ProjectDeveloper, R::DeploymentAdministrator],
            ),
            (
                P::OrgCreate,
                &[R::ServiceAdministrator, R::StaffAreaAdministrator],
            ),
            (P::ProjectCreate, &[R::ServiceAdministrator, R::TechSupport]),
            (P::ProjectLinkToApplication, &[R::ServiceAdministrator]),
            (P::ProjectManage, &[R::ProjectDeveloper]),
            (P::ReleaseFileDelete, &[R::OutputChecker]),
            (P::ReleaseFileUpload, &[R::OutputChecker]),
            (
                P::ReleaseFileView,
                &[
                    R::ProjectDeveloper,
                    R::ProjectCollaborator,
                    R::OutputChecker,
                    R::TechSupport,
                ],
            ),
            (P::RepoSignOffWithOutputs, &[R::RepositorySigner]),
            (P::SnapshotCreate, &[R::ProjectDeveloper]),
            (P::SnapshotPublish, &[R::OutputPublisher]),
            (P::StaffArea, &[R::StaffAreaAdministrator]),
            (
                P::UnreleasedOutputsView,
                &[R::ProjectDeveloper, R::OutputChecker],
            ),
            (
                P::UserEditProjectRoles,
                &[R::ServiceAdministrator, R::TechSupport],
            ),
            (P::UserManage, &[R::StaffAreaAdministrator]),
            (
                P::WorkspaceArchive,
                &[R::ProjectDeveloper, R::ServiceAdministrator],
            ),
            (
                P::WorkspaceCreate,
                &[R::ProjectDeveloper, R::ServiceAdministrator],
            ),
            (P::WorkspaceToggleNotifications, &[R::ProjectDeveloper]),
        ];
        for (permission, holders) in table {
            let permitting: Vec<_> = Role::ALL
                .into_iter()
                .filter(|role| role.permits(permission))
                .collect();
            assert_eq!(permitting, holders, "{permission:?}");
        }
        let listed: usize = Role::ALL.map(|role| role.permissions().len()).iter().sum();
        let tabled: usize = table.iter().map(|(_, holders)| holders.len()).sum();
        assert_eq!(listed, tabled, "a permission is not in the table");
    }

    #[test]
    fn a_role_is_held_where_the_table_says() {
        for role in Role::ALL {
            let wanted = match role {
                Role::ProjectDeveloper => (true, false),
                Role::ProjectCollaborator => (true, true),
                _ => (false, true),
            };
            assert_eq!(
                (role.is_for_a_project(), role.is_for_everywhere()),
                wanted,
                "{role:?}"
            );
        }
    }
}
