//! `scaffold add job` and `scaffold remove job`.

use crate::sandbox::Sandbox;

#[test]
fn a_job_comes_with_its_routes_and_goes_without_a_trace() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let added = sandbox.run("add job Send-Reminder").succeeds();
    for line in [
        "added job send_reminder to Item",
        "  POST   /api/items/{item_id}/send-reminder  (owner)",
        "  GET    /api/items/{item_id}/send-reminder-status  (owner)",
    ] {
        assert!(added.stderr.contains(line), "{}", added.stderr);
    }
    assert!(!added.stderr.contains("component"), "{}", added.stderr);
    let description = sandbox.read("scaffold.toml");
    assert!(description.contains("[entities.Item.jobs.send_reminder]"));
    sandbox.run("sync --check").succeeds();

    let removed = sandbox.run("remove job sendReminder").succeeds();
    assert!(removed.stderr.contains("removed job send_reminder of Item"));
    assert_eq!(sandbox.files(), before);
}

#[test]
fn what_is_refused_changes_nothing() {
    let sandbox = Sandbox::project();
    sandbox
        .run("add job analyze")
        .refuses("there is no entity that job `analyze` could work on");
    sandbox.run("add feature shop").succeeds();
    sandbox.run("add entity Item scan:file:optional").succeeds();
    sandbox.run("add entity Part --parent Item").succeeds();
    sandbox.run("add job analyze --entity Item").succeeds();
    sandbox.run("add job analyze --entity Part").succeeds();
    sandbox.run("add job weigh --entity Part").succeeds();
    let before = sandbox.files();
    for (line, words) in [
        ("add job polish", "which entity does job `polish` work on?"),
        ("add job polish --entity Itm", "did you mean `Item`?"),
        (
            "add job analyze --entity item",
            "has a job `analyze` already",
        ),
        ("add job parts --entity Item", "both have the route"),
        ("add job scan --entity Item", "both have the route"),
        (
            "add job analyze_status --entity Item",
            "both have the route",
        ),
        ("add job routes --entity Item", "is taken"),
        ("add job 1 --entity Item", "does not start with a letter"),
        (
            "remove job analyze",
            "several entities have a job `analyze`",
        ),
        ("remove job weihg", "did you mean `weigh`?"),
        (
            "remove job weigh --entity Item",
            "no job of `Item` called `weigh`",
        ),
        ("remove job weigh --entity Prt", "did you mean `Part`?"),
    ] {
        for extra in ["", " --dry-run", " --json"] {
            let ran = sandbox.run(&format!("{line}{extra}"));
            assert_eq!(ran.code, Some(1), "{line}: {}", ran.stderr);
            assert!(ran.stderr.contains(words), "{line}: {}", ran.stderr);
            assert_eq!(sandbox.files(), before, "{line}");
        }
    }
    sandbox.run("remove job analyze --entity Part").succeeds();
    sandbox.run("remove job analyze weigh").succeeds();
}

#[test]
fn what_a_job_needs_is_switched_on_and_that_is_said() {
    let mut sandbox = Sandbox::empty();
    sandbox
        .run("new my-api --no-git -q --without storage,worker,ai")
        .succeeds();
    sandbox.here.push("my-api");
    sandbox.run("add entity Item").succeeds();
    sandbox.edit("scaffold.toml", "[project]", "# Lean.\n[project]");

    let shown = sandbox.run("add job analyze --dry-run").succeeds();
    let told = sandbox.run("add job analyze").succeeds();
    for component in ["ai", "worker"] {
        let words = format!(
            "scaffold.toml: switches on the component `{component}`, which job `analyze` of entity `Item` needs"
        );
        assert!(shown.stdout.contains(&words), "{}", shown.stdout);
        assert!(told.stdout.contains(&words), "{}", told.stdout);
    }
    let description = sandbox.read("scaffold.toml");
    assert!(description.contains("# Lean.\n[project]"), "{description}");
    assert!(
        description.contains(r#"components = ["ai", "worker"]"#),
        "{description}"
    );
    let lock = sandbox.read("Cargo.lock");
    assert!(lock.contains("aws-sdk-lambda") && lock.contains("aws-sdk-bedrockruntime"));
    assert!(!lock.contains("aws-sdk-s3"));
    sandbox.run("sync --check").succeeds();
}

#[test]
fn a_job_may_be_written_by_hand() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let text = sandbox.read("scaffold.toml");
    let by_hand = format!("{text}\n# Nightly.\n[entities.Item.jobs.weigh]\n");
    sandbox.write("scaffold.toml", &by_hand);
    sandbox.run("sync").succeeds();
    assert!(
        sandbox
            .path("src/features/shop/item/jobs/weigh.rs")
            .is_file()
    );
    assert_eq!(sandbox.read("scaffold.toml"), by_hand);

    sandbox.write("scaffold.toml", &text);
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.files(), before);
}

#[test]
fn the_jobs_of_an_entity_go_with_it() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    sandbox.run("add entity Part --parent Item").succeeds();
    sandbox.run("add job weigh --entity Part").succeeds();
    sandbox.run("remove entity Part").succeeds();
    assert_eq!(sandbox.files(), before);
}

#[test]
fn work_that_the_user_made_their_own_is_not_taken_back() {
    let sandbox = Sandbox::shop();
    sandbox.run("add job weigh").succeeds();
    let prompt = "src/features/shop/item/jobs/weigh.md";
    sandbox.edit(prompt, "Your task", "Your only task");
    let before = sandbox.files();
    sandbox.run("add field Item due:date:optional").succeeds();
    sandbox.run("remove field Item due").succeeds();
    assert_eq!(sandbox.files(), before);

    let refused = sandbox
        .run("remove job weigh")
        .refuses("conflicts in 1 file");
    assert!(refused.stderr.contains(prompt), "{}", refused.stderr);
    assert_eq!(sandbox.files(), before);
}
