//! The items, fields, variants, methods and imports of a Rust file.

use syn::spanned::Spanned;
use syn::{Attribute, Fields, ImplItem, Item, TraitItem, Type, UseTree};

use super::{Outline, SyntaxError, declare};

pub fn outline(text: &str) -> Result<Outline, SyntaxError> {
    let file = syn::parse_file(text).map_err(|error| SyntaxError {
        line: error.span().start().line.max(1),
        message: error.to_string(),
    })?;
    let mut outline = Outline::new();
    items(&mut outline, "", &file.items);
    Ok(outline)
}

fn items(outline: &mut Outline, scope: &str, items: &[Item]) {
    for item in items {
        self::item(outline, scope, item);
    }
}

/// Types and modules share one namespace, functions and constants another, as in the language.
fn item(outline: &mut Outline, scope: &str, item: &Item) {
    let mut name = |space: &str, attributes: &[Attribute], name: &dyn std::fmt::Display| {
        let path = format!("{scope}{space} {name}{}", condition(attributes));
        declare(outline, path.clone());
        format!("{path}::")
    };
    match item {
        Item::Mod(found) => {
            let inner = name("type", &found.attrs, &found.ident);
            if let Some((_, content)) = &found.content {
                items(outline, &inner, content);
            }
        }
        Item::Struct(found) => {
            let inner = name("type", &found.attrs, &found.ident);
            fields(outline, &inner, &found.fields);
        }
        Item::Enum(found) => {
            let inner = name("type", &found.attrs, &found.ident);
            for variant in &found.variants {
                let path = format!("{inner}{}{}", variant.ident, condition(&variant.attrs));
                declare(outline, path.clone());
                fields(outline, &format!("{path}::"), &variant.fields);
            }
        }
        Item::Trait(found) => {
            let inner = name("type", &found.attrs, &found.ident);
            for method in &found.items {
                if let TraitItem::Fn(method) = method {
                    declare(
                        outline,
                        format!("{inner}{}{}", method.sig.ident, condition(&method.attrs)),
                    );
                }
            }
        }
        Item::Type(found) => drop(name("type", &found.attrs, &found.ident)),
        Item::Union(found) => drop(name("type", &found.attrs, &found.ident)),
        Item::Fn(found) => drop(name("value", &found.attrs, &found.sig.ident)),
        Item::Const(found) if found.ident != "_" => drop(name("value", &found.attrs, &found.ident)),
        Item::Static(found) => drop(name("value", &found.attrs, &found.ident)),
        Item::Use(found) => imports(outline, scope, &condition(&found.attrs), &found.tree),
        Item::Impl(found) => {
            let trait_name = found
                .trait_
                .as_ref()
                .and_then(|(path, _)| path.segments.last());
            let mut inner = format!("{scope}impl {}", type_name(&found.self_ty));
            if let Some(segment) = trait_name {
                // `From<A>` and `From<B>` are two implementations: told apart by where their text differs.
                inner = format!("{inner} as {}{}", segment.ident, arguments(segment));
            }
            for item in &found.items {
                let (ident, attributes) = match item {
                    ImplItem::Fn(method) => (&method.sig.ident, &method.attrs),
                    ImplItem::Const(constant) => (&constant.ident, &constant.attrs),
                    ImplItem::Type(alias) => (&alias.ident, &alias.attrs),
                    _ => continue,
                };
                declare(
                    outline,
                    format!("{inner}::{ident}{}", condition(attributes)),
                );
            }
        }
        _ => {}
    }
}

fn fields(outline: &mut Outline, scope: &str, fields: &Fields) {
    for field in fields {
        if let Some(ident) = &field.ident {
            declare(
                outline,
                format!("{scope}{ident}{}", condition(&field.attrs)),
            );
        }
    }
}

fn imports(outline: &mut Outline, scope: &str, condition: &str, tree: &UseTree) {
    match tree {
        UseTree::Path(path) => imports(outline, scope, condition, &path.tree),
        UseTree::Name(name) if name.ident != "self" => {
            declare(outline, format!("{scope}use {}{condition}", name.ident))
        }
        UseTree::Rename(rename) if rename.rename != "_" => {
            declare(outline, format!("{scope}use {}{condition}", rename.rename))
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                imports(outline, scope, condition, tree);
            }
        }
        UseTree::Name(_) | UseTree::Rename(_) | UseTree::Glob(_) => {}
    }
}

/// Declarations under different `#[cfg]`s may share a name, so the condition is part of it.
fn condition(attributes: &[Attribute]) -> String {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .filter_map(|attribute| attribute.span().source_text())
        .collect()
}

fn type_name(found: &Type) -> String {
    found.span().source_text().unwrap_or_default()
}

fn arguments(segment: &syn::PathSegment) -> String {
    segment.arguments.span().source_text().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        outline(text)
            .unwrap()
            .into_iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect()
    }

    #[test]
    fn declarations_are_found_with_their_path() {
        let text = "use a::{b, c as d};\nmod m { pub fn f() {} }\nstruct S { x: u8 }\nenum E { A, B { y: u8 } }\n\
                    impl From<u8> for S { fn from(_: u8) -> S { S { x: 0 } } }\nconst C: u8 = 1;\n";
        assert_eq!(
            names(text),
            [
                "impl S as From<u8>::from 1",
                "type E 1",
                "type E::A 1",
                "type E::B 1",
                "type E::B::y 1",
                "type S 1",
                "type S::x 1",
                "type m 1",
                "type m::value f 1",
                "use b 1",
                "use d 1",
                "value C 1"
            ]
        );
    }

    #[test]
    fn a_name_declared_twice_is_counted_twice_unless_under_other_conditions() {
        assert_eq!(names("mod a;\npub mod a;\n"), ["type a 2"]);
        assert_eq!(
            names("#[cfg(unix)]\nmod a;\n#[cfg(windows)]\nmod a;\n").len(),
            2
        );
    }

    #[test]
    fn an_error_names_its_line() {
        assert_eq!(outline("fn a() {}\nfn {\n").unwrap_err().line, 2);
    }
}
