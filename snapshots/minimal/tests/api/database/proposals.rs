//! Two repositories: proposals that belong to a user, and their documents.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use my_api::database::Collection;
use my_api::database::Condition;
use my_api::database::Consistency;
use my_api::database::Cursor;
use my_api::database::Entity;
use my_api::database::Error;
use my_api::database::Filter;
use my_api::database::Guard;
use my_api::database::IndexKey;
use my_api::database::Item;
use my_api::database::Key;
use my_api::database::Page;
use my_api::database::Query;
use my_api::database::Result;
use my_api::database::Scope;
use my_api::database::Table;
use my_api::database::Timestamp;
use my_api::database::Update;
use my_api::database::schema::Index;
use my_api::shared::decimal::Decimal;

pub const BY_STATUS: Index = Index(2);

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    pub title: String,
    #[serde(default)]
    pub description: Option<String>,
    pub budget: Decimal,
    #[serde(default)]
    pub reserve: Option<Decimal>,
    #[serde(default)]
    pub instalments: Vec<Decimal>,
    #[serde(default)]
    pub status: Status,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub views: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Draft,
    Processing,
    Completed,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Draft => "draft",
            Self::Processing => "processing",
            Self::Completed => "completed",
        })
    }
}

impl Entity for Proposal {
    const NAME: &'static str = "PROPOSAL";
    const NOT_FOUND: &'static str = "Proposal not found";

    fn indexes(item: &Item<Self>) -> Vec<IndexKey> {
        vec![
            item.by_time(Collection::Owner(&item.owner)),
            item.by_value(
                BY_STATUS,
                Collection::Owner(&item.owner),
                Some(item.data.status),
            ),
        ]
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub filename: String,
}

impl Entity for Document {
    const NAME: &'static str = "DOCUMENT";
    const NOT_FOUND: &'static str = "Document not found";
}

pub fn titled(title: &str) -> Proposal {
    Proposal {
        title: title.to_owned(),
        budget: "1".parse().unwrap(),
        ..Proposal::default()
    }
}

pub fn by_status(owner: &str, status: impl fmt::Display) -> Query {
    let filter = Filter::new(BY_STATUS, status);
    Query::of::<Proposal>(Collection::Owner(owner), Some(&filter))
}

pub fn key(id: Uuid) -> Key {
    Key::root(Proposal::NAME, id)
}

pub struct Proposals<'a>(pub &'a Table);

impl Proposals<'_> {
    pub async fn create(&self, owner: &str, data: Proposal) -> Result<Item<Proposal>> {
        let item = Item::root(owner, data);
        self.0.create(&item).await?;
        Ok(item)
    }

    pub async fn get(&self, scope: Scope<'_>, id: Uuid) -> Result<Item<Proposal>> {
        let item = self.0.get(&key(id), Consistency::Strong).await?;
        Item::within(item, scope)
    }

    pub async fn list(
        &self,
        owner: &str,
        limit: u16,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Proposal>> {
        let query = Query::of::<Proposal>(Collection::Owner(owner), None);
        self.0.query(&query, limit, cursor).await
    }

    pub async fn list_by_status(&self, owner: &str, status: Status) -> Result<Page<Proposal>> {
        let query = by_status(owner, status);
        self.0.query(&query, 100, None).await
    }

    pub async fn set_status(
        &self,
        scope: Scope<'_>,
        id: Uuid,
        version: Option<u64>,
        status: Status,
    ) -> Result<Item<Proposal>> {
        let guard = Guard::exists().scope(scope).version(version);
        let update = Update::new()
            .set("status", status)
            .by_value(BY_STATUS, id, Some(status));
        self.0.update(&key(id), guard, update).await
    }

    /// Claims the analysis of a proposal, unless one runs that began less than `lease` ago.
    pub async fn claim(&self, id: Uuid, lease: Duration) -> Result<Item<Proposal>> {
        let now = Timestamp::now();
        let free = Condition::not_exists("analysis_status")
            .or(Condition::one_of(
                "analysis_status",
                ["completed", "failed"],
            ))
            .or(Condition::at_most("analysis_started_at", now.before(lease)));
        let update = Update::new()
            .set("analysis_status", "processing")
            .set("analysis_started_at", now);
        self.0
            .update(&key(id), Guard::exists().when(free), update)
            .await
    }

    pub async fn delete(&self, scope: Scope<'_>, id: Uuid) -> Result<Item<Proposal>> {
        let key = key(id);
        let guard = Guard::exists().scope(scope);
        self.0.delete_family(&key, guard, [key.partition()]).await
    }
}

pub struct Documents<'a>(pub &'a Table);

impl Documents<'_> {
    pub async fn create(
        &self,
        owner: &str,
        proposal: Uuid,
        filename: &str,
    ) -> Result<Item<Document>> {
        let parent = key(proposal);
        let filename = filename.to_owned();
        let item = Item::child(&parent, owner, Document { filename });
        let guard = Guard::exists().scope(Scope::Owner(owner));
        self.0
            .create_child::<Proposal, _>(&parent, guard, &item)
            .await?;
        Ok(item)
    }

    /// Reads the proposal along with the document: one without the other does not count.
    pub async fn get(&self, scope: Scope<'_>, proposal: Uuid, id: Uuid) -> Result<Item<Document>> {
        let parent = key(proposal);
        let key = parent.child(Document::NAME, id);
        let (parent, document) = tokio::try_join!(
            self.0.get::<Proposal>(&parent, Consistency::Eventual),
            self.0.get(&key, Consistency::Eventual),
        )?;
        parent.within(scope)?;
        Ok(document)
    }

    pub async fn list(
        &self,
        proposal: Uuid,
        limit: u16,
        cursor: Option<&Cursor>,
    ) -> Result<Page<Document>> {
        let query = Query::under(key(proposal).children(Document::NAME));
        self.0.query(&query, limit, cursor).await
    }
}

/// Whether the error is the one of a proposal that is not there.
pub fn no_proposal<T>(result: Result<T>) -> bool {
    matches!(result, Err(Error::NotFound("Proposal not found")))
}
