//! The deployed code as one: what a name means where it stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::facts::{Facts, Function, Type, TypeFacts, TypeKind};
use super::modules::{Crate, Parsed};
use super::package::Kind;

pub type ModuleId = usize;
pub type TypeId = usize;
pub type FunctionId = usize;

/// How many imports lead to one another before that counts as a circle.
const FAR: usize = 24;

/// Types that stand for what is in them, as far as methods are concerned.
const WRAPPERS: [&str; 18] = [
    "Result",
    "Option",
    "Box",
    "Arc",
    "Rc",
    "Cow",
    "Pin",
    "Ref",
    "RefMut",
    "Mutex",
    "MutexGuard",
    "RwLock",
    "OnceLock",
    "OnceCell",
    "LazyLock",
    "LazyCell",
    "State",
    "Extension",
];

#[derive(Debug)]
pub struct Program<'a> {
    modules: Vec<Scope<'a>>,
    pub types: Vec<TypeInfo<'a>>,
    pub functions: Vec<FunctionInfo<'a>>,
    methods: HashMap<(TypeId, &'a str), Vec<FunctionId>>,
    /// Types, with the traits they implement.
    implemented: BTreeMap<TypeId, BTreeSet<TypeId>>,
    /// Traits, with the types that implement them.
    implementors: BTreeMap<TypeId, Vec<TypeId>>,
    /// The roots of the libraries.
    libraries: BTreeMap<&'a str, ModuleId>,
    /// The functions with which programs begin.
    pub mains: BTreeMap<&'a str, FunctionId>,
}

#[derive(Debug)]
struct Scope<'a> {
    root: ModuleId,
    parent: Option<ModuleId>,
    file: &'a str,
    path: String,
    children: BTreeMap<&'a str, ModuleId>,
    types: BTreeMap<&'a str, TypeId>,
    functions: BTreeMap<&'a str, FunctionId>,
    constants: BTreeMap<&'a str, &'a str>,
    imports: Vec<(Option<&'a str>, &'a [String])>,
}

#[derive(Debug)]
pub struct TypeInfo<'a> {
    pub module: ModuleId,
    pub facts: &'a TypeFacts,
}

#[derive(Debug)]
pub struct FunctionInfo<'a> {
    pub module: ModuleId,
    pub file: &'a str,
    pub facts: &'a Function,
}

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Module(ModuleId),
    Type(TypeId),
    Function(FunctionId),
    /// Something of a type: a method, a variant, a constant.
    Associated(TypeId, String),
    /// Of another crate, or nothing that is known.
    Elsewhere(Vec<String>),
}

/// What kind of thing a name is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Space,
    Value,
}

/// What a value is, as far as its methods go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    Nothing,
    Type(TypeId),
    /// Some type with this trait.
    Trait(TypeId),
    Elsewhere(Vec<String>),
}

