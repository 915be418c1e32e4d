//! The bodies of functions.

use proc_macro2::TokenStream;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Block, Expr, Lit, Pat, Stmt, Token};

use super::{Expression, Facts, Scope, Step, segments, word, written};

/// Methods that make an error of a variable that is not set.
const INSIST: [&str; 8] = [
    "unwrap",
    "expect",
    "context",
    "with_context",
    "map_err",
    "ok_or",
    "ok_or_else",
    "wrap_err",
];

impl Facts {
    pub(super) fn steps(&mut self, scope: &Scope, statements: &[Stmt]) -> Vec<Step> {
        let mut steps = Vec::new();
        for statement in statements {
            match statement {
                Stmt::Local(local) => {
                    let (pattern, of) = match &local.pat {
                        Pat::Type(typed) => (&*typed.pat, Some(written(&typed.ty))),
                        pattern => (pattern, None),
                    };
                    let value = local
                        .init
                        .as_ref()
                        .map(|init| self.expression(scope, &init.expr));
                    let otherwise = local.init.as_ref().and_then(|init| init.diverge.as_ref());
                    if let Some((_, otherwise)) = otherwise {
                        steps.push(Step::Evaluate(self.expression(scope, otherwise)));
                    }
                    steps.push(self.bind(pattern, of, value));
                }
                Stmt::Item(item) => self.item(scope, item),
                Stmt::Expr(expression, end) => {
                    steps.push(Step::Evaluate(self.expression(scope, expression)));
                    if end.is_some() {
                        steps.push(Step::Evaluate(Expression::Several(Vec::new())));
                    }
                }
                Stmt::Macro(found) => {
                    let expression = self.called_macro(scope, &found.mac);
                    steps.push(Step::Evaluate(expression));
                }
            }
        }
        steps
    }

    /// A value and what it is called from now on. What a pattern takes apart is not known, but for the wrappers of
    /// the standard library.
    fn bind(&mut self, pattern: &Pat, of: Option<super::Type>, value: Option<Expression>) -> Step {
        self.pattern(pattern);
        let names = names(pattern);
        let inner = match pattern {
            Pat::TupleStruct(found) if found.elems.len() == 1 => {
                let name = found
                    .path
                    .segments
                    .last()
                    .map(|last| last.ident.to_string());
                let is_wrapper = matches!(name.as_deref(), Some("Some" | "Ok"));
                found.elems.first().filter(|_| is_wrapper)
            }
            pattern => Some(pattern),
        };
        if matches!(inner, Some(Pat::Ident(found)) if found.subpat.is_none()) {
            return Step::Bind { names, of, value };
        }
        // The value still has to be looked into: it is bound to no name, and then the names to nothing.
        Step::Evaluate(Expression::Block(
            value
                .map(Step::Evaluate)
                .into_iter()
                .chain([Step::Bind {
                    names,
                    of: None,
                    value: None,
                }])
                .collect(),
        ))
    }

    fn block(&mut self, scope: &Scope, block: &Block) -> Expression {
        Expression::Block(self.steps(scope, &block.stmts))
    }

