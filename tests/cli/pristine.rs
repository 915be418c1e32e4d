//! `scaffold sync` when the pristine copy in `.scaffold/base/` was written by another build, was lost, or was damaged.

use std::fs;

use scaffold::contents::Contents;
use scaffold::tree::Tree;

use crate::sandbox::Sandbox;

const BASE: &str = ".scaffold/base/";
const LIST: &str = ".scaffold/base/.contents";

impl Sandbox {
    /// Makes the project one that another build of the same version wrote, whose templates differed: `change` is
    /// given its files.
    fn by_another_build(&self, change: impl Fn(&mut Tree)) {
        let mut tree = scaffold::base::read_all(&self.here).unwrap();
        let old = tree.clone();
        change(&mut tree);
        for path in old.differing(&tree) {
            for file in [path.to_owned(), format!("{BASE}{path}")] {
                match tree.get(path) {
                    Some(text) => self.write(&file, text),
                    None => fs::remove_file(self.path(&file)).unwrap(),
                }
            }
        }
        let list = Contents::of(&tree).to_text();
        self.write(LIST, &list.replacen("build ", "build 0", 1));
    }
}

fn replace(tree: &mut Tree, path: &str, change: impl Fn(&str) -> String) {
    let text = change(&tree.remove(path).unwrap());
    tree.insert(path, text).unwrap();
}

#[test]
fn another_build_of_the_same_version_is_brought_up_to_date() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    sandbox.by_another_build(|tree| {
        tree.remove("src/config.rs");
        replace(tree, "src/app.rs", |text| format!("//! Old.\n{text}"));
        tree.insert("src/gone.rs", "//! Old.\n").unwrap();
    });
    sandbox
        .run("add feature billing")
        .refuses("another build of scaffold")
        .refuses("run `scaffold sync` first");
    let check = sandbox.run("sync --check").refuses("scaffold sync");
    for line in [
        "create src/config.rs",
        "update src/app.rs",
        "delete src/gone.rs",
    ] {
        assert!(check.stdout.contains(line), "{line}\n{}", check.stdout);
    }
    let ran = sandbox.run("sync").succeeds();
    assert!(!ran.stdout.contains("note"), "{}", ran.stdout);
    assert_eq!(sandbox.files(), before);
    sandbox.run("sync --check").succeeds();
    sandbox.run("add feature billing").succeeds();
}

#[test]
fn another_version_is_brought_up_to_date() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let current = format!("scaffold = \"{}\"", env!("CARGO_PKG_VERSION"));
    sandbox.by_another_build(|tree| {
        replace(tree, "scaffold.toml", |text| {
            text.replace(&current, "scaffold = \"0.0.9\"")
        });
        tree.remove("src/config.rs");
    });
    sandbox
        .run("add feature billing")
        .refuses("was written by scaffold 0.0.9");
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.files(), before);
    sandbox.edit("scaffold.toml", &current, "scaffold = \"9.0.0\"");
    sandbox.run("sync").refuses("newer than this one");
}

#[test]
fn an_upgrade_keeps_what_the_user_wrote() {
    let sandbox = Sandbox::shop();
    sandbox.by_another_build(|tree| {
        replace(tree, "src/app.rs", |text| format!("//! Old.\n{text}"));
        tree.remove("src/config.rs");
    });
    let mine = format!("{}\n// Mine.\n", sandbox.read("src/app.rs"));
    sandbox.write("src/app.rs", &mine);
    fs::remove_file(sandbox.path("README.md")).unwrap();
    sandbox.run("sync").succeeds();
    let text = sandbox.read("src/app.rs");
    assert!(
        text.ends_with("// Mine.\n") && !text.contains("Old."),
        "{text}"
    );
    assert!(!sandbox.path("README.md").exists());
    assert!(sandbox.path("src/config.rs").exists());
}

#[test]
fn a_build_that_writes_the_same_has_only_its_name_to_leave() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    sandbox.by_another_build(|_| {});
    sandbox.run("sync --check").succeeds();
    let ran = sandbox.run("sync").succeeds();
    assert!(ran.stderr.contains("nothing to do"), "{}", ran.stderr);
    assert_eq!(sandbox.files(), before);
}

#[test]
fn what_the_user_edited_in_the_copy_too_is_not_taken_for_what_was_written() {
    // As a search and replace over the whole repository does it.
    let rename = |sandbox: &Sandbox| {
        for path in ["src/app.rs".to_owned(), format!("{BASE}src/app.rs")] {
            sandbox.write(
                &path,
                &sandbox.read(&path).replace("pub fn app(", "pub fn my_app("),
            );
        }
    };
    let sandbox = Sandbox::shop();
    rename(&sandbox);
    let mine = sandbox.read("src/app.rs");
    let check = sandbox.run("sync --check").refuses("scaffold sync");
    assert!(
        check
            .stdout
            .contains("src/app.rs: its pristine copy was missing, damaged"),
        "{}",
        check.stdout
    );
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.read("src/app.rs"), mine);
    sandbox.run("sync --check").succeeds();

    // Another build cannot tell any more which lines are whose.
    let sandbox = Sandbox::shop();
    sandbox
        .by_another_build(|tree| replace(tree, "src/app.rs", |text| format!("//! Old.\n{text}")));
    rename(&sandbox);
    let before = sandbox.files();
    sandbox
        .run("sync")
        .refuses("restore `.scaffold/base/src/app.rs` from version control");
    assert_eq!(sandbox.files(), before);
    sandbox.run("sync --keep src/app.rs").succeeds();
    assert!(sandbox.read("src/app.rs").contains("my_app"));
    sandbox.run("sync --check").succeeds();
}

