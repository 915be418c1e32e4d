//! What holds for the items of every entity.

use serde_json::{Value, json};

use super::{Caller, Items, Response};

/// Under this name stand the values that a field takes; all others stand under the type of the error.
const TAKEN: &str = "ok";

impl Items<'_> {
    /// In a new item a field takes the values that the rules say it takes, and is refused the others for the reason
    /// that they stand under. What the least item has must be there, and nothing else may be.
    pub async fn check_rules_of_create(&self, least: &Value, rules: &Value) {
        for (field, reason, value) in cases(rules) {
            let mut body = least.clone();
            body[field] = value.clone();
            let response = self.create(&body).await;
            if reason == TAKEN {
                assert_eq!(response.status, 201, "{field}: {value}: {response:?}");
                let stored = self.get(&response.id()).await;
                stored.assert_shows(&json!({ field: value }));
            } else {
                response.assert_refuses(field, reason, value);
            }
        }
        for (field, _) in least.as_object().unwrap() {
            let mut body = least.clone();
            body.as_object_mut().unwrap().remove(field);
            let response = self.create(&body).await;
            response.assert_refuses(field, "missing", &body);
        }
        for field in ["id", "owner", "version", "created_at", "unknown_field"] {
            let mut body = least.clone();
            body[field] = json!(1);
            let response = self.create(&body).await;
            response.assert_refuses(field, "extra_forbidden", &body);
        }
    }

    /// The same holds for changes, and a refused one changes nothing.
    pub async fn check_rules_of_update(&self, least: &Value, rules: &Value) {
        let id = self.add(least.clone()).await;
        let mut version = 1;
        for (field, reason, value) in cases(rules) {
            let response = self.update(&id, &json!({ field: value })).await;
            if reason == TAKEN {
                response.assert_shows(&json!({ field: value }));
                version += 1;
            } else {
                response.assert_refuses(field, reason, value);
            }
        }
        for field in ["id", "owner", "created_at", "unknown_field"] {
            let response = self.update(&id, &json!({ field: 1 })).await;
            response.assert_refuses(field, "extra_forbidden", &json!(1));
        }
        let stored = self.get(&id).await;
        stored.assert_shows(&json!({ "version": version }));
    }

    /// Each caller gets these answers to a list, a creation, and a look at, a change of nothing, a change and the
    /// deletion of an item that the usual writer has made. Whoever may not look at it does not find it in the list.
    pub async fn check_access(
        &self,
        least: &Value,
        changes: &Value,
        expected: impl IntoIterator<Item = (Caller, [u16; 6])>,
    ) {
        for (caller, expected) in expected {
            let id = self.add(least.clone()).await;
            let theirs = self.by(caller);

            let list = theirs.list(&json!({})).await;
            let shown = theirs.get(&id).await;
            if list.status == 200 && shown.status != 200 {
                assert!(!list.ids().contains(&id), "{caller:?}: {list:?}");
            }
            let actual = [
                list.status,
                theirs.create(least).await.status,
                shown.status,
                theirs.update(&id, &json!({})).await.status,
                theirs.update(&id, changes).await.status,
                theirs.delete(&id).await.status,
            ];
            assert_eq!(actual.map(|status| status.as_u16()), expected, "{caller:?}");
        }
    }

    /// A list has all items, the newest first, in pages of the size that is asked for. No cursor but its own leads on.
    pub async fn check_pages(&self, least: &Value) {
        let mut newest_first = Vec::new();
        for _ in 0..5 {
            newest_first.insert(0, self.add(least.clone()).await);
        }

        let mut listed = Vec::new();
        let mut query = json!({"limit": 2});
        for size in [2, 2, 1] {
            let page = self.list(&query).await;
            assert_eq!(page.ids().len(), size, "{page:?}");
            listed.extend(page.ids());
            query["cursor"] = page.json()["next_cursor"].take();
            assert_eq!(query["cursor"].is_null(), size == 1, "{page:?}");
        }
        assert_eq!(listed, newest_first);

        for (name, value) in [("cursor", "x"), ("limit", "0"), ("limit", "101")] {
            let refused = self.list(&json!({ name: value })).await;
            assert_eq!(refused.status, 422, "{refused:?}");
            assert_eq!(refused.json()["detail"][0]["loc"], json!(["query", name]));
        }
    }

    /// Whoever names a version changes or deletes that one, and no other.
    pub async fn check_versions(&self, least: &Value, changes: &Value) {
        let id = self.add(least.clone()).await;
        let mut stale = changes.clone();
        stale["version"] = json!(2);

        let by_body = self.update(&id, &stale).await;
        let by_header = self.update(&id, changes).header("if-match", "\"2\"").await;
        let deleted = self.delete(&id).header("if-match", "\"2\"").await;
        let statuses = [by_body, by_header, deleted].map(|response| response.status.as_u16());
        assert_eq!(statuses, [409, 412, 412]);
        assert_eq!(self.get(&id).await.header("etag"), Some("\"1\""));

        let mut current = changes.clone();
        current["version"] = json!(1);
        let updated = self.update(&id, &current).header("if-match", "\"1\"").await;
        assert_eq!(updated.status, 200, "{updated:?}");
        let version = updated.header("etag").unwrap();
        let deleted = self.delete(&id).header("if-match", version).await;
        assert_eq!(deleted.status, 204, "{deleted:?}");
    }
}

impl Response {
    /// The field has errors of this type, and nothing else is wrong.
    #[track_caller]
    pub(super) fn assert_refuses(&self, field: &str, reason: &str, value: &Value) {
        assert_eq!(self.status, 422, "{field}: {value}: {self:?}");
        let errors = self.json()["detail"].take();
        let errors = errors.as_array().unwrap();
        assert!(!errors.is_empty(), "{field}: {value}: {self:?}");
        for error in errors {
            assert_eq!(error["type"], reason, "{field}: {value}: {self:?}");
            assert_eq!(error["loc"][0], "body", "{self:?}");
            assert_eq!(error["loc"][1], field, "{self:?}");
        }
    }
}

/// The field, the reason and the value of every case: `{"title": {"ok": ["x"], "string_type": [1, null]}}`.
fn cases(rules: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let fields = rules.as_object().unwrap().iter();
    fields.flat_map(|(field, reasons)| {
        let reasons = reasons.as_object().unwrap().iter();
        reasons.flat_map(move |(reason, values)| {
            let values = values.as_array().unwrap().iter();
            values.map(move |value| (field.as_str(), reason.as_str(), value))
        })
    })
}
