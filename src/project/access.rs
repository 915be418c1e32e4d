//! Who may do what with the items of an entity.

use super::Entity;

/// Who may do something; an admin may always. Each allows more people than the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Admins alone.
    Admin,
    /// Who made the item.
    Owner,
    /// Who is signed in.
    User,
    /// Everybody: no token is needed.
    Public,
}

impl Access {
    pub const ALL: [Self; 4] = [Self::Owner, Self::User, Self::Admin, Self::Public];

    /// As it is typed and written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Owner => "owner",
            Self::User => "user",
            Self::Public => "public",
        }
    }

    /// Who these are, for someone who has to choose.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Admin => "admins alone",
            Self::Owner => "who made the item, and admins",
            Self::User => "who is signed in",
            Self::Public => "everybody, without a token",
        }
    }
}

/// Who may read, write (create and change) and delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessRules {
    pub read: Access,
    pub write: Access,
    pub delete: Access,
}

impl AccessRules {
    /// Owners read and write; admins delete.
    pub const DEFAULT: Self = Self {
        read: Access::Owner,
        write: Access::Owner,
        delete: Access::Admin,
    };

    /// These, but for what an entity says itself.
    #[must_use]
    pub(super) fn with(self, entity: &Entity) -> Self {
        Self {
            read: entity.read.unwrap_or(self.read),
            write: entity.write.unwrap_or(self.write),
            delete: entity.delete.unwrap_or(self.delete),
        }
    }

    /// These, for those alone who may read.
    #[must_use]
    pub(super) fn of_who_reads(self) -> Self {
        Self {
            read: self.read,
            write: self.write.min(self.read),
            delete: self.delete.min(self.read),
        }
    }
}
