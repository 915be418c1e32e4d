//! What `scaffold list --json` says, held against the API: its routes, who may use them, and what they ask of the table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use http::Method;
use local::LocalAws;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Request, Response, TestApp, send};

const LISTED: &str = include_str!("listed.json");
/// The route that docs/by-hand.md adds.
const BY_HAND: &str = "POST /api/greetings";

/// What to create, in an order in which nothing comes before what it needs.
const BODIES: &str = include_str!("bodies.json");

#[tokio::test]
async fn the_listed_routes_are_those_of_the_document() {
    let listed: Value = serde_json::from_str(LISTED).unwrap();
    let app = TestApp::start().await;
    let document = app.get("/openapi.json").await.json();

    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let is_public = operation["security"] != json!([{"HTTPBearer": []}]);
            let is_admin = operation["responses"].get("403").is_some();
            let route = format!("{} {path}", method.to_uppercase());
            documented.insert((route, is_public, is_admin));
        }
    }
    let routes = listed["routes"].as_array().unwrap().iter();
    let routes = routes.map(|route| {
        let access = text(route, "access");
        let name = format!("{} {}", text(route, "method"), text(route, "path"));
        (name, access == "public", access == "admin")
    });
    let mut told: BTreeSet<_> = routes.collect();
    told.insert((BY_HAND.to_owned(), false, false));
    assert_eq!(told, documented);
}

#[tokio::test]
async fn every_entity_is_reached_and_stored_as_listed() {
    let listed: Value = serde_json::from_str(LISTED).unwrap();
    let bodies: Value = serde_json::from_str(BODIES).unwrap();
    let entities = listed["entities"].as_array().unwrap();
    let parents = entities
        .iter()
        .filter_map(|entity| entity["parent"].as_str());
    let mut api = Api {
        app: TestApp::start().await,
        parents: parents.map(str::to_owned).collect(),
        known: BTreeMap::new(),
    };
    let (children, roots): (Vec<_>, Vec<_>) = entities
        .iter()
        .partition(|entity| entity["parent"].is_string());
    let patterns = |entity: &Value| -> Vec<&Value> {
        let all = listed["access_patterns"].as_array().unwrap().iter();
        all.filter(|pattern| pattern["entity"] == entity["name"])
            .collect()
    };

    let bodies = bodies.as_array().unwrap();
    assert_eq!(bodies.len(), entities.len());
    for body in bodies {
        let name = &body["entity"];
        let entity = entities.iter().find(|entity| entity["name"] == *name);
        let entity = entity.unwrap();
        let body = api.filled(&body["body"]);
        for pattern in patterns(entity) {
            if !text(pattern, "what").starts_with("delete") {
                let body = api.body_of(pattern, &body);
                api.check_access(pattern, &body).await;
                api.check_request(&[pattern], entity, &body).await;
            }
        }
        api.check_keys(entity).await;
    }
    for entity in children.into_iter().chain(roots) {
        let patterns = patterns(entity);
        if entity["parent"].is_string() {
            // Another one stays, so that there is something below the parent.
            let body = bodies.iter().find(|body| body["entity"] == entity["name"]);
            let body = api.filled(&body.unwrap()["body"]);
            api.check_request(&[patterns[0]], entity, &body).await;
        }
        let deletes: Vec<&Value> = patterns
            .into_iter()
            .filter(|pattern| text(pattern, "what").starts_with("delete"))
            .collect();
        api.check_access(deletes[0], &Value::Null).await;
        api.check_request(&deletes, entity, &Value::Null).await;
    }
}

struct Api {
    app: TestApp,
    parents: BTreeSet<String>,
    /// What stands for the parts of a path or a key: `order_id`, `owner`, `status`.
    known: BTreeMap<String, String>,
}

impl Api {
    /// Who is refused: somebody without a token, and somebody to whom the item does not belong.
    async fn check_access(&self, pattern: &Value, body: &Value) {
        let (nobody, stranger) = (None, Some("bob"));
        let is_collection = !text(pattern, "path")
            .split('?')
            .next()
            .unwrap()
            .contains('{');
        for caller in [nobody, stranger] {
            let expected = match (text(pattern, "access"), caller) {
                ("public", _) | ("user", Some(_)) => None,
                ("admin", Some(_)) => Some(403),
                ("owner", Some(_)) if is_collection => None,
                ("owner", Some(_)) => Some(404),
                (_, None) => Some(401),
                (other, _) => panic!("{other}"),
            };
            if expected.is_none() && pattern["method"] == "DELETE" {
                // The item is still needed; that it can be deleted is seen later.
                continue;
            }
            let request = self.request(pattern, body);
            let request = match caller {
                Some(user) => request.as_user(user),
                None => request,
            };
            let response = request.await;
            match expected {
                Some(status) => assert_eq!(response.status, status, "{pattern} {caller:?}"),
                None => assert!(response.status.is_success(), "{pattern} {response:?}"),
            }
        }
    }

