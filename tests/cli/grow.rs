//! `scaffold add`, `remove` and `sync` in a project that its user left alone.

use std::fs;
#[cfg(unix)]
use std::process::{Command, Stdio};
#[cfg(unix)]
use std::thread::sleep;
#[cfg(unix)]
use std::time::{Duration, Instant};

#[cfg(unix)]
use scaffold::exclusive::{Lock, PATIENCE};

use crate::sandbox::Sandbox;

#[test]
fn an_entity_alone_gets_a_title_and_a_feature_named_after_its_plural() {
    let sandbox = Sandbox::project();
    let ran = sandbox.run("add entity order-line").succeeds();
    assert!(
        ran.stderr.contains("GET    /api/order-lines  (owner)"),
        "{}",
        ran.stderr
    );
    let description = sandbox.read("scaffold.toml");
    for line in [
        "[features.order_lines]",
        "[entities.OrderLine]",
        "feature = \"order_lines\"",
        "\"title:string:1..200\"",
    ] {
        assert!(description.contains(line), "{description}");
    }
    assert!(
        sandbox
            .path("src/features/order_lines/order_line/mod.rs")
            .is_file()
    );
    assert!(
        sandbox
            .read("src/features/mod.rs")
            .contains("pub mod order_lines;")
    );
    sandbox.run("sync --check").succeeds();
}

#[test]
fn an_entity_goes_to_its_parents_feature_else_to_the_only_one_else_it_must_be_said() {
    let sandbox = Sandbox::shop();
    sandbox.run("add entity Second").succeeds();
    assert!(sandbox.path("src/features/shop/second").is_dir());
    sandbox.run("add feature billing").succeeds();
    sandbox
        .run("add entity Third")
        .refuses("which feature does `Third` belong to?")
        .refuses("`billing`, `shop`");
    sandbox.run("add entity Third --parent item").succeeds();
    assert!(sandbox.path("src/features/shop/third").is_dir());
    sandbox
        .run("add entity Fourth --feature Billing")
        .succeeds();
    assert!(sandbox.path("src/features/billing/fourth").is_dir());
}

#[test]
fn what_is_refused_changes_nothing() {
    let sandbox = Sandbox::shop();
    sandbox.run("add entity Part --parent Item").succeeds();
    sandbox.run("add entity Order item:ref:Item").succeeds();
    let before = sandbox.files();
    for (line, words) in [
        ("add feature shop", "exists already"),
        ("add feature Shop", "exists already"),
        ("add feature auth", "auth"),
        ("add entity item", "exists already"),
        ("add entity A --feature shpo", "did you mean `shop`?"),
        ("add entity A --parent Itm", "did you mean `Item`?"),
        ("add entity A --parent Part", "is itself a child"),
        ("add entity A x:strng y:int:foo", "unknown rule `foo`"),
        ("add entity A x:int X:int", "twice"),
        ("add entity A other:ref:Nothing", "does not exist"),
        ("add entity Option", "Option"),
        ("add entity A --plural items", "items"),
        ("add field Itm a:int:optional", "did you mean `Item`?"),
        ("add field Item title:string", "already"),
        ("add field Item due:date", "`default=`"),
        ("add field Item scan:file:readonly", "not a rule for `file`"),
        ("remove feature shop", "has entities"),
        ("remove feature shpo", "did you mean `shop`?"),
        ("remove entity Item", "refers to `Item`"),
        ("remove entity Item Order", "is stored below `Item`"),
        ("remove entity Itm", "did you mean `Item`?"),
        ("remove field Item titel", "did you mean `title`?"),
        ("sync --keep src/nothing.rs", "does not change"),
    ] {
        for extra in ["", " --dry-run", " --json"] {
            let ran = sandbox.run(&format!("{line}{extra}"));
            assert_eq!(ran.code, Some(1), "{line}: {}", ran.stderr);
            assert!(ran.stderr.contains(words), "{line}: {}", ran.stderr);
            assert_eq!(ran.stdout, "", "{line}");
            assert_eq!(sandbox.files(), before, "{line}");
        }
    }
}

