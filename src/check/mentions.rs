//! What each function mentions: other functions, routes, requests to AWS, variables. What a value is, is followed
//! through parameters, fields, bindings and results, as far as their types are written down.

use std::collections::{BTreeSet, HashMap};

use super::facts::{Expression, Step, Type};
use super::program::{FunctionId, Known, Meaning, ModuleId, Program, TypeId};

/// Everything that one function mentions.
#[derive(Debug, Default)]
pub struct Mentions {
    pub functions: BTreeSet<FunctionId>,
    pub types: BTreeSet<TypeId>,
    pub routes: Vec<RoutesCall>,
    pub requests: Vec<Request>,
    pub variables: Vec<Variable>,
    /// The last words of paths that lead nowhere that is known.
    pub loose: BTreeSet<String>,
    /// What came from another crate, such as `std::env::vars`.
    pub elsewhere: BTreeSet<Vec<String>>,
    /// Methods of values of which nothing is known, with their lines.
    pub methods: Vec<(String, usize)>,
}

/// A `routes!(…)`.
#[derive(Debug)]
pub struct RoutesCall {
    pub handlers: Vec<FunctionId>,
    pub line: usize,
}

/// A request that is made of an AWS service, or a part of one that needs a right of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// As in `aws_sdk_dynamodb`; `None` where the client's type is not known.
    pub service: Option<String>,
    /// As in Rust: `put_item`.
    pub operation: String,
    pub line: usize,
}

/// A variable that has to be set.
#[derive(Debug)]
pub struct Variable {
    pub name: String,
    pub line: usize,
}

/// Looks through a function.
pub fn of(program: &Program<'_>, id: FunctionId) -> Mentions {
    let function = &program.functions[id];
    let mut reader = Reader {
        program,
        id,
        module: function.module,
        names: HashMap::new(),
        mentions: Mentions::default(),
    };
    for input in &function.facts.inputs {
        let known = reader.known(&input.of);
        // What a handler takes is made from the request before it runs.
        for name in ["from_request", "from_request_parts"] {
            reader
                .mentions
                .functions
                .extend(program.methods(&known, name));
        }
        for name in &input.names {
            reader.names.insert(name, known.clone());
        }
    }
    reader.steps(&function.facts.body);
    reader.mentions.functions.remove(&id);
    reader.mentions
}

struct Reader<'p, 'a> {
    program: &'p Program<'a>,
    id: FunctionId,
    module: ModuleId,
    names: HashMap<&'p str, Known>,
    mentions: Mentions,
}

