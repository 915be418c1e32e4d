//! The three-way merge of Cargo.lock: not line by line, but package by package, as cargo would have it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Package, START};

/// Merges what scaffold changes into the user's lock file, or says why that cannot be done: then cargo does it, with the
/// next command that is not told to leave the lock file alone.
///
/// Where both sides moved a package to another version, the higher one stands; what nothing depends on any more goes.
pub fn merge(base: &str, ours: &str, theirs: &str) -> Result<String, String> {
    let [base, normal, theirs] = [base, ours, theirs].map(|text| text.replace("\r\n", "\n"));
    let (_, base) = Graph::parse(&base)?;
    let (head, own) = Graph::parse(&normal)?;
    let (_, theirs) = Graph::parse(&theirs)?;
    let mut merged = Graph::default();
    let keys = [&base, &own, &theirs].map(|graph| graph.0.keys());
    for key in keys.into_iter().flatten() {
        let [base, ours, theirs] = [&base, &own, &theirs].map(|graph| graph.0.get(key));
        if let Some(entry) = pick(key, base, ours, theirs) {
            merged.0.insert(key.clone(), entry);
        }
    }
    let text = format!("{head}{}", merged.reachable()?.write());
    Ok(if ours.contains("\r\n") {
        text.replace('\n', "\r\n")
    } else {
        text
    })
}

/// A package, whichever of the versions that can stand in for each other it has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    name: &'a str,
    /// None for a package of the project itself, of which there is one whatever its version.
    source: Option<&'a str>,
    compatible: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry<'a> {
    version: &'a str,
    order: Vec<u64>,
    head: Vec<&'a str>,
    dependencies: BTreeSet<Key<'a>>,
}

#[derive(Default)]
struct Graph<'a>(BTreeMap<Key<'a>, Entry<'a>>);

impl<'a> Key<'a> {
    fn of(package: &Package<'a>) -> Self {
        let mut compatible = Vec::new();
        if !package.is_own() {
            for number in package.order() {
                compatible.push(number);
                if number > 0 {
                    break;
                }
            }
        }
        Self {
            name: package.name,
            source: package.source,
            compatible,
        }
    }
}

impl<'a> Graph<'a> {
    /// Also gives what stands before the first package.
    fn parse(text: &'a str) -> Result<(&'a str, Self), String> {
        let mut parts = text.split(START);
        let head = parts.next().unwrap_or_default();
        let packages: Vec<Package<'a>> = parts.map(Package::parse).collect();
        let mut graph = Self::default();
        for package in &packages {
            let is_unknown = |line: &&&str| !line.contains(" = ");
            if let Some(line) = package.head.iter().find(is_unknown) {
                return Err(format!("`{line}` in it is not understood"));
            }
            let dependencies = package.dependencies.iter();
            let entry = Entry {
                version: package.version,
                order: package.order(),
                head: package.head.clone(),
                dependencies: dependencies
                    .map(|line| dependency(line, &packages))
                    .collect::<Result<_, _>>()?,
            };
            let key = Key::of(package);
            if graph.0.insert(key, entry).is_some() {
                return Err(format!(
                    "it has two versions of `{}` that could be one",
                    package.name
                ));
            }
        }
        Ok((head, graph))
    }

    /// The packages that those of the project need, directly or not.
    fn reachable(mut self) -> Result<Self, String> {
        let own = self.0.keys().filter(|key| key.source.is_none());
        let mut waiting: Vec<Key<'a>> = own.cloned().collect();
        let mut needed = Self::default();
        while let Some(key) = waiting.pop() {
            if needed.0.contains_key(&key) {
                continue;
            }
            let entry = self.0.remove(&key);
            let entry = entry.ok_or_else(|| format!("it lacks `{}`", key.name))?;
            waiting.extend(entry.dependencies.iter().cloned());
            needed.0.insert(key, entry);
        }
        Ok(needed)
    }

    fn write(&self) -> String {
        let mut packages: Vec<(&Key<'a>, &Entry<'a>)> = self.0.iter().collect();
        packages.sort_by_key(|(key, entry)| (key.name, &entry.order, key.source));
        let written: Vec<String> = packages
            .into_iter()
            .map(|(_, entry)| {
                let lines = entry.dependencies.iter().map(|key| self.line(key));
                let lines: Vec<String> = lines.collect();
                let package = Package {
                    name: "",
                    version: entry.version,
                    source: None,
                    head: entry.head.clone(),
                    dependencies: lines.iter().map(String::as_str).collect(),
                };
                package.write(&[])
            })
            .collect();
        written.join("\n")
    }

    /// The line by which a package depends on another: no longer than it has to be.
    fn line(&self, key: &Key<'a>) -> String {
        let version = self.0[key].version;
        let namesakes = || self.0.iter().filter(|(other, _)| other.name == key.name);
        let alike = namesakes().filter(|(_, entry)| entry.version == version);
        match (namesakes().count(), alike.count(), key.source) {
            (1, _, _) => format!(" \"{}\",", key.name),
            (_, 1, _) | (_, _, None) => format!(" \"{} {version}\",", key.name),
            (_, _, Some(source)) => format!(" \"{} {version} ({source})\",", key.name),
        }
    }
}

