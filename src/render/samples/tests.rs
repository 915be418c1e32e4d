use std::fmt::Write as _;

use super::*;

/// What is tried on a field, a line for each reason.
fn tried(text: &str) -> String {
    let field = Field::parse(text).unwrap();
    let target = Target {
        own: "thing::items(app).add(thing::least()).await".to_owned(),
        foreign: None,
    };
    let samples = samples(&field, &target);
    let mut lines = format!("{} | {}\n", samples.first, samples.second);
    for (reason, values) in samples.cases {
        writeln!(lines, "{reason}: {}", values.join(", ")).unwrap();
    }
    lines
}

#[test]
fn texts_are_tried_at_both_sides_of_each_length() {
    assert_eq!(
        tried("title:string:3..200"),
        r#""Some title" | "Other title"
ok: "ééé", "é".repeat(200)
string_too_short: "éé"
string_too_long: "é".repeat(201)
string_pattern_mismatch: "   "
string_type: 1, null
"#
    );
    assert_eq!(
        tried("code:string:..4:optional"),
        r#""aaaa" | "bbbb"
ok: "é", "éééé", null
string_too_long: "ééééé"
string_pattern_mismatch: " ", ""
string_type: 1
"#
    );
    assert_eq!(
        tried("body:text"),
        r#""Some body" | "Other body"
ok: ""
string_type: 1, null
"#
    );
}

#[test]
fn a_pattern_is_tried_with_a_text_that_matches_and_one_that_does_not() {
    assert_eq!(
        tried("code:string:3..5:pattern=^[A-Z]{2}-[0-9]*$"),
        r#""AA-" | "AA-0"
ok: "AA-", "AA-0", "AA-00"
string_too_short: "éé"
string_too_long: "éééééé"
string_pattern_mismatch: "!!!"
string_type: 1, null
"#
    );
}

#[test]
fn numbers_are_tried_as_near_to_each_bound_as_can_be() {
    assert_eq!(
        tried("count:int:gt=0:le=3000000000"),
        "1 | 2\nok: 1, 3000000000_i64\ngreater_than: 0\nless_than_equal: 3000000001_i64\nint_type: true, null\n"
    );
    assert_eq!(
        tried("share:float:gt=0:lt=1"),
        "0.5 | 1e-9\nok: 1e-9, 0.999999999\ngreater_than: 0.0\nless_than: 1.0\nfloat_type: true, null\n"
    );
    assert_eq!(
        tried("price:decimal:ge=-0.5:lt=10"),
        r#"1.5 | 0.5
ok: -0.5, "9.999999999999999999999999999999999999"
greater_than_equal: "-0.50000000000000000000000000000000000001"
less_than: 10
decimal_type: true, null
"#
    );
}

#[test]
fn a_field_is_first_given_something_else_than_its_default() {
    assert_eq!(
        tried("active:bool:default=true"),
        "false | true\nok: true, false\nbool_type: 1, null\n"
    );
    assert_eq!(
        tried("state:enum:open/closed:default=open"),
        "\"closed\" | \"open\"\nok: \"open\", \"closed\"\nenum: \"OPEN\", 1, null\n"
    );
}

#[test]
fn numbers_are_found_between_narrow_bounds() {
    assert_eq!(
        tried("ratio:float:gt=1:lt=1.0000000001"),
        "1.0000000000000002 | 1.0000000000999998
ok: 1.0000000000000002, 1.0000000000999998
greater_than: 1.0
less_than: 1.0000000001
float_type: true, null
"
    );
}

#[test]
fn lists_are_tried_by_their_length_and_by_their_values() {
    assert_eq!(
        tried("pages:int:1..9:list=2..20"),
        "vec![1; 2] | vec![2; 2]
ok: vec![1; 2], vec![9; 2], vec![1; 20]
too_short: [1]
too_long: vec![1; 21]
greater_than_equal: vec![0; 2]
less_than_equal: vec![10; 2]
int_type: vec![true; 2]
list_type: 1, null
"
    );
    assert_eq!(
        tried("things:ref:Thing:list=..3"),
        r#"[thing::items(app).add(thing::least()).await] | [thing::items(app).add(thing::least()).await]
ok: [], [thing::items(app).add(thing::least()).await], vec![thing::items(app).add(thing::least()).await; 3]
too_long: vec![thing::items(app).add(thing::least()).await; 4]
value_error: ["6d35bb8b-a8b7-4a8e-8a3c-1d2f3e4b5c6d"]
uuid_parsing: ["6d35bb8b"]
uuid_type: [1]
list_type: 1, null
"#
    );
}

#[test]
fn values_of_json_are_written_as_rust_reads_them() {
    let json_of = |text: &str| json(&serde_json::from_str(text).unwrap());
    assert_eq!(
        json_of(r#"{"a": [1, 12345678901, -2.5, null], "é\u0001": "\"x\""}"#),
        r#"{"a": [1, 12345678901_i64, -2.5, null], "é\u{1}": "\"x\""}"#
    );
    assert_eq!(json_of("18446744073709551615"), "18446744073709551615_u64");
}
