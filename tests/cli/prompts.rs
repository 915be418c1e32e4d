//! The program on a terminal: what it asks, what comes of the answers, and how it ends when there are none.

use std::path::Path;
use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use crate::sandbox::{Ran, Sandbox};

const PATIENCE: Option<u64> = Some(20_000);
const ENTER: &str = "\r";
const DOWN: &str = "\u{1b}[B";
const ESCAPE: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";

/// The program on a terminal of its own.
struct Talk(PtySession);

impl Talk {
    fn start(sandbox: &Sandbox, line: &str) -> Self {
        let mut command = sandbox.command();
        command
            .args(line.split_whitespace())
            .env("TERM", "xterm")
            .env("LC_ALL", "C")
            .env("NO_COLOR", "1");
        Self(spawn_command(command, PATIENCE).unwrap())
    }

    /// Waits for the words, and gives what was said before them.
    #[track_caller]
    fn hears(&mut self, words: &str) -> String {
        match self.0.exp_string(words) {
            Ok(before) => before,
            Err(error) => panic!("`{words}` was not said: {error}"),
        }
    }

    #[track_caller]
    fn answers(&mut self, question: &str, keys: &str) -> &mut Self {
        self.hears(&format!("? {question}"));
        self.types(keys)
    }

    fn types(&mut self, keys: &str) -> &mut Self {
        // One key after the other: what follows an escape at once would be taken for a part of it.
        self.0.send(keys).unwrap();
        self.0.flush().unwrap();
        self
    }

    /// The rest of what is said, and the exit code.
    fn ends(&mut self) -> (String, i32) {
        let said = self.0.exp_eof().unwrap();
        match self.0.process().wait().unwrap() {
            WaitStatus::Exited(_, code) => (said, code),
            status => panic!("{status:?}: {said}"),
        }
    }

    /// Ends well, and gives the line that would have done the same.
    fn gives_a_line(&mut self) -> String {
        self.hears("the same without questions:");
        let (said, code) = self.ends();
        assert_eq!(code, 0, "{said}");
        let mut lines = said.lines().map(str::trim);
        let line = lines.find(|line| !line.is_empty()).unwrap();
        line.to_owned()
    }
}

/// Runs a line as a shell reads it, where nobody can be asked.
fn run_in_shell(sandbox: &Sandbox, line: &str) -> Ran {
    let program = Path::new(env!("CARGO_BIN_EXE_scaffold")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(&sandbox.here);
    command.env("PATH", path);
    Ran::of(command.output().unwrap())
}

#[test]
fn a_new_project_is_asked_for_and_the_line_makes_the_same() {
    let sandbox = Sandbox::empty();
    let mut talk = Talk::start(&sandbox, "new --no-git");
    talk.answers("Name of the project", "1st\r");
    talk.hears("does not start with a letter");
    talk.answers("Name of the project", "my-api\r");
    talk.answers("AWS region (us-east-1)", "eu-wst-1\r");
    talk.hears("did you mean `eu-west-1`?");
    talk.answers("AWS region", "eu-west-1\r");
    talk.answers("Processor", DOWN).types(ENTER);
    talk.answers("Components", DOWN).types(" \r");
    let line = talk.gives_a_line();
    assert_eq!(
        line,
        "scaffold new --no-git my-api --region eu-west-1 --arch x86_64 --without storage"
    );
    let other = Sandbox::empty();
    run_in_shell(&other, &line).succeeds();
    assert_eq!(sandbox.files(), other.files());
}

#[test]
fn only_what_the_line_leaves_open_is_asked() {
    let sandbox = Sandbox::empty();
    let line = "new --no-git --region eu-west-1 --arch arm64 --without ai";
    let mut talk = Talk::start(&sandbox, line);
    talk.answers("Name of the project", "my-api\r");
    assert_eq!(
        talk.gives_a_line(),
        "scaffold new --no-git --region eu-west-1 --arch arm64 --without ai my-api"
    );
    let mut talk = Talk::start(&sandbox, "new other --no-git");
    let (said, code) = talk.ends();
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains('?'), "{said}");
}

