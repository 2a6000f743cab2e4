//! A page: a title, counts with a chart, facts, and remarks, from top to bottom.

use rust_xlsxwriter::{Chart, ChartDataLabel, ChartFont, ChartFormat, ChartLine, Color, Worksheet, XlsxError};

use super::super::out::{Out, exact_number, fitting};
use super::style::{LINE, Look, MUTED, Styles, Tone};
use crate::domain::cell::Cell;

const MARGIN: u16 = 0;
const LABEL: u16 = 1;
const NUMBER: u16 = 2;
const SHARE: u16 = 3;
const GAP: u16 = 4;
const CHART: u16 = 5;
const ROW_PIXELS: u32 = 20;
const CHART_PIXELS: u32 = 560;

/// What a page says. The parts stand below each other in the order in which they are added.
#[derive(Debug, Clone, Default)]
pub struct Page {
    parts: Vec<Part>,
}

/// One line of a [`Page::counts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What is counted.
    pub label: String,
    /// How many there are.
    pub number: u64,
    /// The colour of label and bar.
    pub tone: Tone,
}

#[derive(Debug, Clone)]
enum Part {
    Title(String, String),
    Counts { heading: String, counts: Vec<Count>, total: String },
    Facts { heading: String, facts: Vec<(String, Fact)> },
    Remarks { heading: String, lines: Vec<String> },
}

#[derive(Debug, Clone)]
enum Fact {
    Cell(Cell),
    Link { url: String, text: String },
}

impl Page {
    /// An empty page.
    pub fn new() -> Page {
        Page::default()
    }

    /// A large line, and a quiet one below it.
    pub fn title(mut self, title: &str, subtitle: &str) -> Page {
        self.parts.push(Part::Title(title.to_owned(), subtitle.to_owned()));
        self
    }

    /// A small table of counts with their shares and their sum, and a bar for each beside it.
    pub fn counts(mut self, heading: &str, counts: Vec<Count>, total: &str) -> Page {
        self.parts.push(Part::Counts { heading: heading.to_owned(), counts, total: total.to_owned() });
        self
    }

    /// Pairs of a label and a value.
    pub fn facts<'f>(mut self, heading: &str, facts: impl IntoIterator<Item = (&'f str, Out<'f>)>) -> Page {
        let facts = facts.into_iter().map(|(label, value)| (label.to_owned(), Fact::from(value))).collect();
        self.parts.push(Part::Facts { heading: heading.to_owned(), facts });
        self
    }

    /// Lines of text. Without lines there is no heading either.
    pub fn remarks<'r>(mut self, heading: &str, lines: impl IntoIterator<Item = &'r str>) -> Page {
        let lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        if !lines.is_empty() {
            self.parts.push(Part::Remarks { heading: heading.to_owned(), lines });
        }
        self
    }

    pub(super) fn draw(self, worksheet: &mut Worksheet, styles: &Styles) -> Result<(), XlsxError> {
        for (column, width) in [(MARGIN, 2.0), (LABEL, 24.0), (NUMBER, 12.0), (SHARE, 10.0), (GAP, 3.0)] {
            worksheet.set_column_width(column, width)?;
        }
        worksheet.set_screen_gridlines(false);
        worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        let mut brush = Brush { worksheet, styles, row: 1 };
        for part in &self.parts {
            match part {
                Part::Title(title, subtitle) => brush.title(title, subtitle)?,
                Part::Counts { heading, counts, total } => brush.counts(heading, counts, total)?,
                Part::Facts { heading, facts } => brush.facts(heading, facts)?,
                Part::Remarks { heading, lines } => brush.remarks(heading, lines)?,
            }
            brush.row += 1;
        }
        Ok(())
    }
}

impl From<Out<'_>> for Fact {
    fn from(value: Out<'_>) -> Fact {
        Fact::Cell(match value {
            Out::Blank => Cell::Blank,
            Out::Text(text) => Cell::Text(text.to_owned()),
            Out::Number(number) => Cell::Number(number),
            Out::Digits(digits) => match exact_number(digits) {
                Some(number) => Cell::Number(number),
                None => Cell::Text(digits.to_owned()),
            },
            Out::DateTime(at) => Cell::DateTime(at),
            Out::Cell(cell) => cell.clone(),
            Out::Link { url, text } => return Fact::Link { url: url.to_owned(), text: text.to_owned() },
        })
    }
}

/// Draws parts from the top down.
struct Brush<'b> {
    worksheet: &'b mut Worksheet,
    styles: &'b Styles,
    row: u32,
}