/// The package that a line among the dependencies means.
fn dependency<'a>(line: &str, packages: &[Package<'a>]) -> Result<Key<'a>, String> {
    let text = line.trim().trim_end_matches(',').trim_matches('"');
    let mut words = text.splitn(3, ' ');
    let (name, version, source) = (words.next(), words.next(), words.next());
    let source = source.map(|source| source.trim_matches(['(', ')']));
    let mut meant = packages.iter().filter(|package| {
        Some(package.name) == name
            && version.is_none_or(|version| package.version == version)
            && (source.is_none() || package.source == source)
    });
    // A package of the project comes before a namesake from elsewhere that has the same version.
    let first = meant.next().ok_or_else(|| format!("it lacks `{text}`"))?;
    Ok(Key::of(
        meant.find(|package| package.is_own()).unwrap_or(first),
    ))
}

fn pick<'a>(
    key: &Key<'a>,
    base: Option<&Entry<'a>>,
    ours: Option<&Entry<'a>>,
    theirs: Option<&Entry<'a>>,
) -> Option<Entry<'a>> {
    if ours == base || ours == theirs {
        return theirs.cloned();
    }
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        // What the user moved to another version stays, in case it is still needed.
        return if theirs == base {
            ours
        } else {
            ours.or(theirs)
        }
        .cloned();
    };
    let stays = key.source.is_none() || ours.order >= theirs.order;
    let (winner, other) = if stays {
        (ours, theirs)
    } else {
        (theirs, ours)
    };
    let mut dependencies = winner.dependencies.clone();
    if let Some(base) = base {
        let gone = base.dependencies.difference(&other.dependencies);
        let gone: BTreeSet<_> = gone.collect();
        dependencies.retain(|key| !gone.contains(key));
        dependencies.extend(other.dependencies.difference(&base.dependencies).cloned());
    } else if ours.version == theirs.version || key.source.is_none() {
        dependencies.extend(other.dependencies.iter().cloned());
    }
    Some(Entry {
        dependencies,
        ..winner.clone()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::{Index, subsequence};

    use super::*;
    use crate::lock::PATH;
    use crate::name::ProjectName;
    use crate::project::{Component, Project};
    use crate::render;

    fn lock(components: &[Component]) -> String {
        let mut project = Project::new(ProjectName::parse("my-api").unwrap());
        project.components = components.iter().copied().collect();
        render::render(&project)
            .unwrap()
            .get(PATH)
            .unwrap()
            .to_owned()
    }

    fn components() -> impl Strategy<Value = Vec<Component>> {
        subsequence(&Component::ALL, 0..=Component::ALL.len())
    }

    /// What `cargo update` does to some packages.
    fn update(lock: &str, which: &[Index]) -> String {
        let mut lock = lock.to_owned();
        let lines = lock
            .lines()
            .filter(|line| line.starts_with("version = \"1."));
        let versions: Vec<String> = lines.map(str::to_owned).collect();
        for index in which {
            let version = index.get(&versions);
            let newer = format!("{}99\"", version.trim_end_matches('"'));
            lock = lock.replacen(
                &format!("{version}\nsource"),
                &format!("{newer}\nsource"),
                1,
            );
        }
        lock
    }

    /// What `cargo add` does.
    fn add(lock: &str) -> String {
        let own = "name = \"my-api\"\nversion = \"0.1.0\"\ndependencies = [\n";
        let lock = lock.replace(own, &format!("{own} \"aaa\",\n"));
        let aaa = "[[package]]\nname = \"aaa\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\ndependencies = [\n \"itoa\",\n]\n\n";
        let at = lock.find(START).unwrap();
        format!("{}{aaa}{}", &lock[..at], &lock[at..])
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_lock_file_that_was_left_alone_becomes_the_new_one(before in components(), after in components()) {
            let (before, after) = (lock(&before), lock(&after));
            prop_assert_eq!(merge(&before, &before, &after), Ok(after.clone()));
            // Where nothing is known of what was written, all of it is brought together.
            prop_assert_eq!(merge("", &after, &after), Ok(after));
        }

        #[test]
        fn what_the_user_added_stays_and_components_come_and_go_around_it(
            before in components(), after in components(),
        ) {
            let (before, after) = (lock(&before), lock(&after));
            prop_assert_eq!(merge(&before, &add(&before), &after), Ok(add(&after)));
        }

        #[test]
        fn what_the_user_updated_stays_updated(
            before in components(), after in components(), which in prop::collection::vec(any::<Index>(), 0..9),
        ) {
            let (before, after) = (lock(&before), lock(&after));
            let mine = update(&before, &which);
            let merged = merge(&before, &mine, &after).unwrap();
            let (_, merged) = Graph::parse(&merged).unwrap();
            let (_, theirs) = Graph::parse(&after).unwrap();
            let (_, mine) = Graph::parse(&mine).unwrap();
            prop_assert_eq!(merged.0.keys().collect::<Vec<_>>(), theirs.0.keys().collect::<Vec<_>>());
            for (key, entry) in &merged.0 {
                let expected = mine.0.get(key).unwrap_or(&theirs.0[key]);
                prop_assert_eq!(&entry.version, &expected.version);
                prop_assert_eq!(&entry.dependencies, &theirs.0[key].dependencies);
            }
        }
    }

    #[test]
    fn line_ends_stay() {
        let (before, after) = (lock(&[]), lock(&Component::ALL));
        let windows = |text: &str| text.replace('\n', "\r\n");
        assert_eq!(
            merge(&before, &windows(&before), &after),
            Ok(windows(&after))
        );
    }

    #[test]
    fn what_is_not_understood_is_left_to_cargo() {
        let (before, after) = (lock(&[]), lock(&Component::ALL));
        for mine in [
            format!("{before}\n[[patch.unused]]\nname = \"x\"\nversion = \"1.0.0\"\n"),
            before.replace("name = \"itoa\"", "name = \"atoi\""),
        ] {
            assert!(merge(&before, &mine, &after).is_err());
        }
    }
}
