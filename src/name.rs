//! Names: validated once, then shown in every case.
//!
//! A name may be typed in any case; what it is made of are its words, so `proposal_writer`, `ProposalWriter` and
//! `proposal-writer` are one name. There is a type for each thing that is named, because each has its own rules.

mod plural;
mod reserved;

use std::fmt;
use std::ops::Deref;

use heck::{ToSnakeCase, ToUpperCamelCase};

use crate::problem::Problem;

pub use self::reserved::is_taken_type;

/// The longest name, in characters. What is made of names (stack resources, table keys, file names) stays within its limits.
pub const MAX_LENGTH: usize = 48;

/// Words, in lower case, with `_` between them: from there it is a short way to every other case, and a command goes it
/// many times for each name of a large project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Reads a name typed in any case. `what` it names begins the message of an error.
    fn parse(what: &str, text: &str) -> Result<Self, Problem> {
        let help =
            || format!("use a letter, then letters, digits, `_` and `-`, {MAX_LENGTH} at most");
        let refuse =
            |reason: &str| Err(Problem::new(format!("{what} name `{text}` {reason}")).help(help()));
        if text.is_empty() {
            return Err(Problem::new(format!("{what} name is empty")).help(help()));
        }
        if !text.is_ascii() {
            return refuse("has letters other than a to z");
        }
        if let Some(c) = text.chars().find(|c| !is_allowed(*c)) {
            return refuse(&format!("holds `{}`", c.escape_default()));
        }
        if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return refuse("does not start with a letter");
        }
        let snake = if is_snake(text) {
            text.to_owned()
        } else {
            text.to_snake_case()
        };
        if text.len().max(snake.len()) > MAX_LENGTH {
            return refuse(&format!("has more than {MAX_LENGTH} characters"));
        }
        Ok(Self(snake))
    }

    /// `proposal_writer`: modules, fields, wire names.
    pub fn snake(&self) -> &str {
        &self.0
    }

    /// `proposal-writer`: URLs and packages.
    pub fn kebab(&self) -> String {
        self.0.replace('_', "-")
    }

    /// `ProposalWriter`: types.
    pub fn pascal(&self) -> String {
        self.0.split('_').map(capitalised).collect()
    }

    /// `PROPOSAL_WRITER`: keys in the table, constants.
    pub fn screaming(&self) -> String {
        self.0.to_ascii_uppercase()
    }

    /// `proposal writer`: in the middle of a sentence.
    pub fn words(&self) -> String {
        self.0.replace('_', " ")
    }

    /// `Proposal writer`: at the start of a sentence, and as a heading.
    pub fn title(&self) -> String {
        capitalised(&self.words())
    }

    /// The Rust identifier in snake case: `r#type` for a keyword, and `self_` for one that cannot be written raw.
    pub fn ident(&self) -> String {
        let snake = self.snake();
        if reserved::NEVER_RAW.contains(&snake) {
            format!("{snake}_")
        } else if reserved::KEYWORDS.contains(&snake) {
            format!("r#{snake}")
        } else {
            snake.to_owned()
        }
    }

    /// More than one of it: `Proposal` is `proposals`, `ShopCategory` is `shop_categories`.
    pub fn plural(&self) -> Name {
        Name(plural::of(&self.0))
    }

    /// Whether `text` is this name, in whatever case.
    pub fn is_typed_as(&self, text: &str) -> bool {
        text == self.0 || (!is_snake(text) && text.to_snake_case() == self.0)
    }

    /// The same name, once it has been a Rust type: the digits and single letters between which a type has no room for a
    /// separator close up (`step_2` comes back as `step2`).
    fn through_pascal(&self) -> Name {
        let mut snake = self.0.clone();
        loop {
            let back = snake.to_upper_camel_case().to_snake_case();
            if back == snake {
                return Name(snake);
            }
            snake = back;
        }
    }
}

/// Whether each word begins with two letters: then each is found again in a type, and nothing has to be tried. A command
/// asks this of every name of a project, and nearly all are like this.
fn has_plain_words(snake: &str) -> bool {
    snake.split('_').all(|word| {
        let mut letters = word.bytes().take(2);
        letters.len() == 2 && letters.all(|c| c.is_ascii_lowercase())
    })
}

