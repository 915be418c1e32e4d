use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

fn parse(text: &str) -> Field {
    Field::parse(text).unwrap_or_else(|problems| panic!("{text}: {problems}"))
}

/// The messages of all problems, without place and help.
fn refusals(text: &str) -> Vec<String> {
    let problems = Field::parse(text).expect_err(text);
    problems
        .0
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}

#[test]
fn a_canonical_field_prints_as_it_was_written() {
    for text in [
        "title:string:1..200",
        "description:text:..2000:optional",
        "budget:decimal:gt=0:le=10000000",
        "status:enum:draft/processing/completed/failed:default=draft",
        "content:file:max=10MB:types=pdf/png/jpeg",
        "host:string:..600:pattern=^[a-z0-9-]{1,63}(\\.[a-z0-9-]{1,63}){1,8}$",
        "raw:file:max=1025B:types=application/x-tar",
        "author:ref:User",
        "tags:string:1..30:list=1..20",
        "words:text:list",
        "ratio:float:0.0..1.0:default=0.5",
        "big:float:lt=1e120",
        "count:int:-9223372036854775808..9223372036854775807",
        "rank:int:gt=0:index=2",
        "seen_at:datetime:optional:default=2024-02-29T23:59:59.123Z",
        "home:url:readonly:default=https://example.com:8080/a?b=c",
        "born:date:default=2024-02-29",
        "token:uuid:redact:default=0191e2a4-0000-7000-8000-000000000000",
        "mail:email:optional:redact:index:default=a.b+c@example.com",
        "config:json:default={\"a\":[1,{\"b\":\"c:d\"}]}",
        "code:string:..20:index:pattern=^[A-Z]{2}:[0-9]+$",
        "type:bool:default=true",
        "self:string",
        "price:decimal:0.05..99999999999999999999999999999999999.95",
    ] {
        assert_eq!(parse(text).to_string(), text);
    }
}

#[test]
fn other_ways_of_writing_print_as_the_canonical_one() {
    for (text, canonical) in [
        ("dueDate:date:optional", "due_date:date:optional"),
        ("a:string:optional:1..", "a:string:1..:optional"),
        ("a:text:0..5", "a:text:..5"),
        ("a:int:1..", "a:int:ge=1"),
        ("a:int:le=2:ge=1", "a:int:1..2"),
        ("a:int:default=7:gt=3", "a:int:gt=3:default=7"),
        ("a:decimal:gt=-0.00:le=010.50", "a:decimal:gt=0:le=10.5"),
        ("a:float:ge=-0", "a:float:ge=0.0"),
        ("a:float:-.5..1", ""),
        (
            "a:enum:InProgress/DONE:default=in-progress",
            "a:enum:in_progress/done:default=in_progress",
        ),
        ("a:ref:order_item", "a:ref:OrderItem"),
        (
            "a:file:types=JPG/image/png/text/csv",
            "a:file:types=jpeg/png/csv",
        ),
        ("a:file:max=10mib", "a:file:max=10MiB"),
        ("a:file:max=2000000KB", "a:file:max=2GB"),
        ("a:json:default={ \"b\": 1 }", "a:json:default={\"b\":1}"),
        (
            "a:string:pattern=^a:b$:optional",
            "a:string:optional:pattern=^a:b$",
        ),
        ("a:bool:index=1", "a:bool:index"),
    ] {
        match canonical {
            "" => assert!(Field::parse(text).is_err()),
            _ => assert_eq!(parse(text).to_string(), canonical),
        }
    }
}

