//! `scaffold add`, `remove` and `sync` in a project whose user went on with it by hand: nothing of the user's is lost or
//! doubled, and where that cannot be, nothing is written.

use std::fs;

use crate::sandbox::Sandbox;

const WIRING: &str = "src/features/mod.rs";

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

#[test]
fn own_modules_and_routes_stand_beside_generated_ones() {
    let sandbox = Sandbox::shop();
    sandbox.edit(
        WIRING,
        "pub mod shop;\n",
        "pub mod mine; // mine\npub mod shop;\npub mod ours;\n",
    );
    sandbox.edit(
        WIRING,
        "    shop::mount(&mut routes);\n",
        "    // Before all others.\n    mine::mount(&mut routes);\n    shop::mount(&mut routes);\n    ours::mount(&mut routes);\n",
    );
    let edited = sandbox.read(WIRING);
    sandbox.run("add feature billing").succeeds();
    sandbox.run("add feature zoo").succeeds();
    let text = sandbox.read(WIRING);
    for line in [
        "pub mod mine; // mine\n",
        "pub mod ours;\n",
        "    // Before all others.\n    mine::mount(&mut routes);\n",
        "    ours::mount(&mut routes);\n",
        "pub mod billing;\n",
        "    billing::mount(&mut routes);\n",
        "pub mod zoo;\n",
        "    zoo::mount(&mut routes);\n",
    ] {
        assert_eq!(count(&text, line), 1, "{line}{text}");
    }
    sandbox.run("remove feature billing").succeeds();
    sandbox.run("remove feature zoo").succeeds();
    assert_eq!(sandbox.read(WIRING), edited);
}

#[test]
fn files_that_were_rewritten_stay_as_they_are() {
    let sandbox = Sandbox::shop();
    let routes = "src/features/shop/routes.rs";
    sandbox.write(routes, "//! All mine.\n");
    sandbox.run("add entity Order").succeeds();
    sandbox.run("add field Order due:date:optional").succeeds();
    sandbox.run("add feature billing").succeeds();
    assert_eq!(sandbox.read(routes), "//! All mine.\n");
}

#[test]
fn line_ends_marks_and_missing_newlines_stay() {
    let sandbox = Sandbox::shop();
    let text = format!(
        "\u{feff}{}",
        sandbox.read(WIRING).trim_end().replace('\n', "\r\n")
    );
    sandbox.write(WIRING, &text);
    sandbox.write(
        "scaffold.toml",
        &sandbox.read("scaffold.toml").replace('\n', "\r\n"),
    );
    let description = sandbox.read("scaffold.toml");
    sandbox.run("add feature billing").succeeds();
    let longer = sandbox.read(WIRING);
    assert!(longer.starts_with('\u{feff}') && !longer.ends_with('\n'));
    assert!(longer.contains("pub mod billing;\r\n"), "{longer:?}");
    assert_eq!(count(&longer, "\n"), count(&longer, "\r\n"));
    let described = sandbox.read("scaffold.toml");
    assert_eq!(count(&described, "\n"), count(&described, "\r\n"));
    sandbox.run("remove feature billing").succeeds();
    assert_eq!(sandbox.read(WIRING), text);
    assert_eq!(sandbox.read("scaffold.toml"), description);
}

#[test]
fn a_deleted_file_stays_deleted_unless_new_code_needs_it() {
    let sandbox = Sandbox::shop();
    fs::remove_file(sandbox.path("README.md")).unwrap();
    fs::remove_file(sandbox.path("src/features/shop/routes.rs")).unwrap();
    sandbox.run("add feature billing").succeeds();
    assert!(!sandbox.path("src/features/shop/routes.rs").exists());

    fs::remove_file(sandbox.path(WIRING)).unwrap();
    let before = sandbox.files();
    let ran = sandbox.run("add feature other");
    let ran = ran.refuses("src/features/mod.rs: you deleted it");
    assert!(ran.stderr.contains("+pub mod other;"), "{}", ran.stderr);
    assert_eq!(sandbox.files(), before);
    let keep = format!("add feature other --keep {WIRING}");
    let ran = sandbox.run(&keep).succeeds();
    assert!(ran.stdout.contains("you deleted it"), "{}", ran.stdout);
    let diff = "`git diff .scaffold/base/src/features/mod.rs` shows";
    assert!(ran.stdout.contains(diff), "{}", ran.stdout);
    assert!(!sandbox.path(WIRING).exists());
}

#[test]
fn a_conflict_says_where_and_what_and_done_by_hand_the_command_succeeds() {
    let sandbox = Sandbox::shop();
    // A user who mounts everything in a way of their own.
    sandbox.edit(
        WIRING,
        "    auth::routes(&mut routes);\n",
        "    mount_all(&mut routes);\n",
    );
    sandbox.edit(WIRING, "    shop::mount(&mut routes);\n", "");
    let before = sandbox.files();
    let ran = sandbox
        .run("add feature billing")
        .refuses("nothing was written");
    assert_eq!(sandbox.files(), before);
    let place = ran
        .stderr
        .lines()
        .find(|line| line.starts_with(WIRING))
        .unwrap();
    let number: usize = place.split(':').nth(1).unwrap().parse().unwrap();
    assert!(number > 1, "{place}");
    assert!(
        ran.stderr.contains("+    billing::mount(&mut routes);"),
        "{}",
        ran.stderr
    );
    let json = sandbox.run("add feature billing --json");
    let plan: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(plan["conflicts"], true);
    assert_eq!(plan["applied"], false);

    sandbox.edit(
        WIRING,
        "    mount_all(&mut routes);\n",
        "    mount_all(&mut routes);\n    billing::mount(&mut routes);\n",
    );
    sandbox.run("add feature billing").succeeds();
    let text = sandbox.read(WIRING);
    assert_eq!(count(&text, "billing::mount"), 1, "{text}");
    assert_eq!(count(&text, "pub mod billing;"), 1, "{text}");
}

