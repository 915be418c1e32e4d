use proptest::prelude::*;

use super::*;

fn merged(kind: Kind, base: &str, ours: &str, theirs: &str) -> String {
    let versions = Versions { base, ours, theirs };
    merge(&versions, kind, Overlap::Report).unwrap().text
}

fn conflicts(kind: Kind, base: &str, ours: &str, theirs: &str) -> Vec<Conflict> {
    let versions = Versions { base, ours, theirs };
    merge(&versions, kind, Overlap::Report).unwrap_err()
}

#[test]
fn both_insert_at_one_place_and_the_users_lines_come_first() {
    let base = "fn f() {\n    a();\n}\n";
    let ours = "fn f() {\n    a();\n    mine();\n}\n";
    let theirs = "fn f() {\n    a();\n    new();\n}\n";
    assert_eq!(
        merged(Kind::Rust, base, ours, theirs),
        "fn f() {\n    a();\n    mine();\n    new();\n}\n"
    );
}

#[test]
fn an_import_stays_as_long_as_the_users_code_needs_it() {
    let base = "//! A.\n\nuse std::fmt;\n\nuse uuid::Uuid;\n\nfn f(_: Uuid) {}\n\nfn g(_: fmt::Error) {}\n\nfn z() {}\n";
    let theirs = "//! A.\n\nfn z() {}\n";
    let kept = |mine: &str| {
        let ours = format!("{base}{mine}");
        let merged = merged(Kind::Rust, base, &ours, theirs);
        assert!(merged.ends_with(mine), "{merged}");
        merged.trim_end_matches(mine).to_owned()
    };
    for mine in [
        "\nfn mine() {}\n",
        "\nfn mine(_: std::fmt::Error, _: uuid::Uuid) {}\n",
        "\nmod mine {\n    use std::fmt;\n    use uuid::{Builder, Uuid};\n}\n",
        "\n/// Uuid\nfn mine() {\n    it.fmt();\n}\n",
    ] {
        assert_eq!(kept(mine), theirs, "{mine}");
    }
    assert_eq!(
        kept("\nfn mine() -> Uuid {\n    Uuid::nil()\n}\n"),
        "//! A.\n\nuse uuid::Uuid;\n\nfn z() {}\n"
    );
    assert_eq!(
        kept("\nfn mine(_: [Uuid; 2]) -> fmt::Result {}\n"),
        "//! A.\n\nuse std::fmt;\n\nuse uuid::Uuid;\n\nfn z() {}\n"
    );
}

#[test]
fn an_import_from_a_list_stays_in_its_order() {
    let base = "use a::Z;\nuse b::{C, D};\nuse c::{E, F};\n\nuse crate::x;\n\nfn f(_: C, _: D) {}\n\nfn z() {}\n";
    let theirs = "use a::Z;\nuse b::D;\nuse c::{E, F};\n\nuse crate::x;\n\nfn z() {}\n";
    let ours = format!("{base}\nfn mine(_: C) {{}}\n");
    assert_eq!(
        merged(Kind::Rust, base, &ours, theirs),
        "use a::Z;\nuse b::C;\nuse b::D;\nuse c::{E, F};\n\nuse crate::x;\n\nfn z() {}\n\nfn mine(_: C) {}\n"
    );
}

#[test]
fn an_import_stays_before_a_list() {
    let base = "use jiff::Date;\nuse serde::{A, B};\n\nfn f(_: Date) {}\n\nfn z() {}\n";
    let theirs = "use serde::{A, B};\n\nfn z() {}\n";
    let ours = base.replace("fn z() {}", "fn z() {}\n\nfn mine(_: Date) {}");
    let expected = ours.replace("fn f(_: Date) {}\n\n", "");
    assert_eq!(merged(Kind::Rust, base, &ours, theirs), expected);
}

