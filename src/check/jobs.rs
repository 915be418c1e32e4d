//! Background jobs: each is dispatched by the worker, and each message it can get is understood.

use super::facts::TypeKind;
use super::modules::Parsed;
use super::program::{Meaning, Program};
use super::{Code, Finding, Rule};

const WORKER: &str = "::worker";

pub fn check(code: &Code<'_>, findings: &mut Vec<Finding>) {
    let (program, parsed) = (&code.program, code.parsed);
    let Some(worker) = worker_file(program) else {
        return;
    };
    let Some(Some(facts)) = parsed.get(worker) else {
        return;
    };
    undispatched(program, parsed, worker, findings);
    for message in facts
        .types
        .iter()
        .filter(|found| found.name == "Message" && found.scope.is_empty())
    {
        for (variant, line) in &message.variants {
            let is_matched = facts
                .patterns
                .iter()
                .any(|path| path.last() == Some(variant));
            if !is_matched {
                let text = format!("no arm of the worker takes the message `{variant}`");
                let finding = Finding::new(Rule::UndispatchedJob, worker, *line, text);
                findings.push(finding.help("add an arm to the `match` in `work`"));
            }
        }
    }
}

fn worker_file<'a>(program: &Program<'a>) -> Option<&'a str> {
    let found = program
        .functions
        .iter()
        .find(|function| program.module_path(function.module) == WORKER);
    found.map(|function| program.module_file(function.module))
}

/// Types with the trait `Job` that the worker has never heard of.
fn undispatched(program: &Program<'_>, parsed: &Parsed, worker: &str, findings: &mut Vec<Finding>) {
    let Some(Some(known)) = parsed.get(worker) else {
        return;
    };
    let job = program.types.iter().position(|found| {
        let is_trait = found.facts.kind == TypeKind::Trait;
        is_trait
            && found.facts.name == "Job"
            && program
                .module_path(found.module)
                .starts_with("::shared::jobs")
    });
    let Some(job) = job else { return };
    for of in program.implementors(job) {
        let found = &program.types[*of];
        let name = &found.facts.name;
        let imported = known.imports.iter().any(|import| {
            let path = &import.path;
            path.last() == Some(name)
                || import.name.is_none()
                    && program.space(found.module, path) == Meaning::Module(found.module)
        });
        if imported || known.words.contains(name) {
            continue;
        }
        let file = program.module_file(found.module);
        let facts = parsed.get(file).and_then(Option::as_ref);
        let implementation = facts.and_then(|facts| {
            let mut all = facts.implementations.iter();
            all.find(|found| {
                found.of.path.last() == Some(name)
                    && found.of_trait.last().is_some_and(|last| last == "Job")
            })
        });
        let line = implementation.map_or(1, |found| found.line);
        let message = format!("the worker does not know the job `{name}`");
        let finding = Finding::new(Rule::UndispatchedJob, file, line, message);
        findings.push(finding.help(format!(
            "add a message for it, and an arm that runs it, to `{worker}`"
        )));
    }
}
