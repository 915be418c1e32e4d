//! `scaffold check`: what it prints, that it writes nothing, and its exit code.

use std::fs;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// The feature is `shop`, the entity `Item`.
const ROUTES: &str = "src/features/shop/item/routes.rs";

#[test]
fn a_wired_project_is_praised_in_one_line() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let ran = sandbox.run("check").succeeds();
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.starts_with("checked 1"), "{}", ran.stderr);
    assert!(
        ran.stderr.ends_with(" files: everything is wired\n"),
        "{}",
        ran.stderr
    );
    assert_eq!(sandbox.run("check -q").succeeds().stderr, "");
    assert_eq!(sandbox.files(), before);
}

#[test]
fn findings_name_file_line_and_rule_and_say_what_to_do() {
    let sandbox = Sandbox::shop();
    sandbox.edit(ROUTES, "    routes.signed_in(routes!(delete));\n", "");
    sandbox.write("src/shared/price.rs", "");
    sandbox.edit(
        "template.yaml",
        "                - dynamodb:GetItem\n",
        "                - dynamodb:Scan\n",
    );
    let before = sandbox.files();
    let ran = sandbox.run("check").refuses("4 findings");
    assert_eq!(sandbox.files(), before);
    let line = |path: &str, text: &str| {
        1 + sandbox
            .read(path)
            .lines()
            .position(|line| line.contains(text))
            .unwrap()
    };
    let get = line("src/database/table.rs", ".get_item()");
    let delete = line(ROUTES, "async fn delete(");
    let scan = line("template.yaml", "dynamodb:Scan");
    let handler = line(ROUTES, "async fn get(");
    let expected = format!(
        "src/database/table.rs:{get}: this needs `dynamodb:GetItem`, which `ApiFunction` is not granted [missing-permission]
  help: add `dynamodb:GetItem` to the `Policies` of `ApiFunction` in `template.yaml`; `get` at {ROUTES}:{handler} leads here
{ROUTES}:{delete}: the handler `delete` is not routed [unrouted-handler]
  help: add `routes!(delete)` where its feature mounts its routes
src/shared/price.rs:1: no module declares this file [undeclared-module]
  help: write `mod price;` into `src/shared/mod.rs`, or delete the file
template.yaml:{scan}: `ApiFunction` is granted `dynamodb:Scan`, and nothing in the code asks for it [unused-permission]
  help: take it away
"
    );
    assert_eq!(ran.stdout, expected);
}

#[test]
fn programs_get_json() {
    let sandbox = Sandbox::shop();
    let whole: Value =
        serde_json::from_str(&sandbox.run("check --json").succeeds().stdout).unwrap();
    assert_eq!(
        (&whole["findings"], &whole["notes"]),
        (&json!([]), &json!([]))
    );
    sandbox.write("src/shared/price.rs", "");
    let ran = sandbox.run("check --json").refuses("1 finding");
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let expected = json!([{
        "path": "src/shared/price.rs",
        "line": 1,
        "rule": "undeclared-module",
        "message": "no module declares this file",
        "help": "write `mod price;` into `src/shared/mod.rs`, or delete the file",
    }]);
    assert_eq!(found["findings"], expected);
}

#[test]
fn a_description_that_is_out_of_step_is_found() {
    let sandbox = Sandbox::shop();
    sandbox.edit(
        "scaffold.toml",
        "\"title:string:1..200\"",
        "\"title:string:1..100\"",
    );
    let ran = sandbox.run("check").refuses("findings");
    let model = "src/features/shop/item/model.rs:1: this file is not as `scaffold.toml` has it [out-of-step]";
    assert!(ran.stdout.contains(model), "{}", ran.stdout);

    sandbox.edit(
        "scaffold.toml",
        "\"title:string:1..100\"",
        "\"title:sting\"",
    );
    let line = 1 + sandbox
        .read("scaffold.toml")
        .lines()
        .position(|line| line.contains("sting"))
        .unwrap();
    let ran = sandbox.run("check").refuses("1 finding");
    assert!(
        ran.stdout.starts_with(&format!("scaffold.toml:{line}: ")),
        "{}",
        ran.stdout
    );
}

#[test]
fn what_a_killed_command_left_is_told_and_not_touched() {
    let sandbox = Sandbox::shop();
    sandbox.write(".scaffold/journal", "half");
    let before = sandbox.files();
    let ran = sandbox.run("check").refuses("1 finding");
    assert_eq!(sandbox.files(), before);
    assert!(
        ran.stdout
            .starts_with("scaffold.toml:1: a command was killed"),
        "{}",
        ran.stdout
    );
    fs::remove_file(sandbox.path(".scaffold/journal")).unwrap();
    sandbox.run("check").succeeds();
}
