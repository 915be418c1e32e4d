//! Cargo.lock, as cargo itself would write it.

/// Puts the packages of a rendered lock file into cargo's order.
///
/// The template holds the project's own two packages under whatever name the project has, so only now is it known
/// where they belong. Packages that share a name are there in order of version already.
pub fn sort_packages(lock: &str) -> String {
    const START: &str = "[[package]]\n";
    let mut parts = lock.split(START);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<&str> = parts.map(str::trim_end).collect();
    packages.sort_by_key(|package| name_of(package));
    let packages: Vec<String> = packages.iter().map(|p| format!("{START}{p}\n")).collect();
    format!("{head}{}", packages.join("\n"))
}

fn name_of(package: &str) -> &str {
    package
        .lines()
        .find_map(|line| line.strip_prefix("name = "))
        .unwrap_or_default()
        .trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_sorted_by_name_and_nothing_else_changes() {
        let lock = "version = 4\n\n[[package]]\nname = \"my\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\ndependencies = [\n \"my\",\n]\n";
        assert_eq!(
            sort_packages(lock),
            "version = 4\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\ndependencies = [\n \"my\",\n]\n\n[[package]]\nname = \"my\"\nversion = \"0.1.0\"\n"
        );
    }
}