#[test]
fn a_wrong_rule_is_refused_with_its_reason() {
    for (text, message) in [
        ("title", "the type is missing"),
        ("title:", "the type is missing"),
        (":string", "field name is empty"),
        ("title:strng", "unknown type `strng`"),
        (
            "id:string",
            "field name `id` is taken: every entity has it already, or the table keeps its keys there",
        ),
        ("a:string:gt=3", "`gt` is not a rule for `string`"),
        ("a:bool:1..2", "`1..2` is not a rule for `bool`"),
        ("a:int:pattern=x", "`pattern` is not a rule for `int`"),
        ("a:int:max=3", "`max` is not a rule for `int`"),
        ("a:string:optional:optional", "`optional` is given twice"),
        ("a:string:1..2:2..3", "`the range` is given twice"),
        ("a:string:", "a rule is missing between the colons"),
        ("a:string:default", "`default` has no value"),
        ("a:string:optional=yes", "`optional` takes no value"),
        ("a:string:200..1", "nothing has a length of `200..1`"),
        ("a:string:..0", "nothing has a length of `..0`"),
        (
            "a:string:0..9",
            "a `string` is not blank, so it cannot have 0 characters",
        ),
        ("a:string:1..200000", "`1..200000` is not a length"),
        ("a:text:-1..5", "`-1..5` is not a length"),
        ("a:int:10..1", "no number keeps all these bounds"),
        ("a:int:gt=1:lt=2", "no number keeps all these bounds"),
        ("a:decimal:gt=1:le=1", "no number keeps all these bounds"),
        (
            "a:int:gt=9223372036854775807",
            "no number keeps all these bounds",
        ),
        ("a:int:gt=1:ge=2", "the lower bound is given twice"),
        ("a:int:..5:lt=2", "the upper bound is given twice"),
        ("a:int:1.5..2", "`1.5` is not a whole number"),
        (
            "a:int:le=9223372036854775808",
            "`9223372036854775808` does not fit into 64 bits",
        ),
        (
            "a:int:lt=-9223372036854775808",
            "no number keeps all these bounds",
        ),
        (
            "a:decimal:gt=99999999999999999999999999999999999999",
            "no number keeps all these bounds",
        ),
        (
            "a:decimal:gt=0:lt=0.00000000000000000000000000000000000001",
            "no number keeps all these bounds",
        ),
        ("a:float:le=inf", "`inf` is not a number"),
        (
            "a:float:le=1e999",
            "`1e999` is not stored: a number of DynamoDB is below 1e126, and not nearer to 0 than 1e-130",
        ),
        (
            "a:float:ge=5e-324",
            "`5e-324` is not stored: a number of DynamoDB is below 1e126, and not nearer to 0 than 1e-130",
        ),
        ("a:float:gt=0:lt=1e-130", "no number keeps all these bounds"),
        ("a:decimal:le=1e5", "`1e5` is not a decimal number"),
        (
            "a:decimal:le=123456789012345678901234567890.123456789",
            "`123456789012345678901234567890.123456789` has more than 38 digits",
        ),
        ("a:int:1..10:default=11", "`11` is outside the bounds"),
        (
            "a:string:..3:default=long",
            "`long` is outside the length ..3",
        ),
        ("a:string:default= ", "a `string` is not blank"),
        (
            "a:string:default=b:pattern=^a",
            "`b` does not match the pattern",
        ),
        ("a:bool:default=yes", "`yes` is neither `true` nor `false`"),
        (
            "a:date:default=2023-02-29",
            "`2023-02-29` is not a date, such as `2030-12-31`",
        ),
        (
            "a:datetime:default=2023-02-28T24:00:00Z",
            "`2023-02-28T24:00:00Z` is not a time in UTC, such as `2030-12-31T23:59:59Z`",
        ),
        (
            "a:url:default=ftp://x",
            "`ftp://x` is not a URL that starts with `https://` or `http://`",
        ),
        ("a:email:default=a@b", "`a@b` is not an e-mail address"),
        (
            "a:json:default=null",
            "`null` is what an `optional` field holds without a default",
        ),
        (
            "a:json:default={\"b\":[1e200]}",
            "`1e+200` is not stored: a number of DynamoDB is below 1e126, and not nearer to 0 than 1e-130",
        ),
        (
            "a:json:default={\"\":1}",
            "the table stores no member without a name",
        ),
        ("a:enum:b/c:default=d", "`d` is none of the values `b`, `c`"),
        (
            "a:file:default=x",
            "a `file` has no default: it is uploaded later",
        ),
        (
            "a:ref:User:default=x",
            "a `ref` has no default: no item exists from the start",
        ),
        (
            "a:int:list:default=1",
            "a list has no default: it begins empty",
        ),
        ("a:enum", "`enum` has no values"),
        ("a:enum:b//c", "enum value name is empty"),
        (
            "a:enum:b/2c",
            "enum value name `2c` does not start with a letter",
        ),
        (
            "a:enum:step_1/step1",
            "enum value `step1` is there already, as the variant `Step1`",
        ),
        ("a:ref", "`ref` names no entity"),
        (
            "a:ref:Option",
            "entity name `Option` is taken: generated code uses a type of that name",
        ),
        ("a:file:list", "a `file` is one object, not a list"),
        (
            "a:file:max=10",
            "`10` is not a size, such as `10MB` or `500KB`",
        ),
        (
            "a:file:max=15B",
            "`15B` is less than the 16 bytes that the smallest files have",
        ),
        (
            "a:file:max=6GB",
            "`6GB` is more than the 5GB that S3 takes in one upload",
        ),
        ("a:file:types=image", "`image/` is not a content type"),
        ("a:file:types=jpg/jpeg", "`image/jpeg` is listed twice"),
        (
            "a:json:index",
            "`a` cannot be an index: `json` is not a key",
        ),
        (
            "a:int:list:index",
            "`a` cannot be an index: a list has no single value",
        ),
        (
            "a:string:index",
            "`a` cannot be an index: a key is at most 230 characters long",
        ),
        (
            "a:string:..231:index",
            "`a` cannot be an index: a key is at most 230 characters long",
        ),
        (
            "a:text:..50001:list=2..",
            "2 values of up to 50001 characters are more than the 400 KB of an item",
        ),
        (
            "a:string:100..100000:list=100..",
            "100 values of up to 100000 characters are more than the 400 KB of an item",
        ),
        (
            "a:int:list=1001..",
            "an item that cannot be without more than 1000 values in a list is too heavy",
        ),
        (
            "a:text:500..:list=..1000",
            "1000 values are more than the 400 KB of an item",
        ),
        (
            "a:uuid:list=..100000",
            "100000 values are more than the 400 KB of an item",
        ),
        (
            "a:ref:User:list=..101",
            "a list of `ref` has at most 100 values: each of them is looked up",
        ),
        (
            "a:ref:User:list=101..",
            "a list of `ref` has at most 100 values: each of them is looked up",
        ),
        (
            "limit:int:index",
            "`limit` cannot be an index: the query parameter of that name is taken",
        ),
        (
            "a:bool:index=20",
            "`20` is not the number of an index, 1 to 19",
        ),
        (
            "a:int:readonly",
            "`readonly` leaves a new item without a value, for clients cannot set it",
        ),
        (
            "a:string:pattern=[",
            "the pattern is not a regular expression: unclosed character class",
        ),
        (
            "a:string:pattern=(?i)a",
            "the pattern uses flags (`(?i)`), which OpenAPI does not know",
        ),
        (
            "a:string:pattern=^\\p{Greek}$",
            "the pattern uses Unicode classes (`\\p{…}`), which OpenAPI does not know",
        ),
        (
            "a:string:pattern=^a{70000}$",
            "the pattern repeats things more than 2000 times in all: a length is a rule of its own, such as `..5000`",
        ),
        (
            "a:string:pattern=^((a|[b-z]x){100}){20}$",
            "the pattern repeats things more than 2000 times in all: a length is a rule of its own, such as `..5000`",
        ),
        (
            "a:string:..3:pattern=^[a-z]{5}$",
            "no text was found that matches the pattern and keeps the other rules",
        ),
    ] {
        assert_eq!(refusals(text), [message], "{text}");
    }
}

