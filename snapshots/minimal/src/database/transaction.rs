//! Several writes that happen together or not at all.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure as Return,
    TransactWriteItem, Update as UpdateWrite,
};

use super::entity::{Entity, Item};
use super::error::{Error, Result, failed, kind};
use super::expression::{Condition, Placeholders};
use super::guard::Guard;
use super::key::Key;
use super::retry;
use super::table::Table;
use super::update::Update;

/// Up to 100 writes to different items, collected and then [committed](Self::commit).
#[derive(Debug)]
pub struct Transaction<'a> {
    table: &'a Table,
    token: Option<String>,
    writes: Vec<TransactWriteItem>,
    refusals: Vec<Refusal>,
}

/// What it means that the condition of a write did not hold.
#[derive(Debug)]
enum Refusal {
    AlreadyExists,
    ConditionFailed,
    Guard(Guard, &'static str),
}

/// Why nothing of a transaction happened.
#[derive(Debug, thiserror::Error)]
#[error("the transaction was refused")]
pub struct Rejected {
    /// The first write that was at fault, counted from 0; `None` if it was the request as a whole.
    pub position: Option<usize>,
    #[source]
    pub error: Error,
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        rejected.error
    }
}

impl<'a> Transaction<'a> {
    pub(super) fn new(table: &'a Table) -> Self {
        Self {
            table,
            token: None,
            writes: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Within ten minutes a second commit with the same token (of at most 36 characters) and the same writes
    /// succeeds and does nothing.
    pub fn token(&mut self, token: impl Into<String>) {
        self.token = Some(token.into());
    }

    /// As [`Table::create`].
    ///
    /// # Errors
    ///
    /// If the item cannot be stored.
    pub fn create<E: Entity>(&mut self, item: &Item<E>) -> Result<()> {
        self.put(item, &Condition::item_absent(), Refusal::AlreadyExists)
    }

    /// As [`Table::create_or_replace`].
    ///
    /// # Errors
    ///
    /// If the item or a value of the condition cannot be stored.
    pub fn create_or_replace<E: Entity>(
        &mut self,
        item: &Item<E>,
        replace_when: Condition,
    ) -> Result<()> {
        let condition = Condition::item_absent().or(replace_when);
        self.put(item, &condition, Refusal::ConditionFailed)
    }

    /// As [`Table::update`], but does not tell the item as it is then.
    ///
    /// # Errors
    ///
    /// If a value cannot be stored.
    pub fn update<E: Entity>(&mut self, key: &Key, guard: Guard, update: Update) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let write = UpdateWrite::builder()
            .table_name(&*self.table.name)
            .set_key(Some(key.attributes()))
            .condition_expression(guard.render(&mut placeholders)?)
            .update_expression(update.render::<E>(&mut placeholders)?)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values_on_condition_check_failure(Return::AllOld)
            .build()?;
        let write = TransactWriteItem::builder().update(write).build();
        self.push(write, Refusal::Guard(guard, E::NOT_FOUND));
        Ok(())
    }

    /// As [`Table::delete`].
    ///
    /// # Errors
    ///
    /// If a value of the guard cannot be stored.
    pub fn delete<E: Entity>(&mut self, key: &Key, guard: Guard) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let write = Delete::builder()
            .table_name(&*self.table.name)
            .set_key(Some(key.attributes()))
            .condition_expression(guard.render(&mut placeholders)?)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values_on_condition_check_failure(Return::AllOld)
            .build()?;
        let write = TransactWriteItem::builder().delete(write).build();
        self.push(write, Refusal::Guard(guard, E::NOT_FOUND));
        Ok(())
    }

    /// Changes nothing, but an item has to pass the guard.
    ///
    /// # Errors
    ///
    /// If a value of the guard cannot be stored.
    pub fn check<E: Entity>(&mut self, key: &Key, guard: Guard) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let write = ConditionCheck::builder()
            .table_name(&*self.table.name)
            .set_key(Some(key.attributes()))
            .condition_expression(guard.render(&mut placeholders)?)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values_on_condition_check_failure(Return::AllOld)
            .build()?;
        let write = TransactWriteItem::builder().condition_check(write).build();
        self.push(write, Refusal::Guard(guard, E::NOT_FOUND));
        Ok(())
    }

    /// Carries out all of it, if every write may happen. Waits a little for other transactions on the same items.
    ///
    /// # Errors
    ///
    /// [`Rejected`], with the error of the first write that may not happen. Nothing was written then.
    pub async fn commit(self) -> Result<(), Rejected> {
        for pause in retry::pauses() {
            match self.attempt().await {
                Err(Rejected {
                    position: Some(_),
                    error: Error::Unavailable(_),
                }) => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
        }
        self.attempt().await
    }

    async fn attempt(&self) -> Result<(), Rejected> {
        let result = self
            .table
            .client
            .transact_write_items()
            .set_transact_items(Some(self.writes.clone()))
            .set_client_request_token(self.token.clone())
            .send()
            .await;
        let Err(error) = result else {
            return Ok(());
        };
        let rejected = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                self.rejected(cancelled.cancellation_reasons())
            }
            _ => None,
        };
        Err(rejected.unwrap_or_else(|| Rejected {
            position: None,
            error: failed(error),
        }))
    }

    /// The first write that failed for good, else the first that may succeed at another time.
    fn rejected(&self, reasons: &[CancellationReason]) -> Option<Rejected> {
        let mut rejected = None;
        for (position, (reason, refusal)) in reasons.iter().zip(&self.refusals).enumerate() {
            let error = match reason.code() {
                None | Some("None") => continue,
                Some("ConditionalCheckFailed") => refusal.error(reason),
                code => {
                    let message = reason.message().unwrap_or("a write was refused");
                    kind(code, reason.message())(message.into())
                }
            };
            let temporary = matches!(error, Error::Unavailable(_));
            let found = Rejected {
                position: Some(position),
                error,
            };
            if !temporary {
                return Some(found);
            }
            rejected.get_or_insert(found);
        }
        rejected
    }

    fn put<E: Entity>(
        &mut self,
        item: &Item<E>,
        condition: &Condition,
        refusal: Refusal,
    ) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let write = Put::builder()
            .table_name(&*self.table.name)
            .set_item(Some(item.to_attributes()?))
            .condition_expression(condition.render(&mut placeholders)?)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .build()?;
        let write = TransactWriteItem::builder().put(write).build();
        self.push(write, refusal);
        Ok(())
    }

    fn push(&mut self, write: TransactWriteItem, refusal: Refusal) {
        self.writes.push(write);
        self.refusals.push(refusal);
    }
}

impl Refusal {
    fn error(&self, reason: &CancellationReason) -> Error {
        match self {
            Self::AlreadyExists => Error::AlreadyExists,
            Self::ConditionFailed => Error::ConditionFailed,
            Self::Guard(guard, not_found) => guard.refusal(reason.item.as_ref(), not_found),
        }
    }
}
