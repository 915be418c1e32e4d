use proptest::prelude::*;

use super::*;

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, text) in files {
        tree.insert(*path, *text).unwrap();
    }
    tree
}

fn base(files: &[(&str, &str)]) -> Base {
    Base {
        tree: tree(files),
        ..Base::default()
    }
}

fn on_disk(files: &[(&str, &str)]) -> Ours {
    Ours(
        files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), OnDisk::Text((*text).to_owned())))
            .collect(),
    )
}

fn planned(base: &Base, theirs: &Tree, ours: &Ours) -> Plan {
    plan(&Sides {
        base,
        theirs,
        ours,
        keep: &BTreeSet::new(),
    })
}

fn kept(base: &Base, theirs: &Tree, ours: &Ours) -> Plan {
    let keep = base
        .tree
        .paths()
        .chain(theirs.paths())
        .map(str::to_owned)
        .collect();
    plan(&Sides {
        base,
        theirs,
        ours,
        keep: &keep,
    })
}

type Files<'a> = &'a [(&'a str, &'a str)];

/// The action for the only path of the three sides, and whether there is a note.
fn one(old: Files, new: Files, ours: Files) -> (Option<Action>, bool) {
    let plan = planned(&base(old), &tree(new), &on_disk(ours));
    (plan.changes.into_values().next(), !plan.notes.is_empty())
}

#[test]
fn the_table_of_the_design_holds() {
    let create = Action::Create {
        text: "new\n".to_owned(),
    };
    let delete = Action::Delete {
        before: "old\n".to_owned(),
    };
    let update = |before: &str, after: &str, merged| Action::Update {
        before: before.to_owned(),
        after: after.to_owned(),
        merged,
    };
    let (old, new, edited, both): (Files, Files, Files, Files) = (
        &[("f", "old\n")],
        &[("f", "new\n")],
        &[("f", "old\nmine\n")],
        &[("f", "new\nmine\n")],
    );
    assert_eq!(one(&[], new, &[]), (Some(create), false));
    assert_eq!(one(&[], new, new), (None, false));
    assert!(matches!(
        one(&[], new, old),
        (Some(Action::Conflict(_)), false)
    ));
    assert_eq!(one(old, old, &[("f", "anything\n")]), (None, false));
    assert_eq!(
        one(old, new, old),
        (Some(update("old\n", "new\n", false)), false)
    );
    assert_eq!(
        one(old, new, edited),
        (Some(update("old\nmine\n", "new\nmine\n", true)), false)
    );
    assert!(matches!(
        one(old, new, &[("f", "other\n")]),
        (Some(Action::Conflict(_)), false)
    ));
    assert_eq!(one(old, new, &[]), (None, true));
    assert_eq!(one(old, new, both), (None, false));
    assert_eq!(one(old, &[], old), (Some(delete), false));
    assert_eq!(one(old, &[], &[]), (None, false));
    assert!(matches!(
        one(old, &[], edited),
        (Some(Action::Conflict(_)), false)
    ));
}

#[test]
fn a_checkout_with_other_line_ends_does_not_count_as_an_edit() {
    let ours: Files = &[("f", "\u{feff}old\r\n")];
    let after = "\u{feff}new\r\n".to_owned();
    let (action, _) = one(&[("f", "old\n")], &[("f", "new\n")], ours);
    assert_eq!(
        action,
        Some(Action::Update {
            before: ours[0].1.to_owned(),
            after,
            merged: false
        })
    );
    assert!(matches!(
        one(&[("f", "old\n")], &[], ours).0,
        Some(Action::Delete { .. })
    ));
}

#[test]
fn what_cannot_be_merged_with_is_a_conflict_that_says_what_it_is() {
    let ours = Ours([("f".to_owned(), OnDisk::Unusable("is a folder".to_owned()))].into());
    for (old, new) in [
        (tree(&[]), tree(&[("f", "n")])),
        (tree(&[("f", "o")]), tree(&[("f", "n")])),
        (tree(&[("f", "o")]), tree(&[])),
    ] {
        let base = Base {
            tree: old,
            ..Base::default()
        };
        let plan = planned(&base, &new, &ours);
        assert_eq!(
            plan.conflicts().next().unwrap().1[0].reason,
            "it is a folder"
        );
        assert!(!kept(&base, &new, &ours).has_conflicts());
    }
}

#[test]
fn what_the_user_asked_to_keep_is_never_a_conflict() {
    let (old, new) = (
        base(&[("a", "1\n"), ("b", "1\n")]),
        tree(&[("a", "2\n"), ("c", "2\n")]),
    );
    let ours = on_disk(&[("a", "mine\n"), ("b", "mine\n"), ("c", "mine\n")]);
    assert_eq!(planned(&old, &new, &ours).conflicts().count(), 3);
    let plan = kept(&old, &new, &ours);
    assert!(plan.changes.is_empty());
    assert_eq!(plan.base.len(), 3);
}