#[test]
fn copies_that_were_lost_or_cut_short_are_made_afresh() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    fs::remove_dir_all(sandbox.path(&format!("{BASE}src/shared"))).unwrap();
    fs::remove_file(sandbox.path(&format!("{BASE}scaffold.toml"))).unwrap();
    let path = format!("{BASE}src/features/mod.rs");
    let text = sandbox.read(&path);
    sandbox.write(&path, &text[..text.len() / 2]);
    // As after a power cut.
    sandbox.write(&format!("{BASE}src/app.rs"), &"\0".repeat(100));
    let changed = sandbox.files();
    sandbox.run("sync --check").refuses("scaffold sync");
    assert_eq!(sandbox.files(), changed);
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.files(), before);
}

#[test]
fn a_command_goes_on_when_a_copy_it_needs_is_lost() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let path = format!("{BASE}src/features/mod.rs");
    fs::remove_file(sandbox.path(&path)).unwrap();
    let ran = sandbox.run("add feature billing").succeeds();
    assert!(ran.stdout.contains("made afresh"), "{}", ran.stdout);
    sandbox.run("remove feature billing").succeeds();
    assert_eq!(sandbox.files(), before);
}

#[test]
fn without_any_pristine_copy_nothing_is_lost_and_what_is_described_is_made() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    fs::remove_dir_all(sandbox.path(".scaffold")).unwrap();
    sandbox
        .run("add feature billing")
        .refuses("run `scaffold sync` first");
    let ran = sandbox.run("sync").succeeds();
    assert!(ran.stdout.contains("afresh"), "{}", ran.stdout);
    assert_eq!(sandbox.files(), before);

    // scaffold.toml was edited, and so was the code.
    fs::remove_dir_all(sandbox.path(".scaffold")).unwrap();
    sandbox.edit(
        "src/features/mod.rs",
        "pub mod shop;\n",
        "pub mod mine;\npub mod shop;\n",
    );
    sandbox.edit(
        "scaffold.toml",
        "\n[entities.Item]",
        "\n[features.billing]\n\n[entities.Invoice]\nfeature = \"billing\"\nfields = [\"item:ref:Item\"]\n\n[entities.Item]",
    );
    sandbox.run("sync").succeeds();
    let wiring = sandbox.read("src/features/mod.rs");
    for line in [
        "pub mod mine;\n",
        "pub mod billing;\n",
        "billing::mount(&mut routes);\n",
    ] {
        assert_eq!(wiring.matches(line).count(), 1, "{line}{wiring}");
    }
    assert!(
        sandbox
            .path("src/features/billing/invoice/model.rs")
            .exists()
    );
    sandbox.run("sync --check").succeeds();
    sandbox.run("remove entity Invoice").succeeds();
    sandbox.run("remove feature billing").succeeds();
}

#[test]
fn without_any_pristine_copy_another_versions_edited_files_are_left_to_the_user() {
    let sandbox = Sandbox::shop();
    fs::remove_dir_all(sandbox.path(".scaffold")).unwrap();
    sandbox.edit(
        "scaffold.toml",
        "scaffold = \"0.1.0\"",
        "scaffold = \"0.0.9\"",
    );
    sandbox.edit("src/app.rs", "pub fn app(", "pub fn my_app(");
    let before = sandbox.files();
    sandbox
        .run("sync")
        .refuses("src/app.rs: its pristine copy is lost");
    assert_eq!(sandbox.files(), before);
    sandbox.run("sync --keep src/app.rs").succeeds();
    assert!(sandbox.read("src/app.rs").contains("my_app"));
}

#[test]
fn a_project_older_than_the_list_of_copies_gets_one() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    fs::remove_file(sandbox.path(LIST)).unwrap();
    // A file that its scaffold did not write.
    fs::remove_file(sandbox.path("src/config.rs")).unwrap();
    fs::remove_file(sandbox.path(&format!("{BASE}src/config.rs"))).unwrap();
    sandbox
        .run("add feature billing")
        .refuses("run `scaffold sync` first");
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.files(), before);
}

#[test]
fn the_lock_file_follows_the_components_and_keeps_what_the_user_changed() {
    let sandbox = Sandbox::project();
    let full = sandbox.read("Cargo.lock");
    let updated = |text: &str| {
        let at = text.find("name = \"itoa\"").unwrap();
        format!(
            "{}{}",
            &text[..at],
            text[at..].replacen("version = \"1.", "version = \"1.99", 1)
        )
    };
    sandbox.write("Cargo.lock", &updated(&full));
    sandbox.edit("scaffold.toml", "\"ai\", \"storage\", \"worker\"", "");
    sandbox.run("sync").succeeds();
    let bare = sandbox.read("Cargo.lock");
    assert!(
        !bare.contains("\"aws-sdk-s3\"") && bare.contains("version = \"1.99"),
        "{bare}"
    );
    sandbox.edit(
        "scaffold.toml",
        "components = []",
        "components = [\"ai\", \"storage\", \"worker\"]",
    );
    sandbox.run("sync").succeeds();
    assert_eq!(sandbox.read("Cargo.lock"), updated(&full));

    // One that scaffold cannot read is cargo's to complete.
    let strange = format!("{full}\n[[patch.unused]]\nname = \"x\"\nversion = \"1.0.0\"\n");
    sandbox.write("Cargo.lock", &strange);
    sandbox.edit("scaffold.toml", "\"worker\"", "");
    let ran = sandbox.run("sync").succeeds();
    assert!(
        ran.stdout.contains("note Cargo.lock: left as it is"),
        "{}",
        ran.stdout
    );
    assert_eq!(sandbox.read("Cargo.lock"), strange);
}