/// Whether a text is in snake case already.
fn is_snake(text: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
    text.bytes().all(is_plain)
        && !text.starts_with('_')
        && !text.ends_with('_')
        && !text.contains("__")
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + chars.as_str())
        .unwrap_or_default()
}

/// A type for the names of one kind of thing: what an error calls it, how it is shown, and its own rule.
macro_rules! kind {
    ($(#[$doc:meta])* $kind:ident, $what:literal, shown as $shown:ident, $rule:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $kind(Name);

        impl $kind {
            /// Reads a name typed in any case.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                let name = Name::parse($what, text)?;
                let rule: fn(&Name) -> Result<(), Problem> = $rule;
                rule(&name)?;
                Ok(Self(name))
            }
        }

        impl Deref for $kind {
            type Target = Name;

            fn deref(&self) -> &Name {
                &self.0
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.$shown().as_ref())
            }
        }
    };
}

kind!(
    /// A project: its package, crate, folder and stack. Shown as `my-api`.
    ProjectName, "project", shown as kebab, |name| {
        reserved::PACKAGE.refuse("project", name)
    }
);

kind!(
    /// A feature: a module of the API. Shown as `proposal_writer`.
    FeatureName, "feature", shown as snake, |name| {
        stable("feature", name)?;
        reserved::MODULE.refuse("feature", name)?;
        reserved::FEATURE.refuse("feature", name)
    }
);

kind!(
    /// An entity: a type, and what is stored of it. Shown as `Proposal`.
    EntityName, "entity", shown as pascal, |name| {
        stable("entity", name)?;
        reserved::refuse_type(name)?;
        reserved::MODULE.refuse("entity", name)?;
        reserved::ENTITY.refuse("entity", name)
    }
);

kind!(
    /// A field of an entity: a member, a JSON key and an attribute in the table. Shown as `due_date`.
    FieldName, "field", shown as snake, |name| reserved::refuse_attribute(name)
);

kind!(
    /// A background job of an entity. Shown as `analyze`.
    JobName, "job", shown as snake, |name| {
        stable("job", name)?;
        reserved::MODULE.refuse("job", name)
    }
);

kind!(
    /// One of the values of an `enum` field: a variant, and its text on the wire. Shown as `in_progress`.
    EnumValue, "enum value", shown as snake, |_| Ok(())
);

kind!(
    /// More than one of an entity: its part of a URL. Shown as `shop-categories`.
    Plural, "plural", shown as kebab, |_| Ok(())
);

impl EntityName {
    /// The plural that a library knows for this word.
    pub fn default_plural(&self) -> Plural {
        Plural(self.plural())
    }
}

impl JobName {
    /// The Rust type of the job of an entity: `AnalyzeProposal`.
    pub fn type_of(&self, entity: &EntityName) -> String {
        format!("{}{}", self.pascal(), entity.pascal())
    }
}

impl EnumValue {
    /// The Rust variant: `InProgress`, and `Self_` for the one word that no variant can have.
    pub fn variant(&self) -> String {
        match self.snake() {
            "self" => "Self_".to_owned(),
            _ => self.pascal(),
        }
    }

    /// Whether `#[serde(rename_all = "snake_case")]` gives another text than the wire's for the variant.
    pub fn needs_rename(&self) -> bool {
        let mut wire = String::new();
        for c in self.variant().chars() {
            if c.is_ascii_uppercase() && !wire.is_empty() {
                wire.push('_');
            }
            wire.push(c.to_ascii_lowercase());
        }
        wire != self.snake()
    }
}

/// Refuses a name that would read differently after it has been a Rust type.
fn stable(what: &str, name: &Name) -> Result<(), Problem> {
    if has_plain_words(name.snake()) {
        return Ok(());
    }
    let back = name.through_pascal();
    if back == *name {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{what} name `{}` becomes the type `{}`, which reads back as `{}`",
        name.snake(),
        name.pascal(),
        name.pascal().to_snake_case()
    ))
    .help(format!("call it `{}`", back.snake())))
}

#[cfg(test)]
mod tests;