#[test]
fn json_is_written_as_the_table_has_it() {
    let text = r#"a:json:default={"b":[1e3,1.50,-0.0,12345678901234567890]}"#;
    let field = Field::parse(text).unwrap();
    let printed = r#"a:json:default={"b":[1000,1.5,0,12345678901234567890]}"#;
    assert_eq!(field.to_string(), printed);
    let deep = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        Field::parse(&format!("a:json:default={open}1{close}"))
    };
    assert!(deep(31).is_ok());
    assert!(deep(32).is_err());
}

#[test]
fn floats_are_those_that_are_stored() {
    let float = |text: &str| Float::read(text).unwrap();
    for (less, greater) in [
        ("0", "1e-130"),
        ("-1e-130", "0"),
        ("1", "1.0000000000000002"),
        ("-1.0000000000000002", "-1"),
    ] {
        assert_eq!(float(less).after(), Some(float(greater)));
        assert_eq!(float(greater).before(), Some(float(less)));
    }
}

#[test]
fn decimals_have_38_digits() {
    let zeros = "0".repeat(37);
    let nines = "9".repeat(38);
    let read = |text: &str| Decimal::read(text).unwrap();
    for (less, greater) in [
        ("0", &*format!("0.{zeros}1")),
        (&*format!("-0.{zeros}1"), "0"),
        (&*format!("{}8", "9".repeat(37)), &*nines),
        (&*format!("0.{}", "9".repeat(37)), "1"),
    ] {
        assert_eq!(read(greater).before(), Some(read(less)));
    }
    assert_eq!(read("0").after(), Some(read(&format!("0.{zeros}1"))));
    assert_eq!(read(&nines).after(), None);
    assert_eq!(read(&format!("-{nines}")).before(), None);
}

