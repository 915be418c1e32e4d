//! Analyze: the work on a proposal, and the routes that start it and tell how it went.

use axum::extract::State;
use http::Uri;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use super::super::model::Proposal;
use super::super::repository;
use crate::app::Routes;
use crate::database::{self, Entity as _};
use crate::error::{Error, Result};
use crate::features::auth::CurrentUser;
use crate::shared::ai;
use crate::shared::jobs;
use crate::shared::prompts;
use crate::shared::response::{Accepted, Data};
use crate::shared::validation::Id;
use crate::state::AppState;
use crate::worker;

/// What the model is asked.
const PROMPT: &str = include_str!("analyze.md");

/// Which proposal to work on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalyzeProposal {
    pub id: Uuid,
}

/// What it comes to: the JSON that the prompt asks for.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct AnalyzeProposalResult {
    /// The outcome in one or two sentences.
    pub summary: String,
    /// What matters, the most important first.
    pub points: Vec<String>,
}

/// How far it is.
pub type AnalyzeProposalState = jobs::JobState<AnalyzeProposalResult>;

impl jobs::Job for AnalyzeProposal {
    const NAME: &'static str = "analyze";
    type Target = Proposal;
    type Output = AnalyzeProposalResult;
    type Message = worker::Message;

    fn target(&self) -> database::Key {
        let name = Proposal::NAME;
        database::Key::root(name, self.id)
    }

    fn message(ticket: jobs::Ticket<Self>) -> worker::Message {
        worker::Message::AnalyzeProposal(ticket)
    }

    /// Asks the model about the proposal.
    async fn run(
        &self,
        state: &AppState,
        item: &database::Item<Self::Target>,
    ) -> Result<Self::Output> {
        let data = serde_json::to_string_pretty(&item.data).map_err(Error::internal)?;
        let prompt = prompts::fill(PROMPT, &[("ITEM", &data)])?;
        let question = ai::Question::new(prompt);
        Ok(state.ai().ask_json(&question).await?)
    }
}

pub fn mount(routes: &mut Routes) {
    routes.signed_in(routes!(start));
    routes.signed_in(routes!(status));
}

/// Starts the job, unless it is running.
#[utoipa::path(
    post,
    path = "/api/proposals/{proposal_id}/analyze",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path)),
    responses(
        (status = 202, description = "Started", body = Data<AnalyzeProposalState>),
        (status = 404, description = "No such proposal"),
        (status = 409, description = "It is running"),
    ),
)]
async fn start(
    State(state): State<AppState>,
    user: CurrentUser,
    Id(id): Id,
    uri: Uri,
) -> Result<Accepted<AnalyzeProposalState>> {
    let scope = user.scope();
    let item = repository::get(state.table(), scope, id).await?;
    let job = AnalyzeProposal { id };
    let started = jobs::start(&state, &item.owner, job).await?;
    let location = format!("{}-status", uri.path());
    Ok(Accepted::new(location, started))
}

/// Tells how far the job is, or how it went.
#[utoipa::path(
    get,
    path = "/api/proposals/{proposal_id}/analyze-status",
    tag = "proposal_writer",
    params(("proposal_id" = Uuid, Path)),
    responses(
        (status = 200, description = "The latest run", body = Data<AnalyzeProposalState>),
        (status = 404, description = "No such proposal"),
    ),
)]
async fn status(
    State(state): State<AppState>,
    user: CurrentUser,
    Id(id): Id,
) -> Result<Data<AnalyzeProposalState>> {
    let table = state.table();
    let scope = user.scope();
    let item = repository::get(table, scope, id).await?;
    let run = jobs::state::<AnalyzeProposal>(table, &item.key);
    Ok(Data::new(run.await?))
}
