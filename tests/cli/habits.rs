//! Projects in which a user's hand is everywhere: comments after each line, tabs, other line ends, own code in every
//! kind of file. Every command works on them, or is refused and says what to do, and nothing of the user's goes.

use std::fs;

use crate::sandbox::Sandbox;

/// Commands of every kind, each with one that takes back what it did.
const GROWTH: [[&str; 2]; 7] = [
    ["add feature billing", "remove feature billing"],
    [
        "add entity Order total:decimal item:ref:Item:index --feature shop",
        "remove entity Order",
    ],
    ["add entity Line --parent Item", "remove entity Line"],
    [
        "add field Item due:date:optional kind:enum:x/y:default=x:index=2",
        "remove field Item due kind",
    ],
    [
        "add field Item tags:string:list=..5",
        "remove field Item tags",
    ],
    ["add job weigh --entity Item", "remove job weigh"],
    [
        "add entity Invoice paid:bool --feature sales --read user",
        "remove entity Invoice",
    ],
];

fn project() -> Sandbox {
    let sandbox = Sandbox::shop();
    sandbox.run("add feature sales").succeeds();
    sandbox
        .run("add field Item price:decimal:ge=0:default=1 note:text:optional")
        .succeeds();
    sandbox
}

/// The files of features and their tests, and others that commands change, as the user has them.
fn grown(sandbox: &Sandbox) -> Vec<String> {
    let paths = sandbox.files().into_keys();
    let paths = paths.map(|path| path.to_str().unwrap().to_owned());
    paths
        .filter(|path| {
            let folders = ["src/features/", "tests/api/features/", "src/database/"];
            folders.iter().any(|folder| path.starts_with(folder))
        })
        .collect()
}

/// What is as it was.
#[derive(Clone, Copy)]
enum Same {
    Bytes,
    /// A line that goes from between two lines of the user's, and comes back, may be on the other side of one.
    Lines,
}

fn sorted(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    lines.sort_unstable();
    lines
}

/// Rewrites the user's files, line by line.
fn rewrite(sandbox: &Sandbox, line: impl Fn(usize, &str) -> String) {
    for path in grown(sandbox) {
        let text = sandbox.read(&path);
        let lines = text.lines().enumerate();
        let text: String = lines.map(|(number, text)| line(number, text)).collect();
        sandbox.write(&path, &text);
    }
}

/// Each command succeeds, and taking it back gives the project as the user had it.
fn grow_and_take_back(sandbox: &Sandbox, same: Same, holds: impl Fn(&str, &str)) {
    let before = sandbox.files();
    for [there, back] in GROWTH {
        sandbox.run(there).succeeds();
        sandbox.run("sync --check").succeeds();
        for path in grown(sandbox) {
            holds(&path, &sandbox.read(&path));
        }
        sandbox.run(back).succeeds();
        let after = sandbox.files();
        for (path, bytes) in &before {
            let is_same = match same {
                Same::Bytes => after[path] == *bytes,
                Same::Lines => sorted(&after[path]) == sorted(bytes),
            };
            assert!(is_same, "{back}: {path:?}");
        }
    }
}

#[test]
fn comments_after_every_line() {
    let sandbox = project();
    let ends = [";", "{", "}", ","];
    rewrite(&sandbox, |number, line| {
        if ends.iter().any(|end| line.ends_with(end)) {
            format!("{line}\n// Mine, {number}.\n")
        } else {
            format!("{line}\n")
        }
    });
    let before = sandbox.files();
    grow_and_take_back(&sandbox, Same::Lines, |path, text| {
        let Some(before) = before.get(std::path::Path::new(path)) else {
            return;
        };
        let comments = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| line.starts_with("// Mine"));
            lines.map(str::to_owned).collect()
        };
        let before = String::from_utf8(before.clone()).unwrap();
        assert_eq!(comments(text), comments(&before), "{path}");
    });
}

