//! What template.yaml gives each function: the program it runs, its variables, and its rights.

use std::collections::BTreeSet;

use super::actions;
use super::yaml::{Node, Value};
use crate::syntax::SyntaxError;

/// A Lambda function that runs Rust code of this project.
#[derive(Debug)]
pub struct Function {
    /// The logical id.
    pub name: String,
    /// Which of the project's programs it runs.
    pub binary: String,
    pub variables: Vec<Variable>,
    /// What its variables cannot be told by, if there is something.
    pub hidden_variables: Option<Hidden>,
    pub grants: Vec<Grant>,
    /// What its rights cannot be told by, if there is something.
    pub hidden_rights: Option<Hidden>,
    /// Types of the events that start it.
    pub events: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    pub line: usize,
}

/// Rights that are granted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// As written: an action, or a policy template.
    pub name: String,
    pub line: usize,
    pub actions: Vec<String>,
}

/// Something in a template that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    pub what: String,
    pub line: usize,
}

/// All that is deployed of this project's code.
#[derive(Debug, Default)]
pub struct Template {
    pub functions: Vec<Function>,
    /// Functions of which it is not known what they run.
    pub unknown: Vec<Hidden>,
}

/// Reads a template; `binaries` are the programs that there are.
pub fn read(text: &str, binaries: &BTreeSet<&str>) -> Result<Template, SyntaxError> {
    let root = Node::parse(text)?;
    let mut template = Template::default();
    let resources = root.get("Resources").map_or(&[][..], Node::entries);
    for (name, line, resource) in resources {
        let kind = resource
            .get("Type")
            .and_then(Node::text)
            .unwrap_or_default();
        let is_serverless = kind == "AWS::Serverless::Function";
        if !is_serverless && kind != "AWS::Lambda::Function" {
            continue;
        }
        match binary(resource, binaries) {
            Runs::Program(binary) => {
                let globals = root.at(&["Globals", "Function"]).filter(|_| is_serverless);
                template
                    .functions
                    .push(function(name, binary, resource, globals, resources));
            }
            Runs::Unknown => template.unknown.push(Hidden {
                what: format!("which program `{name}` runs"),
                line: *line,
            }),
            Runs::SomethingElse => {}
        }
    }
    Ok(template)
}

enum Runs {
    Program(String),
    /// It is written in Rust, or may be.
    Unknown,
    SomethingElse,
}

fn binary(resource: &Node, binaries: &BTreeSet<&str>) -> Runs {
    let text = |path: &[&str]| resource.at(path).and_then(Node::text);
    let named = text(&["Metadata", "BuildProperties", "Binary"]);
    let is_rust =
        text(&["Metadata", "BuildMethod"]).is_some_and(|method| method.starts_with("rust"));
    let code = text(&["Properties", "CodeUri"]).unwrap_or_default();
    let folder = code
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let only = || Some(*binaries.first()?).filter(|_| binaries.len() == 1 && is_rust);
    let found = named
        .or_else(|| binaries.get(folder).copied())
        .or_else(only);
    match found {
        Some(name) if binaries.contains(name) => Runs::Program(name.to_owned()),
        None if !is_rust => Runs::SomethingElse,
        _ => Runs::Unknown,
    }
}

