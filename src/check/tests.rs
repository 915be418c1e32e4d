//! Real projects, as they are rendered, with one fault planted in each.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::cli::{AddEntity, AddFeature, AddJob, New};
use crate::commands::{add_entity, add_feature, add_job, new};
use crate::project::Project;

/// A project on the disk.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// With the feature `shop`, its entity `Item` and, below that, `Part`.
    fn shop() -> Self {
        Self::shop_with(|_| {})
    }

    /// With something more in it.
    fn shop_with(edit: impl FnOnce(&mut Project)) -> Self {
        let args = New {
            name: "my-api".to_owned(),
            path: None,
            region: None,
            arch: None,
            without: Vec::new(),
            no_git: true,
        };
        let mut project = new::project(&args).unwrap();
        let feature = AddFeature {
            name: "shop".to_owned(),
            ..AddFeature::default()
        };
        add_feature::edit(&mut project, &feature).unwrap();
        for (name, parent) in [("Item", None), ("Part", Some("Item"))] {
            let entity = AddEntity {
                name: name.to_owned(),
                parent: parent.map(str::to_owned),
                ..AddEntity::default()
            };
            add_entity::edit(&mut project, &entity).unwrap();
        }
        edit(&mut project);
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in new::tree(&project).unwrap().iter() {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) -> &Self {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
        self
    }

    fn append(&self, path: &str, text: &str) -> &Self {
        let before = fs::read_to_string(self.path(path)).unwrap();
        self.write(path, &(before + text))
    }

    fn edit(&self, path: &str, from: &str, to: &str) -> &Self {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(from), "no `{from}` in {path}");
        self.write(path, &text.replacen(from, to, 1))
    }

    fn report(&self) -> Report {
        check(self.folder.path()).unwrap()
    }

    /// `path:line rule` of each finding.
    #[track_caller]
    fn finds(&self, expected: &[&str]) -> Report {
        let report = self.report();
        let found = report.findings.iter();
        let found =
            found.map(|found| format!("{}:{} {}", found.path, found.line, found.rule.name()));
        assert_eq!(
            found.collect::<Vec<_>>(),
            expected,
            "{:#?}",
            report.findings
        );
        report
    }

    /// The line on which a text stands first.
    fn line(&self, path: &str, text: &str) -> usize {
        let whole = fs::read_to_string(self.path(path)).unwrap();
        1 + whole.lines().position(|line| line.contains(text)).unwrap()
    }

    /// As [`Self::finds`], of one finding on the line that has this text.
    #[track_caller]
    fn finds_at(&self, path: &str, text: &str, rule: &str) -> Report {
        self.finds(&[&format!("{path}:{} {rule}", self.line(path, text))])
    }
}

const FEATURES: &str = "src/features/mod.rs";
const SHOP: &str = "src/features/shop/mod.rs";
const ROUTES: &str = "src/features/shop/item/routes.rs";
const AI: &str = "src/shared/ai/mod.rs";
const CONFIG: &str = "src/config.rs";

#[test]
fn a_project_as_it_is_written_is_wired() {
    let report = Disk::shop().finds(&[]);
    assert_eq!(report.notes, []);
    assert!(report.files > 100);
}

#[test]
fn a_file_that_no_module_declares_is_found_wherever_it_is() {
    let disk = Disk::shop();
    disk.write("src/shared/price.rs", "pub fn price() {}\n");
    disk.write("src/features/shop/stray/mod.rs", "mod inner;\n");
    disk.write("tests/api/price.rs", "fn price() {}\n");
    disk.write("local/src/stray.rs", "");
    let report = disk.finds(&[
        "local/src/stray.rs:1 undeclared-module",
        "src/features/shop/stray/mod.rs:1 undeclared-module",
        "src/shared/price.rs:1 undeclared-module",
        "tests/api/price.rs:1 undeclared-module",
    ]);
    let help = report.findings[2].help.as_deref();
    assert_eq!(
        help,
        Some("write `mod price;` into `src/shared/mod.rs`, or delete the file")
    );
}

