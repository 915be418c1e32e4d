//! What one Rust file says, as far as wiring goes: its modules, names, types, and what its functions mention.
//!
//! Syntax trees cannot be sent from the thread that made them to another one, so this is what is kept of them. Code
//! under `#[cfg(test)]` is never deployed and is left out.

mod body;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{
    Attribute, Expr, Fields, FnArg, GenericParam, Generics, ImplItem, Item, ItemFn, ItemImpl, Lit,
    Meta, Pat, ReturnType, Signature, TraitItem, TypeParamBound, UseTree, WherePredicate,
};

/// All of one file.
#[derive(Debug, Default)]
pub struct Facts {
    pub modules: Vec<Declaration>,
    pub imports: Vec<Import>,
    pub types: Vec<TypeFacts>,
    pub functions: Vec<Function>,
    pub constants: Vec<Constant>,
    pub implementations: Vec<Implementation>,
    /// Every string.
    pub texts: BTreeSet<String>,
    /// Every word: what macros make of them is not known.
    pub words: BTreeSet<String>,
    /// Paths that patterns match.
    pub patterns: Vec<Vec<String>>,
    /// What `include!` names.
    pub included: Vec<String>,
}

/// The inline modules that something stands in, from the file's own on.
pub type Scope = Vec<String>;

#[derive(Debug)]
pub struct Declaration {
    pub scope: Scope,
    pub name: String,
    pub line: usize,
    /// `#[path = "…"]`
    pub path: Option<String>,
    pub is_inline: bool,
    /// `#[cfg(test)]`
    pub is_test: bool,
    /// Some other `#[cfg]`, or a macro around it: the file need not be there.
    pub is_conditional: bool,
}

#[derive(Debug)]
pub struct Import {
    pub scope: Scope,
    /// `None` is `*`.
    pub name: Option<String>,
    pub path: Vec<String>,
}

#[derive(Debug)]
pub struct TypeFacts {
    pub scope: Scope,
    pub name: String,
    pub kind: TypeKind,
    pub fields: BTreeMap<String, Type>,
    pub variants: Vec<(String, usize)>,
}

#[derive(Debug, PartialEq)]
pub enum TypeKind {
    Data,
    Trait,
    Alias(Type),
}

#[derive(Debug)]
pub struct Constant {
    pub scope: Scope,
    pub name: String,
    pub text: String,
}

#[derive(Debug)]
pub struct Implementation {
    pub scope: Scope,
    pub of_trait: Vec<String>,
    pub of: Type,
    pub line: usize,
}

/// A type as written: references are left out, `impl Future<Output = T>` is `T`, and `impl Trait` is the trait.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Type {
    /// Empty for what has no name: a tuple, a slice, a function.
    pub path: Vec<String>,
    pub arguments: Vec<Type>,
}

#[derive(Debug)]
pub struct Function {
    pub scope: Scope,
    pub name: String,
    pub line: usize,
    /// The type, or the trait, whose method it is.
    pub owner: Option<Type>,
    /// Type parameters with their bounds.
    pub generics: Vec<(String, Vec<Vec<String>>)>,
    pub inputs: Vec<Input>,
    pub output: Option<Type>,
    pub handler: Option<Handler>,
    pub body: Vec<Step>,
}

#[derive(Debug)]
pub struct Input {
    pub names: Vec<String>,
    pub of: Type,
}

/// What `#[utoipa::path]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    pub methods: Vec<String>,
    /// Unless it is not spelt out.
    pub path: Option<String>,
}

/// A part of a function's body, in the order of the text.
#[derive(Debug)]
pub enum Step {
    /// Names that are given a value; without type and value it is just not known which.
    Bind {
        names: Vec<String>,
        of: Option<Type>,
        value: Option<Expression>,
    },
    Evaluate(Expression),
}

/// An expression, less all that says nothing about what is called.
#[derive(Debug)]
pub enum Expression {
    Path {
        path: Vec<String>,
        line: usize,
    },
    Call {
        called: Box<Expression>,
        arguments: Vec<Expression>,
    },
    Method {
        receiver: Box<Expression>,
        name: String,
        arguments: Vec<Expression>,
        line: usize,
    },
    Field {
        of: Box<Expression>,
        name: String,
    },
    /// A value of this type, with what makes it up.
    Made {
        of: Vec<String>,
        from: Vec<Expression>,
    },
    Text(String),
    /// The value is that of the last one.
    Block(Vec<Step>),
    /// Nothing is known of the value.
    Several(Vec<Expression>),
    /// `routes!(…)`
    Routes {
        handlers: Vec<Vec<String>>,
        line: usize,
    },
    /// `env::var(…)?` and its like: it fails where the variable is not set.
    Required {
        name: Box<Expression>,
        line: usize,
    },
}