#[test]
fn a_file_brings_its_routes_its_component_and_its_rights_and_takes_them_along() {
    let sandbox = Sandbox::project_with("--without storage,worker,ai");
    sandbox.run("add entity Item").succeeds();
    sandbox.run("add entity Part --parent Item").succeeds();
    let before = sandbox.files();

    let ran = sandbox.run("add field Part type:file:max=10MB:types=pdf:optional");
    let ran = ran.succeeds();
    let note = "switches on the component `storage`, which file `type` of entity `Part` needs";
    assert!(ran.stdout.contains(note), "{}", ran.stdout);
    for line in [
        "added field type:file:max=10MB:types=pdf:optional to Part",
        "  POST   /api/items/{item_id}/parts/{part_id}/type/upload-url  (owner)",
        "  POST   /api/items/{item_id}/parts/{part_id}/type  (owner)",
        "  GET    /api/items/{item_id}/parts/{part_id}/type/download-url  (owner)",
        "  DELETE /api/items/{item_id}/parts/{part_id}/type  (owner)",
    ] {
        assert!(ran.stderr.contains(line), "{line}: {}", ran.stderr);
    }
    assert!(
        sandbox
            .path("src/features/items/part/type_file.rs")
            .is_file()
    );
    let rights = "                - !Sub ${Bucket.Arn}/ITEM/*\n";
    assert!(sandbox.read("template.yaml").contains(rights));
    sandbox.run("sync --check").succeeds();

    let ran = sandbox.run("remove field Part type").succeeds();
    let told = "what is stored in it stays in the table, and its files in the bucket";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(!sandbox.read("template.yaml").contains("s3:GetObject"));
    let left: Vec<_> = sandbox.files().into_keys().collect();
    for path in before.keys() {
        assert!(left.contains(path), "{path:?}");
    }
    assert!(!left.iter().any(|path| path.ends_with("type_file.rs")));
    assert!(!sandbox.path("src/shared/files.rs").exists());
}

#[test]
fn all_mistakes_are_told_at_once() {
    let ran = Sandbox::project().run("add entity Option x:strng y:int:foo --parent 1 --plural é");
    let errors = ran
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "));
    assert_eq!(errors.count(), 5, "{}", ran.stderr);
}

#[test]
fn what_is_removed_together_may_depend_on_each_other() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    sandbox.run("add entity Part --parent Item").succeeds();
    sandbox.run("add entity Order part:ref:Item").succeeds();
    sandbox.run("add field Item due:date:optional").succeeds();
    sandbox.run("remove entity Order Part").succeeds();
    sandbox.run("remove field Item due").succeeds();
    assert_eq!(sandbox.files(), before);
}

#[test]
fn a_dry_run_shows_exactly_what_the_run_does() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let diffs = sandbox.run("add entity Order --dry-run").succeeds().stdout;
    let planned = sandbox.run("add entity Order --dry-run --json").succeeds();
    assert_eq!(sandbox.files(), before);

    // What `git apply` makes of the diffs is what the command makes.
    let other = Sandbox::shop();
    other.write("../change.diff", &diffs);
    let applied = std::process::Command::new("git")
        .args(["apply", "../change.diff"])
        .current_dir(&other.here)
        .status()
        .unwrap();
    assert!(applied.success());
    let done = sandbox.run("add entity Order --json").succeeds();
    let is_project = |path: &std::path::PathBuf| !path.starts_with(".scaffold");
    let (mut patched, mut written) = (other.files(), sandbox.files());
    patched.retain(|path, _| is_project(path));
    written.retain(|path, _| is_project(path));
    assert_eq!(patched, written);
    assert_eq!(
        planned
            .stdout
            .replace("\"applied\": false", "\"applied\": true"),
        done.stdout
    );
}

