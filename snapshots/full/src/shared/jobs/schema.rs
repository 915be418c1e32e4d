//! What the OpenAPI document says of the state of a job. By hand, because each job's is a schema of its own, named after
//! its result: a derived one has the same name whatever the result is.

use std::borrow::Cow;

use utoipa::__dev::ComposeSchema;
use utoipa::openapi::{Object, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::database::Timestamp;

use super::{JobState, JobStatus};

impl<T: ToSchema> ComposeSchema for JobState<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let result = Ref::from_schema_name(T::name());
        let mut state = ObjectBuilder::new()
            .description(Some("The latest run of a job."))
            .property("status", JobStatus::schema())
            .property("error", or_null(String::schema(), "Why it failed."))
            .property("result", or_null(result, "What it came to."))
            .property("attempts", u32::schema());
        for (name, description) in [
            ("requested_at", "When it was started."),
            ("started_at", "When the worker tried last."),
            ("finished_at", "When it ended."),
        ] {
            state = state.property(name, or_null(Timestamp::schema(), description));
        }
        let mut state = state.build();
        // Nothing is left out, not even a null.
        state.required = state.properties.keys().cloned().collect();
        state.into()
    }
}

fn or_null(schema: impl Into<RefOr<Schema>>, description: &str) -> RefOr<Schema> {
    OneOfBuilder::new()
        .description(Some(description))
        .item(Object::with_type(Type::Null))
        .item(schema)
        .into()
}

impl<T: ToSchema> ToSchema for JobState<T> {
    fn name() -> Cow<'static, str> {
        format!("JobState_{}", T::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into(), T::schema()));
        T::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it came to.
    #[derive(serde::Serialize, serde::Deserialize, ToSchema)]
    struct Sum {
        points: u8,
    }

    #[test]
    fn a_state_is_shown_with_all_that_its_schema_says() {
        type State = JobState<Sum>;
        assert_eq!(State::name(), "JobState_Sum");
        let schema = serde_json::to_value(State::schema()).unwrap();
        let shown = serde_json::to_value(State::never()).unwrap();
        let names: Vec<&String> = shown.as_object().unwrap().keys().collect();
        let properties: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        assert_eq!(properties, names);
        let required = schema["required"].as_array().unwrap();
        assert_eq!(required.len(), names.len());
        assert_eq!(
            schema["properties"]["result"]["oneOf"][1]["$ref"],
            "#/components/schemas/Sum"
        );

        let mut schemas = Vec::new();
        State::schemas(&mut schemas);
        let names: Vec<&str> = schemas.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Sum"]);
    }
}