#[test]
fn a_module_without_a_file_is_found() {
    let disk = Disk::shop();
    disk.append(SHOP, "mod ghost;\n");
    disk.finds_at(SHOP, "mod ghost;", "missing-module-file");
}

#[test]
fn modules_of_every_form_are_followed() {
    let disk = Disk::shop();
    disk.append(
        SHOP,
        "#[path = \"../../elsewhere.rs\"]\nmod named;\n#[cfg(test)]\nmod tests;\nmod inline { mod below; }\n\
         #[cfg(windows)]\nmod windows_only;\nmod r#type;\nmod parts { include!(\"made.rs\"); }\n",
    );
    disk.write("src/elsewhere.rs", "");
    disk.write("src/features/shop/tests.rs", "mod deeper;");
    disk.write("src/features/shop/tests/deeper.rs", "");
    disk.write("src/features/shop/inline/below.rs", "");
    disk.write("src/features/shop/type.rs", "");
    disk.write("src/features/shop/made.rs", "");
    disk.write("src/bin/tool/main.rs", "mod part;\nfn main() {}\n");
    disk.write("src/bin/tool/part.rs", "");
    disk.write("build.rs", "fn main() {}");
    disk.finds(&[]);
}

#[test]
fn a_handler_that_is_not_routed_is_found() {
    let disk = Disk::shop();
    disk.edit(ROUTES, "    routes.signed_in(routes!(delete));\n", "");
    disk.finds_at(ROUTES, "async fn delete(", "unrouted-handler");
}

#[test]
fn a_handler_that_is_routed_twice_is_found() {
    let disk = Disk::shop();
    disk.edit(ROUTES, "routes!(delete)", "routes!(create)");
    let report = disk.report();
    let found: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.rule.name())
        .collect();
    assert_eq!(found, ["routed-twice", "unrouted-handler"]);
    assert_eq!(
        report.findings[0].line,
        disk.line(ROUTES, "routes!(update)") + 1
    );
}

#[test]
fn two_handlers_for_one_request_are_found() {
    let disk = Disk::shop();
    let other = |path: &str| {
        let text = format!("#[utoipa::path(get, path = \"{path}\")]\nasync fn other() {{}}\n");
        disk.write("src/features/shop/routes.rs", &format!(
            "use utoipa_axum::routes;\nuse crate::app::Routes;\n\n{text}\npub fn mount(routes: &mut Routes) {{\n    routes.public(routes!(other));\n}}\n"
        ));
    };
    other("/api/shop/other");
    disk.write("src/features/shop/service.rs", "").finds(&[]);
    other("/api/items");
    disk.finds_at(
        "src/features/shop/routes.rs",
        "async fn other",
        "route-clash",
    );
    // The router takes no two names for one parameter, whatever the methods are.
    other("/api/items/{name}");
    disk.finds_at(
        "src/features/shop/routes.rs",
        "async fn other",
        "route-clash",
    );
}

#[test]
fn routes_that_nobody_mounts_are_found() {
    let disk = Disk::shop();
    disk.edit(SHOP, "    part::routes::mount(routes);\n", "");
    disk.finds_at(
        "src/features/shop/part/routes.rs",
        "pub fn mount",
        "unmounted-routes",
    );

    let disk = Disk::shop();
    disk.edit(FEATURES, "    shop::mount(&mut routes);\n", "");
    disk.finds_at(SHOP, "pub fn mount", "unmounted-routes");
}

#[test]
fn a_required_variable_that_no_function_sets_is_found_in_the_code() {
    let disk = Disk::shop();
    disk.edit(
        "template.yaml",
        "        BEDROCK_MODEL_ID: !Ref BedrockModelId\n",
        "",
    );
    let report = disk.finds_at(CONFIG, "required(\"BEDROCK_MODEL_ID\")", "unset-variable");
    let message = &report.findings[0].message;
    assert!(
        message.ends_with("`ApiFunction` and `WorkerFunction` do not set it"),
        "{message}"
    );
}