    fn several<'a>(
        &mut self,
        scope: &Scope,
        parts: impl IntoIterator<Item = &'a Expr>,
    ) -> Expression {
        let parts = parts.into_iter().map(|part| self.expression(scope, part));
        Expression::Several(parts.collect())
    }

    pub(super) fn expression(&mut self, scope: &Scope, found: &Expr) -> Expression {
        match found {
            Expr::Path(found) => {
                let mut path = segments(&found.path);
                if let Some(qualified) = &found.qself {
                    // `<T as Trait>::f` and `<T>::f`: whatever is called is a method of that name of the type.
                    let of = written(&qualified.ty);
                    path = of.path.into_iter().chain(path.pop()).collect();
                }
                self.words.extend(path.iter().cloned());
                for segment in &found.path.segments {
                    if let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments {
                        for argument in &arguments.args {
                            if let syn::GenericArgument::Type(found) = argument {
                                self.type_words(&written(found));
                            }
                        }
                    }
                }
                let line = found
                    .path
                    .segments
                    .last()
                    .map_or(1, |last| last.ident.span().start().line);
                Expression::Path { path, line }
            }
            Expr::Lit(found) => match &found.lit {
                Lit::Str(text) => self.text(text.value()),
                _ => Expression::Several(Vec::new()),
            },
            Expr::Call(found) => {
                let called = Box::new(self.expression(scope, &found.func));
                let arguments = found.args.iter().map(|part| self.expression(scope, part));
                Expression::Call {
                    called,
                    arguments: arguments.collect(),
                }
            }
            Expr::MethodCall(found) => {
                let name = word(&found.method);
                let receiver = self.expression(scope, &found.receiver);
                let receiver = if INSIST.contains(&&*name) {
                    insist(receiver)
                } else {
                    receiver
                };
                let arguments = found.args.iter().map(|part| self.expression(scope, part));
                Expression::Method {
                    receiver: Box::new(receiver),
                    name,
                    arguments: arguments.collect(),
                    line: found.method.span().start().line,
                }
            }
            Expr::Try(found) => {
                let inner = self.expression(scope, &found.expr);
                insist(inner)
            }
            Expr::Field(found) => Expression::Field {
                of: Box::new(self.expression(scope, &found.base)),
                name: match &found.member {
                    syn::Member::Named(name) => word(name),
                    syn::Member::Unnamed(index) => index.index.to_string(),
                },
            },
            Expr::Struct(found) => {
                let path = segments(&found.path);
                self.words.extend(path.iter().cloned());
                let parts = found.fields.iter().map(|field| &field.expr);
                let parts = parts.chain(found.rest.as_deref());
                Expression::Made {
                    of: path,
                    from: parts.map(|part| self.expression(scope, part)).collect(),
                }
            }
            Expr::Macro(found) => self.called_macro(scope, &found.mac),
            Expr::Closure(found) => {
                let parameters = found.inputs.iter().map(|pattern| match pattern {
                    Pat::Type(typed) => {
                        let of = written(&typed.ty);
                        self.bind(&typed.pat, Some(of), None)
                    }
                    pattern => self.bind(pattern, None, None),
                });
                let mut steps: Vec<Step> = parameters.collect();
                steps.push(Step::Evaluate(self.expression(scope, &found.body)));
                // What a closure returns is not what it is.
                Expression::Several(vec![Expression::Block(steps)])
            }
            Expr::Let(found) => {
                let value = self.expression(scope, &found.expr);
                let step = self.bind(&found.pat, None, Some(value));
                Expression::Block(vec![step])
            }
            Expr::Match(found) => {
                let mut steps = Vec::new();
                let mut value = Some(self.expression(scope, &found.expr));
                for arm in &found.arms {
                    // Only the first arm gets the value: it is to be looked into once.
                    let (pattern, guard) = match &arm.pat {
                        Pat::Guard(guarded) => (&*guarded.pat, Some(&*guarded.guard)),
                        pattern => (pattern, None),
                    };
                    steps.push(self.bind(pattern, None, value.take()));
                    if let Some(guard) = guard {
                        steps.push(Step::Evaluate(self.expression(scope, guard)));
                    }
                    steps.push(Step::Evaluate(self.expression(scope, &arm.body)));
                }
                steps.extend(value.map(Step::Evaluate));
                Expression::Block(steps)
            }
            Expr::If(found) => {
                let condition = self.expression(scope, &found.cond);
                let then = self.block(scope, &found.then_branch);
                let otherwise = found.else_branch.as_ref();
                let otherwise = otherwise.map(|(_, otherwise)| self.expression(scope, otherwise));
                let steps = [Some(condition), otherwise, Some(then)];
                Expression::Block(steps.into_iter().flatten().map(Step::Evaluate).collect())
            }
            Expr::ForLoop(found) => {
                let over = self.expression(scope, &found.expr);
                self.pattern(&found.pat);
                let names = names(&found.pat);
                let body = self.block(scope, &found.body);
                let bind = Step::Bind {
                    names,
                    of: None,
                    value: None,
                };
                let steps = vec![Step::Evaluate(over), bind, Step::Evaluate(body)];
                Expression::Several(vec![Expression::Block(steps)])
            }
            Expr::While(found) => {
                let condition = self.expression(scope, &found.cond);
                let body = self.block(scope, &found.body);
                let steps = vec![Step::Evaluate(condition), Step::Evaluate(body)];
                Expression::Several(vec![Expression::Block(steps)])
            }
            Expr::Loop(found) => Expression::Several(vec![self.block(scope, &found.body)]),
            Expr::Block(found) => self.block(scope, &found.block),
            Expr::Unsafe(found) => self.block(scope, &found.block),
            Expr::Const(found) => self.block(scope, &found.block),
            Expr::Async(found) => self.block(scope, &found.block),
            Expr::TryBlock(found) => self.block(scope, &found.block),
            Expr::Await(found) => self.expression(scope, &found.base),
            Expr::Reference(found) => self.expression(scope, &found.expr),
            Expr::Paren(found) => self.expression(scope, &found.expr),
            Expr::Group(found) => self.expression(scope, &found.expr),
            Expr::Unary(found) => self.expression(scope, &found.expr),
            Expr::Cast(found) => self.several(scope, [&*found.expr]),
            Expr::Array(found) => self.several(scope, &found.elems),
            Expr::Tuple(found) => self.several(scope, &found.elems),
            Expr::Assign(found) => self.several(scope, [&*found.left, &found.right]),
            Expr::Binary(found) => self.several(scope, [&*found.left, &found.right]),
            Expr::Index(found) => self.several(scope, [&*found.expr, &found.index]),
            Expr::Range(found) => {
                let parts = found.start.iter().chain(&found.end).map(|part| &**part);
                self.several(scope, parts)
            }
            Expr::Repeat(found) => self.several(scope, [&*found.expr, &found.len]),
            Expr::Return(found) => self.several(scope, found.expr.as_deref()),
            Expr::Break(found) => self.several(scope, found.expr.as_deref()),
            Expr::Yield(found) => self.several(scope, found.expr.as_deref()),
            _ => Expression::Several(Vec::new()),
        }
    }

    fn called_macro(&mut self, scope: &Scope, found: &syn::Macro) -> Expression {
        let name = found
            .path
            .segments
            .last()
            .map(|last| last.ident.to_string());
        match name.as_deref() {
            Some("routes") => {
                if let Some(handlers) = handlers(&found.tokens) {
                    let line = found
                        .path
                        .segments
                        .last()
                        .map_or(1, |last| last.ident.span().start().line);
                    return Expression::Routes { handlers, line };
                }
            }
            Some("include") => self.include(&found.tokens),
            _ => {}
        }
        self.macro_arguments(scope, &found.tokens)
    }

    /// Remembers the paths of a pattern.
    fn pattern(&mut self, pattern: &Pat) {
        match pattern {
            Pat::Path(found) => self.patterns.push(segments(&found.path)),
            Pat::TupleStruct(found) => {
                self.patterns.push(segments(&found.path));
                found.elems.iter().for_each(|inner| self.pattern(inner));
            }
            Pat::Struct(found) => {
                self.patterns.push(segments(&found.path));
                found
                    .fields
                    .iter()
                    .for_each(|field| self.pattern(&field.pat));
            }
            Pat::Or(found) => found.cases.iter().for_each(|inner| self.pattern(inner)),
            Pat::Paren(found) => self.pattern(&found.pat),
            Pat::Reference(found) => self.pattern(&found.pat),
            Pat::Tuple(found) => found.elems.iter().for_each(|inner| self.pattern(inner)),
            Pat::Ident(found) => {
                if let Some((_, inner)) = &found.subpat {
                    self.pattern(inner);
                }
            }
            _ => {}
        }
    }
}

