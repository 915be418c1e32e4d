//! The plan as JSON. Its form is stable: fields may be added, none changes its meaning.
//!
//! ```json
//! {
//!   "conflicts": false,
//!   "changes": [
//!     {"path": "src/a.rs", "action": "create", "diff": "--- /dev/null\n+++ b/src/a.rs\n…"},
//!     {"path": "src/b.rs", "action": "conflict", "conflicts": [
//!       {"line": 3, "reason": "…", "remove": ["…"], "add": ["…"]}
//!     ]}
//!   ],
//!   "notes": [{"path": "README.md", "text": "you deleted it, so it stays deleted"}]
//! }
//! ```
//!
//! `action` is `create`, `update`, `merge`, `delete` or `conflict`; `diff` is what `git apply` takes; `line` counts
//! from 1 and is `null` when the conflict is about the whole file. Changes are sorted by path.

use serde::Serialize;

use super::{Paint, diff, verb};
use crate::plan::{Action, Conflict, Note, Plan};

#[derive(Serialize)]
struct Shown<'a> {
    conflicts: bool,
    changes: Vec<Change<'a>>,
    notes: &'a [Note],
}

#[derive(Serialize)]
struct Change<'a> {
    path: &'a str,
    action: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    diff: String,
    #[serde(skip_serializing_if = "<[Conflict]>::is_empty")]
    conflicts: &'a [Conflict],
}

/// The plan as a JSON value, to be printed or put into a larger one.
pub fn json(plan: &Plan) -> serde_json::Value {
    let changes = plan.changes.iter().map(|(path, action)| Change {
        path,
        action: verb(action).0,
        diff: diff(path, action, Paint::Plain),
        conflicts: match action {
            Action::Conflict(conflicts) => conflicts,
            _ => &[],
        },
    });
    let shown = Shown {
        conflicts: plan.has_conflicts(),
        changes: changes.collect(),
        notes: &plan.notes,
    };
    serde_json::to_value(shown).unwrap_or_default()
}