impl<'a> Program<'a> {
    /// `crates` without those that are never deployed.
    pub fn new(crates: &'a [&'a Crate], parsed: &'a Parsed) -> Self {
        let mut program = Self {
            modules: Vec::new(),
            types: Vec::new(),
            functions: Vec::new(),
            methods: HashMap::new(),
            implemented: BTreeMap::new(),
            implementors: BTreeMap::new(),
            libraries: BTreeMap::new(),
            mains: BTreeMap::new(),
        };
        for found in crates {
            program.add_crate(found, parsed);
        }
        program.add_methods(crates, parsed);
        program
    }

    fn add_crate(&mut self, found: &'a Crate, parsed: &'a Parsed) {
        let root = self.modules.len();
        for module in &found.modules {
            let mut scope = Scope {
                root,
                parent: module.parent.map(|parent| root + parent),
                file: &module.file,
                path: String::new(),
                children: module
                    .children
                    .iter()
                    .map(|(name, child)| (&**name, root + child))
                    .collect(),
                types: BTreeMap::new(),
                functions: BTreeMap::new(),
                constants: BTreeMap::new(),
                imports: Vec::new(),
            };
            let id = self.modules.len();
            if let Some(parent) = scope.parent {
                let name = self.modules[parent]
                    .children
                    .iter()
                    .find(|(_, child)| **child == id);
                let above = &self.modules[parent].path;
                scope.path = format!("{above}::{}", name.map_or("", |(name, _)| name));
            }
            if let Some(Some(facts)) = parsed.get(&module.file) {
                self.fill(&mut scope, facts, &module.scope, id);
            }
            self.modules.push(scope);
        }
        match &found.kind {
            Kind::Library(name) => drop(self.libraries.insert(name, root)),
            Kind::Binary(name) => {
                let main = self
                    .modules
                    .get(root)
                    .and_then(|root| root.functions.get("main"));
                if let Some(main) = main {
                    self.mains.insert(name, *main);
                }
            }
            Kind::Development => {}
        }
    }

    fn fill(&mut self, scope: &mut Scope<'a>, facts: &'a Facts, inline: &[String], id: ModuleId) {
        for found in facts.types.iter().filter(|found| found.scope == inline) {
            scope.types.insert(&found.name, self.types.len());
            self.types.push(TypeInfo {
                module: id,
                facts: found,
            });
        }
        for found in facts.functions.iter().filter(|found| found.scope == inline) {
            if found.owner.is_none() {
                scope.functions.insert(&found.name, self.functions.len());
            }
            self.functions.push(FunctionInfo {
                module: id,
                file: scope.file,
                facts: found,
            });
        }
        let constants = facts.constants.iter().filter(|found| found.scope == inline);
        scope.constants = constants
            .map(|found| (&*found.name, &*found.text))
            .collect();
        let imports = facts.imports.iter().filter(|found| found.scope == inline);
        scope.imports = imports
            .map(|found| (found.name.as_deref(), &*found.path))
            .collect();
    }

    /// Methods can only be found when every type is.
    fn add_methods(&mut self, crates: &[&'a Crate], parsed: &'a Parsed) {
        for id in 0..self.functions.len() {
            let FunctionInfo { module, facts, .. } = self.functions[id];
            let Some(owner) = &facts.owner else { continue };
            if let Known::Type(owner) | Known::Trait(owner) = self.known(owner, module, None) {
                self.methods
                    .entry((owner, &facts.name))
                    .or_default()
                    .push(id);
            }
        }
        let modules = crates.iter().flat_map(|found| &found.modules);
        for (id, module) in modules.enumerate() {
            if let Some(Some(facts)) = parsed.get(&module.file) {
                for found in facts
                    .implementations
                    .iter()
                    .filter(|found| found.scope == module.scope)
                {
                    let of = self.known(&found.of, id, None);
                    let of_trait = self.meaning(id, &found.of_trait, Want::Space, 0);
                    if let (Known::Type(of), Meaning::Type(of_trait)) = (of, of_trait) {
                        self.implemented.entry(of).or_default().insert(of_trait);
                        self.implementors.entry(of_trait).or_default().push(of);
                    }
                }
            }
        }
    }

    /// Where a module is in its crate, as `::features::shop`.
    pub fn module_path(&self, module: ModuleId) -> &str {
        &self.modules[module].path
    }

    pub fn module_file(&self, module: ModuleId) -> &'a str {
        self.modules[module].file
    }

    /// The types that implement a trait.
    pub fn implementors(&self, of_trait: TypeId) -> &[TypeId] {
        self.implementors.get(&of_trait).map_or(&[], Vec::as_slice)
    }

    /// What a path stands for as an expression.
    pub fn value(&self, module: ModuleId, path: &[String]) -> Meaning {
        self.meaning(module, path, Want::Value, 0)
    }

    /// What a path stands for as a type or trait.
    pub fn space(&self, module: ModuleId, path: &[String]) -> Meaning {
        self.meaning(module, path, Want::Space, 0)
    }

    /// The text of a constant.
    pub fn constant(&self, module: ModuleId, path: &[String]) -> Option<&'a str> {
        let (name, above) = path.split_last()?;
        let module = match above {
            [] => module,
            above => match self.meaning(module, above, Want::Space, 0) {
                Meaning::Module(module) => module,
                _ => return None,
            },
        };
        let scope = &self.modules[module];
        let imported = || {
            let import = scope
                .imports
                .iter()
                .find(|(import, _)| *import == Some(name));
            let (last, above) = import?.1.split_last()?;
            match self.meaning(module, above, Want::Space, 0) {
                Meaning::Module(module) => self.modules[module].constants.get(&**last).copied(),
                _ => None,
            }
        };
        scope.constants.get(&**name).copied().or_else(imported)
    }

    fn meaning(&self, module: ModuleId, path: &[String], want: Want, far: usize) -> Meaning {
        let elsewhere = || Meaning::Elsewhere(path.to_vec());
        if far > FAR {
            return elsewhere();
        }
        let Some((first, rest)) = path.split_first() else {
            return elsewhere();
        };
        let wanted = |rest: &[String]| if rest.is_empty() { want } else { Want::Space };
        let scope = &self.modules[module];
        let start = match &**first {
            "crate" => Some(Meaning::Module(scope.root)),
            "self" => Some(Meaning::Module(module)),
            "super" => scope.parent.map(Meaning::Module),
            name => self
                .named(module, name, wanted(rest), far)
                .or_else(|| self.libraries.get(name).copied().map(Meaning::Module)),
        };
        let Some(mut meaning) = start else {
            return elsewhere();
        };
        let mut rest = rest;
        while let Some((name, after)) = rest.split_first() {
            meaning = match meaning {
                Meaning::Module(module) if name == "super" => match self.modules[module].parent {
                    Some(parent) => Meaning::Module(parent),
                    None => return elsewhere(),
                },
                Meaning::Module(module) => match self.named(module, name, wanted(after), far) {
                    Some(found) => found,
                    None => return elsewhere(),
                },
                Meaning::Type(of) => Meaning::Associated(of, name.clone()),
                Meaning::Elsewhere(mut path) => {
                    path.push(name.clone());
                    Meaning::Elsewhere(path)
                }
                Meaning::Function(_) | Meaning::Associated(..) => return elsewhere(),
            };
            rest = after;
        }
        meaning
    }

    /// What a name means in a module, its imports included.
    fn named(&self, module: ModuleId, name: &str, want: Want, far: usize) -> Option<Meaning> {
        let scope = &self.modules[module];
        let function = scope.functions.get(name).map(|id| Meaning::Function(*id));
        let of = scope.types.get(name).map(|id| Meaning::Type(*id));
        let child = scope.children.get(name).map(|id| Meaning::Module(*id));
        let own = match want {
            // A function may be imported beside a module that is called like it.
            Want::Value => function.or(of),
            Want::Space => of.or(child),
        };
        if own.is_some() {
            return own;
        }
        let fits = |found: &Meaning| match want {
            Want::Value => !matches!(found, Meaning::Module(_)),
            Want::Space => !matches!(found, Meaning::Function(_)),
        };
        let mut found = None;
        for (import, path) in &scope.imports {
            match import {
                Some(import) if *import == name => {
                    let meaning = match path {
                        [only] if only == name => match self.libraries.get(name) {
                            Some(root) => Meaning::Module(*root),
                            None => Meaning::Elsewhere(path.to_vec()),
                        },
                        path => self.meaning(module, path, want, far + 1),
                    };
                    if fits(&meaning) {
                        found = Some(meaning);
                        // What is known of this project is better than a guess at another crate.
                        if !matches!(found, Some(Meaning::Elsewhere(_))) {
                            break;
                        }
                    }
                }
                _ => {}
            }
        }
        if found.is_some() || far > FAR / 2 {
            return found;
        }
        scope
            .imports
            .iter()
            .filter(|(import, _)| import.is_none())
            .find_map(
                |(_, path)| match self.meaning(module, path, Want::Space, far + 1) {
                    Meaning::Module(other) if other != module => {
                        self.named(other, name, want, far + FAR / 4)
                    }
                    Meaning::Type(of) => {
                        let variants = &self.types[of].facts.variants;
                        let is_variant = variants.iter().any(|(variant, _)| variant == name);
                        is_variant.then(|| Meaning::Associated(of, name.to_owned()))
                    }
                    _ => None,
                },
            )
    }

    /// What is known of a type as written; `within` is the function it stands in.
    pub fn known(&self, of: &Type, module: ModuleId, within: Option<FunctionId>) -> Known {
        self.known_from(of, module, within, 0)
    }

    fn known_from(
        &self,
        of: &Type,
        module: ModuleId,
        within: Option<FunctionId>,
        far: usize,
    ) -> Known {
        let (Some(last), true) = (of.path.last(), far < FAR) else {
            return Known::Nothing;
        };
        let again = |of: &Type, module| self.known_from(of, module, within, far + 1);
        if let (true, Some(inner)) = (WRAPPERS.contains(&&**last), of.arguments.first()) {
            return again(inner, module);
        }
        let function = within.map(|id| &self.functions[id]);
        if let (Some(function), [name]) = (function, &of.path[..]) {
            if let ("Self", Some(owner)) = (&**name, &function.facts.owner) {
                return self.known_from(owner, function.module, None, far + 1);
            }
            if let Some((_, bounds)) = function
                .facts
                .generics
                .iter()
                .find(|(generic, _)| generic == name)
            {
                let traits = bounds
                    .iter()
                    .map(|bound| self.space(function.module, bound));
                let mut traits = traits.filter_map(|bound| match bound {
                    Meaning::Type(id) => Some(Known::Trait(id)),
                    _ => None,
                });
                return traits.next().unwrap_or(Known::Nothing);
            }
        }
        match self.space(module, &of.path) {
            Meaning::Type(id) => match &self.types[id].facts.kind {
                TypeKind::Data => Known::Type(id),
                TypeKind::Trait => Known::Trait(id),
                TypeKind::Alias(other) => again(other, self.types[id].module),
            },
            Meaning::Elsewhere(path) => Known::Elsewhere(path),
            _ => Known::Nothing,
        }
    }

    /// The functions that a method call may come to.
    pub fn methods(&self, of: &Known, name: &str) -> Vec<FunctionId> {
        let methods = |of: TypeId| self.methods.get(&(of, name)).cloned().unwrap_or_default();
        match of {
            Known::Type(of) => {
                let own = methods(*of);
                let traits = self.implemented.get(of).into_iter().flatten();
                if own.is_empty() {
                    traits.flat_map(|of_trait| methods(*of_trait)).collect()
                } else {
                    own
                }
            }
            Known::Trait(of_trait) => {
                let implementors = self.implementors(*of_trait).iter().copied();
                methods(*of_trait)
                    .into_iter()
                    .chain(implementors.flat_map(methods))
                    .collect()
            }
            Known::Nothing | Known::Elsewhere(_) => Vec::new(),
        }
    }
}
