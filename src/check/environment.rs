//! Environment variables: what the code cannot do without is set, and what is set is read.

use std::collections::{BTreeMap, BTreeSet};

use super::files::Files;
use super::sam::Function;
use super::{Code, Finding, Note, Rule, TEMPLATE, listed};

const EXAMPLE: &str = ".env.example";

/// What Lambda sets itself.
const SET_BY_LAMBDA: [&str; 16] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_EXECUTION_ENV",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "TZ",
    "PATH",
    "LD_LIBRARY_PATH",
    "LANG",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Beginnings of what the SDK, the runtime, the standard library and the usual extensions read.
const READ_BY_OTHERS: [&str; 14] = [
    "AWS_",
    "LAMBDA_",
    "RUST_",
    "OTEL_",
    "POWERTOOLS_",
    "DD_",
    "NEW_RELIC_",
    "PARAMETERS_SECRETS_EXTENSION_",
    "SSM_PARAMETER_STORE_",
    "SECRETS_MANAGER_",
    "SSL_CERT_",
    "HTTP",
    "NO_PROXY",
    "NO_COLOR",
];

/// Crates that read the environment as a whole, under names that they make up.
const READERS: [&str; 5] = ["envy", "figment", "config", "confique", "envconfig"];

pub fn check(code: &Code<'_>, files: &Files, findings: &mut Vec<Finding>, notes: &mut Vec<Note>) {
    let required = unset(code, findings, notes);
    let modules = code.crates.iter().flat_map(|found| &found.modules);
    let facts = modules.filter_map(|module| code.parsed.get(&module.file)?.as_ref());
    let texts = facts.flat_map(|facts| &facts.texts).map(String::as_str);
    let texts: BTreeSet<&str> = texts.collect();
    if let Some(whole) = whole(code) {
        notes.push(whole);
        return;
    }
    if !code.is_whole {
        return;
    }
    let is_read = |name: &str| {
        texts.contains(name) || READ_BY_OTHERS.iter().any(|start| name.starts_with(start))
    };
    let mut told = BTreeMap::new();
    for function in &code.template.functions {
        for variable in function
            .variables
            .iter()
            .filter(|variable| !is_read(&variable.name))
        {
            let functions: &mut Vec<&str> =
                told.entry((variable.line, &*variable.name)).or_default();
            functions.push(&function.name);
        }
    }
    for ((line, name), _) in told {
        let message = format!("`{name}` is set, and nothing reads it");
        let finding = Finding::new(Rule::UnreadVariable, TEMPLATE, line, message);
        findings.push(finding.help(format!(
            "take it away, or read it in `src/config.rs` (`{name}`)"
        )));
    }
    let Ok(example) = files.text(EXAMPLE) else {
        return;
    };
    let listed = example.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim().trim_start_matches("export ");
        let (name, _) = line.split_once('=')?;
        let is_name = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then_some((name, index + 1))
    });
    let listed: BTreeMap<&str, usize> = listed.collect();
    for (name, line) in &listed {
        if !is_read(name) {
            let finding = Finding::new(
                Rule::UnreadVariable,
                EXAMPLE,
                *line,
                format!("nothing reads `{name}`"),
            );
            findings.push(finding.help("take it away"));
        }
    }
    for (name, place) in required {
        let is_set = listed.contains_key(&*name) || SET_BY_LAMBDA.contains(&&*name);
        if !listed.is_empty() && !is_set {
            let message = format!("`{name}` is not here, and {place} cannot do without it");
            let finding = Finding::new(Rule::UnsetVariable, EXAMPLE, 1, message);
            findings.push(finding.help(format!("add the line `{name}=`")));
        }
    }
}

/// Tells which variables are required and not set, and returns all that are required, with a place that does so.
fn unset(
    code: &Code<'_>,
    findings: &mut Vec<Finding>,
    notes: &mut Vec<Note>,
) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut missing: BTreeMap<(&str, usize, &str), Vec<&Function>> = BTreeMap::new();
    for function in &code.template.functions {
        let set: BTreeSet<&str> = function
            .variables
            .iter()
            .map(|variable| &*variable.name)
            .collect();
        for id in code.reached_from(&function.binary).into_keys() {
            let file = code.program.functions[id].file;
            for variable in &code.mentions[id].variables {
                let name = &*variable.name;
                all.insert(name.to_owned(), format!("{file}:{}", variable.line));
                if !set.contains(name) && !SET_BY_LAMBDA.contains(&name) {
                    let functions = missing.entry((file, variable.line, name)).or_default();
                    functions.push(function);
                }
            }
        }
    }
    for ((file, line, name), mut functions) in missing {
        functions.retain(|function| match &function.hidden_variables {
            Some(hidden) => {
                notes.push(Note {
                    path: TEMPLATE.to_owned(),
                    line: hidden.line,
                    message: format!(
                        "{} of `{}` is not understood, so `{name}` may be set or not",
                        hidden.what, function.name
                    ),
                });
                false
            }
            None => true,
        });
        if functions.is_empty() {
            continue;
        }
        let who = listed(functions.iter().map(|function| &*function.name));
        let does = if functions.len() == 1 { "does" } else { "do" };
        let message = format!("`{name}` is required here, and {who} {does} not set it");
        let finding = Finding::new(Rule::UnsetVariable, file, line, message);
        findings.push(finding.help(format!("set `{name}` under `Environment` in `{TEMPLATE}`")));
    }
    all
}

/// Where the environment is read as a whole, if it is.
fn whole(code: &Code<'_>) -> Option<Note> {
    for (id, mentions) in code.mentions.iter().enumerate() {
        let reads = |path: &&Vec<String>| match &path[..] {
            [.., env, vars] if env == "env" && (vars == "vars" || vars == "vars_os") => true,
            [first, _, ..] => READERS.contains(&&**first),
            _ => false,
        };
        if let Some(path) = mentions.elsewhere.iter().find(reads) {
            let function = &code.program.functions[id];
            return Some(Note {
                path: function.file.to_owned(),
                line: function.facts.line,
                message: format!(
                    "`{}` reads the environment as a whole, so what is set and never read is not known",
                    path.join("::")
                ),
            });
        }
    }
    None
}