#[test]
fn a_project_is_found_from_its_folders_and_nowhere_else() {
    let mut sandbox = Sandbox::shop();
    let root = sandbox.here.clone();
    sandbox.here = root.join("src/features");
    sandbox.run("add feature billing").succeeds();
    assert!(root.join("src/features/billing/mod.rs").is_file());
    sandbox.here = root.parent().unwrap().to_owned();
    sandbox
        .run("add feature other")
        .refuses("no scaffold.toml here or above");
}

#[test]
fn sync_follows_the_description() {
    let sandbox = Sandbox::shop();
    sandbox.edit(
        "scaffold.toml",
        "\n[entities.Item]",
        "\n# Ours.\n[features.billing]\n\n[entities.Item]",
    );
    sandbox
        .run("sync --check")
        .refuses("is not as `scaffold.toml` has it");
    let ran = sandbox.run("sync").succeeds();
    assert!(
        ran.stderr.contains("added feature billing"),
        "{}",
        ran.stderr
    );
    assert!(sandbox.path("src/features/billing/mod.rs").is_file());
    sandbox.run("sync --check").succeeds();
    let before = sandbox.files();
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.files(), before);
    sandbox.run("remove feature billing").succeeds();
    assert!(sandbox.read("scaffold.toml").contains("# Ours."));
}

#[test]
fn what_was_edited_in_the_description_comes_along_with_the_next_command() {
    let sandbox = Sandbox::shop();
    sandbox.edit(
        "scaffold.toml",
        "\n[entities.Item]",
        "\n[features.billing]\n\n[entities.Item]",
    );
    let ran = sandbox.run("add feature other").succeeds();
    assert!(ran.stderr.contains("was edited since"), "{}", ran.stderr);
    assert!(sandbox.path("src/features/billing/mod.rs").is_file());
    assert!(sandbox.path("src/features/other/mod.rs").is_file());
    sandbox.run("sync --check").succeeds();
}

#[test]
fn sync_switches_components_on_and_off() {
    let sandbox = Sandbox::project();
    let before = sandbox.files();
    sandbox.edit(
        "scaffold.toml",
        "\"ai\", \"storage\", \"worker\"",
        "\"storage\"",
    );
    sandbox.run("sync").succeeds();
    assert!(!sandbox.path("src/bin/worker.rs").exists());
    sandbox.edit(
        "scaffold.toml",
        "\"storage\"",
        "\"ai\", \"storage\", \"worker\"",
    );
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.files(), before);
}

#[test]
fn a_mistake_in_the_description_is_shown_where_it_stands() {
    let sandbox = Sandbox::shop();
    sandbox.edit("scaffold.toml", "title:string", "title:strng");
    for line in ["sync", "add feature billing", "remove entity Item"] {
        sandbox
            .run(line)
            .refuses("scaffold.toml:")
            .refuses("did you mean `string`?");
    }
}

#[test]
fn sync_tells_of_items_that_no_longer_load() {
    let sandbox = Sandbox::shop();
    let told = "items of Item that are stored without name do not load any more";
    sandbox.edit(
        "scaffold.toml",
        "title:string:1..200",
        "name:string:1..200:optional",
    );
    let ran = sandbox.run("sync").succeeds();
    assert!(!ran.stderr.contains(told), "{}", ran.stderr);
    sandbox.edit(
        "scaffold.toml",
        "name:string:1..200:optional",
        "name:string:1..200",
    );
    let ran = sandbox.run("sync").succeeds();
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn what_an_index_asks_of_a_deployed_table_is_told() {
    let sandbox = Sandbox::shop();
    let one = "takes one with each deployment";
    let stored = "stored already are listed by state as soon as it is set";
    let ran = sandbox
        .run("add field Item state:enum:a/b:default=a:index")
        .succeeds();
    assert!(ran.stderr.contains(stored), "{}", ran.stderr);
    assert!(!ran.stderr.contains(one), "{}", ran.stderr);
    let fields = "a:int:index b:int:index c:int:index";
    let ran = sandbox
        .run(&format!("add entity Other {fields}"))
        .succeeds();
    assert!(ran.stderr.contains(one), "{}", ran.stderr);
    assert!(!ran.stderr.contains("stored already"), "{}", ran.stderr);
}

#[test]
fn a_description_in_the_middle_of_a_merge_is_to_be_merged_first() {
    let sandbox = Sandbox::shop();
    sandbox.edit(
        "scaffold.toml",
        "\n[entities.Item]",
        "\n<<<<<<< HEAD\n[entities.Item]",
    );
    sandbox
        .run("sync")
        .refuses("help: resolve the merge conflict of git first");
    sandbox.edit("scaffold.toml", "<<<<<<< HEAD\n", "");
    let end = format!("{}=======\n", sandbox.read("scaffold.toml"));
    sandbox.write("scaffold.toml", &end);
    sandbox
        .run("sync")
        .refuses("help: resolve the merge conflict of git first");
}

#[test]
fn a_lost_pristine_copy_is_made_afresh() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    fs::remove_dir_all(sandbox.path(".scaffold")).unwrap();
    let ran = sandbox.run("sync").succeeds();
    assert!(ran.stdout.contains("afresh"), "{}", ran.stdout);
    assert_eq!(sandbox.files(), before);
}

