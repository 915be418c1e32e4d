//! The items of one entity, as the tests work with them.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use url::form_urlencoded;

use super::{Request, Response, TestApp};

/// Who sends a request.
#[derive(Clone, Copy, Debug)]
pub enum Caller {
    Nobody,
    User(&'static str),
    Admin(&'static str),
}

/// Where the items of an entity are, and who does what with them unless a test says otherwise.
#[derive(Clone)]
pub struct Items<'a> {
    pub app: &'a TestApp,
    /// `/api/proposals`
    pub path: String,
    pub writer: Caller,
    pub reader: Caller,
    pub remover: Caller,
}

impl<'a> Items<'a> {
    /// The same items, with which this caller does everything.
    pub fn by(&self, caller: Caller) -> Self {
        Self {
            writer: caller,
            reader: caller,
            remover: caller,
            ..self.clone()
        }
    }

    pub fn create(&self, body: &Value) -> Request<'a> {
        let request = self.app.post(&self.path, body.clone());
        request.sent_by(self.writer)
    }

    /// Creates an item, and returns its id.
    pub async fn add(&self, body: Value) -> String {
        let created = self.create(&body).await;
        assert_eq!(created.status, 201, "{created:?}");
        created.id()
    }

    /// The query is an object: `{"limit": 2}`.
    pub fn list(&self, query: &Value) -> Request<'a> {
        let mut path = format!("{}?", self.path);
        for (name, value) in query.as_object().unwrap() {
            let text = value.as_str().map_or(value.to_string(), str::to_owned);
            path.extend(form_urlencoded::byte_serialize(name.as_bytes()));
            path.push('=');
            path.extend(form_urlencoded::byte_serialize(text.as_bytes()));
            path.push('&');
        }
        self.app.get(&path).sent_by(self.reader)
    }

    pub fn get(&self, id: &str) -> Request<'a> {
        let request = self.app.get(&self.path_of(id));
        request.sent_by(self.reader)
    }

    pub fn update(&self, id: &str, changes: &Value) -> Request<'a> {
        let request = self.app.patch(&self.path_of(id), changes.clone());
        request.sent_by(self.writer)
    }

    pub fn delete(&self, id: &str) -> Request<'a> {
        let request = self.app.delete(&self.path_of(id));
        request.sent_by(self.remover)
    }

    pub fn path_of(&self, id: &str) -> String {
        format!("{}/{id}", self.path)
    }
}

impl Request<'_> {
    pub(super) fn sent_by(self, caller: Caller) -> Self {
        match caller {
            Caller::Nobody => self,
            Caller::User(id) => self.as_user(id),
            Caller::Admin(id) => self.as_admin(id),
        }
    }
}

impl Response {
    /// The id of an item.
    #[track_caller]
    pub fn id(&self) -> String {
        self.data()["id"].as_str().unwrap().to_owned()
    }

    /// The ids of a list, in its order.
    #[track_caller]
    pub fn ids(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{self:?}");
        let items = self.data();
        let ids = items.as_array().unwrap().iter();
        ids.map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The item has these values, to the last digit: a number that is too long for JSON's usual readers stands in a
    /// string here.
    #[track_caller]
    pub fn assert_shows(&self, fields: &Value) {
        #[derive(Deserialize)]
        struct Envelope {
            data: HashMap<String, Box<RawValue>>,
        }

        assert!(self.status.is_success(), "{self:?}");
        let item = serde_json::from_str::<Envelope>(&self.text).unwrap().data;
        for (name, expected) in fields.as_object().unwrap() {
            let shown = item[name].get();
            assert!(is(shown, expected), "{name}: {shown}, not {expected}");
        }
    }
}

/// Whether some JSON is this value, or a number that stands in a string there.
fn is(shown: &str, expected: &Value) -> bool {
    if let Value::Array(expected) = expected {
        let shown: Vec<Box<RawValue>> = serde_json::from_str(shown).unwrap();
        let mut pairs = shown.iter().zip(expected);
        return shown.len() == expected.len()
            && pairs.all(|(shown, expected)| is(shown.get(), expected));
    }
    expected.as_str() == Some(shown) || serde_json::from_str::<Value>(shown).unwrap() == *expected
}
