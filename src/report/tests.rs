use std::collections::BTreeMap;

use serde_json::json;

use super::*;

fn plan() -> Plan {
    let update = |merged| Action::Update {
        before: "a\nb".to_owned(),
        after: "a\nnew\nb".to_owned(),
        merged,
    };
    let conflict = Conflict {
        line: Some(3),
        reason: "you changed the lines that this changes, too".to_owned(),
        remove: vec!["old();".to_owned()],
        add: vec!["new();".to_owned()],
    };
    Plan {
        changes: BTreeMap::from([
            (
                "a.rs".to_owned(),
                Action::Create {
                    text: "a\n".to_owned(),
                },
            ),
            ("b.rs".to_owned(), update(false)),
            ("c.rs".to_owned(), update(true)),
            (
                "d.rs".to_owned(),
                Action::Delete {
                    before: "d\n".to_owned(),
                },
            ),
            ("e.rs".to_owned(), Action::Conflict(vec![conflict])),
        ]),
        base: BTreeMap::new(),
        notes: vec![Note {
            path: "README.md".to_owned(),
            text: "you deleted it".to_owned(),
        }],
    }
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn there_is_a_line_for_each_file() {
    assert_eq!(
        plain(&summary(&plan())),
        "  create a.rs\n  update b.rs\n   merge c.rs\n  delete d.rs\nconflict e.rs\n    note README.md: you deleted it\n"
    );
}

#[test]
fn conflicts_say_where_and_what() {
    assert_eq!(
        plain(&conflicts(&plan())),
        "e.rs:3: you changed the lines that this changes, too\n  remove by hand:\n    -old();\n  add by hand:\n    +new();\n"
    );
}

#[test]
fn diffs_are_unified() {
    let expected = "--- /dev/null\n+++ b/a.rs\n@@ -0,0 +1 @@\n+a\n";
    assert!(
        plain(&diffs(&plan())).starts_with(expected),
        "{}",
        plain(&diffs(&plan()))
    );
    let update =
        "--- a/b.rs\n+++ b/b.rs\n@@ -1,2 +1,3 @@\n a\n+new\n b\n\\ No newline at end of file\n";
    assert!(
        plain(&diffs(&plan())).contains(update),
        "{}",
        plain(&diffs(&plan()))
    );
}

#[test]
fn json_has_the_same_plan() {
    let shown = super::json(&plan());
    assert_eq!(shown["conflicts"], json!(true));
    assert_eq!(shown["changes"][2]["action"], json!("merge"));
    assert_eq!(
        shown["changes"][3]["diff"],
        json!("--- a/d.rs\n+++ /dev/null\n@@ -1 +0,0 @@\n-d\n")
    );
    assert_eq!(
        shown["changes"][4],
        json!({"path": "e.rs", "action": "conflict", "conflicts": [{
            "line": 3, "reason": "you changed the lines that this changes, too", "remove": ["old();"], "add": ["new();"],
        }]})
    );
    assert_eq!(
        shown["notes"],
        json!([{"path": "README.md", "text": "you deleted it"}])
    );
}
