//! Where the tables of scaffold.toml stand, and where there is room for one more.

use std::ops::Range;

use toml_edit::{Document, Item, Table};

use super::splice::{Splice, is_comment, line_end, line_start};
use crate::name::Name;

/// A table that has a header, `[a.b]`, with the lines below it.
pub struct Block {
    pub path: Vec<String>,
    /// The header alone.
    pub header: Range<usize>,
    /// The end of its last value, or of its header.
    end: usize,
}

/// The tables in the order of the text.
pub struct Layout<'a> {
    text: &'a str,
    blocks: Vec<Block>,
}

impl<'a> Layout<'a> {
    pub fn of(text: &'a str, doc: &Document<&str>) -> Self {
        let mut blocks = Vec::new();
        collect(doc.as_table(), &[], &mut blocks);
        blocks.sort_by_key(|block| block.header.start);
        Self { text, blocks }
    }

    /// The table with this path; its last part is a name, in whatever case it is written.
    pub fn find(&self, parents: &[&str], name: &Name) -> Option<&Block> {
        self.blocks.iter().find(|block| block.is(parents, name))
    }

    /// Adds the table `name` below `parents`: before the first one there that comes later by name, else after the last.
    /// Where there is none yet it goes after the tables below the first of `others` that has some.
    pub fn insert(
        &self,
        parents: &[&str],
        name: &Name,
        block: &str,
        eol: &str,
        others: &[&[&str]],
    ) -> Option<Splice> {
        let block = block.replace('\n', eol);
        let siblings = || self.blocks.iter().filter(|block| block.is_below(parents));
        let later = siblings().find(|sibling| match sibling.path.get(parents.len()) {
            Some(key) => heck::AsSnakeCase(key).to_string().as_str() > name.snake(),
            None => false,
        });
        if let Some(later) = later {
            return Some(Splice::insert(self.start(later), format!("{block}{eol}")));
        }
        let before = siblings().next_back().or_else(|| {
            let below = |other: &&[&str]| self.blocks.iter().rfind(|block| block.is_below(other));
            others.iter().find_map(below)
        })?;
        Some(Splice::insert(self.end(before), format!("{eol}{block}")))
    }

    /// Takes a table out, and all tables below it. Comments above a header stay.
    pub fn remove(&self, parents: &[&str], name: &Name, eol: &str) -> Vec<Splice> {
        self.blocks
            .iter()
            .filter(|block| block.is_within(parents, name))
            .map(|block| Splice::remove(self.with_blank_line(block, eol)))
            .collect()
    }

    /// A table's lines, and one of the blank lines that keep it apart from its neighbours.
    fn with_blank_line(&self, block: &Block, eol: &str) -> Range<usize> {
        let start = line_start(self.text, block.header.start);
        let end = line_end(self.text, block.end);
        let before = &self.text[..start];
        let line_before = before.strip_suffix(eol).unwrap_or(before);
        if line_before.len() < before.len()
            && (line_before.is_empty() || line_before.ends_with('\n'))
        {
            return line_before.len()..end;
        }
        let below_a_comment =
            is_comment(&line_before[line_start(line_before, line_before.len())..]);
        if !below_a_comment && self.text[end..].starts_with(eol) {
            return start..end + eol.len();
        }
        start..end
    }

    /// Where a table begins, with the comments right above its header.
    fn start(&self, block: &Block) -> usize {
        let mut start = line_start(self.text, block.header.start);
        while start > 0 {
            let above = line_start(self.text, start - 1);
            if !is_comment(&self.text[above..start]) {
                break;
            }
            start = above;
        }
        start
    }

    /// Where a table ends, with the comments right below it, unless they are right above the next one.
    fn end(&self, block: &Block) -> usize {
        let end = line_end(self.text, block.end);
        let mut after = end;
        while after < self.text.len() && is_comment(&self.text[after..line_end(self.text, after)]) {
            after = line_end(self.text, after);
        }
        let next = &self.text[after..line_end(self.text, after)];
        if next.trim().is_empty() { after } else { end }
    }
}

impl Block {
    fn is_below(&self, parents: &[&str]) -> bool {
        let depth = parents.len();
        self.path.len() >= depth
            && self
                .path
                .iter()
                .zip(parents)
                .all(|(key, parent)| same_name(key, parent))
    }

    fn is_within(&self, parents: &[&str], name: &Name) -> bool {
        let key = self.path.get(parents.len());
        self.is_below(parents) && key.is_some_and(|key| name.is_typed_as(key))
    }

    fn is(&self, parents: &[&str], name: &Name) -> bool {
        self.is_within(parents, name) && self.path.len() == parents.len() + 1
    }
}

/// Names are the same in whatever case; the words of scaffold.toml itself are in snake case.
fn same_name(key: &str, parent: &str) -> bool {
    key == parent || heck::AsSnakeCase(key).to_string() == parent
}

fn collect(table: &Table, path: &[String], blocks: &mut Vec<Block>) {
    for (key, item) in table.iter() {
        let Item::Table(child) = item else {
            continue;
        };
        let mut path = path.to_vec();
        path.push(key.to_owned());
        if let Some(header) = child
            .span()
            .filter(|_| !child.is_implicit() && !child.is_dotted())
        {
            blocks.push(Block {
                path: path.clone(),
                end: end_of_values(child).max(header.end),
                header,
            });
        }
        collect(child, &path, blocks);
    }
}

fn end_of_values(table: &Table) -> usize {
    let ends = table.iter().map(|(_, item)| match item {
        Item::Table(child) if child.is_dotted() => end_of_values(child),
        Item::Value(value) => value.span().map_or(0, |span| span.end),
        _ => 0,
    });
    ends.max().unwrap_or(0)
}
