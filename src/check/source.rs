//! Reading Rust files that anybody may have written: what does not parse, or would exhaust the stack, is said so.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::syntax::SyntaxError;

/// How many tokens may hang together, from the outermost to the innermost. Written code stays far below; the parser
/// recurses once or more for each.
const DEEPEST: usize = 20_000;

/// Groups within groups.
const NESTED: usize = 200;

/// The stack of a thread that parses, which [`DEEPEST`] fits into.
pub const STACK_BYTES: usize = 512 * 1024 * 1024;

/// Parses a file. The thread needs [`STACK_BYTES`].
pub fn parse(text: &str) -> Result<syn::File, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = without_shebang(text);
    let tokens: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| {
        let line = error.span().start().line.max(1);
        let message = "these are no Rust tokens".to_owned();
        SyntaxError { line, message }
    })?;
    if depth(&tokens, 0) > DEEPEST {
        return Err(SyntaxError {
            line: 1,
            message: "it is nested too deeply to be read".to_owned(),
        });
    }
    syn::parse2(tokens).map_err(|error| SyntaxError {
        line: error.span().start().line.max(1),
        message: error.to_string(),
    })
}

/// The first line as white space, so that the lines keep their numbers; `#![…]` is an attribute.
fn without_shebang(text: &str) -> &str {
    let is_shebang = text.starts_with("#!") && !text[2..].trim_start().starts_with('[');
    if is_shebang {
        text.find('\n').map_or("", |end| &text[end..])
    } else {
        text
    }
}

/// A bound on how deep a syntax tree of these tokens is: the longest run of tokens that no separator interrupts, with
/// the deepest group among them.
fn depth(tokens: &TokenStream, nested: usize) -> usize {
    if nested > NESTED {
        return usize::MAX;
    }
    let mut tokens = tokens.clone().into_iter().peekable();
    let (mut deepest, mut run, mut inner) = (0, 0usize, 0);
    while let Some(token) = tokens.next() {
        run += 1;
        let ends = match &token {
            TokenTree::Punct(mark) => matches!(mark.as_char(), ';' | ','),
            TokenTree::Group(group) => {
                inner = inner.max(depth(&group.stream(), nested + 1));
                group.delimiter() == Delimiter::Brace && starts_anew(tokens.peek())
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        deepest = deepest.max(inner.saturating_add(run));
        if ends {
            (run, inner) = (0, 0);
        }
    }
    deepest
}

/// Whether what follows a block belongs to something else.
fn starts_anew(next: Option<&TokenTree>) -> bool {
    match next {
        None => true,
        Some(TokenTree::Ident(word)) => word != "else" && word != "as",
        Some(TokenTree::Punct(mark)) => mark.as_char() == '#',
        Some(TokenTree::Group(_) | TokenTree::Literal(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<usize, SyntaxError> {
        let text = text.to_owned();
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let parse = move || parse(&text).map(|file| file.items.len());
        thread.spawn(parse).unwrap().join().unwrap()
    }

    #[test]
    fn what_would_exhaust_the_stack_is_refused() {
        let many = 300_000;
        for hostile in [
            format!("const A: u8 = {};", "(".repeat(many)),
            format!("const A: u8 = {}1{};", "(".repeat(many), ")".repeat(many)),
            format!("const A: bool = {}true;", "!".repeat(many)),
            format!("const A: u8 = {}1;", "1 + ".repeat(many)),
            format!("type A = {}u8{};", "Box<".repeat(many), ">".repeat(many)),
            format!("fn a() {{ {} }}", "if a {} else ".repeat(many)),
            format!("fn a() {{ a{} }}", ".b()".repeat(many)),
            format!("fn a() {{ {} }}", "|| ".repeat(many)),
            format!("{}{}", "mod a {".repeat(many), "}".repeat(many)),
        ] {
            assert!(parsed(&hostile).is_err(), "{}", &hostile[..40]);
        }
    }

    #[test]
    fn what_is_merely_deep_or_long_is_read() {
        let calls = format!("fn a() {{ a{} }}", ".b()".repeat(2_000));
        assert_eq!(parsed(&calls), Ok(1));
        assert_eq!(parsed(&"fn a() { b(1, 2); }\n".repeat(20_000)), Ok(20_000));
        let sum = format!("const A: u8 = {}1;", "1 + ".repeat(4_000));
        assert_eq!(parsed(&sum), Ok(1));
        let chain = format!("fn a() {{ {} {{}} }}", "if a {} else ".repeat(4_000));
        assert_eq!(parsed(&chain), Ok(1));
    }

    #[test]
    fn lines_count_from_the_top_of_the_file() {
        assert_eq!(parsed("#!/usr/bin/env x\nfn a() {\n").unwrap_err().line, 2);
        assert_eq!(parsed("\u{feff}#![warn(x)]\nfn a() {}\n"), Ok(1));
        assert_eq!(parsed("fn a() {}\n\nfn {\n").unwrap_err().line, 3);
    }
}
