use heck::{ToKebabCase, ToShoutySnakeCase};
use proptest::prelude::*;

use super::*;

fn entity(text: &str) -> EntityName {
    EntityName::parse(text).unwrap()
}

#[test]
fn a_name_is_the_same_in_whatever_case_it_is_typed() {
    let name = FeatureName::parse("proposal_writer").unwrap();
    for text in [
        "ProposalWriter",
        "proposal-writer",
        "proposalWriter",
        "PROPOSAL_WRITER",
        "proposal__writer_",
    ] {
        assert_eq!(FeatureName::parse(text).unwrap(), name, "{text}");
    }
    assert_eq!(name.snake(), "proposal_writer");
    assert_eq!(name.kebab(), "proposal-writer");
    assert_eq!(name.pascal(), "ProposalWriter");
    assert_eq!(name.screaming(), "PROPOSAL_WRITER");
    assert_eq!(name.title(), "Proposal writer");
}

#[test]
fn acronyms_and_digits_are_words() {
    assert_eq!(entity("HTTPServer").snake(), "http_server");
    assert_eq!(entity("HTTPServer").to_string(), "HttpServer");
    assert_eq!(entity("user2").to_string(), "User2");
    assert_eq!(
        ProjectName::parse("my_api_2").unwrap().to_string(),
        "my-api-2"
    );
    assert_eq!(
        FieldName::parse("addressLine_1").unwrap().to_string(),
        "address_line_1"
    );
}

#[test]
fn a_keyword_becomes_an_identifier_and_keeps_its_name() {
    for (text, ident) in [
        ("type", "r#type"),
        ("Match", "r#match"),
        ("self", "self_"),
        ("super", "super_"),
        ("union", "union"),
    ] {
        let name = FieldName::parse(text).unwrap();
        assert_eq!(name.ident(), ident);
        assert_eq!(name.snake(), text.to_lowercase());
    }
    assert_eq!(entity("type").ident(), "r#type");
}

#[test]
fn refusals_name_the_reason() {
    let refusal = |result: Result<(), Problem>| result.unwrap_err().message;
    let feature = |text: &str| refusal(FeatureName::parse(text).map(drop));
    assert_eq!(feature(""), "feature name is empty");
    assert_eq!(
        feature("2fa"),
        "feature name `2fa` does not start with a letter"
    );
    assert_eq!(
        feature("größe"),
        "feature name `größe` has letters other than a to z"
    );
    assert_eq!(feature("../up"), "feature name `../up` holds `.`");
    assert_eq!(feature("a\n"), "feature name `a\n` holds `\\n`");
    assert!(feature(&"a".repeat(49)).ends_with("has more than 48 characters"));
    assert!(feature("step_2").ends_with("reads back as `step2`"));
    assert!(FeatureName::parse(&"a".repeat(48)).is_ok());

    for text in [
        "test",
        "axum",
        "serde-json",
        "Api",
        "con",
        "type",
        "build",
        "str",
    ] {
        assert!(ProjectName::parse(text).is_err(), "{text}");
    }
    for text in [
        "Option",
        "Self",
        "result",
        "AppState",
        "app_state",
        "crate",
        "Mod",
        "Nul",
        "Auth",
        "Char",
        "Parents",
    ] {
        assert!(EntityName::parse(text).is_err(), "{text}");
    }
    for text in [
        "Order", "User", "Item", "Product", "Type", "Document", "Event", "Sheep",
    ] {
        assert!(EntityName::parse(text).is_ok(), "{text}");
    }
    for text in [
        "id",
        "createdAt",
        "PK",
        "GSI1PK",
        "gsi2sk",
        "version",
        "owner",
    ] {
        assert!(FieldName::parse(text).is_err(), "{text}");
    }
    for text in [
        "order", "status", "name", "items", "value", "data", "count", "size", "task", "gsi",
    ] {
        assert!(FieldName::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn no_name_is_that_of_a_crate_the_project_uses() {
    for manifest in [
        include_str!("../../templates/project/Cargo.toml.j2"),
        include_str!("../../templates/project/local/Cargo.toml.j2"),
    ] {
        let dependencies = manifest.split("dependencies]").skip(1);
        let lines = dependencies
            .flat_map(|section| section.lines().take_while(|line| !line.starts_with('[')));
        for (crate_name, _) in lines.filter_map(|line| line.split_once(" = ")) {
            assert!(ProjectName::parse(crate_name).is_err(), "{crate_name}");
            assert!(FeatureName::parse(crate_name).is_err(), "{crate_name}");
        }
    }
}

#[test]
fn plurals_come_from_a_library() {
    for (text, plural) in [
        ("Proposal", "proposals"),
        ("ShopCategory", "shop-categories"),
        ("Person", "people"),
        ("Address", "addresses"),
        ("OrderStatus", "order-statuses"),
        ("Analysis", "analyses"),
        ("Box2", "box2s"),
        ("Sheep", "sheep"),
        ("Settings", "settings"),
    ] {
        assert_eq!(entity(text).default_plural().to_string(), plural);
    }
}

#[test]
fn a_variant_is_renamed_only_where_its_text_would_differ() {
    for (text, variant, rename) in [
        ("in_progress", "InProgress", false),
        ("step_2", "Step2", true),
        ("self", "Self_", true),
        ("x_y", "XY", false),
        ("type", "Type", false),
    ] {
        let value = EnumValue::parse(text).unwrap();
        assert_eq!(value.variant(), variant);
        assert_eq!(value.needs_rename(), rename, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_name_or_refused(text in "\\PC*") {
        let _ = FieldName::parse(&text);
        let _ = ProjectName::parse(&text);
    }

    #[test]
    fn an_accepted_name_reads_back_from_every_case(text in "[a-zA-Z][a-zA-Z0-9_-]{0,20}") {
        if let Ok(name) = EntityName::parse(&text) {
            for shown in [name.snake().to_owned(), name.kebab(), name.pascal(), name.screaming(), name.to_string()] {
                prop_assert_eq!(&EntityName::parse(&shown).unwrap(), &name);
            }
            let plural = name.default_plural();
            prop_assert_eq!(Plural::parse(&plural.to_string()).unwrap(), plural);
        }
        if let Ok(name) = FieldName::parse(&text) {
            prop_assert_eq!(FieldName::parse(name.snake()).unwrap(), name);
        }
    }

    #[test]
    fn every_case_is_as_the_library_has_it(text in "[a-zA-Z][a-zA-Z0-9_-]{0,20}") {
        if let Ok(name) = FieldName::parse(&text) {
            prop_assert_eq!(name.snake(), text.to_snake_case());
            prop_assert_eq!(name.kebab(), text.to_kebab_case());
            prop_assert_eq!(name.pascal(), name.snake().to_upper_camel_case());
            prop_assert_eq!(name.screaming(), text.to_shouty_snake_case());
            prop_assert!(name.is_typed_as(&text));
        }
    }

    #[test]
    fn an_accepted_name_makes_a_rust_identifier(text in "[a-z][a-z_]{0,8}") {
        if let Ok(name) = FieldName::parse(&text) {
            prop_assert!(syn::parse_str::<syn::Ident>(&name.ident()).is_ok());
        }
        let value = EnumValue::parse(&text).unwrap();
        prop_assert!(syn::parse_str::<syn::Ident>(&value.variant()).is_ok());
    }
}