#[test]
fn a_variable_of_the_users_own_is_followed() {
    let disk = Disk::shop();
    disk.edit(
        "src/features/shop/item/repository.rs",
        "pub async fn create(",
        "pub fn rate() -> String {\n    std::env::var(\"VAT_RATE\").unwrap()\n}\n\npub async fn create(",
    );
    // Nobody calls it yet.
    disk.finds(&[]);
    disk.edit(
        ROUTES,
        "    let scope = user.scope();\n",
        "    let scope = user.scope();\n    repository::rate();\n",
    );
    disk.finds(&[
        ".env.example:1 unset-variable",
        &format!(
            "src/features/shop/item/repository.rs:{} unset-variable",
            disk.line("src/features/shop/item/repository.rs", "VAT_RATE")
        ),
    ]);
    disk.edit(
        "template.yaml",
        "        ENVIRONMENT: !Ref Environment\n",
        "        ENVIRONMENT: !Ref Environment\n        VAT_RATE: \"19\"\n",
    );
    disk.append(".env.example", "VAT_RATE=19\n");
    disk.finds(&[]);
    disk.edit(
        "src/features/shop/item/repository.rs",
        "\"VAT_RATE\").unwrap()",
        "\"VAT\").unwrap_or_default()",
    );
    disk.finds(&[
        &format!(
            ".env.example:{} unread-variable",
            disk.line(".env.example", "VAT_RATE")
        ),
        &format!(
            "template.yaml:{} unread-variable",
            disk.line("template.yaml", "VAT_RATE")
        ),
    ]);
}

#[test]
fn a_right_that_is_missing_is_found_where_it_is_needed() {
    let disk = Disk::shop();
    disk.edit(
        ROUTES,
        "    let scope = user.scope();\n",
        "    let scope = user.scope();\n    let asked = state.ai().ask(&question).await;\n",
    );
    let report = disk.finds_at(AI, ".converse()", "missing-permission");
    let finding = &report.findings[0];
    assert_eq!(
        finding.message,
        "this needs `bedrock:InvokeModel`, which `ApiFunction` is not granted"
    );
    let help = finding.help.as_deref().unwrap();
    assert!(help.contains(&format!("{ROUTES}:")), "{help}");
}

#[test]
fn a_right_that_only_a_job_needs_is_the_workers() {
    let disk = Disk::shop_with(|project| {
        let job = AddJob {
            name: "count".to_owned(),
            entity: Some("Item".to_owned()),
            ..AddJob::default()
        };
        add_job::edit(project, &job).unwrap();
    });
    disk.finds(&[]);
    disk.edit(
        "template.yaml",
        "Action: bedrock:InvokeModel",
        "Action: bedrock:*Stream",
    );
    let report = disk.report();
    let found = report
        .findings
        .first()
        .map(|finding| finding.message.as_str());
    let expected = "this needs `bedrock:InvokeModel`, which `WorkerFunction` is not granted";
    assert_eq!(found, Some(expected), "{:#?}", report.findings);
}

#[test]
fn a_client_of_the_users_own_is_followed() {
    let disk = Disk::shop();
    disk.write(
        "src/shared/mail.rs",
        "use aws_sdk_sesv2::Client as Ses;\n\npub struct Mail {\n    ses: Ses,\n}\n\nimpl Mail {\n    pub async fn post(&self) {\n        let _ = self.ses.send_email().send().await;\n    }\n}\n",
    );
    disk.edit(
        "src/shared/mod.rs",
        "pub mod response;\n",
        "pub mod mail;\npub mod response;\n",
    );
    disk.edit(
        ROUTES,
        "    let scope = user.scope();\n",
        "    let scope = user.scope();\n    mail(&state).post().await;\n",
    );
    disk.append(
        ROUTES,
        "\nfn mail(_: &AppState) -> std::sync::Arc<crate::shared::mail::Mail> {\n    loop {}\n}\n",
    );
    disk.finds_at("src/shared/mail.rs", ".send_email()", "missing-permission");
    disk.edit("template.yaml", "            - Sid: Table\n", "            - Effect: Allow\n              Action: ses:SendEmail\n              Resource: \"*\"\n            - Sid: Table\n");
    disk.finds(&[]);
}