/// What is read from the environment, if that is what it is, with its absence an error.
fn insist(inner: Expression) -> Expression {
    let Expression::Call {
        called,
        mut arguments,
    } = inner
    else {
        return inner;
    };
    match &*called {
        Expression::Path { path, line } if is_env_var(path) && arguments.len() == 1 => {
            let (line, name) = (*line, Box::new(arguments.remove(0)));
            Expression::Required { name, line }
        }
        _ => Expression::Call { called, arguments },
    }
}

fn is_env_var(path: &[String]) -> bool {
    matches!(path, [.., env, var] if env == "env" && (var == "var" || var == "var_os"))
}

fn handlers(tokens: &TokenStream) -> Option<Vec<Vec<String>>> {
    let parser = Punctuated::<syn::Path, Token![,]>::parse_terminated;
    let paths = parser.parse2(tokens.clone()).ok()?;
    Some(paths.iter().map(segments).collect())
}

/// The names that a pattern gives.
pub(super) fn names(pattern: &Pat) -> Vec<String> {
    match pattern {
        Pat::Ident(found) => {
            let inner = found.subpat.iter().flat_map(|(_, inner)| names(inner));
            [word(&found.ident)].into_iter().chain(inner).collect()
        }
        Pat::Type(found) => names(&found.pat),
        Pat::Paren(found) => names(&found.pat),
        Pat::Reference(found) => names(&found.pat),
        Pat::Tuple(found) => found.elems.iter().flat_map(names).collect(),
        Pat::TupleStruct(found) => found.elems.iter().flat_map(names).collect(),
        Pat::Slice(found) => found.elems.iter().flat_map(names).collect(),
        Pat::Struct(found) => found
            .fields
            .iter()
            .flat_map(|field| names(&field.pat))
            .collect(),
        Pat::Or(found) => found.cases.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}
