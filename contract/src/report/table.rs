//! The table of operation × case: a row an operation, a column a kind.

use std::fmt;

use super::{Counts, Report};
use crate::case::CaseKind;

/// Rows of cells, the first row the heads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub rows: Vec<Vec<String>>,
}

/// The table of a report; kinds that no operation has are left off.
pub fn table(report: &Report<'_>) -> Table {
    let cells = report.cells();
    let kinds: Vec<CaseKind> =
        CaseKind::ALL.into_iter().filter(|kind| cells.keys().any(|(_, used)| used == kind)).collect();
    let head = std::iter::once("operation")
        .chain(kinds.iter().map(|kind| kind.as_str()))
        .map(str::to_owned)
        .collect();
    let row = |operation: &usize| {
        let of = |kind: &CaseKind| cells.get(&(*operation, *kind)).map_or_else(|| "-".to_owned(), cell);
        std::iter::once(report.operation(*operation)).chain(kinds.iter().map(of)).collect()
    };
    Table { rows: std::iter::once(head).chain(report.selected.iter().map(row)).collect() }
}

/// `401`, `400 ×12`, `200/202 ×3`, `FAIL 2 of 12`, `warn 2 of 12`, `skip`, or `-` where there is nothing to try.
fn cell(counts: &Counts) -> String {
    let statuses = counts.statuses.iter().map(u16::to_string).collect::<Vec<_>>().join("/");
    let tried = counts.total() - counts.skipped;
    match (tried, counts.broken, counts.warned) {
        (0, _, _) => "skip".to_owned(),
        (1, 1, _) => "FAIL".to_owned(),
        (1, _, 1) => "warn".to_owned(),
        (1, _, _) => statuses,
        (_, 0, 0) => format!("{statuses} ×{tried}"),
        (_, 0, warned) => format!("warn {warned} of {tried}"),
        (_, broken, _) => format!("FAIL {broken} of {tried}"),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell: &String| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}