#[test]
fn a_file_the_user_deleted_is_needed_when_new_modules_are_reached_through_it() {
    let old = base(&[
        ("src/features/mod.rs", "pub mod auth;\n"),
        ("README.md", "a\n"),
    ]);
    let new = tree(&[
        ("src/features/mod.rs", "pub mod auth;\npub mod documents;\n"),
        ("src/features/documents/mod.rs", "//! Documents.\n"),
        ("README.md", "b\n"),
    ]);
    let plan = planned(&old, &new, &Ours::default());
    let conflicts: Vec<_> = plan.conflicts().collect();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].0, "src/features/mod.rs");
    assert_eq!(conflicts[0].1[0].add, ["pub mod documents;"]);
    assert_eq!(plan.notes[0].path, "README.md");
    assert!(!kept(&old, &new, &Ours::default()).has_conflicts());
}

#[test]
fn a_file_that_was_written_by_hand_as_planned_is_no_conflict() {
    let new: Files = &[("src/a.rs", "pub fn a() {}\n")];
    assert_eq!(
        one(
            &[],
            new,
            &[("src/a.rs", "// Mine.\npub fn a() {}\n\nfn b() {}\n")]
        ),
        (None, false)
    );
}

#[test]
fn a_restored_copy_is_written_again() {
    let base = Base {
        tree: tree(&[("f", "same\n")]),
        restored: vec!["f".to_owned()],
        ..Base::default()
    };
    let plan = planned(&base, &tree(&[("f", "same\n")]), &Ours::default());
    assert_eq!(plan.base["f"].as_deref(), Some("same\n"));
    assert!(plan.changes.is_empty() && !plan.is_empty());
}

/// The disk and the pristine copy after a plan is carried out.
fn after(plan: &Plan, base: &Base, ours: &Ours) -> (Base, Ours) {
    let (mut base, mut ours) = (base.clone(), ours.clone());
    for (path, action) in &plan.changes {
        let text = match action {
            Action::Create { text } => text,
            Action::Update { after, .. } => after,
            Action::Delete { .. } => {
                ours.0.remove(path);
                continue;
            }
            Action::Conflict(_) => panic!("a plan with conflicts is never carried out"),
        };
        ours.0.insert(path.clone(), OnDisk::Text(text.clone()));
    }
    for (path, text) in &plan.base {
        base.tree.remove(path);
        if let Some(text) = text {
            base.tree.insert(path.clone(), text.clone()).unwrap();
        }
    }
    (base, ours)
}

fn files() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let path = prop::sample::select(vec![
        "Cargo.toml",
        "README.md",
        "src/lib.rs",
        "src/a/mod.rs",
        "t.yaml",
    ]);
    let line = prop::sample::select(vec!["# one\n", "# two\n", "# three\n", "\n"]);
    let text = prop::collection::vec(line, 0..4).prop_map(|lines| lines.concat());
    prop::collection::btree_map(path, text, 0..5).prop_map(|files| files.into_iter().collect())
}

fn borrowed<'a>(files: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    files.iter().map(|(path, text)| (*path, &**text)).collect()
}

proptest! {
    #[test]
    fn after_a_plan_is_carried_out_nothing_is_left_to_plan(old in files(), new in files(), ours in files()) {
        let (base, theirs, ours) = (base(&borrowed(&old)), tree(&borrowed(&new)), on_disk(&borrowed(&ours)));
        let plan = kept(&base, &theirs, &ours);
        prop_assert!(!plan.has_conflicts());
        let (base, ours) = after(&plan, &base, &ours);
        prop_assert_eq!(&base.tree, &theirs);
        prop_assert!(planned(&base, &theirs, &ours).is_empty());
    }

    #[test]
    fn an_unedited_project_becomes_exactly_the_new_one(old in files(), new in files()) {
        let (base, theirs, ours) = (base(&borrowed(&old)), tree(&borrowed(&new)), on_disk(&borrowed(&old)));
        let plan = planned(&base, &theirs, &ours);
        prop_assert!(!plan.has_conflicts() && plan.notes.is_empty());
        prop_assert_eq!(after(&plan, &base, &ours).1, on_disk(&borrowed(&new)));
    }

    #[test]
    fn a_project_without_changes_is_never_looked_at(old in files(), ours in files()) {
        let (base, theirs, ours) = (base(&borrowed(&old)), tree(&borrowed(&old)), on_disk(&borrowed(&ours)));
        prop_assert!(planned(&base, &theirs, &ours).is_empty());
    }
}
