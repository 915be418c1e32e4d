//! Inserted lines as the blocks a person sees in them: a module line, a function, a table, a list entry. Two people
//! who add blocks at one place are both right, and a block that both added is wanted once.

use std::cmp::Ordering;
use std::ops::Range;

use crate::diff::indent;
use crate::syntax::Kind;
use crate::version_sort;

/// A block with the comments and attributes above it and the blank lines around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub lines: Range<usize>,
    /// What it says, white space and comments aside: equal for blocks that mean the same.
    pub key: String,
    /// What it begins with: equal for blocks that belong in one list.
    pub sort: String,
    pub indent: usize,
    /// Whether it says the same wherever it stands in its scope, as declarations do and statements do not.
    pub declares: bool,
}

/// Divides lines into blocks; together the blocks have all the lines.
pub fn blocks(lines: &[&str], kind: Kind) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut start = 0;
    let mut body: Option<usize> = None;
    let mut depth = 0;
    let mut blank_from: Option<usize> = None;
    let blank_first = lines.first().is_some_and(|line| is_blank(line));
    for (at, line) in lines.iter().enumerate() {
        if is_blank(line) {
            blank_from.get_or_insert(at);
            continue;
        }
        if depth == 0
            && let Some(first) = body
            && begins_block(line, lines[first], kind)
        {
            let end = blank_from.filter(|_| blank_first).unwrap_or(at);
            blocks.push(block(lines, start..end, kind));
            start = end;
            body = None;
        }
        if depth == 0 && body.is_none() && !is_prefix(line, kind) {
            body = Some(at);
        }
        blank_from = None;
        depth = (depth + opened(line, kind)).max(0);
    }
    if start < lines.len() {
        blocks.push(block(lines, start..lines.len(), kind));
    }
    blocks
}

fn begins_block(line: &str, first: &str, kind: Kind) -> bool {
    let code = line.trim_start();
    let is_table = kind == Kind::Toml && first.trim_start().starts_with('[');
    indent(line) <= indent(first)
        && !code.starts_with(['}', ')', ']', '.'])
        && (!is_table || code.starts_with(['[', '#']))
}

fn block(lines: &[&str], range: Range<usize>, kind: Kind) -> Block {
    let said: Vec<&str> = lines[range.clone()]
        .iter()
        .copied()
        .filter(|line| !is_blank(line))
        .collect();
    let body: Vec<&str> = said
        .iter()
        .copied()
        .filter(|line| !is_prefix(line, kind))
        .collect();
    let told = if body.is_empty() { &said } else { &body };
    let first = told.first().copied().unwrap_or_default();
    Block {
        lines: range,
        key: told
            .iter()
            .map(|line| without_comment(line, kind).trim())
            .collect::<Vec<_>>()
            .join("\n"),
        sort: sort(first, kind),
        indent: indent(first),
        declares: declares(first, kind),
    }
}

pub fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// A comment or an attribute, which belongs to what follows it.
fn is_prefix(line: &str, kind: Kind) -> bool {
    let code = line.trim_start();
    match kind {
        Kind::Rust => code.starts_with("//") || code.starts_with("#[") || code.starts_with("#!["),
        Kind::Toml | Kind::Yaml => code.starts_with('#'),
        Kind::Json | Kind::Lock | Kind::Other => false,
    }
}

/// How many more brackets a line opens than it closes, quoted text and comments aside.
fn opened(line: &str, kind: Kind) -> i32 {
    let mut depth = 0;
    let mut quoted = false;
    let mut escaped = false;
    for c in without_comment(line, kind).chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth
}

fn without_comment(line: &str, kind: Kind) -> &str {
    let mark = match kind {
        Kind::Rust => " //",
        Kind::Toml | Kind::Yaml => " #",
        Kind::Json | Kind::Lock | Kind::Other => return line,
    };
    let is_comment = |at: &usize| line[..*at].matches('"').count().is_multiple_of(2);
    let end = line.match_indices(mark).map(|(at, _)| at).find(is_comment);
    &line[..end.unwrap_or(line.len())]
}

/// The part of a line that tells what kind of thing it is: `mod`, `routes.merge`, a key, a list entry.
pub fn sort(line: &str, kind: Kind) -> String {
    let code = line.trim_start();
    match kind {
        Kind::Toml if code.starts_with('[') => "[".to_owned(),
        Kind::Toml => "=".to_owned(),
        Kind::Yaml if code.starts_with('-') => "-".to_owned(),
        Kind::Yaml => ":".to_owned(),
        _ => {
            let code = if kind == Kind::Rust {
                without_visibility(code)
            } else {
                code
            };
            code.chars()
                .take_while(|c| c.is_alphanumeric() || "_.#".contains(*c))
                .collect()
        }
    }
}

fn without_visibility(code: &str) -> &str {
    let Some(rest) = code.strip_prefix("pub") else {
        return code;
    };
    let rest = match rest.strip_prefix('(') {
        Some(inside) => inside.split_once(')').map_or(rest, |(_, after)| after),
        None => rest,
    };
    if rest.starts_with(' ') {
        rest.trim_start()
    } else {
        code
    }
}

