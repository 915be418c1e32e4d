//! The part of a list that a client asks for.

use serde::Deserialize;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::database::{Cursor, Filter};
use crate::error::{Error, Result};
use crate::shared::validation;
use crate::shared::validation::FieldError;

/// The query of every list.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PageParams {
    /// How many items to return.
    #[serde(default = "default_limit")]
    #[schema(minimum = 1, maximum = 100, default = 20)]
    pub limit: u16,

    /// Where to go on: the `next_cursor` of the page before.
    #[schema(value_type = String, nullable = false, required = false)]
    pub cursor: Option<Cursor>,
}

/// How many items a page has if nobody says.
pub fn default_limit() -> u16 {
    20
}

/// The one filter of a list, for an index has items by one value.
///
/// # Errors
///
/// A 422 if there are several.
pub fn only_filter(filters: Vec<Filter>) -> Result<Option<Filter>> {
    if filters.len() > 1 {
        let error = FieldError::value_error(["query"], "filter by one field at a time");
        return Err(Error::Validation(vec![error]));
    }
    Ok(filters.into_iter().next())
}

impl IntoParams for PageParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        validation::parameters::<Self>()
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::FromRequestParts;
    use http::Request;
    use serde_json::json;

    use super::*;
    use crate::database::Index;
    use crate::shared::validation::Query;

    async fn read(query: &str) -> Result<PageParams, Error> {
        let request = Request::get(format!("/?{query}")).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let Query(page) = Query::from_request_parts(&mut parts, &()).await?;
        Ok(page)
    }

    #[tokio::test]
    async fn a_page_has_20_items_unless_asked_for_1_to_100() {
        assert_eq!(read("").await.unwrap().limit, 20);
        for (limit, good) in [("0", false), ("1", true), ("100", true), ("101", false)] {
            let page = read(&format!("limit={limit}")).await;
            assert_eq!(page.is_ok(), good, "{limit}");
        }
    }

    #[tokio::test]
    async fn the_cursor_is_passed_on_as_it_came() {
        let page = read("cursor=abc-_&utm_source=x").await.unwrap();
        assert_eq!(page.cursor.map(String::from), Some("abc-_".to_owned()));
        assert!(read("").await.unwrap().cursor.is_none());
    }

    #[test]
    fn both_are_documented() {
        let parameters = PageParams::into_params(|| None);
        let expected = json!([
            {
                "name": "limit",
                "in": "query",
                "description": "How many items to return.",
                "required": false,
                "schema": {
                    "type": "integer",
                    "format": "int32",
                    "description": "How many items to return.",
                    "default": 20,
                    "minimum": 1,
                    "maximum": 100,
                },
            },
            {
                "name": "cursor",
                "in": "query",
                "description": "Where to go on: the `next_cursor` of the page before.",
                "required": false,
                "schema": {
                    "type": "string",
                    "description": "Where to go on: the `next_cursor` of the page before.",
                },
            },
        ]);
        assert_eq!(serde_json::to_value(parameters).unwrap(), expected);
    }

    #[test]
    fn a_list_has_one_filter_at_most() {
        let filter = |value| Filter::new(Index(2), value);
        assert_eq!(only_filter(Vec::new()).unwrap(), None);
        assert_eq!(only_filter(vec![filter(1)]).unwrap(), Some(filter(1)));
        let refused = only_filter(vec![filter(1), filter(2)]).unwrap_err();
        assert_eq!(refused.status(), 422);
    }
}