#[test]
fn who_asks_for_more_is_told_why_each_file_is_treated_as_it_is() {
    let sandbox = Sandbox::shop();
    sandbox.edit("src/features/mod.rs", "//!", "//! Mine.\n//!");
    let said = sandbox.run("add feature billing -v").succeeds().stdout;
    for line in [
        "   merge src/features/mod.rs (+2 -0): your own edits stay in it\n",
        "  update tests/api/features/mod.rs (+1 -0): it is as scaffold wrote it\n",
        "src/features/billing/service.rs (+",
        "-0): there is no such file yet\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let ran = sandbox.run("add feature reports -q").succeeds();
    assert_eq!(ran.stdout + &ran.stderr, "");
}

#[cfg(unix)]
#[test]
fn stopped_with_ctrl_c_at_any_moment_it_is_done_or_not_begun() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let started = Instant::now();
    sandbox.run("add entity Order").succeeds();
    let whole = started.elapsed();
    let after = sandbox.files();
    sandbox.run("remove entity Order").succeeds();

    // It cannot be done while it has to wait for another command.
    let (other, _) = Lock::take(&sandbox.here, "another command", PATIENCE).unwrap();
    assert!(!interrupted_after(&sandbox, Duration::from_millis(1)));
    assert_eq!(sandbox.files(), before);
    drop(other);

    for moment in 0..24 {
        let wait = whole * moment / 20 + Duration::from_millis(1);
        let has_succeeded = interrupted_after(&sandbox, wait);
        let files = sandbox.files();
        // It may be stopped when all is done and only to be told.
        let is_done = files == after;
        assert!(is_done || (files == before && !has_succeeded));
        if is_done {
            sandbox.run("remove entity Order -q").succeeds();
        }
    }
}

/// Adds the entity `Order`, with Ctrl-C pressed meanwhile, and tells whether it succeeded all the same.
#[cfg(unix)]
fn interrupted_after(sandbox: &Sandbox, wait: Duration) -> bool {
    let mut command = sandbox.command();
    command.args(["add", "entity", "Order", "-q"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    sleep(wait);
    // It may have ended by then.
    let pid = child.id().to_string();
    let _ = Command::new("kill").args(["-INT", &pid]).output().unwrap();
    child.wait().unwrap().success()
}

#[test]
fn two_commands_at_once_do_not_mix() {
    let sandbox = Sandbox::shop();
    let children = ["billing", "other", "third"].map(|name| {
        let mut command = sandbox.command();
        command
            .args(["add", "feature", name, "-q"])
            .spawn()
            .unwrap()
    });
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    sandbox.run("sync --check").succeeds();
    for name in ["billing", "other", "third"] {
        assert!(
            sandbox
                .path(&format!("src/features/{name}/mod.rs"))
                .is_file()
        );
    }
}