#[test]
fn a_list_of_references_always_has_an_end() {
    for (typed, printed) in [
        ("a:ref:User:list", "a:ref:User:list=..100"),
        ("a:ref:User:list=2..", "a:ref:User:list=2..100"),
        ("a:ref:User:list=..100", "a:ref:User:list=..100"),
        ("a:uuid:list", "a:uuid:list"),
    ] {
        assert_eq!(Field::parse(typed).unwrap().to_string(), printed);
    }
}

#[test]
fn all_mistakes_are_found_at_once_and_shown_in_place() {
    let problems = Field::parse("1st:string:3..1:optinal:gt=1").unwrap_err();
    assert_eq!(
        problems.to_string(),
        "\
field name `1st` does not start with a letter
  1st:string:3..1:optinal:gt=1
  ^^^
help: use a letter, then letters, digits, `_` and `-`, 48 at most

unknown rule `optinal`
  1st:string:3..1:optinal:gt=1
                  ^^^^^^^
help: did you mean `optional`?

`gt` is not a rule for `string`
  1st:string:3..1:optinal:gt=1
                          ^^^^
help: the rules of `string` are `1..200`, `pattern=`, `optional`, `list`, `default=`, `redact`, `readonly`, `index`

nothing has a length of `3..1`
  1st:string:3..1:optinal:gt=1
             ^^^^"
    );
}

#[test]
fn near_misses_are_suggested() {
    for (text, help) in [
        ("a:integer", "did you mean `int`?"),
        ("a:String", "did you mean `string`?"),
        (
            "a:file:readonly",
            "the rules of `file` are `max=10MB`, `types=pdf/png`, `optional`, `redact`",
        ),
        ("a:bool:defalt=true", "did you mean `default=`?"),
        ("a:string:pattern=^a$:optionl", "did you mean `optional`?"),
        (
            "a:bool:required",
            "the rules of `bool` are `optional`, `list`, `default=`, `redact`, `readonly`, `index`",
        ),
    ] {
        let problems = Field::parse(text).unwrap_err();
        assert_eq!(problems.0[0].help.as_deref(), Some(help), "{text}");
    }
}

#[test]
fn what_is_readonly_has_a_value_from_the_start() {
    for text in [
        "a:int:readonly:optional",
        "a:int:readonly:default=0",
        "a:int:readonly:list",
    ] {
        assert!(parse(text).readonly);
    }
    assert!(Field::parse("a:int:readonly:list=1..").is_err());
}

#[test]
fn the_free_index_is_the_lowest() {
    let first = Index::new(1).unwrap();
    let third = Index::new(3).unwrap();
    assert_eq!(Index::free(&[third, first]), Index::new(2));
    assert_eq!(first.table_name(), "GSI2");
    let all: Vec<Index> = (1..=19).filter_map(Index::new).collect();
    assert_eq!(Index::free(&all), None);
}