#[test]
fn an_entity_is_asked_for_field_by_field_and_the_line_makes_the_same() {
    let twins = [Sandbox::shop(), Sandbox::shop()];
    for sandbox in &twins {
        sandbox.run("add feature billing").succeeds();
    }
    let [sandbox, other] = &twins;
    let mut talk = Talk::start(sandbox, "add entity --delete owner");
    talk.answers("Name of the entity", "item\r");
    talk.hears("`Item` exists already");
    talk.answers("Name of the entity", "Invoice\r");
    talk.answers("Parent", ENTER);
    talk.answers("Feature that `Invoice` belongs to", ENTER);
    talk.answers("More than one of it (invoices)", ENTER);

    talk.answers("Field (nothing: title:string:1..200)", "id\r");
    talk.hears("id");
    talk.answers("Field", "code\r");
    talk.answers("Type of `code`", ENTER);
    talk.hears("1..200");
    talk.answers("Rules of `code`", "gt=3\r");
    talk.hears("`gt` is not a rule for `string`");
    talk.answers("Rules of `code`", "pattern=^it's \\$?[A-Z]+$\r");
    talk.answers("Field (nothing: that was all)", "code\r");
    talk.hears("twice");
    talk.answers("Field", "state\r");
    talk.answers("Type of `state`", &DOWN.repeat(12))
        .types(ENTER);
    talk.answers("Values of `state`", "open/paid\r");
    talk.answers("Rules of `state`", "optional index\r");
    talk.answers("Field", "item\r");
    talk.answers("Type of `item`", &DOWN.repeat(13))
        .types(ENTER);
    talk.answers("Entity that `item` refers to", ENTER);
    talk.answers("Rules of `item`", ENTER);
    talk.answers("Field", "total:decimal:gt=0\r");
    talk.answers("Field", ENTER);
    talk.hears("read owner, write owner.");
    talk.answers("Change who may do what?", "y");
    talk.answers("Who may read its items", DOWN).types(ENTER);
    talk.answers("Who may create and change them", ENTER);

    let line = talk.gives_a_line();
    assert_eq!(
        line,
        r"scaffold add entity --delete owner Invoice 'code:string:pattern=^it'\''s \$?[A-Z]+$' state:enum:open/paid:optional:index item:ref:Item total:decimal:gt=0 --feature billing --read user"
    );
    run_in_shell(other, &line).succeeds();
    assert_eq!(sandbox.files(), other.files());
}

#[test]
fn fields_are_asked_for_and_the_line_makes_the_same() {
    let twins = [Sandbox::shop(), Sandbox::shop()];
    let [sandbox, other] = &twins;
    let mut talk = Talk::start(sandbox, "add field");
    talk.answers("Field", ENTER);
    talk.hears("at least one field is needed");
    talk.answers("Field", "due\r");
    talk.answers("Type of `due`", &DOWN.repeat(6)).types(ENTER);
    talk.answers("Rules of `due`", ENTER);
    talk.hears("make it `optional`");
    talk.answers("Rules of `due`", "optional\r");
    talk.answers("Field", ENTER);
    let line = talk.gives_a_line();
    assert_eq!(line, "scaffold add field Item due:date:optional");
    run_in_shell(other, &line).succeeds();
    assert_eq!(sandbox.files(), other.files());
}

#[test]
fn a_feature_is_asked_for_where_there_are_several() {
    let sandbox = Sandbox::shop();
    sandbox.run("add feature billing").succeeds();
    let mut talk = Talk::start(&sandbox, "add entity Bill total:int");
    talk.answers("Feature that `Bill` belongs to", DOWN)
        .types(ENTER);
    let line = talk.gives_a_line();
    assert_eq!(line, "scaffold add entity Bill total:int --feature shop");
    assert!(sandbox.path("src/features/shop/bill").is_dir());
}

