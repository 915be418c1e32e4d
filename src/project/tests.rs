use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

const FILE: &str = "scaffold.toml";

/// As in the README: a project with everything that can stand in the file.
const TEXT: &str = r#"# Ours.
scaffold = "0.1.0"

[project]
name = "my-api"
region = "eu-central-1" # where the customers are
arch = "arm64"
components = ["ai", "storage", "worker"]

# Features
# --------

# What sales uses.
[features.proposal_writer]

[features.shop]

# Entities
# --------

[entities.Document]
feature = "proposal_writer"
parent = "Proposal"
fields = [
    "filename:string:1..255",
    "content:file:max=10MB:types=pdf/png",
]

# The heart of it.
[entities.Proposal]
feature = "proposal_writer"
delete = "owner"
fields = [
    # Shown in the list.
    "title:string:1..200",
    "description:text:optional:..2000", # any order of rules

    'code:string:..20:index:pattern=^[A-Z]\d+$',
]

[entities.Proposal.jobs.analyze]

# The end.
"#;

fn parse(text: &str) -> Project {
    Project::parse(text, FILE).unwrap_or_else(|problems| panic!("{problems}\n---\n{text}"))
}

fn edit(after: &Project, text: &str) -> String {
    after
        .edit_toml(&parse(text), text, FILE)
        .unwrap_or_else(|problems| panic!("{problems}\n---\n{text}"))
}

/// The problems of a project whose features and entities are these.
fn problems(text: &str) -> String {
    let text = format!("scaffold = \"0.1.0\"\nproject.name = \"my-api\"\n{text}");
    match Project::parse(&text, FILE) {
        Ok(_) => String::new(),
        Err(problems) => problems
            .0
            .iter()
            .map(|problem| {
                let line = problem.place.as_ref().map_or(0, |place| place.line);
                format!("{line}: {}\n", problem.message)
            })
            .collect(),
    }
}

fn feature(name: &str) -> FeatureName {
    FeatureName::parse(name).unwrap()
}

fn entity(name: &str) -> EntityName {
    EntityName::parse(name).unwrap()
}

fn job(name: &str) -> JobName {
    JobName::parse(name).unwrap()
}

fn field(text: &str) -> Field {
    Field::parse(text).unwrap()
}

#[test]
fn a_file_says_what_the_project_is() {
    let project = parse(TEXT);
    assert_eq!(project.name.to_string(), "my-api");
    assert_eq!(project.region.as_str(), "eu-central-1");
    assert_eq!(project.components, Component::ALL.into());
    let names: Vec<String> = project.entities.keys().map(EntityName::to_string).collect();
    assert_eq!(names, ["Document", "Proposal"]);
    let document = &project.entities[&entity("document")];
    assert_eq!(document.parent, Some(entity("Proposal")));
    assert_eq!(
        document.fields[1].to_string(),
        "content:file:max=10MB:types=pdf/png"
    );
    assert!(
        project.entities[&entity("Proposal")]
            .jobs
            .contains_key(&job("analyze"))
    );
    assert_eq!(project.plural(&entity("Proposal")).to_string(), "proposals");
    // Inherited from the parent.
    assert_eq!(project.access(&entity("Document")).delete, Access::Owner);
}

#[test]
fn what_is_inherited_reaches_no_further_than_the_parent_can_be_read() {
    let mut project = parse(TEXT);
    let proposal = project.entities.get_mut(&entity("Proposal")).unwrap();
    proposal.read = Some(Access::Owner);
    proposal.write = Some(Access::Public);
    let document = project.entities.get_mut(&entity("Document")).unwrap();
    document.write = None;
    assert_eq!(project.access(&entity("Document")).write, Access::Owner);
    assert_eq!(project.check().0, []);
}

#[test]
fn settings_that_are_left_out_have_defaults() {
    let project = parse("scaffold = \"0.1.0\"\n[project]\nname = \"x\"\n");
    assert_eq!(project, Project::new(ProjectName::parse("x").unwrap()));
}