#[test]
fn tabs_and_other_line_ends() {
    let sandbox = project();
    rewrite(&sandbox, |_, line| {
        let rest = line.trim_start_matches("    ");
        "\t".repeat((line.len() - rest.len()) / 4) + rest + "\r\n"
    });
    let before = sandbox.files();
    grow_and_take_back(&sandbox, Same::Bytes, |path, text| {
        if before.contains_key(std::path::Path::new(path)) {
            assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
            assert!(!text.contains("\n    "), "{path}: {text}");
        }
    });
}

#[test]
fn own_code_in_every_kind_of_file() {
    let sandbox = project();
    let edits = [
        (
            "src/features/shop/item/routes.rs",
            "async fn create(",
            "async fn make(",
        ),
        ("src/features/shop/item/routes.rs", "create)", "make)"),
        (
            "src/features/shop/item/model.rs",
            "#[derive(Clone, ",
            "#[derive(Hash, Clone, ",
        ),
        (
            "src/features/shop/item/model.rs",
            "    pub title: String,\n",
            "    /// Shown.\n    pub title: String,\n    pub rank: u8,\n",
        ),
        (
            "src/features/shop/item/mod.rs",
            "pub mod routes;\n",
            "mod import;\npub mod routes;\n",
        ),
        (
            "src/features/shop/mod.rs",
            "    item::routes::mount(routes);\n",
            "    item::routes::mount(routes);\n    item::import::mount(routes);\n",
        ),
        (
            "Cargo.toml",
            "[dependencies]\n",
            "[dependencies]\ncsv = \"1\" # ours\n",
        ),
        (
            "template.yaml",
            "Resources:\n",
            "Resources:\n  OurTopic:\n    Type: AWS::SNS::Topic\n",
        ),
        ("README.md", "\n\n", "\n\nOurs.\n\n"),
    ];
    for (path, from, to) in edits {
        sandbox.edit(path, from, to);
    }
    sandbox.write("src/features/shop/item/import.rs", "//! Mine.\n");
    grow_and_take_back(&sandbox, Same::Bytes, |_, _| ());
}

#[test]
fn a_moved_file_is_not_written_again() {
    let sandbox = project();
    let [old, new] = ["routes", "handlers"]
        .map(|name| sandbox.path(&format!("src/features/shop/item/{name}.rs")));
    fs::rename(&old, &new).unwrap();
    sandbox.edit(
        "src/features/shop/item/mod.rs",
        "mod routes",
        "mod handlers",
    );
    sandbox.edit("src/features/shop/mod.rs", "item::routes", "item::handlers");
    grow_and_take_back(&sandbox, Same::Bytes, |_, _| assert!(!old.exists()));
}

#[test]
fn a_renamed_field_is_taken_out_by_the_user_or_kept() {
    let sandbox = project();
    let model = "src/features/shop/item/model.rs";
    let text = sandbox.read(model).replace("note", "remark");
    sandbox.write(model, &text);
    let before = sandbox.files();
    let ran = sandbox.run("remove field Item note");
    ran.refuses("you changed lines that would be removed");
    assert_eq!(sandbox.files(), before);

    let copy = sandbox.copy();
    copy.run(&format!("remove field Item note --keep {model}"))
        .succeeds();
    let kept = copy.read(model);
    assert_eq!(
        kept.matches("remark").count(),
        text.matches("remark").count()
    );

    // As it would be written without the field.
    let other = project();
    other.run("remove field Item note").succeeds();
    sandbox.write(model, &other.read(model));
    sandbox.run("remove field Item note").succeeds();
    assert_eq!(sandbox.files(), other.files());
}

#[test]
fn what_would_be_deleted_goes_once_the_user_deletes_it() {
    let sandbox = project();
    let repository = "src/features/shop/item/repository.rs";
    sandbox.write(repository, &(sandbox.read(repository) + "\n// Mine.\n"));
    let before = sandbox.files();
    let ran = sandbox.run("remove entity Item");
    ran.refuses("you changed this file, and it would be deleted");
    assert_eq!(sandbox.files(), before);
    fs::remove_file(sandbox.path(repository)).unwrap();
    sandbox.run("remove entity Item").succeeds();
    assert!(!sandbox.path("src/features/shop/item").exists());
}
