//! `scaffold templates`: a project rendered with templates of its own.

use std::fs;

use crate::sandbox::Sandbox;

const MODEL: &str = "entity/src/features/@{feature.snake}/@{entity.snake}/model.rs.j2";

fn own(name: &str) -> String {
    format!(".scaffold/templates/{name}")
}

/// As if an older scaffold, whose template was another, had written and exported it.
fn exported_by_an_older_scaffold(sandbox: &Sandbox, from: &str, to: &str) {
    for folder in [
        ".scaffold/templates",
        ".scaffold/base/.scaffold/templates",
        ".scaffold/base/.scaffold/exported",
    ] {
        sandbox.edit(&format!("{folder}/{MODEL}"), from, to);
    }
}

#[test]
fn a_template_of_ones_own_wins_and_what_it_makes_is_merged() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let exported = sandbox.run("templates export src/features/shop/item/model.rs");
    assert!(exported.succeeds().stdout.contains(MODEL));
    sandbox.run("sync --check").succeeds();

    sandbox.edit(&own(MODEL), "//!", "//! Ours: @{entity.pascal}.\n//!");
    sandbox.edit(
        "src/features/shop/item/model.rs",
        "use serde::",
        "// Mine.\nuse serde::",
    );
    sandbox.run("sync --check").refuses("run `scaffold sync`");
    sandbox
        .run("add entity Order")
        .refuses("changed since scaffold last wrote the project");
    sandbox.run("sync").succeeds();
    let model = sandbox.read("src/features/shop/item/model.rs");
    assert!(
        model.contains("//! Ours: Item.") && model.contains("// Mine."),
        "{model}"
    );
    sandbox.run("sync --check").succeeds();

    sandbox.run("add entity Order").succeeds();
    let model = sandbox.read("src/features/shop/order/model.rs");
    assert!(model.contains("//! Ours: Order."), "{model}");
    sandbox.run("remove entity Order").succeeds();

    // Without it, the project is as scaffold's own templates have it.
    fs::remove_dir_all(sandbox.path(".scaffold/templates")).unwrap();
    sandbox.edit("src/features/shop/item/model.rs", "// Mine.\n", "");
    sandbox.run("sync").succeeds();
    let mut after = sandbox.files();
    after.retain(|path, _| !path.starts_with(".scaffold/base/.scaffold"));
    assert_eq!(after, before);
}

#[test]
fn a_template_that_scaffold_has_none_of_makes_files_of_its_own() {
    let sandbox = Sandbox::shop();
    let name = own("entity/docs/@{entity.snake}.md.j2");
    sandbox.write(&name, "# @{entity.pascal}\n");
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.read("docs/item.md"), "# Item\n");
    sandbox.run("add entity Order").succeeds();
    assert_eq!(sandbox.read("docs/order.md"), "# Order\n");
    let listed = sandbox.run("templates list").succeeds().stdout;
    assert!(listed.contains("own, added"), "{listed}");
    fs::remove_file(sandbox.path(&name)).unwrap();
    sandbox.run("sync").succeeds();
    assert!(!sandbox.path("docs/item.md").exists());
    assert!(!sandbox.path("docs/order.md").exists());
}

#[test]
fn all_templates_exported_make_the_same_project() {
    let sandbox = Sandbox::shop();
    sandbox.run("templates export").succeeds();
    sandbox.run("sync --check").succeeds();
    sandbox.edit(
        &own("project/README.md.j2"),
        "# @{project.title}",
        "# Our @{project.title}",
    );
    let changed = sandbox.run("sync --dry-run").succeeds().stdout;
    assert_eq!(
        changed.matches("\n+++ ").count() + usize::from(changed.starts_with("+++ ")),
        1
    );
    sandbox.run("sync").succeeds();
    assert!(sandbox.read("README.md").starts_with("# Our My api"));
}