#[test]
fn an_import_that_is_needed_by_what_is_kept_stays() {
    let base = "use a::A;\nuse b::B;\n\nstruct S {\n    a: A,\n    b: B,\n}\n";
    let ours = base.replace("a: A", "mine: A");
    let theirs = "use b::B;\n\nstruct S {\n    b: B,\n}\n";
    let versions = Versions {
        base,
        ours: &ours,
        theirs,
    };
    let merged = merge(&versions, Kind::Rust, Overlap::KeepOurs).unwrap();
    assert_eq!(merged.text, ours);
}

#[test]
fn an_import_that_the_user_has_in_another_form_is_not_added_again() {
    let base = "use a::A;\n\nfn z() {}\n";
    let ours =
        "use a::A;\nuse uuid::{Builder, Uuid};\n\nfn mine(_: Builder, _: Uuid) {}\n\nfn z() {}\n";
    let theirs = "use a::A;\nuse uuid::Uuid;\n\nfn z(_: Uuid) {}\n";
    assert_eq!(
        merged(Kind::Rust, base, ours, theirs),
        ours.replace("fn z()", "fn z(_: Uuid)")
    );
    // Nor does it go with scaffold's own.
    let with_both = ours.replace("fn z()", "fn z(_: Uuid)");
    assert_eq!(merged(Kind::Rust, theirs, &with_both, base), ours);
}

#[test]
fn module_lists_stay_in_the_order_rustfmt_wants() {
    let base = "pub mod auth;\n";
    let ours = "pub mod auth;\nmod health;\n";
    let theirs = "pub mod auth;\npub mod documents;\n";
    assert_eq!(
        merged(Kind::Rust, base, ours, theirs),
        "pub mod auth;\npub mod documents;\nmod health;\n"
    );
}

#[test]
fn an_entry_joins_its_list_and_not_what_the_user_put_below() {
    let base = "pub mod auth;\n";
    let ours = "pub mod auth;\npub mod zoo;\n\nfn helper() {}\n";
    let theirs = "pub mod auth;\npub mod documents;\n";
    assert_eq!(
        merged(Kind::Rust, base, ours, theirs),
        "pub mod auth;\npub mod documents;\npub mod zoo;\n\nfn helper() {}\n"
    );
}

#[test]
fn a_line_the_user_added_already_is_not_added_again_wherever_it_stands_in_the_list() {
    let base = "pub mod auth;\npub mod health;\n";
    let theirs = "pub mod auth;\npub mod documents;\npub mod health;\n";
    for ours in [
        "pub mod auth;\npub mod documents;\npub mod health;\n// mine\n",
        "pub mod documents; // mine\npub mod auth;\npub mod health;\n",
        "pub mod auth;\npub mod health;\npub mod documents;\npub mod other;\n",
    ] {
        assert_eq!(merged(Kind::Rust, base, ours, theirs), ours);
    }
}

#[test]
fn the_same_line_in_another_scope_does_not_count() {
    let base = "struct A {\n    a: u8,\n}\n\nstruct B {\n    a: u8,\n}\n";
    let ours = "struct A {\n    a: u8,\n}\n\nstruct B {\n    a: u8,\n    title: u8,\n}\n";
    let theirs = "struct A {\n    a: u8,\n    title: u8,\n}\n\nstruct B {\n    a: u8,\n}\n";
    let both =
        "struct A {\n    a: u8,\n    title: u8,\n}\n\nstruct B {\n    a: u8,\n    title: u8,\n}\n";
    assert_eq!(merged(Kind::Rust, base, ours, theirs), both);
}

#[test]
fn a_name_the_user_took_for_something_else_is_a_conflict() {
    let found = conflicts(
        Kind::Rust,
        "mod a;\n",
        "mod a;\nmod b {}\n",
        "mod a;\nmod b;\n",
    );
    assert_eq!(found[0].reason, "`b` would be declared twice");
    assert_eq!(found[0].add, ["mod b;"]);
}

