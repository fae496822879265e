//! Figures as Markdown, which the targets look up by their names.

use std::fmt;

/// A line of a [`Table`].
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of what was measured.
    pub name: String,
    /// A figure for each column, `None` where nothing was measured.
    pub values: Vec<Option<f64>>,
}

/// Figures with names. `Display` writes a Markdown table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The heading.
    pub title: String,
    /// The unit, which stands in the corner.
    pub unit: String,
    /// The lines.
    pub rows: Vec<Row>,
    columns: Vec<Column>,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    digits: usize,
}

impl Table {
    /// Creates a table without lines and columns.
    pub fn new(title: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { title: title.into(), unit: unit.into(), rows: Vec::new(), columns: Vec::new() }
    }

    /// Adds a column on the right. Existing lines have nothing in it yet.
    pub fn add_column(&mut self, name: impl Into<String>, digits: usize) {
        self.columns.push(Column { name: name.into(), digits });
    }

    /// Adds a line. Figures that are missing on its right are not measured.
    pub fn add_row(&mut self, name: impl Into<String>, values: impl IntoIterator<Item = Option<f64>>) {
        self.rows.push(Row { name: name.into(), values: values.into_iter().collect() });
    }

    /// Adds a column on the right of `column`: its figures as multiples of a base, which may differ from line to line.
    pub fn add_ratio(&mut self, column: &str, name: impl Into<String>, base: impl Fn(&str) -> Option<f64>) {
        let Some(at) = self.column(column) else { return };
        self.columns.insert(at + 1, Column { name: name.into(), digits: 2 });
        for Row { name, values } in &mut self.rows {
            values.resize(values.len().max(at + 1), None);
            let ratio = values[at].zip(base(name)).map(|(value, base)| value / base);
            values.insert(at + 1, ratio);
        }
    }

    /// Returns a figure.
    #[must_use]
    pub fn get(&self, row: &str, column: &str) -> Option<f64> {
        let row = self.rows.iter().find(|found| found.name == row)?;
        row.values.get(self.column(column)?).copied().flatten()
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "### {}\n\n| {} |", self.title, self.unit)?;
        self.columns.iter().try_for_each(|column| write!(f, " {} |", column.name))?;
        writeln!(f, "\n|---|{}", "--:|".repeat(self.columns.len()))?;
        for Row { name, values } in &self.rows {
            write!(f, "| {name} |")?;
            for (number, Column { digits, .. }) in self.columns.iter().enumerate() {
                match values.get(number).copied().flatten() {
                    Some(value) => write!(f, " {value:.digits$} |")?,
                    None => write!(f, " – |")?,
                }
            }
            writeln!(f)?;
        }
        writeln!(f)
    }
}

/// All tables of a run.
#[derive(Clone, Debug, Default)]
pub struct Tables(pub Vec<Table>);

impl Tables {
    /// Returns a figure.
    #[must_use]
    pub fn get(&self, title: &str, row: &str, column: &str) -> Option<f64> {
        self.0.iter().find(|table| table.title == title)?.get(row, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_stands_beside_its_figure() {
        let mut table = Table::new("speed", "ns");
        table.add_column("seal", 0);
        table.add_column("open", 1);
        table.add_row("limit", [Some(2.0), Some(4.0)]);
        table.add_row("ours", [Some(3.0)]);
        let limit = table.get("limit", "seal");
        table.add_ratio("seal", "x limit", |_| limit);
        assert_eq!(table.get("ours", "x limit"), Some(1.5));
        assert_eq!((table.get("limit", "open"), table.get("ours", "open")), (Some(4.0), None));
        assert_eq!(
            table.to_string(),
            "### speed\n\n| ns | seal | x limit | open |\n|---|--:|--:|--:|\n\
             | limit | 2 | 1.00 | 4.0 |\n| ours | 3 | 1.50 | – |\n\n"
        );
    }
}