/// Everything that a file says.
pub fn facts(file: &syn::File) -> Facts {
    let mut facts = Facts::default();
    facts.items(&Vec::new(), &file.items);
    facts
}

impl Facts {
    fn items(&mut self, scope: &Scope, items: &[Item]) {
        for item in items {
            self.item(scope, item);
        }
    }

    fn item(&mut self, scope: &Scope, item: &Item) {
        match item {
            Item::Mod(found) => {
                let is_test = is_test(&found.attrs);
                let name = word(&found.ident);
                self.modules.push(Declaration {
                    scope: scope.clone(),
                    name: name.clone(),
                    line: found.ident.span().start().line,
                    path: path_attribute(&found.attrs),
                    is_inline: found.content.is_some(),
                    is_test,
                    is_conditional: has_condition(&found.attrs) && !is_test,
                });
                if let Some((_, items)) = &found.content {
                    let mut scope = scope.clone();
                    scope.push(name);
                    if is_test {
                        self.modules_only(&scope, items);
                    } else {
                        self.items(&scope, items);
                    }
                }
            }
            Item::Use(found) if !is_test(&found.attrs) => {
                self.import(scope, &mut Vec::new(), &found.tree)
            }
            Item::Fn(found) if !is_test(&found.attrs) => self.function(scope, found),
            Item::Struct(found) if !is_test(&found.attrs) => {
                let fields = fields(&found.fields);
                self.note_words(&found.fields);
                self.add_type(scope, &found.ident, TypeKind::Data, fields);
            }
            Item::Enum(found) if !is_test(&found.attrs) => {
                for variant in &found.variants {
                    self.note_words(&variant.fields);
                }
                let variants = found.variants.iter();
                let variants = variants
                    .map(|variant| (word(&variant.ident), variant.ident.span().start().line));
                let variants = variants.collect();
                self.add_type(scope, &found.ident, TypeKind::Data, BTreeMap::new());
                if let Some(added) = self.types.last_mut() {
                    added.variants = variants;
                }
            }
            Item::Type(found) if !is_test(&found.attrs) => {
                let alias = TypeKind::Alias(written(&found.ty));
                self.add_type(scope, &found.ident, alias, BTreeMap::new());
            }
            Item::Trait(found) if !is_test(&found.attrs) => {
                self.add_type(scope, &found.ident, TypeKind::Trait, BTreeMap::new());
                let owner = Type::named(word(&found.ident));
                for item in &found.items {
                    if let TraitItem::Fn(method) = item {
                        let owner = Some(owner.clone());
                        let body = method.default.as_ref();
                        self.add_function(scope, &method.attrs, &method.sig, body, owner);
                    }
                }
            }
            Item::Impl(found) if !is_test(&found.attrs) => self.implementation(scope, found),
            Item::Const(found) if !is_test(&found.attrs) => {
                self.constant(scope, &found.ident, &found.expr);
            }
            Item::Static(found) if !is_test(&found.attrs) => {
                self.constant(scope, &found.ident, &found.expr);
            }
            Item::Macro(found) if !is_test(&found.attrs) => {
                if found.mac.path.is_ident("include") {
                    self.include(&found.mac.tokens);
                }
                self.macro_modules(scope, &found.mac.tokens);
                let read = self.read_tokens(&found.mac.tokens);
                let body = vec![Step::Evaluate(read)];
                self.functions.push(Function {
                    scope: scope.clone(),
                    // No function can be called so: it stands for what the macro may make.
                    name: "!".to_owned(),
                    line: found.span().start().line,
                    owner: None,
                    generics: Vec::new(),
                    inputs: Vec::new(),
                    output: None,
                    handler: None,
                    body,
                });
            }
            _ => {}
        }
    }

    /// Test code may consist of files, too.
    fn modules_only(&mut self, scope: &Scope, items: &[Item]) {
        let mut inner = Facts::default();
        inner.items(scope, items);
        self.included.append(&mut inner.included);
        self.modules
            .extend(inner.modules.into_iter().map(|module| Declaration {
                is_test: true,
                ..module
            }));
    }

