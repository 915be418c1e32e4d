//! The work behind the routes, without HTTP.

use serde::Serialize;
use utoipa::ToSchema;

use crate::features::auth::CurrentUser;

/// What the feature is, and for whom.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProposalWriterSummary)]
pub struct Summary {
    pub feature: String,
    pub user_id: String,
}

pub fn summary(user: &CurrentUser) -> Summary {
    Summary {
        feature: "Proposal writer".to_owned(),
        user_id: user.user_id.clone(),
    }
}