    /// By somebody who may: what it asks of the table is what each of the patterns says.
    async fn check_request(&mut self, patterns: &[&Value], entity: &Value, body: &Value) {
        let request = self.request(patterns[0], body);
        let request = match text(patterns[0], "access") {
            "admin" => request.as_admin("alice"),
            _ => request.as_user("alice"),
        };
        asked();
        let response = request.await;
        assert!(response.status.is_success(), "{patterns:?} {response:?}");
        let asked = asked();
        let what = text(patterns[0], "what");
        if what == "create" {
            self.learn(entity, &response);
        } else if what.starts_with("announce") {
            self.upload(&response).await;
        }
        for pattern in patterns {
            let mut operations = text(pattern, "operation").split(", ");
            let first = operations.next().unwrap();
            let expected = self.conditions(pattern);
            let is_asked = asked
                .iter()
                .any(|(operation, body)| operation == first && asks(operation, body, &expected));
            assert!(is_asked, "{expected:?} of {pattern} is not in {asked:#?}");
            for operation in operations.filter(|_| self.parents.contains(text(entity, "name"))) {
                assert!(asked.iter().any(|(name, _)| name == operation), "{pattern}");
            }
        }
    }

    /// The body of a request of this kind: `item` to make or change one.
    fn body_of(&self, pattern: &Value, item: &Value) -> Value {
        match text(pattern, "what").split(' ').next().unwrap() {
            "announce" => {
                json!({"file_name": "a.pdf", "content_type": "application/pdf", "size": 5})
            }
            "set" => json!({"upload_id": self.known["upload_id"]}),
            _ => item.clone(),
        }
    }

    /// Sends the announced file.
    async fn upload(&mut self, announced: &Response) {
        let upload = announced.data();
        let mut request = http::Request::put(text(&upload, "upload_url"));
        for (name, value) in upload["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        let body = http_body_util::Full::from("%PDF-");
        let (status, _, _) = send(request.body(body).unwrap()).await;
        assert_eq!(status, 200);
        let id = text(&upload, "upload_id").to_owned();
        self.known.insert("upload_id".to_owned(), id);
    }

    /// The item just made is in the table and in the indexes where it is listed, and in no other.
    async fn check_keys(&self, entity: &Value) {
        let client = Client::new(&self.app.aws.sdk_config());
        let id = &self.known[&format!("{}_id", snake(text(entity, "name")))];
        let items = client.scan().table_name("local").send().await.unwrap();
        let mut items = items.items().iter();
        let item = items.find(|item| item["id"].as_s().unwrap() == id);
        let item = item.unwrap();
        let keys: BTreeMap<&str, &str> = item
            .iter()
            .filter(|(name, _)| name.ends_with("PK") || name.ends_with("SK"))
            .map(|(name, value)| (name.as_str(), value.as_s().unwrap().as_str()))
            .collect();

        let mut expected = BTreeMap::new();
        for key in entity["keys"].as_array().unwrap() {
            let place = match text(key, "in") {
                "table" => "",
                index => index,
            };
            expected.insert(format!("{place}PK"), self.fill(text(key, "pk")));
            expected.insert(format!("{place}SK"), self.fill(text(key, "sk")));
        }
        let expected: BTreeMap<&str, &str> = expected
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(keys, expected);
    }

    fn request(&self, pattern: &Value, body: &Value) -> Request<'_> {
        let (path, query) = match text(pattern, "path").split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (text(pattern, "path"), None),
        };
        let path = self.fill(&path.replace('{', "<").replace('}', ">"));
        let path = match query {
            Some(query) => {
                let query = self.fill(query).replace('%', "%25").replace('#', "%23");
                format!("{path}?{query}").replace("%2523", "%23")
            }
            None => path,
        };
        let method: Method = text(pattern, "method").parse().unwrap();
        match text(pattern, "method") {
            "POST" if text(pattern, "what").starts_with("start") => self.app.request(method, &path),
            "POST" => self.app.post(&path, body.clone()),
            "PATCH" => self.app.patch(&path, body.clone()),
            _ => self.app.request(method, &path),
        }
    }

    fn conditions(&self, pattern: &Value) -> Conditions {
        let prefix = match text(pattern, "in") {
            "table" => "",
            index => index,
        };
        let (sort, begins) = match pattern["sk"]["equals"].as_str() {
            Some(whole) => (whole, false),
            None => (text(&pattern["sk"], "begins_with"), true),
        };
        Conditions {
            names: [format!("{prefix}PK"), format!("{prefix}SK")],
            partition: self.fill(text(pattern, "pk")),
            sort: self.fill(sort),
            begins,
        }
    }

    fn learn(&mut self, entity: &Value, response: &Response) {
        let item = response.data();
        let id = format!("{}_id", snake(text(entity, "name")));
        for (name, value) in item.as_object().unwrap() {
            let name = if name == "id" { &id } else { name };
            let value = value.as_str().map_or(value.to_string(), str::to_owned);
            // `#` stands between the parts of a key.
            self.known.insert(name.clone(), value.replace('#', "%23"));
        }
        self.known.insert("owner".to_owned(), "alice".to_owned());
    }

    fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.known {
            text = text.replace(&format!("<{name}>"), value);
        }
        assert!(!text.contains('<'), "{text}");
        text
    }

    fn filled(&self, body: &Value) -> Value {
        serde_json::from_str(&self.fill(&body.to_string())).unwrap()
    }
}

