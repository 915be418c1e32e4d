//! Rights in AWS: what a function's program asks for is granted to it, and what is granted is asked for.
//!
//! What a program asks for is followed from its `main`. Whether a right has a purpose is asked of the whole of the
//! code: a function may be given what its routes do not use yet.

use std::collections::{BTreeMap, BTreeSet};

use super::actions::{self, covers, needs};
use super::mentions::Request;
use super::program::FunctionId;
use super::sam::Function;
use super::{Code, Finding, Note, Rule, TEMPLATE, listed};

pub fn check(code: &Code<'_>, findings: &mut Vec<Finding>, notes: &mut Vec<Note>) {
    missing(code, findings, notes);
    if code.is_whole {
        let requests = code.mentions.iter().flat_map(|mentions| &mentions.requests);
        let requests: Vec<&Request> = requests.collect();
        let services = services(code);
        for function in &code.template.functions {
            unused(function, &requests, &services, findings);
        }
    }
}

/// The services whose SDK is mentioned.
fn services<'a>(code: &Code<'a>) -> BTreeSet<&'a str> {
    let modules = code.crates.iter().flat_map(|found| &found.modules);
    let facts = modules.filter_map(|module| code.parsed.get(&module.file)?.as_ref());
    let words = facts.flat_map(|facts| {
        let imported = facts
            .imports
            .iter()
            .filter_map(|import| import.path.first());
        facts.words.iter().chain(imported)
    });
    words
        .filter_map(|word| word.strip_prefix("aws_sdk_"))
        .collect()
}

/// A right that is missing: where it is needed, and which.
type Need<'a> = (&'a str, usize, String);

/// Whom it is missing to, and the handler that leads there.
type Lacking<'a> = (&'a Function, Option<FunctionId>);

fn missing(code: &Code<'_>, findings: &mut Vec<Finding>, notes: &mut Vec<Note>) {
    let mut missing: BTreeMap<Need<'_>, Vec<Lacking<'_>>> = BTreeMap::new();
    for function in &code.template.functions {
        let granted = |action: &str| {
            let mut granted = function.grants.iter().flat_map(|grant| &grant.actions);
            granted.any(|pattern| covers(pattern, action))
        };
        let reached = code.reached_from(&function.binary);
        for id in reached.keys() {
            for request in &code.mentions[*id].requests {
                let known = || actions::service_of(&request.operation);
                let Some(service) = request.service.as_deref().or_else(known) else {
                    continue;
                };
                for action in needs(service, &request.operation).actions {
                    if !granted(&action) {
                        let file = code.program.functions[*id].file;
                        let lacking = missing.entry((file, request.line, action)).or_default();
                        if !lacking.iter().any(|(other, _)| other.name == function.name) {
                            lacking.push((function, code.handler_before(&reached, *id)));
                        }
                    }
                }
            }
        }
    }
    for ((file, line, action), mut lacking) in missing {
        lacking.retain(|(function, _)| match &function.hidden_rights {
            Some(hidden) => {
                notes.push(Note {
                    path: TEMPLATE.to_owned(),
                    line: hidden.line,
                    message: format!(
                        "{} of `{}` is not understood, so it may have the right to `{action}` or not",
                        hidden.what, function.name
                    ),
                });
                false
            }
            None => true,
        });
        if lacking.is_empty() {
            continue;
        }
        let who = listed(lacking.iter().map(|(function, _)| &*function.name));
        let is = if lacking.len() == 1 { "is" } else { "are" };
        let message = format!("this needs `{action}`, which {who} {is} not granted");
        let mut help = format!("add `{action}` to the `Policies` of {who} in `{TEMPLATE}`");
        let handler = lacking.iter().find_map(|(_, handler)| *handler);
        if let Some(handler) = handler.map(|id| &code.program.functions[id]) {
            help += &format!(
                "; `{}` at {}:{} leads here",
                handler.facts.name, handler.file, handler.facts.line
            );
        }
        findings.push(Finding::new(Rule::MissingPermission, file, line, message).help(help));
    }
}

fn unused(
    function: &Function,
    requests: &[&Request],
    services: &BTreeSet<&str>,
    findings: &mut Vec<Finding>,
) {
    for grant in &function.grants {
        let has_purpose = |action: &String| {
            actions::is_of_platform(action)
                || function
                    .events
                    .iter()
                    .any(|event| actions::is_of_event(event, action))
                || requests
                    .iter()
                    .any(|request| actions::explains(action, request, services))
        };
        if grant.actions.iter().any(has_purpose) {
            continue;
        }
        let message = format!(
            "`{}` is granted `{}`, and nothing in the code asks for it",
            function.name, grant.name
        );
        let finding = Finding::new(Rule::UnusedPermission, TEMPLATE, grant.line, message);
        findings.push(finding.help("take it away"));
    }
}
