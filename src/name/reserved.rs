//! Words that a name cannot be, and why.

use super::Name;
use crate::problem::Problem;

/// The keywords of Rust 2024, also those it keeps for later.
pub const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The keywords that `r#` does not turn into an identifier.
pub const NEVER_RAW: &[&str] = &["crate", "self", "super"];

const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16",
    "u32", "u64", "u128", "usize",
];

const WINDOWS_DEVICES: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// Crates of the toolchain, and those that a generated project depends on.
const CRATES: &[&str] = &[
    "alloc",
    "aws_config",
    "aws_credential_types",
    "aws_lc_rs",
    "aws_sdk_bedrockruntime",
    "aws_sdk_dynamodb",
    "aws_sdk_lambda",
    "aws_sdk_s3",
    "aws_smithy_mocks",
    "aws_smithy_runtime",
    "aws_smithy_runtime_api",
    "aws_smithy_types",
    "aws_types",
    "axum",
    "base64",
    "bigdecimal",
    "bytes",
    "core",
    "dynoxide",
    "dynoxide_rs",
    "futures",
    "http",
    "http_body_util",
    "hyper",
    "hyper_rustls",
    "hyper_util",
    "jiff",
    "jsonwebtoken",
    "lambda_http",
    "lambda_runtime",
    "local",
    "proc_macro",
    "rand",
    "regex",
    "rsa",
    "rust_decimal",
    "rustls",
    "s3s",
    "s3s_fs",
    "serde",
    "serde_dynamo",
    "serde_json",
    "std",
    "tempfile",
    "test",
    "thiserror",
    "tokio",
    "tower",
    "tower_http",
    "tracing",
    "tracing_subscriber",
    "url",
    "utoipa",
    "utoipa_axum",
    "utoipa_swagger_ui",
    "uuid",
];

/// Modules and test modules that stand beside the generated ones.
const MODULES: &[&str] = &[
    "auth",
    "lib",
    "main",
    "mod",
    "model",
    "repository",
    "routes",
    "service",
    "support",
    "tests",
];

/// Types and traits that are in scope everywhere, or that generated code imports.
const TYPES: &[&str] = &[
    // The prelude of Rust 2024.
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
    // Types of the libraries.
    "Arc",
    "BTreeMap",
    "BTreeSet",
    "Bytes",
    "Client",
    "Date",
    "DateTime",
    "Decimal",
    "Deserialize",
    "Duration",
    "HashMap",
    "HeaderMap",
    "HeaderName",
    "HeaderValue",
    "IntoParams",
    "IntoResponse",
    "Json",
    "Method",
    "OpenApi",
    "OpenApiRouter",
    "Parameter",
    "ParameterIn",
    "Path",
    "Request",
    "Response",
    "Router",
    "Serialize",
    "State",
    "StatusCode",
    "Timestamp",
    "ToSchema",
    "Uri",
    "Url",
    "Uuid",
    "Value",
    // Types of the project itself.
    "Accepted",
    "AdminUser",
    "AppState",
    "Body",
    "Config",
    "ConfigError",
    "Created",
    "CurrentUser",
    "Data",
    "DownloadUrl",
    "ETag",
    "Entity",
    "Error",
    "FieldError",
    "FileField",
    "FileOf",
    "Health",
    "HttpValidationError",
    "Id",
    "Ids",
    "IfMatch",
    "List",
    "Metadata",
    "NewUpload",
    "PageParams",
    "Params",
    "Parent",
    "Patch",
    "Redacted",
    "References",
    "Routes",
    "Stored",
    "StoredFile",
    "TestApp",
    "ThisField",
    "ThisUpload",
    "Unauthenticated",
    "UploadConfirmation",
    "UploadUrl",
    "ValidationError",
];

/// Attributes that every stored item has.
const ATTRIBUTES: &[&str] = &[
    "created_at",
    "entity",
    "id",
    "owner",
    "owner_id",
    "pk",
    "sk",
    "ttl",
    "updated_at",
    "version",
];

/// Lists of words in snake case, each with the reason why a name cannot be one of them.
pub struct Reserved(&'static [(&'static [&'static str], &'static str)]);

/// What cargo refuses, what would be mistaken for another crate, and what cannot be a folder everywhere.
pub const PACKAGE: Reserved = Reserved(&[
    (
        KEYWORDS,
        "is a Rust keyword, which no package can be called",
    ),
    (PRIMITIVES, "is a Rust type, which the crate would hide"),
    (CRATES, "is also a crate that the project uses"),
    (
        &["build", "deps", "examples", "incremental"],
        "is a folder of cargo's",
    ),
    (
        &["api", "dev", "main", "worker"],
        "is also a program of the project",
    ),
    (WINDOWS_DEVICES, "cannot be a folder on Windows"),
]);

/// What cannot be a module, or would hide something from the modules beside it.
pub const MODULE: Reserved = Reserved(&[
    (NEVER_RAW, "is a keyword that no Rust module can be called"),
    (PRIMITIVES, "is a Rust type, which its module would hide"),
    (
        CRATES,
        "is also a crate that the project uses, which its module would hide",
    ),
    (
        MODULES,
        "is taken: a generated project has a module of that name",
    ),
    (WINDOWS_DEVICES, "cannot be a file on Windows"),
]);

pub const ENTITY: Reserved = Reserved(&[
    (
        &["jobs"],
        "is taken: a generated entity keeps its background jobs in a module of that name",
    ),
    (
        &["parents"],
        "is taken: the generated code of a child calls the module of its parent so",
    ),
]);

pub const FEATURE: Reserved = Reserved(&[(
    &["health", "openapi", "docs"],
    "is taken: a generated project has a route of that name",
)]);

impl Reserved {
    pub fn refuse(&self, what: &str, name: &Name) -> Result<(), Problem> {
        let snake = name.snake();
        match self.0.iter().find(|(words, _)| words.contains(&snake)) {
            Some((_, reason)) => Err(Problem::new(format!("{what} name `{snake}` {reason}"))
                .help(format!("choose a more specific name, such as `my_{snake}`"))),
            None => Ok(()),
        }
    }
}

/// Whether generated code uses a type of that name.
pub fn is_taken_type(pascal: &str) -> bool {
    TYPES.contains(&pascal)
}

/// Refuses the name of a type that generated code uses for something else.
pub fn refuse_type(name: &Name) -> Result<(), Problem> {
    let pascal = name.pascal();
    if is_taken_type(&pascal) {
        return Err(Problem::new(format!(
            "entity name `{pascal}` is taken: generated code uses a type of that name"
        ))
        .help(format!("choose a more specific name, such as `My{pascal}`")));
    }
    Ok(())
}

/// Refuses the names of what the table and the API keep beside an entity's own fields.
pub fn refuse_attribute(name: &Name) -> Result<(), Problem> {
    let snake = name.snake();
    if ATTRIBUTES.contains(&snake) || is_index_key(snake) {
        return Err(Problem::new(format!(
            "field name `{snake}` is taken: every entity has it already, or the table keeps its keys there"
        ))
        .help(format!("choose a more specific name, such as `my_{snake}`")));
    }
    Ok(())
}

/// `gsi1pk`, `gsi12sk`.
fn is_index_key(snake: &str) -> bool {
    snake
        .strip_prefix("gsi")
        .and_then(|rest| rest.strip_suffix("pk").or(rest.strip_suffix("sk")))
        .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
}