#[derive(Debug)]
struct Conditions {
    names: [String; 2],
    partition: String,
    sort: String,
    begins: bool,
}

/// Whether a request to DynamoDB is about these keys.
fn asks(operation: &str, body: &Value, expected: &Conditions) -> bool {
    let [pk, sk] = &expected.names;
    let is_key = |key: &Value| {
        key[pk]["S"] == *expected.partition && key[sk]["S"] == *expected.sort && !expected.begins
    };
    match operation {
        "PutItem" => is_key(&body["Item"]),
        "GetItem" | "UpdateItem" | "DeleteItem" => is_key(&body["Key"]),
        "TransactWriteItems" => {
            let writes = body["TransactItems"].as_array().unwrap();
            writes.iter().any(|write| is_key(&write["Put"]["Item"]))
        }
        "Query" => {
            let index = body["IndexName"].as_str().unwrap_or_default();
            let condition = body["KeyConditionExpression"].as_str().unwrap();
            let name = |word: &str| &body["ExpressionAttributeNames"][word];
            let value = |word: &str| &body["ExpressionAttributeValues"][word]["S"];
            let is_partition =
                name("#partition") == pk && value(":partition") == &expected.partition;
            let is_sort = if expected.sort.is_empty() {
                condition == "#partition = :partition"
            } else {
                condition.ends_with("AND begins_with(#sort, :start)")
                    && name("#sort") == sk
                    && value(":start") == &expected.sort
            };
            format!("{index}PK") == *pk && is_partition && is_sort && expected.begins
        }
        other => panic!("{other}"),
    }
}

/// What was asked of DynamoDB since the last time this was called: operations and bodies.
fn asked() -> Vec<(String, Value)> {
    std::mem::take(&mut ASKED.lock().unwrap())
}

static ASKED: Mutex<Vec<(String, Value)>> = Mutex::new(Vec::new());

/// The AWS stand-ins, with a wire in between that is listened to.
pub async fn watched(aws: &LocalAws) -> SdkConfig {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let upstream = aws.endpoint_url().trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let upstream = TcpStream::connect(&upstream).await.unwrap();
            tokio::spawn(listen_in(stream, upstream));
        }
    });
    aws.sdk_config()
        .into_builder()
        .endpoint_url(endpoint)
        .build()
}

async fn listen_in(client: TcpStream, server: TcpStream) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut heard = Vec::new();
    let mut chunk = [0; 16 * 1024];
    while let Ok(length @ 1..) = from_client.read(&mut chunk).await {
        heard.extend(&chunk[..length]);
        while let Some(end) = whole_request(&heard) {
            let request = String::from_utf8(heard.drain(..end).collect()).unwrap();
            if let Some(asked) = dynamodb_request(&request) {
                ASKED.lock().unwrap().push(asked);
            }
        }
        to_server.write_all(&chunk[..length]).await.unwrap();
    }
}

/// Where the first request ends, once it is there.
fn whole_request(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    let end = head.len() + 4 + length.unwrap_or(0);
    (bytes.len() >= end).then_some(end)
}

fn dynamodb_request(request: &str) -> Option<(String, Value)> {
    let (head, body) = request.split_once("\r\n\r\n")?;
    let target = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("x-amz-target").then_some(value)
    })?;
    let operation = target.strip_prefix("DynamoDB_20120810.")?;
    Some((operation.to_owned(), serde_json::from_str(body).unwrap()))
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} of {value}"))
}

fn snake(pascal: &str) -> String {
    let mut snake = String::new();
    for c in pascal.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}
