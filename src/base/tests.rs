use proptest::prelude::*;
use tempfile::tempdir;

use super::*;

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::new();
    for (path, text) in files {
        tree.insert(*path, *text).unwrap();
    }
    tree
}

/// What is known of a file `f`, given the texts it has in each place; `listed` are those whose digests are listed.
fn known(
    copy: Option<&str>,
    listed: Option<&[&str]>,
    rendered: Option<Option<&str>>,
    theirs: Option<&str>,
    ours: Option<&str>,
) -> Base {
    let one = |text: Option<&str>| text.map_or_else(Tree::new, |text| tree(&[("f", text)]));
    let contents = listed.map(|texts| {
        let lists = texts
            .iter()
            .map(|text| Contents::of(&tree(&[("f", text)])).to_text());
        let lists: String = lists.collect();
        Contents::parse(&format!("build x\n{lists}")).unwrap()
    });
    let rendered = rendered.map(one);
    let evidence = Evidence {
        copies: &one(copy),
        contents: contents.as_ref(),
        rendered: rendered.as_ref(),
        theirs: &one(theirs),
    };
    let look = |_: &str| ours.map_or(OnDisk::Absent, |text| OnDisk::Text(text.to_owned()));
    settle(&evidence, evidence.paths(), look).unwrap()
}

#[track_caller]
fn is_text(base: &Base, text: &str) {
    assert_eq!((base.tree.get("f"), &*base.restored), (Some(text), &[][..]));
}

#[track_caller]
fn is_restored(base: &Base, text: &str) {
    assert_eq!(base.tree.get("f"), Some(text));
    assert_eq!(base.restored, ["f"]);
}

#[test]
fn a_sound_copy_is_what_was_written_whatever_is_rendered_now() {
    let ours = Some("mine");
    is_text(
        &known(Some("a"), Some(&["a"]), Some(Some("b")), Some("b"), ours),
        "a",
    );
    is_text(&known(Some("a"), Some(&["a"]), None, Some("b"), ours), "a");
    is_text(&known(Some("a"), Some(&["a"]), None, None, ours), "a");
    // Git merged two lists and, without a conflict, two copies.
    is_text(
        &known(
            Some("ab"),
            Some(&["a", "b"]),
            Some(Some("ab")),
            Some("ab"),
            ours,
        ),
        "ab",
    );
    // A project that is older than lists, and a list that lost a line in a merge.
    is_text(
        &known(Some("a"), None, Some(Some("b")), Some("b"), ours),
        "a",
    );
    is_text(
        &known(Some("a"), Some(&[]), Some(Some("b")), Some("b"), ours),
        "a",
    );
}

#[test]
fn a_file_that_was_never_written_is_new() {
    for rendered in [None, Some(None)] {
        for ours in [None, Some("mine")] {
            let base = known(None, Some(&[]), rendered, Some("a"), ours);
            assert_eq!(base, Base::default());
        }
    }
    // In a project that is older than lists this is all there is to tell it by.
    assert_eq!(
        known(None, None, Some(Some("a")), Some("a"), None),
        Base::default()
    );
}

#[test]
fn a_lost_or_damaged_copy_is_the_file_itself_if_the_user_left_it_alone() {
    for copy in [None, Some("damaged")] {
        for rendered in [None, Some(Some("b"))] {
            is_restored(
                &known(copy, Some(&["a\n"]), rendered, Some("b"), Some("a\r\n")),
                "a\n",
            );
            // Resolved in a merge by taking one side.
            is_restored(
                &known(copy, Some(&["a\n", "c"]), rendered, Some("b"), Some("a\n")),
                "a\n",
            );
        }
    }
}

#[test]
fn a_lost_or_damaged_copy_is_rendered_afresh_by_the_build_that_wrote_it() {
    for copy in [None, Some("damaged")] {
        is_restored(
            &known(copy, Some(&["a"]), Some(Some("a")), Some("b"), Some("mine")),
            "a",
        );
        is_restored(
            &known(copy, Some(&["a"]), Some(Some("a")), Some("b"), None),
            "a",
        );
    }
    is_restored(
        &known(None, None, Some(Some("a")), Some("b"), Some("mine")),
        "a",
    );
}

#[test]
fn what_another_build_wrote_and_nobody_knows_any_more_is_left_to_the_user() {
    for copy in [None, Some("damaged")] {
        let base = known(copy, Some(&["a"]), None, Some("b"), Some("mine"));
        assert_eq!(base.tree, Tree::new());
        assert_eq!(base.unknown, BTreeSet::from(["f".to_owned()]));
    }
    let nothing_left = known(None, None, None, Some("b"), Some("mine"));
    assert_eq!(nothing_left.unknown.len(), 1);
    // Git merged the copy: better than nothing.
    is_restored(
        &known(Some("ab"), Some(&["a", "b"]), None, Some("c"), Some("mine")),
        "ab",
    );
    // Nothing to lose: deleted by the user, or as it is to be.
    is_restored(&known(None, Some(&["a"]), None, Some("b"), None), "b");
    is_restored(&known(None, Some(&["a"]), None, Some("b"), Some("b")), "b");
}

proptest! {
    /// Whatever happened to the copy: what the user wrote is never taken for what scaffold wrote.
    #[test]
    fn the_users_text_is_no_pristine_copy(
        copy in prop::option::of("[abm]"),
        listed in prop::option::of(prop::collection::vec("[abc]", 0..3)),
        rendered in prop::option::of(prop::option::of("[abc]")),
        theirs in prop::option::of("[abc]"),
    ) {
        let listed: Option<Vec<&str>> = listed.as_ref().map(|texts| texts.iter().map(|text| &**text).collect());
        prop_assume!(copy.as_deref() != Some("m"), "the copy was edited just as the file was");
        let rendered = rendered.as_ref().map(|text| text.as_deref());
        let base = known(copy.as_deref(), listed.as_deref(), rendered, theirs.as_deref(), Some("m"));
        prop_assert_ne!(base.tree.get("f"), Some("m"));
    }

    /// A copy that was edited just as the file was does not pass for what scaffold wrote.
    #[test]
    fn an_edited_copy_is_noticed(listed in "[abc]", rendered in prop::option::of("[abc]"), theirs in "[abc]") {
        let rendered = rendered.as_ref().map(|text| Some(&**text));
        let base = known(Some("m"), Some(&[&listed]), rendered, Some(&theirs), Some("m"));
        prop_assert_ne!(base.tree.get("f"), Some("m"));
    }
}

#[test]
fn damaged_copies_are_read_as_if_they_were_missing() {
    let root = tempdir().unwrap();
    let folder = root.path().join(FOLDER);
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/old.rs"), "// old\r\n").unwrap();
    fs::write(folder.join("binary"), [0xff, 0xfe]).unwrap();
    fs::write(folder.join("empty"), "").unwrap();
    let merging = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n";
    fs::write(folder.join("merging"), merging).unwrap();
    fs::write(folder.join(contents::FILE), "build x\n").unwrap();
    let all = tree(&[("src/old.rs", "// old\n")]);
    assert_eq!(read_all(root.path()).unwrap(), all);
    let paths = ["src/old.rs", "binary", "empty", "merging", "src/gone.rs"];
    assert_eq!(read(root.path(), paths).unwrap(), all);
    assert!(read_contents(root.path()).unwrap().is_some());
}

#[test]
fn a_project_without_a_copy_has_an_empty_one() {
    let root = tempdir().unwrap();
    assert!(read_all(root.path()).unwrap().is_empty());
    assert_eq!(read_contents(root.path()).unwrap(), None);
}