fn declares(line: &str, kind: Kind) -> bool {
    if kind != Kind::Rust {
        return true;
    }
    const ITEMS: [&str; 14] = [
        "mod",
        "use",
        "fn",
        "async",
        "const",
        "static",
        "struct",
        "enum",
        "trait",
        "impl",
        "type",
        "unsafe",
        "extern",
        "macro_rules",
    ];
    let code = without_visibility(line.trim_start());
    let word = sort(line, kind);
    ITEMS.contains(&word.as_str())
        || code[word.len()..].starts_with(':') && !code[word.len()..].starts_with("::")
}

/// Orders single-line `mod` and `use` items as rustfmt does; `None` when one of them is not such a line.
pub fn item_order(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (item_path(left)?, item_path(right)?);
    let mut segments = left.iter().zip(&right).map(|(left, right)| {
        let classes = class(left).cmp(&class(right));
        classes.then_with(|| version_sort::compare(left, right))
    });
    let first = segments.find(|order| order.is_ne());
    Some(first.unwrap_or(left.len().cmp(&right.len())))
}

fn item_path(line: &str) -> Option<Vec<&str>> {
    let code = without_comment(line, Kind::Rust).trim();
    let code = without_visibility(code).strip_suffix(';')?;
    let path = code
        .strip_prefix("mod ")
        .or_else(|| code.strip_prefix("use "))?;
    let is_plain = |c: char| c.is_alphanumeric() || "_:#".contains(c);
    if !path.chars().all(is_plain) {
        return None;
    }
    let segments = path.split("::");
    Some(
        segments
            .map(|name| name.strip_prefix("r#").unwrap_or(name))
            .collect(),
    )
}

/// `self`, `super` and `crate` first, then snake_case, CamelCase and SCREAMING_CASE names.
fn class(name: &str) -> u8 {
    match name {
        "self" => 0,
        "super" => 1,
        "crate" => 2,
        _ if name.starts_with(char::is_lowercase) || name.starts_with('_') => 3,
        _ if name.chars().any(char::is_lowercase) => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, kind: Kind) -> Vec<String> {
        let lines: Vec<&str> = text.lines().collect();
        blocks(&lines, kind)
            .into_iter()
            .map(|block| block.key)
            .collect()
    }

    #[test]
    fn items_of_rust_are_blocks_with_their_comments() {
        let text =
            "/// A.\npub mod a;\nmod b; // mine\n\n#[test]\nfn c() {\n    x();\n}\n\nfn d() {}\n";
        assert_eq!(
            keys(text, Kind::Rust),
            ["pub mod a;", "mod b;", "fn c() {\nx();\n}", "fn d() {}"]
        );
    }

    #[test]
    fn blank_lines_go_with_the_block_they_set_off() {
        let ranges = |text: &str| {
            let lines: Vec<&str> = text.lines().collect();
            blocks(&lines, Kind::Rust)
                .into_iter()
                .map(|block| block.lines)
                .collect::<Vec<_>>()
        };
        assert_eq!(ranges("fn a() {}\n\nfn b() {}\n\n"), [0..2, 2..4]);
        assert_eq!(ranges("\nfn a() {}\n\nfn b() {}\n"), [0..2, 2..4]);
    }

    #[test]
    fn tables_of_toml_and_entries_of_yaml_are_blocks() {
        assert_eq!(
            keys("[a]\nx = 1\n\n[b]\ny = 1\n", Kind::Toml),
            ["[a]\nx = 1", "[b]\ny = 1"]
        );
        assert_eq!(
            keys("- a: 1\n  b: 2\n- c\n", Kind::Yaml),
            ["- a: 1\nb: 2", "- c"]
        );
        assert_eq!(keys("A:\n  - x\n\nB: 1\n", Kind::Yaml), ["A:\n- x", "B: 1"]);
    }

    #[test]
    fn modules_and_imports_are_ordered_as_rustfmt_does() {
        let mut lines = [
            "use b::c;",
            "use crate::x;",
            "use a::B;",
            "use a::b;",
            "use a::b10;",
            "use a::b2;",
        ];
        lines.sort_by(|left, right| item_order(left, right).unwrap());
        assert_eq!(
            lines,
            [
                "use crate::x;",
                "use a::b;",
                "use a::b2;",
                "use a::b10;",
                "use a::B;",
                "use b::c;"
            ]
        );
        assert_eq!(
            item_order("pub mod a_b;", "pub mod r#ab;"),
            Some(Ordering::Less)
        );
        assert_eq!(
            item_order("pub mod b; // Ours.", "pub mod a;"),
            Some(Ordering::Greater)
        );
        assert_eq!(item_order("mod a;", "use a::{b, c};"), None);
    }

    #[test]
    fn statements_are_not_declarations() {
        for (line, expected) in [
            ("    pub title: String,", true),
            ("pub(crate) fn x() {", true),
            ("    a::b();", false),
            ("    x.y();", false),
        ] {
            assert_eq!(declares(line, Kind::Rust), expected, "{line}");
        }
    }
}
