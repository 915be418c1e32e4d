//! Tables for a terminal: aligned columns, with long cells in several lines where there is no room for one; where that
//! would be a column of snippets, one block per row.

use std::fmt::Write;

use anstyle::Style;

const HEADER: Style = Style::new().bold();

/// Between two columns, and before the first.
const GAP: &str = "  ";

/// A column that is narrower is hard to read.
const READABLE: usize = 24;

/// Rows of cells, each as long as the headings.
#[derive(Clone, Debug)]
pub struct Table {
    pub headings: &'static [&'static str],
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The table in lines of at most `width` characters, if there is a way.
    pub fn show(&self, width: usize) -> String {
        let mut widths = self.column_widths();
        let whole: usize = widths.iter().map(|width| GAP.len() + width).sum();
        let lacking = whole.saturating_sub(width);
        if let Some(widest) = widths.iter_mut().max()
            && lacking > 0
        {
            *widest = widest.saturating_sub(lacking);
            if *widest < READABLE {
                return self.stacked(width);
            }
        }
        self.aligned(&widths)
    }

    fn column_widths(&self) -> Vec<usize> {
        let widest = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.max().max(Some(self.headings[column].len()))
        };
        let columns = 0..self.headings.len();
        columns.map(|column| widest(column).unwrap_or(0)).collect()
    }

    fn aligned(&self, widths: &[usize]) -> String {
        let mut text = String::new();
        let _ = write!(text, "{HEADER}");
        line(&mut text, self.headings, widths);
        text.truncate(text.trim_end().len());
        let _ = writeln!(text, "{HEADER:#}");
        for row in &self.rows {
            let cells: Vec<Vec<&str>> = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| broken(cell, *width))
                .collect();
            let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
            for at in 0..lines {
                let parts = cells.iter().map(|cell| cell.get(at).copied());
                let parts: Vec<&str> = parts.map(Option::unwrap_or_default).collect();
                line(&mut text, &parts, widths);
            }
        }
        text
    }

    /// The first cell on a line of its own, once for all rows that have it in turn; the others below, with their headings.
    fn stacked(&self, width: usize) -> String {
        let mut text = String::new();
        let label = self.headings.iter().skip(1).map(|it| it.len()).max();
        let label = label.unwrap_or(0);
        let mut above = None;
        for row in &self.rows {
            if above.replace(&row[0]) != Some(&row[0]) {
                let _ = writeln!(text, "{GAP}{HEADER}{}{HEADER:#}", row[0]);
            }
            for (heading, cell) in self.headings.iter().zip(row).skip(1) {
                if cell.is_empty() {
                    continue;
                }
                let heading = heading.to_lowercase();
                let indent = 2 * GAP.len() + label + GAP.len();
                let lines = broken(cell, width.saturating_sub(indent));
                for (at, part) in lines.iter().enumerate() {
                    let heading = if at == 0 { &*heading } else { "" };
                    let _ = writeln!(text, "{GAP}{GAP}{heading:<label$}{GAP}{part}");
                }
            }
        }
        text
    }
}

fn line(text: &mut String, cells: &[impl AsRef<str>], widths: &[usize]) {
    let start = text.len();
    for (cell, width) in cells.iter().zip(widths) {
        let _ = write!(text, "{GAP}{:<width$}", cell.as_ref());
    }
    let end = start + text[start..].trim_end().len();
    text.truncate(end);
    text.push('\n');
}

/// A cell or a sentence, in lines of at most `width` characters, broken after a space, a slash or a `#` where there is one.
pub fn broken(cell: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = cell;
    while rest.chars().count() > width.max(1) {
        let most = rest.char_indices().nth(width.max(1));
        let most = most.map_or(rest.len(), |(at, _)| at);
        let place = rest[..most].rfind([' ', '/', '#']).map(|at| at + 1);
        let (line, after) = rest.split_at(place.unwrap_or(most));
        lines.push(line.trim_end());
        rest = after;
    }
    lines.push(rest);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Table {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        Table {
            headings: &["METHOD", "PATH", "ACCESS"],
            rows: vec![
                row(["GET", "/api/proposals", "owner"]),
                row(["GET", "/health", "public"]),
                row(["DELETE", "/api/proposals/{proposal_id}", ""]),
            ],
        }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn columns_are_aligned_where_they_fit() {
        let shown = plain(&routes().show(80));
        assert_eq!(
            shown,
            "  METHOD  PATH                          ACCESS\n  \
             GET     /api/proposals                owner\n  \
             GET     /health                       public\n  \
             DELETE  /api/proposals/{proposal_id}\n"
        );
    }

    #[test]
    fn a_long_cell_takes_several_lines_where_there_is_no_room_for_one() {
        let shown = plain(&routes().show(42));
        assert_eq!(
            shown,
            "  METHOD  PATH                      ACCESS\n  \
             GET     /api/proposals            owner\n  \
             GET     /health                   public\n  \
             DELETE  /api/proposals/\n          \
             {proposal_id}\n"
        );
    }

    #[test]
    fn a_narrow_terminal_gets_a_block_for_each_row() {
        let shown = plain(&routes().show(30));
        assert_eq!(
            shown,
            "  GET\n    path    /api/proposals\n    access  owner\n    path    /health\n    access  public\n  \
             DELETE\n    path    /api/proposals/\n            {proposal_id}\n"
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_no_character_is_lost() {
        for width in 15..60 {
            let shown = plain(&routes().show(width));
            let widest = shown.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width), "{width}:\n{shown}");
            let joined: String = shown.split_whitespace().collect();
            assert!(joined.contains("DELETE"), "{shown}");
            assert!(joined.contains("{proposal_id}"), "{width}:\n{shown}");
        }
    }
}
