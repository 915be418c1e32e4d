//! Handlers and routes: each `#[utoipa::path]` is routed once, and what routes is mounted.

use std::collections::{BTreeMap, BTreeSet};

use super::program::{FunctionId, FunctionInfo};
use super::{Code, Finding, Rule};

/// Where a handler is routed: the function that does it, and the line.
type Routed = BTreeMap<FunctionId, Vec<(FunctionId, usize)>>;

pub fn check(code: &Code<'_>, findings: &mut Vec<Finding>) {
    let mut routed = Routed::new();
    let mut mentioned = BTreeSet::new();
    let mut loose = BTreeSet::new();
    for (id, mentions) in code.mentions.iter().enumerate() {
        for call in &mentions.routes {
            for handler in &call.handlers {
                routed.entry(*handler).or_default().push((id, call.line));
            }
        }
        mentioned.extend(mentions.functions.iter().copied());
        loose.extend(mentions.loose.iter().map(String::as_str));
    }
    let functions = &code.program.functions;
    let is_known =
        |id: FunctionId| mentioned.contains(&id) || loose.contains(&*functions[id].facts.name);

    for (id, FunctionInfo { file, facts, .. }) in functions.iter().enumerate() {
        let is_alone = facts.owner.is_none() && !is_known(id);
        if facts.handler.is_some() && is_alone && code.is_whole {
            let message = format!("the handler `{}` is not routed", facts.name);
            let finding = Finding::new(Rule::UnroutedHandler, file, facts.line, message);
            findings.push(finding.help(format!(
                "add `routes!({})` where its feature mounts its routes",
                facts.name
            )));
        }
    }
    if code.is_whole {
        unmounted(code, is_known, findings);
    }

    let nests = |mentions: &super::Mentions| {
        mentions
            .methods
            .iter()
            .any(|(name, _)| name.starts_with("nest"))
    };
    let has_prefixes = code.mentions.iter().any(nests);
    twice(code, &routed, has_prefixes, findings);
    clashes(code, &routed, has_prefixes, findings);
}

/// Functions that route, or call one that does, and that nobody calls.
fn unmounted(code: &Code<'_>, is_known: impl Fn(FunctionId) -> bool, findings: &mut Vec<Finding>) {
    let functions = &code.program.functions;
    let mut routing: BTreeSet<FunctionId> = BTreeSet::new();
    loop {
        let more = code.mentions.iter().enumerate().filter(|(id, mentions)| {
            let is_one = !mentions.routes.is_empty() || !mentions.functions.is_disjoint(&routing);
            is_one && !routing.contains(id)
        });
        let more: Vec<FunctionId> = more.map(|(id, _)| id).collect();
        if more.is_empty() {
            break;
        }
        routing.extend(more);
    }
    for id in routing {
        let FunctionInfo { file, facts, .. } = &functions[id];
        let is_start = code.program.mains.values().any(|main| *main == id);
        // How a method is called may not be known; `!` stands for a macro.
        if is_start || facts.owner.is_some() || facts.name == "!" || is_known(id) {
            continue;
        }
        let message = format!(
            "nobody calls `{}`, so its routes are not mounted",
            facts.name
        );
        let finding = Finding::new(Rule::UnmountedRoutes, file, facts.line, message);
        findings.push(finding.help(
            "call it where the others are mounted: in `src/features/mod.rs`, or in its feature",
        ));
    }
}

fn twice(code: &Code<'_>, routed: &Routed, has_prefixes: bool, findings: &mut Vec<Finding>) {
    for (handler, places) in routed {
        let functions = &code.program.functions;
        let [(first, first_line), rest @ ..] = &places[..] else {
            continue;
        };
        for (by, line) in rest.iter().filter(|(by, _)| !has_prefixes || by == first) {
            let name = &functions[*handler].facts.name;
            let place = format!("{}:{first_line}", functions[*first].file);
            let message = format!("the handler `{name}` is routed a second time, after {place}");
            let finding = Finding::new(Rule::RoutedTwice, functions[*by].file, *line, message);
            findings.push(finding.help("take one of them away: the router panics at the start"));
        }
    }
}

/// A handler with its path and its methods.
type Answered<'a> = (FunctionId, &'a str, &'a [String]);

/// Handlers that answer the same requests, and paths that differ in the names of their parameters only.
fn clashes(code: &Code<'_>, routed: &Routed, has_prefixes: bool, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<(String, Option<FunctionId>), Vec<Answered<'_>>> = BTreeMap::new();
    for (id, places) in routed {
        let FunctionInfo { file, facts, .. } = &code.program.functions[*id];
        let Some(handler) = &facts.handler else {
            continue;
        };
        let Some(path) = &handler.path else { continue };
        // Below `nest`, only what is routed in one place certainly has one prefix.
        let within = places.first().map(|(by, _)| *by).filter(|_| has_prefixes);
        let others = seen.entry((shape(path), within)).or_default();
        for (other, other_path, other_methods) in others.iter() {
            let other = &code.program.functions[*other];
            let place = format!("{}:{}", other.file, other.facts.line);
            let message = if *other_path != path {
                format!("`{path}` and `{other_path}` ({place}) name the same paths")
            } else if let Some(method) = handler
                .methods
                .iter()
                .find(|method| other_methods.contains(method))
            {
                format!(
                    "`{} {path}` has a handler already, at {place}",
                    method.to_uppercase()
                )
            } else {
                continue;
            };
            let finding = Finding::new(Rule::RouteClash, file, facts.line, message);
            findings.push(
                finding.help("give one of them another path: the router panics at the start"),
            );
            break;
        }
        others.push((*id, path, &handler.methods));
    }
}

/// A path without the names of its parameters.
fn shape(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        part if part.starts_with("{*") => "{*}",
        part if part.starts_with('{') && part.ends_with('}') => "{}",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}
