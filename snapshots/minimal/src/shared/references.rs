//! Ids in a body that name other items.

use uuid::Uuid;

use super::validation::{FieldError, Loc};
use crate::database::{self, Consistency, Entity, Item, Key, Scope, Table};
use crate::error::{Error, Result};

/// Finds out which of the items that a body refers to are missing, to report them all at once.
#[derive(Debug)]
pub struct References<'a> {
    table: &'a Table,
    missing: Vec<FieldError>,
}

impl<'a> References<'a> {
    pub fn new(table: &'a Table) -> Self {
        Self {
            table,
            missing: Vec::new(),
        }
    }

    /// The item that the field names is to exist, and to be in the scope.
    ///
    /// # Errors
    ///
    /// If the table does not answer.
    pub async fn check<E: Entity>(
        &mut self,
        field: &str,
        id: Option<Uuid>,
        scope: Scope<'_>,
    ) -> Result<()> {
        match id {
            Some(id) => {
                self.find::<E>(&["body".into(), field.into()], id, scope)
                    .await
            }
            None => Ok(()),
        }
    }

    /// As [`check`](Self::check), for each id of a list.
    ///
    /// # Errors
    ///
    /// If the table does not answer.
    pub async fn check_each<E: Entity>(
        &mut self,
        field: &str,
        ids: &[Uuid],
        scope: Scope<'_>,
    ) -> Result<()> {
        for (index, id) in ids.iter().enumerate() {
            let loc = ["body".into(), field.into(), index.into()];
            self.find::<E>(&loc, *id, scope).await?;
        }
        Ok(())
    }

    /// # Errors
    ///
    /// [`Error::Validation`] if something was missing.
    pub fn finish(self) -> Result<()> {
        if self.missing.is_empty() {
            Ok(())
        } else {
            Err(Error::Validation(self.missing))
        }
    }

    async fn find<E: Entity>(&mut self, loc: &[Loc], id: Uuid, scope: Scope<'_>) -> Result<()> {
        let key = Key::root(E::NAME, id);
        let found = self.table.get::<E>(&key, Consistency::Strong).await;
        match found.and_then(|item| Item::within(item, scope)) {
            Ok(_) => {}
            Err(database::Error::NotFound(detail)) => {
                let error = FieldError::value_error(loc.iter().cloned(), lower_case(detail));
                self.missing.push(error.with_input(&id));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// `Customer not found` in the middle of a sentence.
fn lower_case(detail: &str) -> String {
    let mut rest = detail.chars();
    let first = rest.next().into_iter().flat_map(char::to_lowercase);
    first.chain(rest.clone()).collect()
}