#[test]
fn changes_of_neighbouring_lines_go_together() {
    let base = "a\nb\nc\nd\n";
    assert_eq!(
        merged(Kind::Other, base, "a\nB\nc\nd\n", "a\nb\nC\nd\n"),
        "a\nB\nC\nd\n"
    );
    assert_eq!(
        merged(Kind::Other, base, "a\nB\nc\nd\n", "a\nb\nnew\nc\nd\n"),
        "a\nB\nnew\nc\nd\n"
    );
    assert_eq!(
        merged(Kind::Other, base, "a\nb\nmine\nc\nd\n", "a\nB\nc\nd\n"),
        "a\nB\nmine\nc\nd\n"
    );
}

#[test]
fn a_block_is_removed_from_among_the_users_neighbours() {
    let base = "fn a() {}\n\nfn x() {\n    1;\n}\n\nfn c() {}\n";
    let ours = "fn a() {}\n\nfn mine() {\n    1;\n}\n\nfn x() {\n    1;\n}\n\nfn too() {\n    1;\n}\n\nfn c() {}\n";
    let theirs = "fn a() {}\n\nfn c() {}\n";
    assert_eq!(
        merged(Kind::Rust, base, ours, theirs),
        "fn a() {}\n\nfn mine() {\n    1;\n}\n\nfn too() {\n    1;\n}\n\nfn c() {}\n"
    );
}

#[test]
fn a_block_that_the_user_changed_is_not_removed() {
    let base = "fn a() {}\n\nfn x() {\n    1;\n}\n";
    let ours = "fn a() {}\n\nfn x() {\n    1;\n    mine();\n}\n";
    let found = conflicts(Kind::Rust, base, ours, "fn a() {}\n");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reason, "you changed lines that would be removed");
}

#[test]
fn a_block_the_user_removed_already_is_no_conflict() {
    let base = "a\nx\ny\nb\n";
    assert_eq!(merged(Kind::Other, base, "a\nb\n", "a\nb\n"), "a\nb\n");
    assert_eq!(merged(Kind::Other, base, "a\ny\nb\n", "a\nb\n"), "a\nb\n");
    assert_eq!(merged(Kind::Other, base, "b\n", "a\nb\n"), "b\n");
}

#[test]
fn after_the_change_is_made_by_hand_the_merge_succeeds() {
    let base = "call(a);\nnext();\n";
    let theirs = "call(a, new);\nnext();\n";
    let found = conflicts(Kind::Other, base, "call(a, mine);\nnext();\n", theirs);
    assert_eq!(
        (found[0].line, &*found[0].remove, &*found[0].add),
        (
            Some(1),
            &["call(a);".to_owned()][..],
            &["call(a, new);".to_owned()][..]
        )
    );
    for ours in [
        "call(a, mine, new);\nnext();\n",
        "call(a, new);\nmine();\nnext();\n",
        "call(\n    a, new, mine\n);\nnext();\n",
    ] {
        assert_eq!(merged(Kind::Other, base, ours, theirs), ours);
    }
}

#[test]
fn after_a_removal_is_made_by_hand_the_merge_succeeds() {
    let base = "a();\nx();\nb();\n";
    let theirs = "a();\nb();\n";
    assert_eq!(
        conflicts(Kind::Other, base, "a();\nx(mine);\nb();\n", theirs).len(),
        1
    );
    assert_eq!(
        merged(Kind::Other, base, "a();\nb();\n// mine\n", theirs),
        "a();\nb();\n// mine\n"
    );
}

#[test]
fn two_values_for_one_thing_are_a_conflict_until_the_user_takes_one_or_keeps_theirs() {
    let (base, ours, theirs) = ("memory: 128\n", "memory: 512\n", "memory: 256\n");
    assert_eq!(conflicts(Kind::Yaml, base, ours, theirs)[0].line, Some(1));
    assert_eq!(merged(Kind::Yaml, base, theirs, theirs), theirs);
    let kept = merge(
        &Versions { base, ours, theirs },
        Kind::Yaml,
        Overlap::KeepOurs,
    )
    .unwrap();
    assert_eq!(kept.text, ours);
}