#[test]
fn a_wrong_template_is_told_with_its_line_and_nothing_is_written() {
    let sandbox = Sandbox::shop();
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{% if a %}{% endif %}{% endfor %}{% endfor %}";
    let much = format!(
        "{{% for a in range(9999) %}}{}{{% endfor %}}",
        "x".repeat(9999)
    );
    let cases = [
        (
            "entity/a.md.j2",
            "one\n@{entty.snake}\n",
            "did you mean `entity`?",
        ),
        ("entity/a.md.j2", "one\n@{entty.snake}\n", "a.md.j2:2:3"),
        ("entity/a.md.j2", "@{entity.snaek}", "did you mean `snake`?"),
        (
            "project/a.md.j2",
            "@{entity.snake}",
            "`entity` is undefined",
        ),
        ("project/a.md.j2", "\n{% if ai %}", "a.md.j2:"),
        (
            "project/a.md.j2",
            "{% include 'b' %}",
            "each template stands for itself",
        ),
        ("project/a.md.j2", endless, "does not come to an end"),
        (
            "project/a.md.j2",
            "{% macro a() %}@{a()}{% endmacro %}@{a()}",
            "a.md.j2:",
        ),
        ("project/a.md.j2", &much, "makes more than"),
        ("project/src/a.rs.j2", "fn a() {\n", "is not Rust"),
        ("project/a.toml.j2", "a = \n", "is not TOML"),
        ("project/scaffold.toml.j2", "", "everything is made from"),
        ("project/@{'..'}/a.j2", "a", "`..`"),
        ("project/@{'.git'}/a.j2", "a", "it belongs to git"),
        (
            "project/.scaffold/a.j2",
            "a",
            "it belongs to scaffold itself",
        ),
        ("project/@{''}/etc/passwd.j2", "a", "absolute"),
        (
            "project/@{'src'}/app.rs.j2",
            "",
            "two files want to be `src/app.rs`",
        ),
        (
            "entity/a.md.j2",
            "@{entity.snake}",
            "two files want to be `a.md`",
        ),
        ("projet/a.md.j2", "a", "did you mean `project`?"),
        ("mine/a.md.j2", "a", "no layer of templates"),
        ("project/a.md", "a", "does not end in `.j2`"),
    ];
    sandbox.run("add entity Other").succeeds();
    for (name, text, words) in cases {
        sandbox.write(&own(name), text);
        let before = sandbox.files();
        for line in ["sync", "sync --dry-run", "sync --check"] {
            let ran = sandbox.run(line);
            assert_eq!(ran.code, Some(1), "{name} {text}: {}", ran.stderr);
            assert!(ran.stderr.contains(words), "{name} {text}: {}", ran.stderr);
            assert_eq!(sandbox.files(), before, "{name}");
        }
        fs::remove_dir_all(sandbox.path(".scaffold/templates")).unwrap();
    }
    sandbox.run("sync --check").succeeds();
}

#[cfg(unix)]
#[test]
fn links_to_templates_are_not_followed() {
    let sandbox = Sandbox::shop();
    let outside = Sandbox::empty();
    outside.write("secret", "s3cr3t");
    sandbox.write(&own("project/b.md.j2"), "b");
    let link = sandbox.path(&own("project/a.md.j2"));
    std::os::unix::fs::symlink(outside.path("secret"), link).unwrap();
    let before = sandbox.files();
    sandbox.run("sync").refuses("is a symbolic link");
    assert_eq!(sandbox.files(), before);
}

#[test]
fn what_changed_in_scaffold_since_the_export_is_told_and_brought_in() {
    let sandbox = Sandbox::shop();
    sandbox
        .run("templates export src/features/shop/item/model.rs")
        .succeeds();
    exported_by_an_older_scaffold(&sandbox, "use serde::", "use serde_of_old::");
    for path in ["scaffold.toml", ".scaffold/base/scaffold.toml"] {
        sandbox.edit(path, "scaffold = \"0.1.0\"", "scaffold = \"0.0.9\"");
    }
    sandbox.edit(&own(MODEL), "//!", "//! Ours.\n//!");
    let ran = sandbox.run("sync --dry-run").succeeds();
    assert!(
        ran.stdout.contains("has changed since you exported it"),
        "{}",
        ran.stdout
    );
    let ran = sandbox.run("sync").succeeds();
    assert!(
        ran.stdout.contains("`scaffold templates update`"),
        "{}",
        ran.stdout
    );
    let listed = sandbox.run("templates list").succeeds().stdout;
    assert!(
        listed.contains("own, changed in scaffold since"),
        "{listed}"
    );

    let before = sandbox.files();
    sandbox.run("templates update --dry-run").succeeds();
    assert_eq!(sandbox.files(), before);
    sandbox.run("templates update").succeeds();
    let text = sandbox.read(&own(MODEL));
    assert!(
        text.contains("use serde::") && text.contains("//! Ours."),
        "{text}"
    );
    sandbox.run("sync").succeeds();
    let ran = sandbox.run("templates update").succeeds();
    assert!(ran.stderr.contains("nothing to do"), "{}", ran.stderr);
}

#[test]
fn where_both_changed_the_template_it_stays_and_the_lines_are_listed() {
    let sandbox = Sandbox::shop();
    sandbox
        .run("templates export src/features/shop/item/model.rs")
        .succeeds();
    exported_by_an_older_scaffold(&sandbox, "use serde::", "use serde_of_old::");
    sandbox.edit(&own(MODEL), "use serde_of_old::", "use serde_of_ours::");
    let before = sandbox.files();
    sandbox.run("templates update").refuses(&own(MODEL));
    assert_eq!(sandbox.files(), before);
    sandbox
        .run(&format!("templates update --keep {}", own(MODEL)))
        .succeeds();
    assert!(sandbox.read(&own(MODEL)).contains("serde_of_ours"));
}

#[test]
fn what_is_exported_is_chosen_by_template_folder_or_file() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    sandbox
        .run("templates export src/ap.rs")
        .refuses("did you mean `src/app.rs`?");
    sandbox
        .run("templates export nothing")
        .refuses("`scaffold templates list`");
    sandbox
        .run("templates export src/app.rs --dry-run")
        .succeeds();
    assert_eq!(sandbox.files(), before);
    let exported = |line: &str| {
        let said = sandbox.run(line).succeeds().stdout;
        said.lines().count()
    };
    assert_eq!(exported("templates export ./src/app.rs"), 1);
    sandbox
        .run("templates export project/src/app.rs")
        .refuses("is there already");
    assert_eq!(exported("templates export feature"), 4);
    assert_eq!(
        exported("templates export src/features/shop/item tests/api/features/shop"),
        5
    );
}
