//! The numbers of a chart as a table.

use super::draw::escape;

/// A cell: words, or a number that stands on the right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Words(String),
    /// A number or a day.
    Number(String),
}

/// Head and rows; the first cell of a row names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The heads of the columns.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// What stands below.
    pub notes: Vec<String>,
}

impl Table {
    /// As HTML, with a caption.
    #[must_use]
    pub fn html(&self, caption: &str) -> String {
        let mut out = format!("<table><caption>{}</caption>\n<thead><tr>", escape(caption));
        for (at, head) in self.head.iter().enumerate() {
            let class = if at == 0 { "" } else { " class=\"n\"" };
            out.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escape(head)));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            out.push_str("<tr>");
            for (at, cell) in row.iter().enumerate() {
                out.push_str(&match cell {
                    Cell::Words(text) if at == 0 => {
                        format!("<th scope=\"row\">{}</th>", escape(text))
                    }
                    Cell::Words(text) => format!("<td>{}</td>", escape(text)),
                    Cell::Number(text) => format!("<td class=\"n\">{}</td>", escape(text)),
                });
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody></table>");
        for note in &self.notes {
            out.push_str(&format!("\n<p>{}</p>", escape(note)));
        }
        out
    }
}