#[test]
fn line_ends_and_marks_of_the_users_file_stay() {
    let base = "a\nb\nc\n";
    let theirs = "a\nnew\nb\nc\nlast\n";
    assert_eq!(
        merged(Kind::Other, base, "\u{feff}a\r\nb\r\n\tmine\r\nc", theirs),
        "\u{feff}a\r\nnew\r\nb\r\n\tmine\r\nc\r\nlast"
    );
    assert_eq!(
        merged(Kind::Other, base, "a\r\nb\nmine\nc\n", theirs),
        "a\r\nnew\nb\nmine\nc\nlast\n"
    );
    assert_eq!(
        merged(Kind::Other, base, "a\r\nb\r\nc\r\n", theirs),
        "a\r\nnew\r\nb\r\nc\r\nlast\r\n"
    );
}

#[test]
fn keys_of_toml_stay_in_their_table() {
    let base = "[dependencies]\na = \"1\"\n";
    let ours = "[dependencies]\na = \"1\"\nmine = \"1\"\n\n[profile.dev]\ndebug = 0\n";
    let theirs = "[dependencies]\na = \"1\"\nnew = \"1\"\n";
    assert_eq!(
        merged(Kind::Toml, base, ours, theirs),
        "[dependencies]\na = \"1\"\nmine = \"1\"\nnew = \"1\"\n\n[profile.dev]\ndebug = 0\n"
    );
}

#[test]
fn a_key_of_toml_that_the_user_declared_otherwise_is_a_conflict() {
    let found = conflicts(
        Kind::Toml,
        "[d]\na = 1\n",
        "[d]\na = 1\nb = 2\n",
        "[d]\na = 1\nb = 3\n",
    );
    assert!(
        found[0].reason.contains("not be valid TOML"),
        "{}",
        found[0].reason
    );
}

#[test]
fn lines_of_yaml_stay_below_their_key() {
    let base = "Resources:\n  Table:\n    Type: T\nOutputs:\n  A: 1\n";
    let ours = "Resources:\n  Table:\n    Type: T\n  Mine:\n    Type: M\nOutputs:\n  A: 1\n";
    let theirs = "Resources:\n  Table:\n    Type: T\n    Index: I\nOutputs:\n  A: 1\n";
    assert_eq!(
        merged(Kind::Yaml, base, ours, theirs),
        "Resources:\n  Table:\n    Type: T\n    Index: I\n  Mine:\n    Type: M\nOutputs:\n  A: 1\n"
    );
}

#[test]
fn a_property_the_user_put_below_a_removed_resource_is_a_conflict() {
    let base = "Resources:\n  Table:\n    Type: T\n  Bucket:\n    Type: B\n";
    let ours = "Resources:\n  Table:\n    Type: T\n  Bucket:\n    Type: B\n    Mine: 1\n";
    let theirs = "Resources:\n  Table:\n    Type: T\n";
    assert!(
        conflicts(Kind::Yaml, base, ours, theirs)[0]
            .reason
            .contains("wrong place")
    );
}

#[test]
fn entries_of_a_yaml_list_that_both_appended_are_kept_once() {
    let base = "Policies:\n  - !Ref A\nNext: 1\n";
    let theirs = "Policies:\n  - !Ref A\n  - !Ref New\nNext: 1\n";
    let ours = "Policies:\n  - !Ref A\n  - !Ref Mine\nNext: 1\n";
    assert_eq!(
        merged(Kind::Yaml, base, ours, theirs),
        "Policies:\n  - !Ref A\n  - !Ref Mine\n  - !Ref New\nNext: 1\n"
    );
    let ours = "Policies:\n  - !Ref A\n  - !Ref New # mine\n  - !Ref Mine\nNext: 1\n";
    assert_eq!(merged(Kind::Yaml, base, ours, theirs), ours);
}

