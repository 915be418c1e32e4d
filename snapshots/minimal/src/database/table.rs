//! The table, and reads and writes of single items.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};

use super::attribute::Attributes;
use super::entity::{Entity, Item};
use super::error::{Error, Result, failed};
use super::expression::{Condition, Placeholders};
use super::guard::Guard;
use super::key::Key;
use super::transaction::Transaction;
use super::update::Update;

/// The table. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Table {
    pub(super) client: Client,
    pub(super) name: Arc<str>,
}

/// Whether a read sees every write that came before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// It may miss what was written within about the last second.
    Eventual,
    /// It sees everything, at twice the cost.
    Strong,
}

/// A request that takes longer than this fails, its retries included: well before the 29 s of the API are over.
const TIMEOUT: Duration = Duration::from_secs(5);

/// After this long without an answer, a request is tried again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);

impl Table {
    /// The table, with a client that does not wait long.
    pub fn connect(aws: &SdkConfig, name: impl Into<String>) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .build();
        let config = aws_sdk_dynamodb::config::Builder::from(aws).timeout_config(timeouts);
        Self::new(Client::from_conf(config.build()), name)
    }

    /// The table, with a client of your own.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into().into(),
        }
    }

    /// The item, whoever owns it: see [`Item::within`].
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is none.
    pub async fn get<E: Entity>(&self, key: &Key, consistency: Consistency) -> Result<Item<E>> {
        let output = self
            .client
            .get_item()
            .table_name(&*self.name)
            .set_key(Some(key.attributes()))
            .consistent_read(consistency == Consistency::Strong)
            .send()
            .await
            .map_err(failed)?;
        let attributes = output.item.ok_or(Error::NotFound(E::NOT_FOUND))?;
        Item::from_attributes(attributes)
    }

    /// Writes a new item.
    ///
    /// # Errors
    ///
    /// [`Error::AlreadyExists`] if there is another with its key; that one stays as it is.
    pub async fn create<E: Entity>(&self, item: &Item<E>) -> Result<()> {
        self.put(item, &Condition::item_absent(), Error::AlreadyExists)
            .await
    }

    /// Writes a new item below another, if that one passes the guard at this moment.
    ///
    /// # Errors
    ///
    /// Those of the guard for the parent, [`Error::AlreadyExists`] for the new item.
    pub async fn create_child<P: Entity, E: Entity>(
        &self,
        parent: &Key,
        guard: Guard,
        item: &Item<E>,
    ) -> Result<()> {
        let mut transaction = self.transaction();
        transaction.check::<P>(parent, guard)?;
        transaction.create(item)?;
        Ok(transaction.commit().await?)
    }

    /// Writes the item if there is none with its key, or the one there meets the condition.
    ///
    /// # Errors
    ///
    /// [`Error::ConditionFailed`] if there is another that does not.
    pub async fn create_or_replace<E: Entity>(
        &self,
        item: &Item<E>,
        replace_when: Condition,
    ) -> Result<()> {
        let condition = Condition::item_absent().or(replace_when);
        self.put(item, &condition, Error::ConditionFailed).await
    }

    /// Changes an item that passes the guard, and returns it as it is then. Never creates one.
    ///
    /// # Errors
    ///
    /// Those of the guard.
    pub async fn update<E: Entity>(
        &self,
        key: &Key,
        guard: Guard,
        update: Update,
    ) -> Result<Item<E>> {
        let mut placeholders = Placeholders::default();
        let condition = guard.render(&mut placeholders)?;
        let change = update.render::<E>(&mut placeholders)?;
        let result = self
            .client
            .update_item()
            .table_name(&*self.name)
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .update_expression(change)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let output = result.map_err(|error| match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
                guard.refusal(refusal.item(), E::NOT_FOUND)
            }
            _ => failed(error),
        })?;
        Item::from_attributes(output.attributes.unwrap_or_default())
    }

    /// Deletes an item that passes the guard, and returns it as it was.
    ///
    /// # Errors
    ///
    /// Those of the guard.
    pub async fn delete<E: Entity>(&self, key: &Key, guard: Guard) -> Result<Item<E>> {
        let attributes = self.remove(key, &guard).await?;
        Item::from_attributes(
            attributes.map_err(|item| guard.refusal(item.as_ref(), E::NOT_FOUND))?,
        )
    }

    /// Several writes that happen together or not at all.
    pub fn transaction(&self) -> Transaction<'_> {
        Transaction::new(self)
    }

    async fn put<E: Entity>(
        &self,
        item: &Item<E>,
        condition: &Condition,
        refusal: Error,
    ) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let condition = condition.render(&mut placeholders)?;
        let attributes = item.to_attributes()?;
        let result = self
            .client
            .put_item()
            .table_name(&*self.name)
            .set_item(Some(attributes.clone()))
            .condition_expression(condition)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = result else {
            return Ok(());
        };
        match error.as_service_error() {
            // The SDK repeats a request whose answer was lost, and then meets its own write.
            Some(PutItemError::ConditionalCheckFailedException(failure))
                if failure.item() == Some(&attributes) =>
            {
                Ok(())
            }
            Some(PutItemError::ConditionalCheckFailedException(_)) => Err(refusal),
            _ => Err(failed(error)),
        }
    }

    /// The item as it was if the guard let it go, else as it is, if it is there.
    pub(super) async fn remove(
        &self,
        key: &Key,
        guard: &Guard,
    ) -> Result<Result<Attributes, Option<Attributes>>> {
        let mut placeholders = Placeholders::default();
        let condition = guard.render(&mut placeholders)?;
        let result = self
            .client
            .delete_item()
            .table_name(&*self.name)
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match result {
            Ok(output) => Ok(Ok(output.attributes.unwrap_or_default())),
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(refusal)) => {
                    Ok(Err(refusal.item.clone()))
                }
                _ => Err(failed(error)),
            },
        }
    }
}