#[test]
fn a_job_is_asked_for_and_the_line_makes_the_same() {
    let twins = [Sandbox::shop(), Sandbox::shop()];
    for sandbox in &twins {
        sandbox.run("add entity Order").succeeds();
    }
    let [sandbox, other] = &twins;
    let mut talk = Talk::start(sandbox, "add job");
    talk.answers("Entity that it works on", DOWN).types(ENTER);
    talk.answers("Name of the job", "mod\r");
    talk.hears("mod");
    talk.answers("Name of the job", "ship\r");
    let line = talk.gives_a_line();
    assert_eq!(line, "scaffold add job ship --entity Order");
    run_in_shell(other, &line).succeeds();
    assert_eq!(sandbox.files(), other.files());

    let mut talk = Talk::start(sandbox, "add job pack");
    talk.answers("Entity that it works on", ENTER);
    let line = talk.gives_a_line();
    assert_eq!(line, "scaffold add job pack --entity Item");
    let mut talk = Talk::start(sandbox, "remove job");
    talk.answers("Entity that the job belongs to", ENTER);
    talk.answers("Take back", " \r");
    assert_eq!(
        talk.gives_a_line(),
        "scaffold remove job --entity Item pack"
    );
}

#[test]
fn what_is_taken_back_is_chosen_from_what_there_is() {
    let sandbox = Sandbox::shop();
    let mut talk = Talk::start(&sandbox, "remove entity");
    talk.answers("Take back", " \r");
    assert_eq!(talk.gives_a_line(), "scaffold remove entity Item");
    let (said, code) = Talk::start(&sandbox, "remove entity").ends();
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("there is no entity in this project"),
        "{said}"
    );
}

#[test]
fn whoever_stops_answering_leaves_nothing_behind_and_sees_the_cursor() {
    let sandbox = Sandbox::shop();
    let before = sandbox.files();
    let text = [("Name of the entity", CTRL_C)];
    let select = [("Name of the entity", "A\r"), ("Parent", CTRL_C)];
    let escaped = [("Name of the entity", "A\r"), ("Parent", ESCAPE)];
    let confirm = [
        ("Name of the entity", "A\r"),
        ("Parent", ENTER),
        ("More than one", ENTER),
        ("Field", ENTER),
        ("Change who may", CTRL_C),
    ];
    for answers in [&text[..], &select, &escaped, &confirm] {
        let mut talk = Talk::start(&sandbox, "add entity");
        let mut said = String::new();
        for (question, keys) in answers {
            said += &talk.hears(&format!("? {question}"));
            if *question == "Parent" {
                // The cursor is hidden when the choices are shown.
                said += &talk.hears("stored below");
            }
            talk.types(keys);
        }
        let (rest, code) = talk.ends();
        said += &rest;
        assert_eq!(code, 130, "{said}");
        assert!(said.contains("\r\nerror: interrupted; nothing was written"));
        let hidden = said.rfind("\u{1b}[?25l");
        let shown = said.rfind("\u{1b}[?25h");
        assert!(shown.is_some() && shown > hidden, "{said:?}");
        assert_eq!(sandbox.files(), before);
    }
}

#[test]
fn nobody_is_asked_who_does_not_want_to_be() {
    let sandbox = Sandbox::shop();
    sandbox.run("add feature billing").succeeds();
    let before = sandbox.files();
    for (line, code, words) in [
        ("new --no-input", 2, "<NAME>"),
        ("add entity --no-input", 2, "<NAME>"),
        ("add field Item --no-input", 2, "<FIELD>"),
        ("add entity A --no-input", 1, "choose one with `--feature`"),
        (
            "add entity Item --no-input --feature shop",
            1,
            "exists already",
        ),
        // Where asking would not help.
        ("add entity Item", 1, "exists already"),
        ("add entity Option", 1, "Option"),
    ] {
        let (said, ended) = Talk::start(&sandbox, line).ends();
        assert_eq!(ended, code, "{line}: {said}");
        assert!(said.contains(words), "{line}: {said}");
        assert_eq!(sandbox.files(), before, "{line}");
    }
}

#[test]
fn a_mistake_that_no_answer_mends_is_told_before_anything_is_asked() {
    let sandbox = Sandbox::shop();
    sandbox.edit("scaffold.toml", "title:string", "title:strng");
    let (said, code) = Talk::start(&sandbox, "add entity").ends();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("did you mean `string`?"), "{said}");
    let nowhere = Sandbox::empty();
    let (said, code) = Talk::start(&nowhere, "add feature").ends();
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("no scaffold.toml here or above"), "{said}");
}