    fn import(&mut self, scope: &Scope, above: &mut Vec<String>, tree: &UseTree) {
        let mut add = |name: Option<String>, path: Vec<String>| {
            let scope = scope.clone();
            self.imports.push(Import { scope, name, path });
        };
        match tree {
            UseTree::Path(found) => {
                above.push(word(&found.ident));
                self.import(scope, above, &found.tree);
                above.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(scope, above, tree);
                }
            }
            UseTree::Glob(_) => add(None, above.clone()),
            UseTree::Name(found) if found.ident == "self" => {
                add(above.last().cloned(), above.clone())
            }
            UseTree::Rename(found) if found.ident == "self" => {
                add(Some(word(&found.rename)), above.clone())
            }
            UseTree::Name(found) => {
                let name = word(&found.ident);
                add(Some(name.clone()), [&above[..], &[name]].concat());
            }
            UseTree::Rename(found) => {
                add(
                    Some(word(&found.rename)),
                    [&above[..], &[word(&found.ident)]].concat(),
                );
            }
        }
    }

    fn function(&mut self, scope: &Scope, found: &ItemFn) {
        self.add_function(scope, &found.attrs, &found.sig, Some(&found.block), None);
    }

    fn add_function(
        &mut self,
        scope: &Scope,
        attributes: &[Attribute],
        signature: &Signature,
        body: Option<&syn::Block>,
        owner: Option<Type>,
    ) {
        let inputs = signature.inputs.iter().map(|input| match input {
            FnArg::Receiver(_) => Input {
                names: vec!["self".to_owned()],
                of: Type::named("Self".to_owned()),
            },
            FnArg::Typed(typed) => input_of(&typed.pat, &typed.ty),
        });
        let inputs: Vec<Input> = inputs.collect();
        for input in &signature.inputs {
            if let FnArg::Typed(typed) = input {
                self.type_words(&written(&typed.ty));
            }
        }
        let output = match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, found) => Some(written(found)),
        };
        let steps = body
            .map(|body| self.steps(scope, &body.stmts))
            .unwrap_or_default();
        self.functions.push(Function {
            scope: scope.clone(),
            name: word(&signature.ident),
            line: signature.ident.span().start().line,
            owner,
            generics: generics(&signature.generics),
            inputs,
            output,
            handler: attributes.iter().find_map(handler),
            body: steps,
        });
    }

    fn implementation(&mut self, scope: &Scope, found: &ItemImpl) {
        let of = written(&found.self_ty);
        let of_trait = found.trait_.as_ref().map(|(path, _)| segments(path));
        if let Some(of_trait) = of_trait {
            let line = found.impl_token.span.start().line;
            let (scope, of) = (scope.clone(), of.clone());
            self.implementations.push(Implementation {
                scope,
                of_trait,
                of,
                line,
            });
        }
        for item in &found.items {
            match item {
                ImplItem::Fn(method) if !is_test(&method.attrs) => {
                    let (owner, body) = (Some(of.clone()), Some(&method.block));
                    self.add_function(scope, &method.attrs, &method.sig, body, owner);
                    if let Some(added) = self.functions.last_mut() {
                        added.generics.extend(generics(&found.generics));
                    }
                }
                ImplItem::Const(constant) => self.constant(scope, &constant.ident, &constant.expr),
                _ => {}
            }
        }
    }

    fn constant(&mut self, scope: &Scope, name: &syn::Ident, value: &Expr) {
        let value = self.expression(scope, value);
        if let Expression::Text(text) = &value {
            self.constants.push(Constant {
                scope: scope.clone(),
                name: word(name),
                text: text.clone(),
            });
        }
    }

    fn add_type(
        &mut self,
        scope: &Scope,
        name: &syn::Ident,
        kind: TypeKind,
        fields: BTreeMap<String, Type>,
    ) {
        self.types.push(TypeFacts {
            scope: scope.clone(),
            name: word(name),
            kind,
            fields,
            variants: Vec::new(),
        });
    }

    fn note_words(&mut self, fields: &Fields) {
        for field in fields {
            self.words.extend(field.ident.as_ref().map(word));
            self.type_words(&written(&field.ty));
        }
    }

    fn type_words(&mut self, found: &Type) {
        self.words.extend(found.path.iter().cloned());
        for argument in &found.arguments {
            self.type_words(argument);
        }
    }
}

impl Type {
    fn named(name: String) -> Self {
        Self {
            path: vec![name],
            arguments: Vec::new(),
        }
    }
}

/// An identifier as others write it: `r#type` is the file `type.rs`.
fn word(ident: &syn::Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").unwrap_or(&text).to_owned()
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments
        .iter()
        .map(|segment| word(&segment.ident))
        .collect()
}

