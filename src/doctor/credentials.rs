//! Where AWS credentials would come from, in the order in which the SDK looks.

use std::path::{Path, PathBuf};

/// What to do where there are none.
pub const GET_THEM: &str = "aws configure sso, or `aws configure` for an access key";

/// Keys of a profile in `~/.aws/config` that lead to credentials.
const LEADS: [&str; 6] = [
    "sso_session",
    "sso_start_url",
    "role_arn",
    "credential_process",
    "web_identity_token_file",
    "login_session",
];

/// The first place that has some, in words. `variable` and `file` read the environment and the disk.
pub fn source(
    variable: impl Fn(&str) -> Option<String>,
    file: impl Fn(&Path) -> Option<String>,
) -> Option<String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if set("AWS_ACCESS_KEY_ID").is_some() && set("AWS_SECRET_ACCESS_KEY").is_some() {
        return Some("the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned());
    }
    let home = || {
        set("HOME")
            .or_else(|| set("USERPROFILE"))
            .map(PathBuf::from)
    };
    let place = |name: &str, default: &str| {
        let chosen = set(name).map(PathBuf::from);
        chosen.or_else(|| Some(home()?.join(".aws").join(default)))
    };
    let profile = set("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
    let credentials = place("AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let config = place("AWS_CONFIG_FILE", "config");
    let in_section = |path: Option<PathBuf>, headings: &[String], keys: &[&str]| {
        let path = path?;
        let text = file(&path)?;
        let found = section(&text, headings).any(|key| keys.contains(&key));
        found.then(|| format!("the profile `{profile}` in {}", path.display()))
    };
    let headings = [profile.clone()];
    let in_credentials = in_section(
        credentials,
        &headings,
        &["aws_access_key_id", "credential_process"],
    );
    let headings = [format!("profile {profile}"), profile.clone()];
    let keys = [&LEADS[..], &["aws_access_key_id"]].concat();
    in_credentials
        .or_else(|| in_section(config, &headings, &keys))
        .or_else(|| {
            let others = [
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            ];
            let found = others.into_iter().find(|name| set(name).is_some());
            found.map(|name| format!("the variable {name}"))
        })
}

/// The keys that stand under one of the headings.
fn section<'a>(text: &'a str, headings: &'a [String]) -> impl Iterator<Item = &'a str> {
    let mut is_inside = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(heading) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            is_inside = headings.iter().any(|known| known == heading.trim());
            return None;
        }
        let (key, value) = line.split_once('=')?;
        (is_inside && !value.trim().is_empty()).then(|| key.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let file = |path: &Path| {
            let found = files.iter().find(|(other, _)| Path::new(other) == path);
            found.map(|(_, text)| (*text).to_owned())
        };
        source(variable, file)
    }

    const HOME: (&str, &str) = ("HOME", "/home/ada");
    const KEYS: (&str, &str) = (
        "/home/ada/.aws/credentials",
        "[default]\naws_access_key_id = AKIASECRET\naws_secret_access_key = hidden\n",
    );
    const SSO: (&str, &str) = (
        "/home/ada/.aws/config",
        "[default]\nregion = eu-central-1\n\n[profile work]\nsso_session = main\n",
    );

    #[test]
    fn each_place_is_named_and_nothing_of_what_is_in_it() {
        let work = ("AWS_PROFILE", "work");
        for (variables, files, expected) in [
            (
                &[HOME][..],
                &[KEYS][..],
                "the profile `default` in /home/ada/.aws/credentials",
            ),
            (
                &[HOME, work],
                &[KEYS, SSO],
                "the profile `work` in /home/ada/.aws/config",
            ),
            (
                &[
                    ("AWS_ACCESS_KEY_ID", "AKIASECRET"),
                    ("AWS_SECRET_ACCESS_KEY", "hidden"),
                ],
                &[],
                "the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            ),
            (
                &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/t")],
                &[],
                "the variable AWS_WEB_IDENTITY_TOKEN_FILE",
            ),
        ] {
            assert_eq!(found(variables, files).as_deref(), Some(expected));
        }
    }

    #[test]
    fn half_a_key_an_empty_one_and_a_mere_region_are_none() {
        assert_eq!(found(&[("AWS_ACCESS_KEY_ID", "AKIA")], &[]), None);
        assert_eq!(
            found(
                &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")],
                &[]
            ),
            None
        );
        assert_eq!(found(&[HOME], &[SSO]), None);
        assert_eq!(found(&[HOME, ("AWS_PROFILE", "other")], &[KEYS, SSO]), None);
        assert_eq!(found(&[], &[]), None);
    }
}