#[test]
fn a_right_that_nothing_asks_for_is_found() {
    let disk = Disk::shop();
    disk.edit(
        "template.yaml",
        "                - dynamodb:GetItem\n",
        "                - dynamodb:GetItem\n                - dynamodb:Scan\n",
    );
    disk.finds_at("template.yaml", "dynamodb:Scan", "unused-permission");
}

#[test]
fn policies_are_understood_or_said_not_to_be() {
    let disk = Disk::shop();
    let policies = "      Policies:\n        - Version: \"2012-10-17\"\n          Statement:\n            - Sid: Table\n";
    let add = |more: &str| {
        let disk = Disk::shop();
        disk.edit(
            "template.yaml",
            policies,
            &policies.replacen("      Policies:\n", &format!("      Policies:\n{more}"), 1),
        );
        disk
    };
    disk.finds(&[]);
    for fine in [
        "        - DynamoDBReadPolicy:\n            TableName: !Ref Table\n",
        "        - AWSLambdaBasicExecutionRole\n",
        "        - !If [IsProduction, {Statement: [{Effect: Allow, Action: \"dynamodb:Put*\", Resource: x}]}, !Ref AWS::NoValue]\n",
        "        - Statement:\n            Effect: Allow\n            Action: [logs:PutLogEvents, kms:Decrypt]\n            Resource: x\n",
    ] {
        add(fine).finds(&[]);
    }
    let disk = add("        - SNSCrudPolicy:\n            TopicName: x\n");
    disk.finds_at("template.yaml", "SNSCrudPolicy", "unused-permission");
    let disk = add(
        "        - Statement:\n            - Effect: Allow\n              Action: !If [IsProduction, \"sns:Publish\", \"dynamodb:Query\"]\n              Resource: x\n",
    );
    disk.finds_at("template.yaml", "sns:Publish", "unused-permission");

    // What may be granted elsewhere is no finding.
    let disk = add("        - AmazonDynamoDBFullAccess\n");
    disk.edit("template.yaml", "                - dynamodb:GetItem\n", "");
    let report = disk.finds(&[]);
    let notes: Vec<&str> = report.notes.iter().map(|note| &*note.message).collect();
    assert!(
        notes[0].starts_with(
            "the managed policy `AmazonDynamoDBFullAccess` of `ApiFunction` is not understood"
        ),
        "{notes:?}"
    );
}

#[test]
fn a_job_that_the_worker_does_not_know_is_found() {
    let disk = Disk::shop();
    disk.append("src/features/shop/item/mod.rs", "\nmod count;\n");
    disk.write(
        "src/features/shop/item/count.rs",
        "use crate::shared::jobs::Job;\n\npub struct Count;\n\nimpl Job for Count {}\n",
    );
    disk.finds_at(
        "src/features/shop/item/count.rs",
        "impl Job for Count",
        "undispatched-job",
    );
    disk.edit(
        "src/worker.rs",
        "    Ping,\n",
        "    Ping,\n    Count(Ticket<Count>),\n",
    );
    disk.edit(
        "src/worker.rs",
        "use crate::shared::jobs::Retry;\n",
        "use crate::features::shop::item::count::Count;\nuse crate::shared::jobs::Retry;\n",
    );
    disk.finds_at(
        "src/worker.rs",
        "    Count(Ticket<Count>),",
        "undispatched-job",
    );
    disk.edit(
        "src/worker.rs",
        "        Message::Unknown => {",
        "        Message::Count(_) => Ok(()),\n        Message::Unknown => {",
    );
    disk.finds(&[]);
}

#[test]
fn a_file_that_does_not_parse_is_a_finding_and_nothing_is_made_up_for_lack_of_it() {
    let disk = Disk::shop();
    disk.append(SHOP, "\nfn {\n");
    disk.finds(&[&format!("{SHOP}:{} unreadable", disk.line(SHOP, "fn {"))]);

    let disk = Disk::shop();
    fs::write(disk.path(ROUTES), [0xff, 0xfe]).unwrap();
    disk.finds(&[&format!("{ROUTES}:1 unreadable")]);

    let disk = Disk::shop();
    disk.write("template.yaml", "Resources: [\n")
        .finds(&["template.yaml:2 unreadable"]);
    fs::remove_file(disk.path("template.yaml")).unwrap();
    disk.finds(&["template.yaml:1 unreadable"]);

    let disk = Disk::shop();
    disk.append("Cargo.toml", "[package]\n");
    let line = fs::read_to_string(disk.path("Cargo.toml"))
        .unwrap()
        .lines()
        .count();
    disk.finds(&[&format!("Cargo.toml:{line} unreadable")]);
}

