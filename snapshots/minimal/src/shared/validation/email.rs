//! What an e-mail address looks like, by the rules and in the words of the `email-validator` that Pydantic uses.

use std::collections::BTreeSet;

use super::field_error::Problem;

/// Pydantic looks no closer at anything longer, so that an answer does not name a thousand wrong characters.
const LONGEST_INPUT: usize = 2048;
const LONGEST_ADDRESS: usize = 254;
const LONGEST_DOMAIN: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Checks the shape only. Whether someone reads the mail is found out by sending one.
pub(super) fn check(text: &str) -> Result<(), Problem> {
    parts(text).map_err(|reason| {
        let msg = format!("value is not a valid email address: {reason}");
        Problem::new("value_error", msg).with_ctx("reason", reason)
    })
}

fn parts(address: &str) -> Result<(), String> {
    if address.chars().count() > LONGEST_INPUT {
        return Err(format!("Length must not exceed {LONGEST_INPUT} characters"));
    }
    let (local, domain) = address
        .split_once('@')
        .ok_or("An email address must have an @-sign.")?;
    if local.is_empty() {
        return Err("There must be something before the @-sign.".to_owned());
    }
    if domain.is_empty() {
        return Err("There must be something after the @-sign.".to_owned());
    }

    local_part(local)?;
    domain_part(domain)?;
    at_most(LONGEST_ADDRESS, address)
        .map_err(|excess| format!("The email address is too long {excess}."))
}

fn local_part(local: &str) -> Result<(), String> {
    if local.starts_with('"') {
        return Err("Quoting the part before the @-sign is not allowed here.".to_owned());
    }
    only(local, |c| {
        c.is_alphanumeric() || ".!#$%&'*+-/=?^_`{|}~".contains(c)
    })
    .map_err(|found| {
        format!("The email address contains invalid characters before the @-sign: {found}.")
    })?;
    separated(
        local,
        '.',
        "An email address cannot start with a period.",
        "An email address cannot have a period immediately before the @-sign.",
    )
}

fn domain_part(domain: &str) -> Result<(), String> {
    if domain.starts_with('[') {
        return Err("A bracketed IP address after the @-sign is not allowed here.".to_owned());
    }
    at_most(LONGEST_DOMAIN, domain)
        .map_err(|excess| format!("The email address is too long after the @-sign {excess}."))?;
    only(domain, |c| c.is_alphanumeric() || ".-".contains(c)).map_err(|found| {
        format!("The part after the @-sign contains invalid characters: {found}.")
    })?;
    separated(
        domain,
        '.',
        "An email address cannot have a period immediately after the @-sign.",
        "An email address cannot end with a period.",
    )?;
    separated(
        domain,
        '-',
        "An email address cannot have a hyphen immediately after the @-sign.",
        "An email address cannot end with a hyphen.",
    )?;
    if domain.contains(".-") || domain.contains("-.") {
        return Err(
            "An email address cannot have a period and a hyphen next to each other.".to_owned(),
        );
    }
    for label in domain.split('.') {
        at_most(LONGEST_LABEL, label).map_err(|excess| {
            format!("After the @-sign, periods cannot be separated by so many characters {excess}.")
        })?;
    }

    let (_, top_level) = domain
        .rsplit_once('.')
        .ok_or("The part after the @-sign is not valid. It should have a period.")?;
    if !top_level.ends_with(char::is_alphabetic) {
        return Err(
            "The part after the @-sign is not valid. It is not within a valid top-level domain."
                .to_owned(),
        );
    }
    Ok(())
}

/// The characters that are not allowed, in the error.
fn only(text: &str, is_allowed: impl Fn(char) -> bool) -> Result<(), String> {
    let found: BTreeSet<String> = text
        .chars()
        .filter(|&c| !is_allowed(c))
        .map(|c| match c {
            ' ' => "SPACE".to_owned(),
            c if c.is_control() => format!("U+{:04X}", u32::from(c)),
            c => format!("'{c}'"),
        })
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(found.into_iter().collect::<Vec<_>>().join(", "))
}

fn separated(text: &str, separator: char, start: &str, end: &str) -> Result<(), String> {
    if text.ends_with(separator) {
        return Err(end.to_owned());
    }
    if text.starts_with(separator) {
        return Err(start.to_owned());
    }
    if separator == '.' && text.contains("..") {
        return Err("An email address cannot have two periods in a row.".to_owned());
    }
    Ok(())
}

fn at_most(limit: usize, text: &str) -> Result<(), String> {
    match text.chars().count().saturating_sub(limit) {
        0 => Ok(()),
        1 => Err("(1 character too many)".to_owned()),
        excess => Err(format!("({excess} characters too many)")),
    }
}
