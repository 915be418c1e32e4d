//! The signed-in user, as an argument of a handler.
//!
//! | argument | without a token | for users who are no administrators |
//! |---|---|---|
//! | `CurrentUser` | 401 | the user |
//! | `Option<CurrentUser>`, on public routes | `None` | the user |
//! | `AdminUser` | 401 | 403 |

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::Serialize;
use utoipa::ToSchema;

use crate::database::Scope;
use crate::error::{Error, Result};
use crate::middleware::auth::Unauthenticated;

/// Members of this Cognito group are administrators.
const ADMIN_GROUP: &str = "admin";

/// The user whose token came with the request.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CurrentUser {
    /// Cognito's `sub`: never changes, and is never given to another user.
    pub user_id: String,
    /// Null with access tokens, which do not carry it.
    #[schema(required)]
    pub email: Option<String>,
    /// The Cognito groups the user is in.
    pub groups: BTreeSet<String>,
}

impl CurrentUser {
    /// Whether the user is an administrator.
    pub fn is_admin(&self) -> bool {
        self.groups.contains(ADMIN_GROUP)
    }

    /// Whose items the user may see or change, of an entity that belongs to its owners.
    pub fn scope(&self) -> Scope<'_> {
        if self.is_admin() {
            Scope::Everyone
        } else {
            Scope::Owner(&self.user_id)
        }
    }
}

/// Leaves out the e-mail address, because what can be printed ends up in a log.
impl fmt::Debug for CurrentUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentUser")
            .field("user_id", &self.user_id)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let user = parts.extensions.get::<Self>().cloned();
        user.ok_or_else(|| Unauthenticated::Missing.into())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for CurrentUser {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        _state: &S,
    ) -> Result<Option<Self>, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// A signed-in administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminUser(pub CurrentUser);

impl<S: Sync> FromRequestParts<S> for AdminUser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let user = <CurrentUser as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        if user.is_admin() {
            Ok(Self(user))
        } else {
            Err(Error::Forbidden("Admin access required"))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use http::{Request, StatusCode};

    use super::*;

    fn user(groups: &[&str]) -> CurrentUser {
        CurrentUser {
            user_id: "alice".to_owned(),
            email: Some("alice@example.com".to_owned()),
            groups: groups.iter().copied().map(str::to_owned).collect(),
        }
    }

    fn request_of(user: Option<CurrentUser>) -> Parts {
        let mut request = Request::new(());
        if let Some(user) = user {
            request.extensions_mut().insert(user);
        }
        request.into_parts().0
    }

    async fn ask_admin(user: Option<CurrentUser>) -> Result<AdminUser, StatusCode> {
        let mut parts = request_of(user);
        let admin = AdminUser::from_request_parts(&mut parts, &()).await;
        admin.map_err(|error| error.into_response().status())
    }

    #[tokio::test]
    async fn only_the_group_admin_as_a_whole_makes_an_administrator() {
        let admin = user(&["admin", "editors"]);
        assert_eq!(ask_admin(Some(admin.clone())).await, Ok(AdminUser(admin)));
        for groups in [
            &[][..],
            &["administrators"],
            &["Admin"],
            &["admin "],
            &["not,admin"],
        ] {
            let refused = ask_admin(Some(user(groups))).await;
            assert_eq!(refused, Err(StatusCode::FORBIDDEN), "{groups:?}");
        }
        assert_eq!(ask_admin(None).await, Err(StatusCode::UNAUTHORIZED));
    }

    #[test]
    fn debug_output_leaves_the_email_address_out() {
        let printed = format!("{:?}", AdminUser(user(&["admin"])));
        assert!(printed.contains("alice"), "{printed}");
        assert!(!printed.contains("example.com"), "{printed}");
    }
}