#[test]
fn a_comment_allows_a_rule_on_its_line_and_the_next() {
    let disk = Disk::shop();
    disk.edit("template.yaml", "        ENVIRONMENT: !Ref Environment\n", "        # scaffold: allow unread-variable\n        STALE: x\n        ENVIRONMENT: !Ref Environment\n");
    disk.append(
        ROUTES,
        "\n// scaffold: allow unrouted-handler, routed-twice\nasync fn nothing() {}\n",
    );
    disk.finds(&[]);
    disk.edit(
        "template.yaml",
        "allow unread-variable",
        "allow unset-variable",
    );
    disk.finds_at("template.yaml", "STALE", "unread-variable");
}

#[cfg(unix)]
#[test]
fn links_are_neither_followed_nor_missed() {
    let disk = Disk::shop();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("mod.rs"), "fn {").unwrap();
    std::os::unix::fs::symlink(outside.path(), disk.path("src/shared/linked")).unwrap();
    disk.append("src/shared/mod.rs", "mod linked;\n");
    disk.finds(&[]);
}

#[test]
fn what_users_wire_in_their_own_way_is_wired() {
    let disk = Disk::shop();
    disk.append(
        "Cargo.toml",
        "\n[[bin]]\nname = \"nightly\"\npath = \"src/jobs/nightly.rs\"\n",
    );
    disk.write(
        "src/jobs/nightly.rs",
        "mod steps;\n\n#[tokio::main]\nasync fn main() {\n    let aws = aws_config::load_defaults(x).await;\n    let queue = aws_sdk_sqs::Client::new(&aws);\n    steps::run(&queue).await;\n}\n",
    );
    disk.write(
        "src/jobs/steps.rs",
        "use my_api::shared::aws as sdk;\npub async fn run(queue: &aws_sdk_sqs::Client) {\n    let url = std::env::var(\"QUEUE_URL\").expect(\"set\");\n    queue.send_message().queue_url(url).send().await;\n}\n",
    );
    disk.append(
        "template.yaml",
        "\n  # Appended below Outputs, so it is moved up by the test.\n",
    );
    let function = "  Nightly:\n    Type: AWS::Serverless::Function\n    Metadata:\n      BuildMethod: rust-cargolambda\n      BuildProperties:\n        Binary: nightly\n    Properties:\n      Environment:\n        Variables:\n          QUEUE_URL: !Ref Queue\n      Policies:\n        - SQSSendMessagePolicy:\n            QueueName: !GetAtt Queue.QueueName\n  Report:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n      CodeUri: report/\n      Environment:\n        Variables:\n          ANY: x\n      Policies: AmazonS3FullAccess\n\n";
    disk.edit(
        "template.yaml",
        "Resources:\n",
        &format!("Resources:\n{function}"),
    );
    disk.append(".env.example", "QUEUE_URL=\n");
    // A route of plain axum, below a prefix, behind a re-export and a glob.
    disk.append(
        SHOP,
        "\nmod own;\npub use self::own::*;\n\npub fn plain() -> axum::Router {\n    axum::Router::new().nest(\"/x\", inner())\n}\n",
    );
    disk.write(
        "src/features/shop/own.rs",
        "use axum::routing::get;\n\n#[utoipa::path(get, path = \"/api/items\")]\npub async fn shown() {}\n\npub fn inner() -> axum::Router {\n    axum::Router::new().route(\"/own\", get(shown))\n}\n",
    );
    let report = disk.finds(&[]);
    assert_eq!(report.notes, []);
    disk.edit(
        "template.yaml",
        "        - SQSSendMessagePolicy:\n            QueueName: !GetAtt Queue.QueueName\n",
        "        []\n",
    );
    disk.finds_at("src/jobs/steps.rs", "send_message", "missing-permission");
}