#[test]
fn a_merge_that_would_break_the_file_is_a_conflict() {
    let found = conflicts(
        Kind::Json,
        "{\n  \"a\": 1\n}\n",
        "{\n  \"a\": 1,\n  \"mine\": 2\n}\n",
        "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
    );
    assert_eq!(found[0].add, ["  \"a\": 1,", "  \"b\": 2"]);
    let base = "fn a() {\n    x();\n}\n";
    let ours = "fn a() {\n    x(\n    );\n}\n";
    let theirs = "fn a() {\n    x()\n        .y();\n}\n";
    assert!(!conflicts(Kind::Rust, base, ours, theirs).is_empty());
}

#[test]
fn a_file_that_the_user_broke_is_merged_as_text_with_a_remark() {
    let versions = Versions {
        base: "mod a;\n\nfn f() {}\n",
        ours: "mod a;\n\nfn f() {\n",
        theirs: "mod a;\nmod b;\n\nfn f() {}\n",
    };
    let merged = merge(&versions, Kind::Rust, Overlap::Report).unwrap();
    assert_eq!(merged.text, "mod a;\nmod b;\n\nfn f() {\n");
    assert!(merged.remark.unwrap().contains("not valid Rust as it is"));
}

#[test]
fn marks_of_an_unfinished_git_merge_are_a_conflict() {
    let ours = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\n";
    assert_eq!(
        conflicts(Kind::Other, "a\n", ours, "a\nnew\n")[0].line,
        Some(2)
    );
}

