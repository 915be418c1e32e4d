//! What the types and their rules mean, in a line each: for prompts, and for errors that list what is allowed.

/// Every type, with what it is for.
pub const TYPES: &[(&str, &str)] = &[
    ("string", "a line of text, not blank"),
    ("text", "text of any kind, also none"),
    ("int", "a whole number of 64 bits"),
    ("float", "a number with a fraction, as computers count"),
    (
        "decimal",
        "an exact number, as people count: money, weights",
    ),
    ("bool", "true or false"),
    ("date", "a day: 2026-03-31"),
    ("datetime", "a moment: 2026-03-31T12:00:00Z"),
    ("uuid", "a UUID"),
    ("email", "an e-mail address"),
    ("url", "an absolute URL"),
    ("json", "any JSON value"),
    ("enum", "one of the values that you list"),
    ("ref", "the id of another entity's item"),
    ("file", "an object in the bucket that belongs to the item"),
];

const LENGTH: &[(&str, &str)] = &[
    (
        "1..200",
        "its length in characters; one bound is enough: `..200`",
    ),
    ("pattern=", "the regular expression it has to match"),
];

const BOUNDS: &[(&str, &str)] = &[
    (
        "1..10",
        "from the one to the other, both included; one bound is enough: `1..`",
    ),
    ("gt=", "greater than this"),
    ("ge=", "this or greater"),
    ("lt=", "less than this"),
    ("le=", "this or less"),
];

const FILE: &[(&str, &str)] = &[
    ("max=10MB", "the largest size"),
    (
        "types=pdf/png",
        "the kinds of file, by extension or MIME type",
    ),
];

const REMOVABLE: (&str, &str) = ("optional", "clients may delete it, not only replace it");
const OPTIONAL: (&str, &str) = ("optional", "it may be left out, or be null");
const LIST: (&str, &str) = (
    "list",
    "any number of these; `list=1..20` says how many at least and at most",
);
const DEFAULT: (&str, &str) = ("default=", "what an item has that is made without it");
const REDACT: (&str, &str) = ("redact", "never logged");
const READONLY: (&str, &str) = ("readonly", "clients see it, only your code sets it");
const INDEX: (&str, &str) = ("index", "items can be listed by it");

/// The rules that a field of this type can have: its own, then those of many types.
pub fn rules(kind: &str) -> Vec<(&'static str, &'static str)> {
    let own = match kind {
        "string" | "text" => LENGTH,
        "int" | "float" | "decimal" => BOUNDS,
        "file" => FILE,
        _ => &[],
    };
    let any: &[_] = match kind {
        "file" => &[REMOVABLE, REDACT],
        "ref" => &[OPTIONAL, LIST, REDACT, READONLY, INDEX],
        "text" | "url" | "json" => &[OPTIONAL, LIST, DEFAULT, REDACT, READONLY],
        _ => &[OPTIONAL, LIST, DEFAULT, REDACT, READONLY, INDEX],
    };
    [own, any].concat()
}