#[test]
fn a_pattern_has_a_sample() {
    for (pattern, sample) in [
        ("^[A-Z]{3}-[0-9]{4}$", "AAA-0000"),
        ("^(?:draft|final)$", "draft"),
        ("b", "b"),
        ("^\\d+$", "0"),
        ("^a*$", ""),
        ("^[^a-z]$", "A"),
    ] {
        let pattern = Pattern::read(pattern).unwrap();
        assert_eq!(pattern.sample(0, |_| true).as_deref(), Some(sample));
    }
    let pattern = Pattern::read("^(?:b|cc)$").unwrap();
    assert_eq!(
        pattern.sample(2, |text| text.len() == 2).as_deref(),
        Some("cc")
    );
    let pattern = Pattern::read("^[0-9]+$").unwrap();
    assert_eq!(
        pattern
            .sample(8, |text| text.len() >= 8)
            .map(|text| text.len()),
        Some(8)
    );
}

/// Texts of fields that are likely to be right, in any order of their rules.
fn text() -> impl Strategy<Value = String> {
    let kinds = select(vec![
        (
            "string",
            vec!["1..20", "2..9", "default=abc", "pattern=^[a-z:]+$", "index"],
        ),
        (
            "text",
            vec!["..2000", "0..9", "default=a b", "pattern=.", "pattern=a:b"],
        ),
        (
            "int",
            vec!["1..10", "gt=-3", "le=99", "default=4", "index=3"],
        ),
        (
            "float",
            vec!["-1.5..1e9", "ge=0.1", "lt=7", "default=0.30", "index"],
        ),
        (
            "decimal",
            vec!["0.10..9.90", "gt=00.5", "le=1000", "default=5.00", "index"],
        ),
        ("bool", vec!["default=true", "default=false", "index=7"]),
        ("date", vec!["default=2000-02-29"]),
        ("datetime", vec!["default=2000-02-29T00:00:00Z", "index"]),
        ("uuid", vec!["default=0191E2A4-0000-7000-8000-000000000000"]),
        ("email", vec!["default=a@b.example", "index"]),
        ("url", vec!["default=http://a:80/b"]),
        (
            "json",
            vec!["default={\"b\":1.50,\"a\":[]}", "default=[true]"],
        ),
        ("enum:draft/type/self/Step_1", vec!["default=Type", "index"]),
        ("ref:Order", vec!["index"]),
        (
            "file",
            vec!["max=1500KB", "max=1GiB", "types=pdf/image/png/zip"],
        ),
    ]);
    let any = subsequence(
        vec!["optional", "list", "list=1..3", "redact", "readonly"],
        0..=3,
    );
    ("[a-z]{1,8}(_[a-z0-9]{1,4})?", kinds, any)
        .prop_flat_map(|(name, (kind, own), any)| {
            let most = own.len().min(3);
            let own = subsequence(own, 0..=most);
            let rules = own
                .prop_map(move |own| [own, any.clone()].concat())
                .prop_shuffle();
            (Just(name), Just(kind), rules)
        })
        .prop_map(|(name, kind, rules)| {
            let rules: String = rules.iter().map(|rule| format!(":{rule}")).collect();
            format!("{name}:{kind}{rules}")
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_a_field_prints_reads_back_as_the_same_field(text in text()) {
        if let Ok(field) = Field::parse(&text) {
            let printed = field.to_string();
            prop_assert_eq!(&Field::parse(&printed).unwrap(), &field, "{}", printed);
        }
    }

    #[test]
    fn most_likely_texts_are_fields_and_the_rest_has_reasons(text in text()) {
        if let Err(problems) = Field::parse(&text) {
            prop_assert!(!problems.0.is_empty());
            prop_assert!(problems.0.iter().all(|problem| problem.place.is_some()));
        }
    }

    #[test]
    fn any_text_is_a_field_or_refused(text in "[a-c]:(string|int|file|enum|url|decimal)?[a-z0-9:./=^$()é-]{0,30}") {
        if let Ok(field) = Field::parse(&text) {
            prop_assert_eq!(Field::parse(&field.to_string()).unwrap(), field);
        }
    }

    #[test]
    fn numbers_keep_their_order(a in -1_000_000i64..1_000_000, b in -1_000_000i64..1_000_000) {
        let number = |n: i64| Decimal::read(&format!("{}{}.{:03}", if n < 0 { "-" } else { "" }, n.abs() / 1000, n.abs() % 1000)).unwrap();
        prop_assert_eq!(number(a).cmp(&number(b)), a.cmp(&b));
    }
}
