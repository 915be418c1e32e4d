//! What can be told of macros and attributes, whose grammar is their own.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Expr, Lit, Token};

use super::{Declaration, Expression, Facts, Handler, Scope};

/// As utoipa writes them.
const METHODS: [&str; 8] = [
    "get", "post", "put", "delete", "patch", "head", "options", "trace",
];

/// Whether a condition of `#[cfg]` holds in tests only: `test`, or `all(test, …)`.
pub fn is_only_for_tests(condition: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = condition.clone().into_iter().collect();
    match &tokens[..] {
        [TokenTree::Ident(word)] => word == "test",
        [TokenTree::Ident(all), TokenTree::Group(group)] if all == "all" => {
            let parts: Vec<TokenTree> = group.stream().into_iter().collect();
            parts
                .split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ','))
                .any(|part| matches!(part, [TokenTree::Ident(word)] if word == "test"))
        }
        _ => false,
    }
}

/// The methods and the path among the arguments of `#[utoipa::path]`.
pub fn handler(arguments: &TokenStream) -> Handler {
    let tokens: Vec<TokenTree> = arguments.clone().into_iter().collect();
    let mut handler = Handler {
        methods: Vec::new(),
        path: None,
    };
    let (mut path, mut above, mut is_plain) = (None, String::new(), true);
    for part in
        tokens.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ','))
    {
        match part {
            [TokenTree::Ident(word)] if METHODS.contains(&&*word.to_string()) => {
                handler.methods.push(word.to_string());
            }
            [TokenTree::Ident(word), TokenTree::Group(group)] if word == "method" => {
                let words = group.stream().into_iter().filter_map(|token| match token {
                    TokenTree::Ident(word) => Some(word.to_string()),
                    _ => None,
                });
                handler.methods.extend(words);
            }
            [TokenTree::Ident(word), TokenTree::Punct(_), value @ ..] if word == "path" => {
                path = text_of(value);
            }
            [TokenTree::Ident(word), TokenTree::Punct(_), value @ ..] if word == "context_path" => {
                match text_of(value) {
                    Some(text) => above = text,
                    None => is_plain = false,
                }
            }
            _ => {}
        }
    }
    handler.path = path.filter(|_| is_plain).map(|path| above + &path);
    handler
}

fn text_of(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [TokenTree::Literal(literal)] => match Lit::new(literal.clone()) {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

impl Facts {
    /// The arguments of a macro, where they are expressions; else the paths and texts among its tokens.
    pub(super) fn macro_arguments(&mut self, scope: &Scope, tokens: &TokenStream) -> Expression {
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        match parser.parse2(tokens.clone()) {
            Ok(arguments) => {
                let arguments = arguments
                    .iter()
                    .map(|argument| self.expression(scope, argument));
                Expression::Several(arguments.collect())
            }
            Err(_) => self.read_tokens(tokens),
        }
    }

    /// Whatever looks like a path, a method call or a text.
    pub(super) fn read_tokens(&mut self, tokens: &TokenStream) -> Expression {
        let mut found = Vec::new();
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let line = token.span().start().line;
            at += 1;
            match token {
                TokenTree::Group(group) => found.push(self.read_tokens(&group.stream())),
                TokenTree::Literal(literal) => {
                    if let Lit::Str(text) = Lit::new(literal.clone()) {
                        found.push(self.text(text.value()));
                    }
                }
                TokenTree::Ident(ident) => {
                    let is_method = at >= 2 && is_mark(tokens.get(at - 2), '.');
                    let mut path = vec![super::word(ident)];
                    while is_mark(tokens.get(at), ':') && is_mark(tokens.get(at + 1), ':') {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 2) else {
                            break;
                        };
                        path.push(super::word(next));
                        at += 3;
                    }
                    self.words.extend(path.iter().cloned());
                    let is_called = matches!(
                        tokens.get(at),
                        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis
                    );
                    if is_method && is_called {
                        found.push(Expression::Method {
                            receiver: Box::new(Expression::Several(Vec::new())),
                            name: path.concat(),
                            arguments: Vec::new(),
                            line,
                        });
                    } else if !is_method {
                        found.push(Expression::Path { path, line });
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
        Expression::Several(found)
    }

    /// Modules that a macro such as `cfg_if!` declares, perhaps.
    pub(super) fn macro_modules(&mut self, scope: &Scope, tokens: &TokenStream) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for window in tokens.windows(3) {
            if let [
                TokenTree::Ident(keyword),
                TokenTree::Ident(name),
                TokenTree::Punct(end),
            ] = window
                && keyword == "mod"
                && end.as_char() == ';'
            {
                self.modules.push(Declaration {
                    scope: scope.clone(),
                    name: super::word(name),
                    line: name.span().start().line,
                    path: None,
                    is_inline: false,
                    is_test: false,
                    is_conditional: true,
                });
            }
        }
        for token in &tokens {
            if let TokenTree::Group(group) = token {
                self.macro_modules(scope, &group.stream());
            }
        }
    }

    /// `include!("file.rs")`
    pub(super) fn include(&mut self, tokens: &TokenStream) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        self.included.extend(text_of(&tokens));
    }

    pub(super) fn text(&mut self, text: String) -> Expression {
        self.texts.insert(text.clone());
        Expression::Text(text)
    }
}

fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == mark)
}