impl Brush<'_> {
    fn title(&mut self, title: &str, subtitle: &str) -> Result<(), XlsxError> {
        self.worksheet.set_row_height(self.row, 30)?;
        self.worksheet.write_string_with_format(self.row, LABEL, fitting(title), &self.styles.title)?;
        self.worksheet.write_string_with_format(self.row + 1, LABEL, fitting(subtitle), &self.styles.subtitle)?;
        self.row += 2;
        Ok(())
    }

    fn heading(&mut self, heading: &str) -> Result<(), XlsxError> {
        self.worksheet.set_row_height(self.row, 22)?;
        self.worksheet.write_string_with_format(self.row, LABEL, fitting(heading), &self.styles.section)?;
        for column in [NUMBER, SHARE] {
            self.worksheet.write_blank(self.row, column, &self.styles.section)?;
        }
        self.row += 1;
        Ok(())
    }

    fn counts(&mut self, heading: &str, counts: &[Count], total: &str) -> Result<(), XlsxError> {
        let sum: u64 = counts.iter().map(|count| count.number).sum();
        let top = self.row;
        self.heading(heading)?;
        let first = self.row;
        for count in counts {
            let label = self.styles.cell(Look::Text, count.tone);
            let number = self.styles.cell(Look::Number, count.tone);
            self.worksheet.write_string_with_format(self.row, LABEL, fitting(&count.label), label)?;
            self.worksheet.write_number_with_format(self.row, NUMBER, as_number(count.number), number)?;
            let share = if sum == 0 { 0.0 } else { as_number(count.number) / as_number(sum) };
            self.worksheet.write_number_with_format(self.row, SHARE, share, &self.styles.share)?;
            self.row += 1;
        }
        self.worksheet.write_string_with_format(self.row, LABEL, fitting(total), &self.styles.total)?;
        self.worksheet.write_number_with_format(self.row, NUMBER, as_number(sum), &self.styles.total_number)?;
        self.worksheet.write_blank(self.row, SHARE, &self.styles.total_share)?;
        self.row += 1;
        if sum > 0 {
            self.chart(counts, top, first)?;
        }
        Ok(())
    }

    /// Bars, one for each count, level with the table.
    fn chart(&mut self, counts: &[Count], top: u32, first: u32) -> Result<(), XlsxError> {
        let name = self.worksheet.name();
        let last = first + u32::try_from(counts.len().saturating_sub(1)).unwrap_or(0);
        let font = |color| {
            let mut font = ChartFont::new();
            font.set_size(9).set_color(color);
            font
        };
        let colors: Vec<Color> = counts.iter().map(|count| count.tone.bar()).collect();
        let mut chart = Chart::new_bar();
        let series = chart.add_series();
        series.set_categories((name.as_str(), first, LABEL, last, LABEL));
        series.set_values((name.as_str(), first, NUMBER, last, NUMBER));
        series.set_point_colors(&colors).set_gap(40);
        series.set_data_label(ChartDataLabel::new().show_value().set_font(&font(MUTED)).set_num_format("#,##0"));
        chart.title().set_hidden();
        chart.legend().set_hidden();
        let axis = chart.y_axis();
        axis.set_reverse().set_font(&font(MUTED));
        axis.set_format(ChartFormat::new().set_line(ChartLine::new().set_color(LINE)));
        chart.x_axis().set_hidden(true).set_major_gridlines(false).set_min(0);
        chart.chart_area().set_format(ChartFormat::new().set_no_border());
        chart.set_alt_text("The counts as bars");
        let rows = self.row - top;
        chart.set_width(CHART_PIXELS).set_height((rows + 1) * ROW_PIXELS);
        self.worksheet.insert_chart(top, CHART, &chart).map(drop)
    }

    fn facts(&mut self, heading: &str, facts: &[(String, Fact)]) -> Result<(), XlsxError> {
        self.heading(heading)?;
        for (label, value) in facts {
            self.worksheet.write_string_with_format(self.row, LABEL, fitting(label), &self.styles.label)?;
            self.fact(value)?;
            self.row += 1;
        }
        Ok(())
    }

    fn fact(&mut self, value: &Fact) -> Result<(), XlsxError> {
        let styles = self.styles;
        match value {
            Fact::Link { url, text } => {
                let link = self.worksheet.write_url_with_options(
                    self.row,
                    NUMBER,
                    url.as_str(),
                    text,
                    "",
                    Some(&styles.value),
                );
                link.map(drop)
            }
            Fact::Cell(Cell::Number(number)) if number.fract() == 0.0 => {
                self.worksheet.write_number_with_format(self.row, NUMBER, *number, &styles.number_value).map(drop)
            }
            Fact::Cell(cell) => self
                .worksheet
                .write_string_with_format(self.row, NUMBER, fitting(&cell.to_string()), &styles.value)
                .map(drop),
        }
    }

    fn remarks(&mut self, heading: &str, lines: &[String]) -> Result<(), XlsxError> {
        self.heading(heading)?;
        for line in lines {
            self.worksheet.write_string_with_format(self.row, LABEL, fitting(line), &self.styles.value)?;
            self.row += 1;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
fn as_number(count: u64) -> f64 {
    count as f64
}