impl<'p> Reader<'p, '_> {
    fn known(&mut self, of: &Type) -> Known {
        let known = self.program.known(of, self.module, Some(self.id));
        if let Known::Type(id) = known {
            self.mentions.types.insert(id);
        }
        known
    }

    /// What the last step comes to.
    fn steps(&mut self, steps: &'p [Step]) -> Known {
        let mut last = Known::Nothing;
        for step in steps {
            last = Known::Nothing;
            match step {
                Step::Evaluate(expression) => last = self.expression(expression),
                Step::Bind { names, of, value } => {
                    let value = value.as_ref().map(|value| self.expression(value));
                    let written = of.as_ref().map(|of| self.known(of));
                    let known = written.filter(|known| *known != Known::Nothing).or(value);
                    for name in names {
                        self.names
                            .insert(name, known.clone().unwrap_or(Known::Nothing));
                    }
                }
            }
        }
        last
    }

    fn all(&mut self, expressions: &'p [Expression]) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn expression(&mut self, expression: &'p Expression) -> Known {
        match expression {
            Expression::Text(_) => Known::Nothing,
            Expression::Several(parts) => {
                self.all(parts);
                Known::Nothing
            }
            Expression::Block(steps) => self.steps(steps),
            Expression::Path { path, line } => self.path(path, *line, Use::Mentioned),
            Expression::Call { called, arguments } => {
                self.all(arguments);
                match &**called {
                    Expression::Path { path, line } => self.path(path, *line, Use::Called),
                    called => {
                        self.expression(called);
                        Known::Nothing
                    }
                }
            }
            Expression::Made { of, from } => {
                self.all(from);
                self.known(&Type {
                    path: of.clone(),
                    arguments: Vec::new(),
                })
            }
            Expression::Field { of, name } => match self.expression(of) {
                Known::Type(id) => {
                    let found = &self.program.types[id];
                    let field = found.facts.fields.get(name);
                    field.map_or(Known::Nothing, |field| {
                        self.program.known(field, found.module, None)
                    })
                }
                _ => Known::Nothing,
            },
            Expression::Method {
                receiver,
                name,
                arguments,
                line,
            } => {
                let of = self.expression(receiver);
                self.all(arguments);
                self.method(&of, name, arguments, *line)
            }
            Expression::Routes { handlers, line } => {
                let mut resolved = Vec::new();
                for path in handlers {
                    match self.program.value(self.module, path) {
                        Meaning::Function(id) => {
                            resolved.push(id);
                            self.mentions.functions.insert(id);
                        }
                        _ => self.mentions.loose.extend(path.last().cloned()),
                    }
                }
                let line = *line;
                self.mentions.routes.push(RoutesCall {
                    handlers: resolved,
                    line,
                });
                Known::Nothing
            }
            Expression::Required { name, line } => {
                self.expression(name);
                if let Some(name) = self.text(name) {
                    self.mentions.variables.push(Variable { name, line: *line });
                }
                Known::Nothing
            }
        }
    }

    fn method(&mut self, of: &Known, name: &str, arguments: &[Expression], line: usize) -> Known {
        // How the generated configuration asks for what it cannot do without.
        if let ("required", [argument]) = (name, arguments)
            && let Some(name) = self.text(argument)
        {
            self.mentions.variables.push(Variable { name, line });
        }
        let service = client_of(of);
        if service.is_some() || (*of == Known::Nothing && arguments.is_empty()) {
            let (service, operation) = (service, name.to_owned());
            self.mentions.requests.push(Request {
                service,
                operation,
                line,
            });
        }
        let methods = self.program.methods(of, name);
        self.mentions.functions.extend(methods.iter().copied());
        match &methods[..] {
            [] if KEEPING.contains(&name) => of.clone(),
            [] => {
                self.mentions.methods.push((name.to_owned(), line));
                Known::Nothing
            }
            [first, ..] => self.output(*first),
        }
    }

    fn path(&mut self, path: &'p [String], line: usize, usage: Use) -> Known {
        if let [name] = path
            && let Some(known) = self.names.get(&**name)
        {
            return known.clone();
        }
        if let [first, name] = path {
            let of = Type {
                path: vec![first.clone()],
                arguments: Vec::new(),
            };
            // `Self::new`, and the type parameters of a function.
            let of = self.program.known(&of, self.module, Some(self.id));
            if matches!(of, Known::Type(_) | Known::Trait(_)) {
                return self.associated(&of, name, usage);
            }
        }
        match self.program.value(self.module, path) {
            Meaning::Function(id) => {
                self.mentions.functions.insert(id);
                if usage == Use::Called {
                    self.output(id)
                } else {
                    Known::Nothing
                }
            }
            Meaning::Type(id) => {
                self.mentions.types.insert(id);
                // A tuple struct that is made, or one that has no fields.
                Known::Type(id)
            }
            Meaning::Associated(of, name) => self.associated(&Known::Type(of), &name, usage),
            Meaning::Elsewhere(path) => self.elsewhere(path, line, usage),
            Meaning::Module(_) => Known::Nothing,
        }
    }

    fn associated(&mut self, of: &Known, name: &str, usage: Use) -> Known {
        let mut of = of.clone();
        if let Known::Type(id) | Known::Trait(id) = of {
            self.mentions.types.insert(id);
            // An alias is no type of its own.
            let found = &self.program.types[id];
            let written = Type {
                path: vec![found.facts.name.clone()],
                arguments: Vec::new(),
            };
            if matches!(of, Known::Type(_)) {
                of = self.program.known(&written, found.module, None);
            }
        }
        let methods = self.program.methods(&of, name);
        self.mentions.functions.extend(methods.iter().copied());
        match methods.first() {
            Some(first) if usage == Use::Called => self.output(*first),
            _ => Known::Nothing,
        }
    }

    /// Something of another crate.
    fn elsewhere(&mut self, path: Vec<String>, line: usize, usage: Use) -> Known {
        let known = match &path[..] {
            [sdk, .., of, name] if usage == Use::Called => {
                if let Some(service) = sdk.strip_prefix("aws_sdk_")
                    && name == "builder"
                {
                    self.mentions.requests.push(Request {
                        service: Some(service.to_owned()),
                        operation: format!("{of}::builder"),
                        line,
                    });
                }
                let makes = name == "new" || name.starts_with("from_") || name == "default";
                if makes {
                    Known::Elsewhere(path[..path.len() - 1].to_vec())
                } else {
                    Known::Nothing
                }
            }
            _ => Known::Nothing,
        };
        self.mentions.loose.extend(path.last().cloned());
        self.mentions.elsewhere.insert(path);
        known
    }

    fn output(&self, id: FunctionId) -> Known {
        let function = &self.program.functions[id];
        let output = function.facts.output.as_ref();
        output.map_or(Known::Nothing, |output| {
            self.program.known(output, function.module, Some(id))
        })
    }

    /// A text, or the constant that has it.
    fn text(&self, expression: &Expression) -> Option<String> {
        match expression {
            Expression::Text(text) => Some(text.clone()),
            Expression::Path { path, .. } => {
                self.program.constant(self.module, path).map(str::to_owned)
            }
            _ => None,
        }
    }
}

/// Whether a path stands before parentheses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Mentioned,
    Called,
}

/// Methods of the standard library whose value is the receiver, or what is in it.
const KEEPING: [&str; 24] = [
    "clone",
    "as_ref",
    "as_mut",
    "as_deref",
    "borrow",
    "borrow_mut",
    "deref",
    "to_owned",
    "into_inner",
    "unwrap",
    "expect",
    "unwrap_or_default",
    "unwrap_or_else",
    "unwrap_or",
    "context",
    "with_context",
    "map_err",
    "ok",
    "ok_or",
    "ok_or_else",
    "lock",
    "read",
    "write",
    "cloned",
];

/// The service whose client a value is.
fn client_of(of: &Known) -> Option<String> {
    match of {
        Known::Elsewhere(path) => match &path[..] {
            [sdk, .., client] if client == "Client" => {
                sdk.strip_prefix("aws_sdk_").map(str::to_owned)
            }
            _ => None,
        },
        _ => None,
    }
}
