//! What a client sees of an item: its id, the entity's own fields, its owner, version and times. Never its keys.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use utoipa::__dev::ComposeSchema;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::database::{Entity, Item, Timestamp};

#[derive(Serialize)]
struct Shown<'a, E> {
    id: Uuid,
    #[serde(flatten)]
    data: &'a E,
    owner: &'a str,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<E: Entity> Serialize for Item<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = Shown {
            id: self.id,
            data: &self.data,
            owner: &self.owner,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        shown.serialize(serializer)
    }
}

/// By the trait that `#[derive(ToSchema)]` implements too: one by `PartialSchema` could not be part of a `Data<Item<E>>`.
impl<E: ToSchema> ComposeSchema for Item<E> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let RefOr::T(Schema::Object(mut object)) = E::schema() else {
            return E::schema();
        };
        let fields = std::mem::take(&mut object.properties);
        let id = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        let mut shown = ObjectBuilder::from(object).property("id", id);
        for (name, schema) in fields {
            shown = shown.property(name, schema);
        }
        let mut shown = shown
            .property("owner", String::schema())
            .property("version", u64::schema())
            .property("created_at", Timestamp::schema())
            .property("updated_at", Timestamp::schema())
            .build();
        // Nothing is left out, not even a null.
        shown.required = shown.properties.keys().cloned().collect();
        shown.into()
    }
}

impl<E: ToSchema> ToSchema for Item<E> {
    fn name() -> Cow<'static, str> {
        E::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        E::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    /// A thing.
    #[derive(Serialize, Deserialize, ToSchema)]
    struct Thing {
        size: i64,
        note: Option<String>,
    }

    impl Entity for Thing {
        const NAME: &'static str = "THING";
        const NOT_FOUND: &'static str = "Thing not found";
    }

    #[test]
    fn an_item_is_shown_with_all_that_its_schema_says_and_without_keys() {
        let thing = Thing {
            size: 3,
            note: None,
        };
        let item = Item::root("alice", thing);
        let shown = serde_json::to_value(&item).unwrap();
        let expected = json!({
            "id": item.id, "size": 3, "note": null, "owner": "alice", "version": 1,
            "created_at": item.created_at, "updated_at": item.updated_at,
        });
        assert_eq!(shown, expected);

        type Stored = Item<Thing>;
        assert_eq!(Stored::name(), "Thing");
        let schema = serde_json::to_value(Stored::schema()).unwrap();
        let names = [
            "id",
            "size",
            "note",
            "owner",
            "version",
            "created_at",
            "updated_at",
        ];
        assert_eq!(schema["required"], json!(names));
        assert_eq!(schema["description"], "A thing.");
        assert_eq!(schema["properties"].as_object().unwrap().len(), names.len());
    }
}
