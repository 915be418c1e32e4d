//! The removal of an item with all that is below it.

use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};

use super::attribute::Attributes;
use super::entity::{Entity, Item};
use super::error::{Error, Result, failed};
use super::guard::Guard;
use super::key::{Key, Prefix};
use super::query::Query;
use super::retry;
use super::schema::SORT_KEY;
use super::table::Table;

/// How many deletes DynamoDB takes in one request.
const BATCH: usize = 25;

impl Table {
    /// Deletes an item that passes the guard, and all that is below it.
    ///
    /// The item goes first. From then on nothing can be [created](Self::create_child) below it, and nothing below
    /// it is reached by those who read the parent along with the child. If this is cut short, doing it again
    /// removes the rest, although the item itself is not found then.
    ///
    /// `below` is what there may be: of a root its [partition](Key::partition), else the
    /// [children](Key::children) of each entity.
    ///
    /// # Errors
    ///
    /// Those of the guard.
    pub async fn delete_family<E: Entity>(
        &self,
        key: &Key,
        guard: Guard,
        below: impl IntoIterator<Item = Prefix>,
    ) -> Result<Item<E>> {
        let deleted = self.remove(key, &guard).await?;
        if let Err(Some(item)) = &deleted {
            return Err(guard.refusal(Some(item), E::NOT_FOUND));
        }
        for prefix in below {
            self.delete_all(prefix).await?;
        }
        let attributes = deleted.map_err(|_| Error::NotFound(E::NOT_FOUND))?;
        Item::from_attributes(attributes)
    }

    async fn delete_all(&self, prefix: Prefix) -> Result<()> {
        let query = Query::under(prefix).consistent();
        let mut start = None;
        loop {
            let output = self
                .request(&query)
                .projection_expression("#partition, #sort")
                .expression_attribute_names("#sort", SORT_KEY)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(failed)?;
            for keys in output.items().chunks(BATCH) {
                self.delete_batch(keys).await?;
            }
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    async fn delete_batch(&self, keys: &[Attributes]) -> Result<()> {
        let mut requests = keys
            .iter()
            .map(|key| {
                let request = DeleteRequest::builder()
                    .set_key(Some(key.clone()))
                    .build()?;
                Ok(WriteRequest::builder().delete_request(request).build())
            })
            .collect::<Result<Vec<_>>>()?;
        for pause in retry::pauses() {
            let output = self
                .client
                .batch_write_item()
                .request_items(&*self.name, requests)
                .send()
                .await
                .map_err(failed)?;
            requests = output
                .unprocessed_items
                .unwrap_or_default()
                .remove(&*self.name)
                .unwrap_or_default();
            if requests.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
        }
        Err(Error::Unavailable("deletes were left undone".into()))
    }
}
