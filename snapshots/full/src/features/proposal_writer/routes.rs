//! What the feature offers beyond its entities.

use utoipa_axum::routes;

use super::service::{self, Summary};
use crate::app::Routes;
use crate::features::auth::CurrentUser;
use crate::shared::response::Data;

pub fn mount(routes: &mut Routes) {
    routes.signed_in(routes!(summary));
}

/// What the feature is, and for whom.
#[utoipa::path(
    get,
    path = "/api/proposal-writer/summary",
    tag = "proposal_writer",
    responses((status = 200, description = "The summary", body = Data<Summary>)),
)]
async fn summary(user: CurrentUser) -> Data<Summary> {
    Data::new(service::summary(&user))
}