#[test]
fn a_file_of_the_users_in_a_new_files_place_is_a_conflict() {
    let sandbox = Sandbox::shop();
    let path = "src/features/billing/mod.rs";
    sandbox.write(path, "//! Mine.\n");
    let before = sandbox.files();
    sandbox
        .run("add feature billing")
        .refuses("a file of your own is in this place");
    assert_eq!(sandbox.files(), before);
    sandbox
        .run(&format!("add feature billing --keep {path}"))
        .succeeds();
    assert_eq!(sandbox.read(path), "//! Mine.\n");
}

#[test]
fn nothing_that_was_edited_is_deleted() {
    let sandbox = Sandbox::shop();
    let path = "src/features/shop/item/mod.rs";
    sandbox.write(path, &format!("{}\n// Mine.\n", sandbox.read(path)));
    let before = sandbox.files();
    let ran = sandbox.run("remove entity Item");
    ran.refuses("you changed this file, and it would be deleted");
    assert_eq!(sandbox.files(), before);
    sandbox
        .run(&format!("remove entity Item --keep {path}"))
        .succeeds();
    assert!(sandbox.read(path).ends_with("// Mine.\n"));
    assert!(!sandbox.path("src/features/shop/item/model.rs").exists());
}

#[test]
fn lines_that_were_added_by_hand_already_are_not_added_again() {
    let sandbox = Sandbox::shop();
    sandbox.edit(
        WIRING,
        "pub mod shop;\n",
        "pub mod billing;\npub mod shop;\n",
    );
    sandbox.edit(
        WIRING,
        "    shop::mount(&mut routes);\n",
        "    billing::mount(&mut routes);\n    shop::mount(&mut routes);\n",
    );
    sandbox.run("add feature billing").succeeds();
    let text = sandbox.read(WIRING);
    assert_eq!(count(&text, "pub mod billing;"), 1, "{text}");
    assert_eq!(count(&text, "billing::mount"), 1, "{text}");
}

#[test]
fn comments_in_the_description_survive_every_command() {
    let sandbox = Sandbox::shop();
    let text = sandbox.read("scaffold.toml");
    let commented: String = text
        .lines()
        .map(|line| format!("{line}\n# After `{}`.\n", line.trim()))
        .collect();
    sandbox.write("scaffold.toml", &commented);
    for line in [
        "add feature billing",
        "add entity Order --feature billing item:ref:Item",
        "add field Item due:date:optional",
        "remove field Item due",
        "remove entity Order",
        "remove feature billing",
        "sync",
    ] {
        sandbox.run(line).succeeds();
        let now = sandbox.read("scaffold.toml");
        for comment in commented.lines().filter(|line| line.starts_with('#')) {
            assert_eq!(
                count(&now, comment),
                count(&commented, comment),
                "{line}: {comment}"
            );
        }
    }
    assert_eq!(sandbox.read("scaffold.toml"), commented);
}

#[cfg(unix)]
#[test]
fn who_has_a_style_of_his_own_is_told_to_format() {
    let mut sandbox = Sandbox::empty();
    sandbox.run("new my-api --no-git -q").succeeds();
    sandbox.write("rustfmt.toml", "max_width = 80\n");
    sandbox.here.push("my-api");
    let ran = sandbox.run("add feature shop").succeeds();
    assert!(ran.stderr.contains("next: cargo fmt"), "{}", ran.stderr);
    fs::remove_file(sandbox.path("../rustfmt.toml")).unwrap();
    let ran = sandbox.run("add feature store").succeeds();
    assert!(ran.stderr.contains("next: cargo test"), "{}", ran.stderr);
}

#[test]
fn nothing_is_written_through_a_link() {
    let sandbox = Sandbox::shop();
    let outside = sandbox.path("../outside");
    fs::rename(sandbox.path("src/features"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, sandbox.path("src/features")).unwrap();
    let ran = sandbox.run("add feature billing");
    ran.refuses("symbolic link");
    assert!(!outside.join("billing").exists());
}

#[test]
fn a_type_that_was_renamed_by_hand_is_missed_before_new_code_uses_it() {
    let sandbox = Sandbox::shop();
    let model = "src/features/shop/item/model.rs";
    let renamed = sandbox
        .read(model)
        .replace("pub struct Item {", "pub struct Thing {");
    let renamed = renamed
        .replace("for Item {", "for Thing {")
        .replace("-> Item {", "-> Thing {");
    let renamed = renamed.replace("        Item {", "        Thing {");
    sandbox.write(model, &renamed);
    let before = sandbox.files();
    for line in [
        "add entity Order item:ref:Item",
        "add entity Part --parent Item",
        "add job count --entity Item",
    ] {
        let ran = sandbox.run(line);
        ran.refuses(&format!("{model}: `Item` is not in it any longer"));
        assert_eq!(sandbox.files(), before, "{line}");
    }
    sandbox.write(model, &format!("{renamed}\npub use self::Thing as Item;\n"));
    sandbox.run("add entity Order item:ref:Item").succeeds();
}
