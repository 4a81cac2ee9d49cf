//! Tables for the terminal.

use tabled::builder::Builder;
use tabled::settings::Style;

/// A table with a head; empty without rows.
pub fn draw(head: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut builder = Builder::default();
    builder.push_record(head.iter().copied());
    for row in rows {
        builder.push_record(row);
    }
    builder.build().with(Style::sharp().remove_left().remove_right()).to_string()
}

/// The first few names, and how many more there are.
pub fn some(names: &[String], n: usize) -> String {
    match names.len().checked_sub(n) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..n].join(", ")),
        _ => names.join(", "),
    }
}
