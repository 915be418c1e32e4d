//! Lists.

use std::fmt::Display;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Select};

use super::collection::{Collection, Filter};
use super::cursor::Cursor;
use super::entity::{Entity, Item};
use super::error::{Error, Result, failed, is_validation};
use super::key::{Prefix, value_sort};
use super::schema::{Index, PARTITION_KEY, SORT_KEY};
use super::table::{Consistency, Table};

/// How often a page is read on: DynamoDB answers 1 MB at a time, and Lambda no more than 6 MB.
const MAX_REQUESTS: usize = 4;

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<E> {
    pub items: Vec<Item<E>>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<Cursor>,
}

/// Which items to list: those of one partition, of the table or of an index, within a range of sort keys. The
/// newest first, as the ids and times in the sort keys grow.
#[derive(Clone, Debug)]
pub struct Query {
    pub(super) index: Option<Index>,
    pub(super) partition: String,
    pub(super) range: Range,
    pub(super) order: Order,
    pub(super) consistency: Consistency,
}

#[derive(Clone, Debug)]
pub(super) enum Range {
    StartsWith(String),
    Between(String, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    NewestFirst,
    OldestFirst,
}

impl Query {
    /// Items of the table below a key: `Query::under(parent.children(Document::NAME))`.
    pub fn under(prefix: Prefix) -> Self {
        Self::new(None, prefix.partition, prefix.sort)
    }

    /// Items of an index, by its partition and how the sort keys start.
    pub fn index(index: Index, partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self::new(Some(index), partition.into(), sort.into())
    }

    /// A collection of an entity that lists itself [by time](Item::by_time) or is below a root; with a filter, what
    /// of it lists itself [by that value](Item::by_value).
    pub fn of<E: Entity>(collection: Collection<'_>, filter: Option<&Filter>) -> Self {
        let partition = collection.partition(E::NAME);
        let all = format!("{}#", E::NAME);
        match (filter, collection) {
            (Some(Filter { index, value }), _) => {
                Self::index(*index, partition, value_sort(E::NAME, value))
            }
            (None, Collection::Below(_)) => Self::new(None, partition, all),
            (None, _) => Self::index(Index::TIME, partition, all),
        }
    }

    /// Only from `from` to `to`, of what follows the start of the sort key. Texts are compared, and what goes on
    /// after `to` is beyond it: by owner, `between("2026-01", "2026-02")` is January.
    #[must_use]
    pub fn between(mut self, from: impl Display, to: impl Display) -> Self {
        if let Range::StartsWith(start) = self.range {
            self.range = Range::Between(format!("{start}{from}"), format!("{start}{to}"));
        }
        self
    }

    #[must_use]
    pub fn oldest_first(mut self) -> Self {
        self.order = Order::OldestFirst;
        self
    }

    /// Sees every write that came before. The table can do this, an index cannot.
    #[must_use]
    pub fn consistent(mut self) -> Self {
        self.consistency = Consistency::Strong;
        self
    }

    fn new(index: Option<Index>, partition: String, sort: String) -> Self {
        Self {
            index,
            partition,
            range: Range::StartsWith(sort),
            order: Order::NewestFirst,
            consistency: Consistency::Eventual,
        }
    }

    pub(super) fn partition_key(&self) -> String {
        self.index
            .map_or(PARTITION_KEY.to_owned(), Index::partition_key)
    }

    pub(super) fn sort_key(&self) -> String {
        self.index.map_or(SORT_KEY.to_owned(), Index::sort_key)
    }
}

impl Range {
    /// DynamoDB refuses bounds that are the wrong way round; as a list it has no items.
    fn is_empty(&self) -> bool {
        matches!(self, Self::Between(from, to) if from > to)
    }

    pub(super) fn contains(&self, sort: &str) -> bool {
        match self {
            Self::StartsWith(start) => sort.starts_with(start),
            Self::Between(from, to) => (from.as_str()..=to).contains(&sort),
        }
    }
}

impl Table {
    /// One page of a collection: see [`Query::of`] and [`Self::query`].
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCursor`] if the cursor is not one of this list.
    pub async fn list<E: Entity>(
        &self,
        collection: Collection<'_>,
        filter: Option<&Filter>,
        limit: u16,
        cursor: Option<&Cursor>,
    ) -> Result<Page<E>> {
        let query = Query::of::<E>(collection, filter);
        self.query(&query, limit, cursor).await
    }

    /// One page of a list: `limit` items if there are so many, or fewer once they come to 4 MB.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCursor`] if the cursor is not one of this list.
    pub async fn query<E: Entity>(
        &self,
        query: &Query,
        limit: u16,
        cursor: Option<&Cursor>,
    ) -> Result<Page<E>> {
        let limit = usize::from(limit);
        let mut start = cursor.map(|it| it.start_key(query)).transpose()?;
        let mut found = Vec::new();
        if query.range.is_empty() {
            let (items, next) = (Vec::new(), None);
            return Ok(Page { items, next });
        }
        for _ in 0..MAX_REQUESTS {
            // One item more than asked for tells whether there is a next page.
            let missing = limit + 1 - found.len();
            let output = self
                .request(query)
                .limit(i32::try_from(missing).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| match cursor {
                    Some(_) if is_validation(&error) => Error::InvalidCursor,
                    _ => failed(error),
                })?;
            found.extend(output.items.unwrap_or_default());
            start = output.last_evaluated_key;
            if start.is_none() || found.len() > limit {
                break;
            }
        }

        let more = start.is_some() || found.len() > limit;
        found.truncate(limit);
        let next = match found.last() {
            Some(last) if more => Some(Cursor::behind(last, query)?),
            _ => None,
        };
        let items = found.into_iter().map(Item::from_attributes);
        Ok(Page {
            items: items.collect::<Result<_>>()?,
            next,
        })
    }

    /// How many items the list has. Costs as much as reading them all.
    ///
    /// # Errors
    ///
    /// If DynamoDB does not answer.
    pub async fn count(&self, query: &Query) -> Result<u64> {
        let mut start = None;
        let mut count = 0;
        if query.range.is_empty() {
            return Ok(count);
        }
        loop {
            let output = self
                .request(query)
                .select(Select::Count)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(failed)?;
            count += u64::try_from(output.count).unwrap_or_default();
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(count);
            }
        }
    }

    /// The names in a query's key condition stand for the keys of what is read: `#partition` and `#sort`.
    pub(super) fn request(&self, query: &Query) -> QueryFluentBuilder {
        let request = self
            .client
            .query()
            .table_name(&*self.name)
            .set_index_name(query.index.map(|index| index.name()))
            .scan_index_forward(query.order == Order::OldestFirst)
            .consistent_read(query.consistency == Consistency::Strong)
            .expression_attribute_names("#partition", query.partition_key())
            .expression_attribute_values(":partition", text(&query.partition));
        match &query.range {
            Range::StartsWith(start) if start.is_empty() => {
                request.key_condition_expression("#partition = :partition")
            }
            Range::StartsWith(start) => request
                .key_condition_expression("#partition = :partition AND begins_with(#sort, :start)")
                .expression_attribute_names("#sort", query.sort_key())
                .expression_attribute_values(":start", text(start)),
            Range::Between(from, to) => request
                .key_condition_expression("#partition = :partition AND #sort BETWEEN :from AND :to")
                .expression_attribute_names("#sort", query.sort_key())
                .expression_attribute_values(":from", text(from))
                .expression_attribute_values(":to", text(to)),
        }
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
