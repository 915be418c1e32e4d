//! Breaks and joins the lines whose layout depends on the length of a name, as rustfmt would.
//!
//! Templates are written so that few do: signatures, fields, match arms.

/// As many columns has a line.
const WIDTH: usize = 100;

/// As many columns have the fields of a struct literal that stays on one line.
const LITERAL_WIDTH: usize = 18;

/// The text as rustfmt would lay it out.
pub fn fit(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if let Some(length) = signature(&lines[at..]) {
            out.extend(fit_signature(&lines[at..at + length]));
            at += length;
        } else if let Some(joined) = short_literal(&lines[at..]) {
            out.push(joined);
            at += 3;
        } else {
            out.extend(fit_line(line));
            at += 1;
        }
    }
    out.iter().flat_map(|line| [line, "\n"]).collect()
}

/// How many lines the signature has that begins here.
fn signature(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim_start();
    let words = first
        .trim_start_matches("pub ")
        .trim_start_matches("async ");
    if !words.starts_with("fn ") {
        return None;
    }
    if first.ends_with('(') {
        let rest = lines
            .iter()
            .position(|line| line.trim_start().starts_with(") "))?;
        return Some(rest + 1);
    }
    Some(1)
}

fn fit_signature(lines: &[&str]) -> Vec<String> {
    let (indent, first) = indented(lines[0]);
    let (name, arguments, end) = match lines {
        [_] => {
            let Some((name, rest)) = first.split_once('(') else {
                return vec![lines[0].to_owned()];
            };
            let Some((arguments, end)) = rest.split_once(") ") else {
                return vec![lines[0].to_owned()];
            };
            (name, split(arguments), end)
        }
        [_, arguments @ .., last] => (
            first.trim_end_matches('('),
            arguments
                .iter()
                .map(|line| line.trim().trim_end_matches(','))
                .collect(),
            last.trim_start().trim_start_matches(") "),
        ),
        [] => return Vec::new(),
    };
    let one = format!("{indent}{name}({}) {end}", arguments.join(", "));
    if one.chars().count() <= WIDTH {
        return vec![one];
    }
    if arguments.is_empty() {
        return vec![format!("{indent}{name}()"), format!("{indent}{end}")];
    }
    let mut broken = vec![format!("{indent}{name}(")];
    broken.extend(
        arguments
            .iter()
            .map(|argument| format!("{indent}    {argument},")),
    );
    broken.push(format!("{indent}) {end}"));
    broken
}

/// At the commas that are not within brackets.
fn split(arguments: &str) -> Vec<&str> {
    let mut depth = 0;
    let mut start = 0;
    let mut parts = Vec::new();
    for (at, c) in arguments.char_indices() {
        match c {
            '(' | '<' | '[' => depth += 1,
            ')' | '>' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(arguments[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(arguments[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// A struct literal with one short field.
fn short_literal(lines: &[&str]) -> Option<String> {
    let [open, field, close, ..] = lines else {
        return None;
    };
    let (indent, open) = indented(open);
    let name = open.strip_suffix(" {")?;
    let is_type = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    let field = field.trim().strip_suffix(',')?;
    let fits = is_type && close.trim() == "}" && field.chars().count() <= LITERAL_WIDTH;
    let joined = format!("{indent}{name} {{ {field} }}");
    (fits && joined.chars().count() <= WIDTH).then_some(joined)
}

/// `name: Type,`, `Variant(Type),`, `Pattern => value,`, `const NAME: Type = value;`, `let name = value;` and
/// `pub type Name = Type;` that are too long for a line.
fn fit_line(line: &str) -> Vec<String> {
    let (indent, text) = indented(line);
    if line.chars().count() <= WIDTH || text.starts_with('/') {
        return vec![line.to_owned()];
    }
    let is_statement = ["const ", "let ", "pub type "];
    if is_statement.iter().any(|word| text.starts_with(word))
        && text.ends_with(';')
        && let Some((name, value)) = text.split_once(" = ")
    {
        let value = format!("{indent}    {value}");
        // What is too long for that too is left alone.
        return match value.chars().count() <= WIDTH {
            true => vec![format!("{indent}{name} ="), value],
            false => vec![line.to_owned()],
        };
    }
    if !text.ends_with(',') {
        return vec![line.to_owned()];
    }
    if let Some((pattern, value)) = text.split_once(" => ") {
        let value = value.trim_end_matches(',');
        return vec![
            format!("{indent}{pattern} => {{"),
            format!("{indent}    {value}"),
            format!("{indent}}}"),
        ];
    }
    if let Some((variant, field)) = text
        .strip_suffix("),")
        .and_then(|text| text.split_once('('))
        && variant.chars().all(|c| c.is_ascii_alphanumeric())
    {
        return vec![
            format!("{indent}{variant}("),
            format!("{indent}    {field},"),
            format!("{indent}),"),
        ];
    }
    let is_name = |name: &str| {
        name.trim_start_matches("pub ")
            .trim_start_matches("r#")
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    match text.split_once(": ") {
        Some((name, value)) if is_name(name) && value.starts_with("self.") => {
            let field = value.trim_start_matches("self");
            vec![
                format!("{indent}{name}: self"),
                format!("{indent}    {field}"),
            ]
        }
        Some((name, value)) if is_name(name) && value.ends_with("(),") => {
            let call = value.trim_end_matches("),");
            let open = format!("{indent}{name}: {call}");
            match open.chars().count() <= WIDTH {
                true => vec![open, format!("{indent}),")],
                false => vec![format!("{indent}{name}:"), format!("{indent}    {value}")],
            }
        }
        Some((name, value)) if is_name(name) => {
            vec![format!("{indent}{name}:"), format!("{indent}    {value}")]
        }
        _ => vec![line.to_owned()],
    }
}

fn indented(line: &str) -> (&str, &str) {
    line.split_at(line.len() - line.trim_start().len())
}
