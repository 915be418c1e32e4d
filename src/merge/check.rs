//! The proof of a merge: the result has its file type's grammar, and declares what both sides together declare.

use std::collections::BTreeSet;

use super::Versions;
use crate::syntax::{Kind, Outline};

/// Says why a merged text is not sound; or, when there is something to say about a sound one, what.
///
/// A file that the user broke before is merged as plain text: that it stays broken is not for this command to mend.
pub fn check(versions: &Versions, merged: &str, kind: Kind) -> Result<Option<String>, String> {
    let ours = match kind.outline(versions.ours) {
        Ok(outline) => outline,
        Err(error) => {
            return Ok(Some(format!(
                "not valid {} as it is (line {}: {}), so it was merged as plain text: look at the result",
                kind.name(),
                error.line,
                error.message
            )));
        }
    };
    let merged = kind.outline(merged).map_err(|error| {
        format!(
            "together with your edits it would not be valid {}: {}",
            kind.name(),
            error.message
        )
    })?;
    if let (Ok(base), Ok(theirs)) = (kind.outline(versions.base), kind.outline(versions.theirs)) {
        compare(&base, &ours, &theirs, &merged, kind)?;
    }
    Ok(None)
}

fn compare(
    base: &Outline,
    ours: &Outline,
    theirs: &Outline,
    merged: &Outline,
    kind: Kind,
) -> Result<(), String> {
    let all: BTreeSet<&String> = [base, ours, theirs, merged]
        .into_iter()
        .flat_map(Outline::keys)
        .collect();
    for name in all {
        let [base, ours, theirs, merged] =
            [base, ours, theirs, merged].map(|outline| outline.get(name).copied().unwrap_or(0));
        let shown = if kind == Kind::Rust {
            name.rsplit([':', ' ']).next().unwrap_or(name)
        } else {
            name
        };
        if kind == Kind::Rust && merged > 1 && ours <= 1 && theirs <= 1 {
            return Err(format!("`{shown}` would be declared twice"));
        }
        let misplaced = if theirs == base {
            merged != ours
        } else if ours == base {
            merged != theirs
        } else {
            let sum = (ours + theirs).saturating_sub(base);
            merged < sum.min(ours).min(theirs) || merged > sum.max(ours).max(theirs)
        };
        if misplaced {
            return Err(format!("`{shown}` would end up in the wrong place"));
        }
    }
    Ok(())
}