#[test]
fn all_mistakes_of_a_file_are_found_in_one_go() {
    let text = "\u{feff}scaffold = \"0.1.0\"\r
[projet]\r
[project]\r
name = 3\r
region = \"us-est1\"\r
components = [\"storag\", 1, \"ai\", \"ai\"]\r
[entities.Order]\r
feature = \"shop\"\r
raed = \"owner\"\r
write = \"everyone\"\r
fields = [\"note:text\", \"price:decimal:gt=x:optinal\", \"id:uuid\"]\r
[features.Shop]\r
x = 1\r
";
    let shown = Project::parse(text, FILE).unwrap_err().to_string();
    assert_eq!(
        shown,
        "\
unknown key `projet` at the top
 --> scaffold.toml:2:2
  |
2 | [projet]
  |  ^^^^^^
help: did you mean `project`?

`name` is an integer, not a string in quotes
 --> scaffold.toml:4:8
  |
4 | name = 3
  |        ^

`us-est1` is not an AWS region
 --> scaffold.toml:5:10
  |
5 | region = \"us-est1\"
  |          ^^^^^^^^^
help: did you mean `us-east-1`?

unknown component `storag`
 --> scaffold.toml:6:15
  |
6 | components = [\"storag\", 1, \"ai\", \"ai\"]
  |               ^^^^^^^^
help: did you mean `storage`?

`components` holds strings, not an integer
 --> scaffold.toml:6:25
  |
6 | components = [\"storag\", 1, \"ai\", \"ai\"]
  |                         ^

component `ai` is listed twice
 --> scaffold.toml:6:34
  |
6 | components = [\"storag\", 1, \"ai\", \"ai\"]
  |                                  ^^^^

unknown key `raed` in entity `Order`
 --> scaffold.toml:9:1
  |
9 | raed = \"owner\"
  | ^^^^
help: did you mean `read`?

`write` cannot be `everyone`
  --> scaffold.toml:10:9
   |
10 | write = \"everyone\"
   |         ^^^^^^^^^^
help: it is one of `owner`, `user`, `admin`, `public`

`x` is not a decimal number
  --> scaffold.toml:11:42
   |
11 | fields = [\"note:text\", \"price:decimal:gt=x:optinal\", \"id:uuid\"]
   |                                          ^

unknown rule `optinal`
  --> scaffold.toml:11:44
   |
11 | fields = [\"note:text\", \"price:decimal:gt=x:optinal\", \"id:uuid\"]
   |                                            ^^^^^^^
help: did you mean `optional`?

field name `id` is taken: every entity has it already, or the table keeps its keys there
  --> scaffold.toml:11:55
   |
11 | fields = [\"note:text\", \"price:decimal:gt=x:optinal\", \"id:uuid\"]
   |                                                       ^^
help: choose a more specific name, such as `my_id`

unknown key `x` in feature `Shop`
  --> scaffold.toml:13:1
   |
13 | x = 1
   | ^
help: nothing can be set here yet"
    );
}

#[test]
fn broken_toml_and_other_versions_are_told_at_once() {
    assert_eq!(
        problems("x ="),
        "3: string values must be quoted, expected literal string\n"
    );
    for (text, message) in [
        ("", "the version of scaffold is missing"),
        (
            "scaffold = 1",
            "`scaffold` is an integer, not a string in quotes",
        ),
        ("scaffold = \"1.0\"", "`1.0` is not a version of scaffold"),
        ("scaffold = \"0.1.0\"", "`[project]` is missing"),
    ] {
        let problems = Project::parse(text, FILE).unwrap_err();
        assert_eq!(problems.0[0].message, message);
    }
    let newer = Project::parse("scaffold = \"99.0.0\"\nfuture = 1", FILE).unwrap_err();
    assert_eq!(newer.0.len(), 1);
    assert!(newer.0[0].message.contains("written by scaffold 99.0.0"));
}

#[test]
fn regions_are_known_by_their_form() {
    for text in [
        "us-east-1",
        "us-gov-west-1",
        "ap-southeast-12",
        "eusc-de-east-1",
        "us-isob-east-1",
    ] {
        assert!(Region::parse(text).is_ok(), "{text}");
    }
    for text in [
        "",
        "us",
        "us-east",
        "us-east-0",
        "US-EAST-1",
        "us_east_1",
        "us-east-1; rm",
        "us--1",
        "us-east-1-",
    ] {
        assert!(Region::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_missing_or_alike_is_refused_where_it_stands() {
    let shop = "[features.shop]\n";
    for (text, expected) in [
        (
            "[entities.Order]\nfeature = 'shap'\n[features.shop]",
            "4: entity `Order` is in feature `shap`, which does not exist\n",
        ),
        (
            "[features.order]\n[entities.Order]\nfeature = 'order'",
            "5: entity `Order` and its feature would both be the module `order`\n",
        ),
        (
            "[features.shop]\n[features.Shop]",
            "4: `Shop` and `shop` are the same name\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nparent = 'B'",
            "5: the parent of entity `A`, `B`, does not exist\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nparent = 'A'",
            "5: entity `A` is its own parent\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nparent = 'B'\n[entities.B]\nfeature = 'shop'\nparent = 'C'\n[entities.C]\nfeature = 'shop'",
            "5: the parent of entity `A`, `B`, is itself a child, of `C`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nparent = 'B'\nread = 'public'\n[entities.B]\nfeature = 'shop'",
            "6: `A` lets `public` read it, but its parent `B` lets only `owner` read it\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['b:int', 'B:text']",
            "5: entity `A` has the field `b` twice\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nparent = 'B'\nfields = ['b_id:int']\n[entities.B]\nfeature = 'shop'",
            "6: entity `A` cannot have a field `b_id`: it is the id of the parent, `B`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['b:int:index', 'c:int:index=2', 'd:bool:index']",
            "5: fields `b` and `d` of entity `A` have the same index\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['b:ref:C']",
            "5: field `b` of entity `A` refers to `C`, which does not exist\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['b:ref:C']\n[entities.C]\nfeature = 'shop'\nparent = 'D'\n[entities.D]\nfeature = 'shop'",
            "5: field `b` of entity `A` refers to `C`, which is only found through its parent `D`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['b:ref:A']",
            "3: no item can be the first, for each needs another: `A` → `A`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['b:ref:B']\n[entities.B]\nfeature = 'shop'\nfields = ['c:ref:C:list=1..']\n[entities.C]\nfeature = 'shop'\nfields = ['a:ref:A']",
            "3: no item can be the first, for each needs another: `A` → `B` → `C` → `A`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nplural = 'things'\n[entities.B]\nfeature = 'shop'\nplural = 'Things'",
            "8: entity `A` and entity `B` both have the route `/api/things`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nplural = 'auth'",
            "5: sign-in and entity `A` both have the route `/api/auth`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['scan:file']\n[entities.A.jobs.scan]",
            "5: job `scan` and file `scan` both have the route `/api/as/{a_id}/scan`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['bs:file']\n[entities.B]\nfeature = 'shop'\nparent = 'A'",
            "5: entity `B` and file `bs` both have the route `/api/as/{a_id}/bs`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['scan:file']\n[entities.AScanUpload]\nfeature = 'shop'",
            "6: the upload of file `scan` of entity `A` and entity `AScanUpload` would both be the type `AScanUpload`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = [\n'x1:file', 'x_1:file']",
            "6: the upload of file `x1` of entity `A` and the upload of file `x_1` of entity `A` would both be the type `AX1Upload`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\n[entities.A.jobs.scan]\n[entities.A.jobs.scan_status]",
            "6: job `scan` and job `scan_status` both have the route `/api/as/{a_id}/scan-status`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['kind:enum:x']\n[entities.AKind]\nfeature = 'shop'",
            "6: field `kind` of entity `A` and entity `AKind` would both be the type `AKind`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\n[entities.ACreate]\nfeature = 'shop'",
            "5: the new item of entity `A` and entity `ACreate` would both be the type `ACreate`\n",
        ),
        (
            "[entities.Ab]\nfeature = 'shop'\n[entities.Ab.jobs.cd_ef]\n[entities.EfAb]\nfeature = 'shop'\n[entities.EfAb.jobs.cd]",
            "8: the result of job `cd_ef` of entity `Ab` and the result of job `cd` of entity `EfAb` would both be the type `CdEfAbResult`\n",
        ),
        (
            "[entities.A]\nfeature = 'shop'\nfields = ['b:text:99000..', 'c:text:99001..', 'd:int:list=1000..']",
            "3: the fields of entity `A` take at least 200 KB, and an item holds 400 KB in all\n",
        ),
        (
            "[entities.Code]\nfeature = 'shop'\n[entities.Code.jobs.status]",
            "5: job `status` of entity `Code` would be the type `StatusCode`, which generated code uses for something else\n",
        ),
        (
            "[entities.AnEntityWithALongName]\nfeature = 'shop'\n[entities.AnEntityWithALongName.jobs.a_job_whose_name_is_even_longer_than_all_of_that]",
            "5: the result of job `a_job_whose_name_is_even_longer_than_all_of_that` of entity `AnEntityWithALongName` would have the type `AJobWhoseNameIsEvenLongerThanAllOfThatAnEntityWithALongNameResult`, which is longer than 64 characters\n",
        ),
    ] {
        let text = if text.contains("[features") {
            text.to_owned()
        } else {
            format!("{text}\n{shop}")
        };
        assert_eq!(problems(&text), expected, "{text}");
    }
}

#[test]
fn what_can_be_is_not_refused() {
    for text in [
        "[entities.A]\nfeature = 'f'\nfields = ['b:ref:A:optional', 'c:ref:A:list']",
        "[entities.A]\nfeature = 'f'\nread = 'public'\n[entities.B]\nfeature = 'f'\nparent = 'A'\nwrite = 'user'",
        "[entities.A]\nfeature = 'f'\nfields = ['b:ref:B', 'c:ref:B']\n[entities.B]\nfeature = 'f'",
        "[entities.A]\nfeature = 'f'\n[entities.B]\nfeature = 'f'\nparent = 'A'\n[entities.C]\nfeature = 'f'\nparent = 'A'\nplural = 'as'",
        "[entities.A]\nfeature = 'f'\nfields = ['type:file', 'status:file', 'upload_url:file']",
        "[entities.an_entity_with_a_name_as_long_as_a_name_may_be_y]\nfeature = 'f'\nfields = ['a_field_with_a_name_as_long_as_a_name_may_be_yes:file']",
        "[entities.A]\nfeature = 'f'\nfields = ['b:text:99000..', 'c:text:99000..', 'd:int:list=999..', 'e:text:..100000:optional']",
        "[entities]\nOrder = { feature = 'f', jobs = { pay = {} } }",
    ] {
        assert_eq!(problems(&format!("{text}\n[features.f]")), "", "{text}");
    }
}

#[test]
fn a_component_that_is_off_is_missed() {
    let text = TEXT.replace(r#"["ai", "storage", "worker"]"#, "[]");
    let problems = Project::parse(&text, FILE).unwrap_err();
    let messages: Vec<&str> = problems
        .0
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "file `content` of entity `Document` needs the component `storage`, which is off",
            "job `analyze` of entity `Proposal` needs the component `ai`, which is off",
            "job `analyze` of entity `Proposal` needs the component `worker`, which is off",
        ]
    );
}

#[test]
fn what_is_needed_is_switched_on_and_nothing_else() {
    let mut project = parse(TEXT);
    project.components.clear();
    let before = project.clone();
    let proposal = project.entities.get_mut(&entity("Proposal")).unwrap();
    proposal.jobs.clear();
    project.switch_on_what_is_needed();
    let switched_on = project.switched_on_since(&before);
    let reason = Some("file `content` of entity `Document`".to_owned());
    assert_eq!(switched_on, [(Component::Storage, reason)]);

    let before = project.clone();
    let proposal = project.entities.get_mut(&entity("Proposal")).unwrap();
    proposal.jobs.insert(job("analyze"), Job {});
    project.switch_on_what_is_needed();
    let switched_on = project.switched_on_since(&before);
    let reason = Some("job `analyze` of entity `Proposal`".to_owned());
    let expected = [Component::Ai, Component::Worker].map(|it| (it, reason.clone()));
    assert_eq!(switched_on, expected);
    assert_eq!(project.check().0, []);

    project.components.remove(&Component::Worker);
    assert!(!project.check().0.is_empty());
}

#[test]
fn a_new_file_says_all_of_the_project() {
    let project = parse(TEXT);
    let text = project.to_toml();
    assert_eq!(parse(&text), project);
    assert_eq!(
        text,
        r#"# What this project is made of. `scaffold add` and `scaffold remove` keep this file; edit it by hand as you like, then
# run `scaffold sync`. Fields are written `name:type[:rule…]`: see `scaffold add field --help`.

scaffold = "0.1.0"

[project]
name = "my-api"
region = "eu-central-1"
arch = "arm64"
components = ["ai", "storage", "worker"]

[features.proposal_writer]

[features.shop]

[entities.Document]
feature = "proposal_writer"
parent = "Proposal"
fields = [
    "filename:string:1..255",
    "content:file:max=10MB:types=pdf/png",
]

[entities.Proposal]
feature = "proposal_writer"
delete = "owner"
fields = [
    "title:string:1..200",
    "description:text:..2000:optional",
    'code:string:..20:index:pattern=^[A-Z]\d+$',
]

[entities.Proposal.jobs.analyze]
"#
    );
}

#[test]
fn additions_stand_where_they_belong_and_touch_nothing_else() {
    let mut after = parse(TEXT);
    after.features.insert(feature("auction"), Feature {});
    after.features.insert(feature("zoo"), Feature {});
    let mut order = Entity::new(feature("shop"));
    order.fields.push(field("total:decimal:gt=0"));
    order.jobs.insert(job("pay"), Job {});
    after.entities.insert(entity("Order"), order);
    after
        .entities
        .insert(entity("Quote"), Entity::new(feature("shop")));
    let proposal = after.entities.get_mut(&entity("Proposal")).unwrap();
    proposal.fields.push(field("budget:decimal"));
    proposal.jobs.insert(job("publish"), Job {});
    proposal.read = Some(Access::User);
    proposal.delete = None;

    let expected = TEXT
        .replace("# What sales uses.\n", "[features.auction]\n\n# What sales uses.\n")
        .replace("[features.shop]\n", "[features.shop]\n\n[features.zoo]\n")
        .replace(
            "# The heart of it.\n",
            "[entities.Order]\nfeature = \"shop\"\nfields = [\n    \"total:decimal:gt=0\",\n]\n\n[entities.Order.jobs.pay]\n\n# The heart of it.\n",
        )
        .replace("delete = \"owner\"\n", "read = \"user\"\n")
        .replace("\\d+$',\n", "\\d+$',\n    \"budget:decimal\",\n")
        .replace(
            "[entities.Proposal.jobs.analyze]\n",
            "[entities.Proposal.jobs.analyze]\n\n[entities.Proposal.jobs.publish]\n\n[entities.Quote]\nfeature = \"shop\"\nfields = []\n",
        );
    assert_eq!(edit(&after, TEXT), expected);
    assert_eq!(edit(&parse(TEXT), &expected), TEXT);
}

#[test]
fn removing_leaves_the_comments_around() {
    let mut after = parse(TEXT);
    after.entities.remove(&entity("Document"));
    let proposal = after.entities.get_mut(&entity("Proposal")).unwrap();
    proposal.jobs.clear();
    proposal.fields.drain(..2);
    after.components.remove(&Component::Storage);
    let start = TEXT.find("[entities.Document]").unwrap();
    let end = TEXT.find("# The heart").unwrap();
    let expected = format!("{}{}", &TEXT[..start], &TEXT[end..])
        .replace("    \"title:string:1..200\",\n", "")
        .replace(
            "    \"description:text:optional:..2000\", # any order of rules\n",
            "",
        )
        .replace("[entities.Proposal.jobs.analyze]\n\n", "")
        .replace("\"ai\", \"storage\", ", "\"ai\", ");
    assert_eq!(edit(&after, TEXT), expected);
}

#[test]
fn an_indexed_field_takes_an_index_that_is_free() {
    let mut new = Entity::new(feature("shop"));
    for text in [
        "a:int:index",
        "b:int:index=3",
        "c:int:index",
        "d:int",
        "e:bool:index",
    ] {
        new.push(field(text));
    }
    let fields: Vec<String> = new.fields.iter().map(Field::to_string).collect();
    assert_eq!(
        fields,
        [
            "a:int:index",
            "b:int:index=3",
            "c:int:index=2",
            "d:int",
            "e:bool:index=4"
        ]
    );
}

#[test]
fn components_come_and_go_in_any_number() {
    let all: Vec<BTreeSet<Component>> = (0..8_u8)
        .map(|bits| {
            let chosen = Component::ALL.iter().enumerate();
            let chosen = chosen.filter(|(i, _)| bits & (1 << i) != 0);
            chosen.map(|(_, component)| *component).collect()
        })
        .collect();
    let mut project = Project::new(ProjectName::parse("my-api").unwrap());
    for before in &all {
        project.components = before.clone();
        let text = project.to_toml();
        for components in &all {
            let components = components.clone();
            let after = Project {
                components,
                ..project.clone()
            };
            assert_eq!(edit(&after, &text), after.to_toml());
        }
    }
}

#[test]
fn settings_change_in_place() {
    let mut after = parse(TEXT);
    after.region = Region::parse("us-east-1").unwrap();
    after.arch = Arch::X86_64;
    let expected = TEXT
        .replace("\"eu-central-1\"", "\"us-east-1\"")
        .replace("\"arm64\"", "\"x86_64\"");
    assert_eq!(edit(&after, TEXT), expected);
}

#[test]
fn every_layout_of_an_array_is_kept() {
    for (before, after) in [
        ("fields = []", "fields = [\n    \"n:int\",\n]"),
        ("fields = ['a:int']", "fields = ['a:int', \"n:int\"]"),
        ("fields = [ 'a:int', ]", "fields = [ 'a:int', \"n:int\", ]"),
        (
            "fields = [\n  'a:int',\n]",
            "fields = [\n  'a:int',\n  \"n:int\",\n]",
        ),
        (
            "fields = [\n\t'a:int'\n]",
            "fields = [\n\t'a:int',\n\t\"n:int\"\n]",
        ),
        (
            "fields = [\n  'a:int', # c\n  # d\n]",
            "fields = [\n  'a:int', # c\n  \"n:int\",\n  # d\n]",
        ),
        (
            "fields = [\n  'a:int' # c\n]",
            "fields = [\n  'a:int', # c\n  \"n:int\"\n]",
        ),
        (
            "fields = [\n  'a:int']",
            "fields = [\n  'a:int',\n  \"n:int\"]",
        ),
        (
            "fields = ['a:int', # c\n  'b:int', ]",
            "fields = ['a:int', # c\n  'b:int',\n  \"n:int\", ]",
        ),
        ("fields = [ # c\n]", "fields = [\n    \"n:int\", # c\n]"),
    ] {
        let file = |fields: &str| {
            format!(
                "scaffold = '0.1.0'\n[project]\nname = 'x'\n[features.f]\n[entities.E]\nfeature = 'f'\n{fields}\n"
            )
        };
        let mut project = parse(&file(before));
        let without = project.clone();
        project
            .entities
            .get_mut(&entity("E"))
            .unwrap()
            .fields
            .push(field("n:int"));
        assert_eq!(edit(&project, &file(before)), file(after));
        if !before.contains("[ #") {
            assert_eq!(edit(&without, &file(after)), file(before));
        }
    }
}

#[test]
fn several_fields_come_and_go_at_once() {
    let text = "scaffold = '0.1.0'\n[project]\nname = 'x'\n[features.f]\n[entities.E]\nfeature = 'f'\nfields = ['a:int', 'b:int', 'c:int']\n";
    let whole = parse(text);
    for kept in [
        vec![0],
        vec![1],
        vec![2],
        vec![0, 1],
        vec![1, 2],
        vec![0, 2],
        vec![],
    ] {
        let mut after = whole.clone();
        let fields = &mut after.entities.get_mut(&entity("E")).unwrap().fields;
        *fields = kept.iter().map(|i| fields[*i].clone()).collect();
        let words: Vec<&str> = kept
            .iter()
            .map(|i| ["'a:int'", "'b:int'", "'c:int'"][*i])
            .collect();
        let shorter = edit(&after, text);
        assert!(
            shorter.ends_with(&format!("fields = [{}]\n", words.join(", "))),
            "{shorter}"
        );
        parse(&edit(&whole, &shorter));
    }
}

#[test]
fn a_layout_that_cannot_be_changed_is_refused() {
    let text = "scaffold = '0.1.0'\nproject = { name = 'x' }\nfeatures = { f = {} }\n";
    let mut after = parse(text);
    after.features.insert(feature("g"), Feature {});
    let problems = after.edit_toml(&parse(text), text, FILE).unwrap_err();
    assert!(
        problems.0[0]
            .message
            .starts_with("`scaffold.toml` is laid out")
    );
    // What is already there can still be read, and left as it is.
    assert_eq!(edit(&parse(text), text), text);
}

#[test]
fn lines_of_a_table_can_be_features() {
    let text = "scaffold = '0.1.0'\n[project]\nname = 'x'\n[features]\nf = {}\ng = {} # c\n";
    let mut after = parse(text);
    after.features.remove(&feature("f"));
    assert_eq!(edit(&after, text), text.replace("f = {}\n", ""));
    after.features.insert(feature("h"), Feature {});
    assert_eq!(
        edit(&after, text),
        text.replace("f = {}\n", "") + "\n[features.h]\n"
    );
}

/// What a command can add to a project.
#[derive(Clone, Debug)]
enum Part {
    Feature(&'static str),
    Entity(&'static str, Vec<&'static str>),
    Job(&'static str, &'static str),
}

fn add(project: &mut Project, part: &Part) {
    match part {
        Part::Feature(name) => {
            project.features.insert(feature(name), Feature {});
        }
        Part::Entity(name, fields) => {
            let mut new = Entity::new(feature("main_feature"));
            new.fields = fields.iter().map(|text| field(text)).collect();
            project.entities.insert(entity(name), new);
        }
        Part::Job(of, name) => {
            let found = project.entities.get_mut(&entity(of)).unwrap();
            found.jobs.insert(job(name), Job {});
        }
    }
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let fields = subsequence(
        vec![
            "title:string:1..200",
            "price:decimal",
            "kind:enum:a/b",
            r"code:string:pattern=^\d$",
        ],
        0..=4,
    );
    let features = subsequence(vec!["alpha", "main_gate", "zeta"], 0..=3);
    let entities = subsequence(vec!["Apple", "Melon", "Order", "OrderItem", "Zebra"], 0..=5);
    (features, entities, fields)
        .prop_map(|(features, entities, fields)| {
            let features = features.into_iter().map(Part::Feature);
            let entities = entities
                .into_iter()
                .map(|name| Part::Entity(name, fields.clone()));
            features
                .chain(entities)
                .chain([Part::Job("Mango", "weigh"), Part::Job("Mango", "eat")])
                .collect::<Vec<_>>()
        })
        .prop_shuffle()
}

/// Files of one project, which users have laid out in their own ways.
fn text() -> impl Strategy<Value = String> {
    let head = "scaffold = '0.1.0'\n\n[project]\nname = 'x'\n";
    let bodies = select(vec![
        "\n[features.main_feature]\n\n[entities.Mango]\nfeature = 'main_feature'\nfields = []\n",
        "\n# F\n\n[features.main_feature]\n# G\n\n# E\n[entities.Mango]\nfeature = 'main_feature'\nfields = [\n  # a\n  'a:int', # b\n]\n# H\n\n# I\n",
        "[features.main_feature]\n[entities.Mango]\nfeature = 'main_feature'\nfields = ['a:int']\n",
        "\n\n\n[entities.Mango]\nfeature = 'main_feature'\nfields = ['a:int']\n\n\n\n[features.main_feature]\n\n\n",
        "# x\n[features.main_feature]\n# y\n[entities.Mango]\nfeature = 'main_feature'\n# z\n",
        "\n[entities.mango]\nfeature = 'main_feature'\n\n[entities.mango.jobs.peel]\n\n# u\n[features.MainFeature]\n",
        "\n[features]\nmain_feature = {}\n\n[entities.Mango]\nfeature = 'main_feature'\njobs = {}\n",
    ]);
    (
        bodies,
        select(vec!["\n", "\r\n"]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(move |(body, eol, bom, cut)| {
            let text = format!("{head}{body}").replace('\n', eol);
            let text = if cut {
                text.strip_suffix(eol).unwrap_or(&text).to_owned()
            } else {
                text
            };
            if bom { format!("\u{feff}{text}") } else { text }
        })
}

/// Tables cannot be added to what is written inline.
fn can_take(text: &str, part: &Part) -> bool {
    !(matches!(part, Part::Job(..)) && text.contains("jobs = {}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn removing_what_was_added_gives_back_the_same_bytes(text in text(), parts in parts()) {
        let before = parse(&text);
        let mut texts = vec![(before.clone(), text.clone())];
        for part in parts.iter().filter(|part| can_take(&text, part)) {
            let (mut project, text) = texts.last().cloned().unwrap();
            add(&mut project, part);
            let text = edit(&project, &text);
            prop_assert_eq!(&parse(&text), &project);
            texts.push((project, text));
        }
        let (_, mut shrinking) = texts.pop().unwrap();
        for (project, text) in texts.iter().rev() {
            shrinking = edit(project, &shrinking);
            prop_assert_eq!(&shrinking, text);
        }
        let all_at_once = edit(&before, &texts.last().map_or(text.clone(), |(_, text)| text.clone()));
        prop_assert_eq!(all_at_once, text);
    }

    #[test]
    fn the_order_of_additions_does_not_show(text in text(), parts in parts(), seed in any::<usize>()) {
        let grow = |parts: Vec<&Part>| {
            parts.into_iter().fold((parse(&text), text.clone()), |(mut project, text), part| {
                add(&mut project, part);
                let text = edit(&project, &text);
                (project, text)
            })
        };
        let one: Vec<&Part> = parts.iter().filter(|part| can_take(&text, part)).collect();
        let mut other = one.clone();
        other.rotate_left(seed % one.len().max(1));
        let (project, grown) = grow(one);
        prop_assert_eq!(&grow(other).1, &grown);
        prop_assert_eq!(edit(&project, &text), grown);
    }

    #[test]
    fn every_line_of_the_user_survives(text in text(), parts in parts()) {
        let mut project = parse(&text);
        parts.iter().filter(|part| can_take(&text, part)).for_each(|part| add(&mut project, part));
        let grown = edit(&project, &text);
        let mut lines = grown.lines();
        for line in text.lines() {
            prop_assert!(lines.any(|other| other == line), "{line:?} is not in\n{grown}");
        }
    }

    #[test]
    fn a_new_file_is_what_additions_make_of_an_empty_one(parts in parts()) {
        let mut project = Project::new(ProjectName::parse("x").unwrap());
        let empty = project.to_toml();
        project.features.insert(feature("main_feature"), Feature {});
        project.entities.insert(entity("Mango"), Entity::new(feature("main_feature")));
        parts.iter().for_each(|part| add(&mut project, part));
        prop_assert_eq!(edit(&project, &empty), project.to_toml());
    }

    #[test]
    fn any_text_is_a_project_or_refused(text in "(scaffold = '0.1.0'\n)?(project.name = 'x'\n)?[a-z\\[\\].= '\"{}\n#]{0,60}") {
        if let Err(problems) = Project::parse(&text, FILE) {
            prop_assert!(!problems.0.is_empty());
        }
    }
}
