//! Sign-in, as the rest of the API sees it: who the user is. Tokens are verified in `middleware::auth`.

mod user;

use utoipa_axum::routes;

use crate::app::Routes;
use crate::shared::response::Data;

pub use self::user::{AdminUser, CurrentUser};

pub fn routes(routes: &mut Routes) {
    routes.signed_in(routes!(me));
}

/// Who is signed in, as their token tells.
#[utoipa::path(
    get,
    path = "/api/auth/me",
    tag = "auth",
    responses((status = 200, body = Data<CurrentUser>)),
)]
async fn me(user: CurrentUser) -> Data<CurrentUser> {
    Data::new(user)
}