fn function(
    name: &str,
    binary: String,
    resource: &Node,
    globals: Option<&Node>,
    resources: &[(String, usize, Node)],
) -> Function {
    let mut function = Function {
        name: name.to_owned(),
        binary,
        variables: Vec::new(),
        hidden_variables: None,
        grants: Vec::new(),
        hidden_rights: None,
        events: BTreeSet::new(),
    };
    let Some(properties) = resource.get("Properties") else {
        return function;
    };
    for of in [globals, Some(properties)].into_iter().flatten() {
        if let Some(node) = of.get("Environment") {
            function.environment(node);
        }
    }
    for (_, _, event) in properties.get("Events").map_or(&[][..], Node::entries) {
        let kind = event.get("Type").and_then(Node::text);
        function.events.extend(kind.map(str::to_owned));
    }
    if let Some(policies) = properties.get("Policies") {
        function.policies(policies);
    }
    if let Some(connectors) = resource.get("Connectors") {
        function.hide_rights("its connectors", connectors.line);
    }
    let role = match properties.get("Role") {
        Some(role) => match referred(role).and_then(|role| find(resources, role)) {
            Some((role, resource)) => {
                function.role(resource);
                Some(role)
            }
            None => {
                function.hide_rights("its role, which is not in this template", role.line);
                None
            }
        },
        None => None,
    };
    // SAM makes the role of a function that has none, and calls it so.
    let made = format!("{name}Role");
    let role = role.unwrap_or(&made);
    for (_, line, resource) in resources {
        let kind = resource
            .get("Type")
            .and_then(Node::text)
            .unwrap_or_default();
        let Some(properties) = resource.get("Properties") else {
            continue;
        };
        match kind {
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" | "AWS::IAM::RolePolicy" => {
                let roles = properties
                    .get("Roles")
                    .or_else(|| properties.get("RoleName"));
                let mut roles = roles.map(Node::one_or_more).into_iter().flatten();
                if roles.any(|found| referred(found) == Some(role))
                    && let Some(document) = properties.get("PolicyDocument")
                {
                    function.document(document);
                }
            }
            "AWS::Serverless::Connector" => {
                let source = properties.at(&["Source", "Id"]).and_then(Node::text);
                if source == Some(name) {
                    function.hide_rights("a connector", *line);
                }
            }
            _ => {}
        }
    }
    function
}

fn find<'a>(resources: &'a [(String, usize, Node)], name: &str) -> Option<(&'a str, &'a Node)> {
    let found = resources.iter().find(|(other, ..)| other == name);
    found.map(|(name, _, node)| (&**name, node))
}

/// The resource that `!Ref X`, `!GetAtt X.Arn` or `!Sub "${X}"` means.
fn referred(node: &Node) -> Option<&str> {
    match node.intrinsic()? {
        ("Ref", name) => name.text(),
        ("GetAtt", name) => match &name.value {
            Value::Text(text) => text.split('.').next(),
            Value::List(list) => list.first()?.text(),
            _ => None,
        },
        ("Sub", text) => {
            let inner = text.text()?.strip_prefix("${")?.strip_suffix('}')?;
            inner.split('.').next()
        }
        _ => None,
    }
}

impl Function {
    fn environment(&mut self, node: &Node) {
        let Some(variables) = node.get("Variables") else {
            self.hidden_variables.get_or_insert(Hidden {
                what: "the environment".to_owned(),
                line: node.line,
            });
            return;
        };
        for (name, line, value) in variables.entries() {
            match name.as_str() {
                "<<" => self.hide_variables("an alias", *line),
                name if name.starts_with("Fn::") => self.hide_variables(name, *line),
                // `!Ref AWS::NoValue` takes away what is set for all functions.
                _ if is_no_value(value) => self.variables.retain(|other| other.name != *name),
                name => {
                    self.variables.retain(|other| other.name != name);
                    let (name, line) = (name.to_owned(), *line);
                    self.variables.push(Variable { name, line });
                }
            }
        }
        if !matches!(variables.value, Value::Map(_)) || !variables.tag.is_empty() {
            self.hide_variables("the environment", variables.line);
        }
    }

    fn hide_variables(&mut self, what: &str, line: usize) {
        let what = what.to_owned();
        self.hidden_variables.get_or_insert(Hidden { what, line });
    }

    fn hide_rights(&mut self, what: &str, line: usize) {
        let what = what.to_owned();
        self.hidden_rights.get_or_insert(Hidden { what, line });
    }