fn fields(fields: &Fields) -> BTreeMap<String, Type> {
    let named = fields.iter().enumerate().map(|(index, field)| {
        let name = field.ident.as_ref().map_or_else(|| index.to_string(), word);
        (name, written(&field.ty))
    });
    named.collect()
}

fn input_of(pattern: &Pat, of: &syn::Type) -> Input {
    let of = written(of);
    // `State(state): State<AppState>`: the extractor's only argument is what it holds.
    if let Pat::TupleStruct(pattern) = pattern
        && let (Some(Pat::Ident(ident)), 1) = (pattern.elems.first(), pattern.elems.len())
        && let [argument] = &of.arguments[..]
    {
        return Input {
            names: vec![word(&ident.ident)],
            of: argument.clone(),
        };
    }
    let names = body::names(pattern);
    let of = if matches!(pattern, Pat::Ident(_)) {
        of
    } else {
        Type::default()
    };
    Input { names, of }
}

/// A type, less references and pointers.
fn written(found: &syn::Type) -> Type {
    match found {
        syn::Type::Reference(found) => written(&found.elem),
        syn::Type::Paren(found) => written(&found.elem),
        syn::Type::Group(found) => written(&found.elem),
        syn::Type::Path(found) => Type {
            path: segments(&found.path),
            arguments: arguments(&found.path),
        },
        syn::Type::ImplTrait(found) => bounds(&found.bounds),
        syn::Type::TraitObject(found) => bounds(&found.bounds),
        _ => Type::default(),
    }
}

fn bounds<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Type {
    let mut bounds = bounds.into_iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(found) => Some(&found.path),
        _ => None,
    });
    let Some(path) = bounds.next() else {
        return Type::default();
    };
    let output = path
        .segments
        .last()
        .and_then(|segment| match &segment.arguments {
            syn::PathArguments::AngleBracketed(found) => {
                found.args.iter().find_map(|argument| match argument {
                    syn::GenericArgument::AssocType(output) if output.ident == "Output" => {
                        Some(written(&output.ty))
                    }
                    _ => None,
                })
            }
            _ => None,
        });
    output.unwrap_or_else(|| Type {
        path: segments(path),
        arguments: arguments(path),
    })
}

fn arguments(path: &syn::Path) -> Vec<Type> {
    let Some(syn::PathArguments::AngleBracketed(found)) =
        path.segments.last().map(|last| &last.arguments)
    else {
        return Vec::new();
    };
    let types = found.args.iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(found) => Some(written(found)),
        _ => None,
    });
    types.collect()
}

fn generics(generics: &Generics) -> Vec<(String, Vec<Vec<String>>)> {
    fn paths<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Vec<Vec<String>> {
        let traits = bounds.into_iter().filter_map(|bound| match bound {
            TypeParamBound::Trait(found) => Some(segments(&found.path)),
            _ => None,
        });
        traits.collect()
    }
    let mut found: Vec<(String, Vec<Vec<String>>)> = Vec::new();
    for parameter in &generics.params {
        if let GenericParam::Type(parameter) = parameter {
            found.push((word(&parameter.ident), paths(&parameter.bounds)));
        }
    }
    for predicate in generics
        .where_clause
        .iter()
        .flat_map(|clause| &clause.predicates)
    {
        if let WherePredicate::Type(predicate) = predicate
            && let [name] = &written(&predicate.bounded_ty).path[..]
            && let Some((_, bounds)) = found.iter_mut().find(|(other, _)| other == name)
        {
            bounds.extend(paths(&predicate.bounds));
        }
    }
    found
}

/// Whether it is there for tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => tokens::is_only_for_tests(&list.tokens),
        Meta::Path(path) => path
            .segments
            .last()
            .is_some_and(|last| last.ident == "test"),
        _ => false,
    })
}

fn has_condition(attributes: &[Attribute]) -> bool {
    let mut names = attributes.iter().map(|attribute| attribute.path());
    names.any(|path| path.is_ident("cfg") || path.is_ident("cfg_attr"))
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(found) if found.path.is_ident("path") => match &found.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
}

/// Reads `#[utoipa::path(get, path = "/x", …)]`.
fn handler(attribute: &Attribute) -> Option<Handler> {
    let segments = segments(attribute.path());
    let is_it = matches!(&segments[..], [utoipa, path] if utoipa == "utoipa" && path == "path");
    let tokens: TokenStream = match &attribute.meta {
        Meta::List(list) if is_it => list.tokens.clone(),
        Meta::Path(_) if is_it => TokenStream::new(),
        _ => return None,
    };
    Some(tokens::handler(&tokens))
}