/// A base, and two sides made from it: each base line kept, dropped or replaced, new ones in between.
fn sides() -> impl Strategy<Value = (String, String, String)> {
    let line = prop::sample::select(vec!["", "}", "a {", "    b;", "c"]);
    let change = prop::sample::select(vec![0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
    prop::collection::vec((line, change.clone(), change), 0..16).prop_map(|lines| {
        let mut sides = [String::new(), String::new(), String::new()];
        for (index, (line, ours, theirs)) in lines.iter().enumerate() {
            sides[0] += &format!("{line}\n");
            for (side, change) in [(1, ours), (2, theirs)] {
                sides[side] += &match change {
                    0 => format!("{line}\n"),
                    1 => String::new(),
                    2 => format!("side {side} line {index}\n"),
                    _ => format!("{line}\nside {side} line {index}\n"),
                };
            }
        }
        sides.into()
    })
}

/// As [`sides`], without lines that are alike: which of those was changed is anybody's guess.
fn distinct_sides() -> impl Strategy<Value = (String, String, String)> {
    let change = prop::sample::select(vec![0, 0, 0, 0, 1, 2, 3]);
    prop::collection::vec((change.clone(), change), 0..16).prop_map(|lines| {
        let mut sides = [String::new(), String::new(), String::new()];
        for (index, (ours, theirs)) in lines.iter().enumerate() {
            for (side, change) in [(0, &0), (1, ours), (2, theirs)] {
                sides[side] += &match change {
                    0 => format!("line{index}\n"),
                    1 => String::new(),
                    2 => format!("s{side}c{index}\n"),
                    _ => format!("line{index}\ns{side}n{index}\n"),
                };
            }
        }
        sides.into()
    })
}

fn own<'a>(text: &'a str, side: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.starts_with(side)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_side_that_changed_nothing_leaves_the_other(text in "\u{feff}?([ab{}\t\r\n]|\r\n){0,30}", other in "([ab{}\t\r\n]|\r\n){0,30}") {
        prop_assert_eq!(&merged(Kind::Other, &text, &text, &other), &other);
        prop_assert_eq!(&merged(Kind::Other, &text, &other, &text), &other);
        prop_assert_eq!(&merged(Kind::Other, &text, &other, &other), &other);
    }

    #[test]
    fn every_line_that_either_side_wrote_survives_in_order((base, ours, theirs) in sides()) {
        if let Ok(merged) = merge(&Versions { base: &base, ours: &ours, theirs: &theirs }, Kind::Other, Overlap::Report) {
            prop_assert_eq!(own(&merged.text, "side 1"), own(&ours, "side 1"));
            prop_assert_eq!(own(&merged.text, "side 2"), own(&theirs, "side 2"));
        }
    }

    #[test]
    fn nothing_but_line_ends_differs_when_the_users_file_has_others((base, ours, theirs) in sides()) {
        let crlf = ours.replace('\n', "\r\n");
        prop_assume!(base != ours && base != theirs && ours != theirs);
        let unix = merge(&Versions { base: &base, ours: &ours, theirs: &theirs }, Kind::Other, Overlap::Report);
        let windows = merge(&Versions { base: &base, ours: &crlf, theirs: &theirs }, Kind::Other, Overlap::Report);
        match (unix, windows) {
            (Ok(unix), Ok(windows)) if !ours.is_empty() => prop_assert_eq!(unix.text.replace('\n', "\r\n"), windows.text),
            (unix, windows) => prop_assert_eq!(unix.is_ok(), windows.is_ok()),
        }
    }

    #[test]
    fn merging_again_changes_nothing((base, ours, theirs) in sides()) {
        if let Ok(merged) = merge(&Versions { base: &base, ours: &ours, theirs: &theirs }, Kind::Other, Overlap::Report) {
            let again = merge(&Versions { base: &theirs, ours: &merged.text, theirs: &theirs }, Kind::Other, Overlap::Report);
            prop_assert_eq!(again.unwrap().text, merged.text);
        }
    }

    #[test]
    fn a_file_that_has_theirs_already_is_left_as_it_is((base, ours, theirs) in distinct_sides()) {
        if let Ok(merged) = merge(&Versions { base: &base, ours: &ours, theirs: &theirs }, Kind::Other, Overlap::Report) {
            let again = merge(&Versions { base: &base, ours: &merged.text, theirs: &theirs }, Kind::Other, Overlap::Report);
            prop_assert_eq!(again.unwrap().text, merged.text);
        }
    }

    #[test]
    fn keeping_ours_never_fails_and_keeps_every_line_of_ours((base, ours, theirs) in sides()) {
        let merged = merge(&Versions { base: &base, ours: &ours, theirs: &theirs }, Kind::Other, Overlap::KeepOurs).unwrap();
        prop_assert_eq!(own(&merged.text, "side 1"), own(&ours, "side 1"));
    }
}

/// What scaffold's own changes look like: entries that come and go in lists, between lines that are all different.
fn list_sides() -> impl Strategy<Value = (String, String, String)> {
    prop::collection::vec((0..4u8, 0..3u8), 1..12).prop_map(|entries| {
        let mut sides = [String::new(), String::new(), String::new()];
        for (index, (ours, theirs)) in entries.iter().enumerate() {
            sides[0] += &format!("entry {index}\n");
            sides[1] += &match ours {
                0 => format!("entry {index}\nside 1 line {index}\n"),
                _ => format!("entry {index}\n"),
            };
            sides[2] += &match theirs {
                0 => format!("entry {index}\nside 2 line {index}\n"),
                _ => format!("entry {index}\n"),
            };
        }
        sides.into()
    })
}

proptest! {
    #[test]
    fn taking_back_what_was_added_restores_the_users_file((base, ours, theirs) in list_sides()) {
        let added = merged(Kind::Other, &base, &ours, &theirs);
        prop_assert_eq!(merged(Kind::Other, &theirs, &added, &base), ours);
    }
}

#[test]
fn what_the_user_indents_by_tabs_stays_so() {
    let base = "fn f() {\n    a();\n}\n";
    let ours = "fn f() {\n\ta();\n\tmine();\n}\n";
    let theirs = "fn f() {\n    a();\n    if new {\n        b();\n    }\n}\n";
    assert_eq!(
        merged(Kind::Rust, base, ours, theirs),
        "fn f() {\n\ta();\n\tmine();\n\tif new {\n\t\tb();\n\t}\n}\n"
    );
    assert_eq!(
        merged(
            Kind::Rust,
            theirs,
            "fn f() {\n\ta();\n\tif new {\n\t\tb();\n\t}\n}\n",
            base
        ),
        "fn f() {\n\ta();\n}\n"
    );
}