    /// `Policies` of a function: names, policy templates and documents.
    fn policies(&mut self, node: &Node) {
        for policy in node.one_or_more() {
            if let Some((name, inner)) = policy.intrinsic() {
                match (name, &inner.value) {
                    ("If", Value::List(parts)) => {
                        parts.iter().skip(1).for_each(|part| self.policies(part))
                    }
                    _ if is_no_value(policy) => {}
                    _ => self.hide_rights("a policy that is made elsewhere", policy.line),
                }
                continue;
            }
            match &policy.value {
                Value::Text(managed) => self.managed(managed, policy.line),
                Value::Map(_) if policy.get("Statement").is_some() => self.document(policy),
                Value::Map(entries) => {
                    for (name, line, _) in entries {
                        match actions::policy_template(name) {
                            Some(actions) => self.grants.push(Grant {
                                name: name.clone(),
                                line: *line,
                                actions,
                            }),
                            None => self.hide_rights(&format!("`{name}`"), *line),
                        }
                    }
                }
                Value::List(_) | Value::Alias => self.hide_rights("its policies", policy.line),
            }
        }
    }

    fn managed(&mut self, name: &str, line: usize) {
        if !actions::is_for_platform_only(name) {
            self.hide_rights(&format!("the managed policy `{name}`"), line);
        }
    }

    /// An `AWS::IAM::Role`.
    fn role(&mut self, resource: &Node) {
        let Some(properties) = resource.get("Properties") else {
            return;
        };
        for policy in properties
            .get("ManagedPolicyArns")
            .map(Node::one_or_more)
            .into_iter()
            .flatten()
        {
            let text = match policy.intrinsic() {
                Some(("Sub", text)) => text.text(),
                Some(_) => None,
                None => policy.text(),
            };
            match text {
                Some(name) => self.managed(name, policy.line),
                None => self.hide_rights("a managed policy of its role", policy.line),
            }
        }
        for policy in properties
            .get("Policies")
            .map(Node::one_or_more)
            .into_iter()
            .flatten()
        {
            match policy.get("PolicyDocument") {
                Some(document) => self.document(document),
                None => self.hide_rights("a policy of its role", policy.line),
            }
        }
    }

    /// A document with statements.
    fn document(&mut self, node: &Node) {
        let Some(statements) = node.get("Statement") else {
            self.hide_rights("a policy without statements", node.line);
            return;
        };
        for statement in statements.one_or_more() {
            self.statement(statement);
        }
    }

    fn statement(&mut self, node: &Node) {
        match node.intrinsic() {
            Some((
                "If",
                Node {
                    value: Value::List(parts),
                    ..
                },
            )) => {
                parts.iter().skip(1).for_each(|part| self.statement(part));
                return;
            }
            Some(_) if is_no_value(node) => return,
            Some(_) => {
                self.hide_rights("a statement that is made elsewhere", node.line);
                return;
            }
            None => {}
        }
        if node.get("Effect").and_then(Node::text) != Some("Allow") {
            return;
        }
        match node.get("Action") {
            Some(actions) => self.actions(actions),
            None => self.hide_rights("a statement without `Action`", node.line),
        }
    }

    fn actions(&mut self, node: &Node) {
        for action in node.one_or_more() {
            match (action.intrinsic(), &action.value) {
                (
                    Some((
                        "If",
                        Node {
                            value: Value::List(parts),
                            ..
                        },
                    )),
                    _,
                ) => {
                    parts.iter().skip(1).for_each(|part| self.actions(part));
                }
                (Some(_), _) if is_no_value(action) => {}
                (None, Value::Text(text)) => self.grants.push(Grant {
                    name: text.clone(),
                    line: action.line,
                    actions: vec![text.clone()],
                }),
                _ => self.hide_rights("an action that is made elsewhere", action.line),
            }
        }
    }
}

fn is_no_value(node: &Node) -> bool {
    matches!(node.intrinsic(), Some(("Ref", name)) if name.text() == Some("AWS::NoValue"))
}
