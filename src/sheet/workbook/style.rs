//! How workbooks look: one accent colour, a light header, thin lines, and a few tones for outcomes.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

/// The mood of a row or of a count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// No colour.
    #[default]
    Plain,
    /// Done, as wished. Green.
    Good,
    /// Nothing happened, nothing is amiss. Grey.
    Quiet,
    /// Still to come. The accent colour.
    Planned,
    /// Somebody should look. Amber.
    Warning,
    /// Gone wrong. Red.
    Bad,
    /// Not known. Violet.
    Doubt,
}

impl Tone {
    /// Whether nobody has to look.
    pub(super) fn is_calm(self) -> bool {
        matches!(self, Tone::Plain | Tone::Good | Tone::Quiet | Tone::Planned)
    }
}

const TONES: usize = 7;

/// The accent colour.
pub(super) const ACCENT: Color = Color::RGB(0x1F_4E79);
/// Text that steps back.
pub(super) const MUTED: Color = Color::RGB(0x5B_6675);
/// Thin lines.
pub(super) const LINE: Color = Color::RGB(0xC9_D1DB);
const INK: Color = Color::RGB(0x1F_2933);
const HEADER: Color = Color::RGB(0xEE_F2F7);

/// Excel's own number format for text, `@`: what is typed stays as it is.
const TEXT: u8 = 49;

/// What a cell holds, as far as its look depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Text,
    Wrapped,
    Number,
    Amount,
    Date,
    DateTime,
    Instant,
    Link,
}

const LOOKS: usize = 9;

/// All formats, made once: each costs an entry in the file, and making one costs time.
pub(super) struct Styles {
    pub header: Format,
    pub header_right: Format,
    pub header_quiet: Format,
    pub title: Format,
    pub subtitle: Format,
    pub section: Format,
    pub label: Format,
    pub value: Format,
    pub number_value: Format,
    pub share: Format,
    pub total: Format,
    pub total_number: Format,
    pub total_share: Format,
    cells: [[Format; TONES]; LOOKS],
}

impl Styles {
    pub fn new() -> Styles {
        let ink = Format::new().set_font_color(INK);
        let thin = |format: Format| format.set_border_bottom(FormatBorder::Thin).set_border_bottom_color(LINE);
        let header = thin(Format::new().set_bold().set_font_color(ACCENT).set_background_color(HEADER))
            .set_align(FormatAlign::VerticalCenter);
        let total = ink.clone().set_bold().set_border_top(FormatBorder::Thin).set_border_top_color(LINE);
        let looks = Look::ALL;
        Styles {
            header_quiet: header.clone().set_font_color(MUTED),
            header_right: header.clone().set_align(FormatAlign::Right).set_indent(1),
            header,
            title: Format::new().set_bold().set_font_size(20).set_font_color(ACCENT),
            subtitle: Format::new().set_font_color(MUTED),
            section: thin(Format::new().set_bold().set_font_size(12).set_font_color(ACCENT)),
            label: Format::new().set_font_color(MUTED).set_align(FormatAlign::Top),
            value: ink.clone().set_align(FormatAlign::Left),
            number_value: ink.clone().set_align(FormatAlign::Left).set_num_format("#,##0"),
            share: Format::new().set_font_color(MUTED).set_num_format("0.0%"),
            total_number: total.clone().set_num_format("#,##0").set_align(FormatAlign::Right).set_indent(1),
            total_share: total.clone().set_num_format("0.0%"),
            total,
            cells: looks.map(|look| Tone::ALL.map(|tone| tone.on(look.format()))),
        }
    }

    pub fn cell(&self, look: Look, tone: Tone) -> &Format {
        &self.cells[look as usize][tone as usize]
    }
}

impl Look {
    const ALL: [Look; LOOKS] = [
        Look::Plain,
        Look::Text,
        Look::Wrapped,
        Look::Number,
        Look::Amount,
        Look::Date,
        Look::DateTime,
        Look::Instant,
        Look::Link,
    ];

    fn format(self) -> Format {
        // Beside a cell of several lines, the others are read from its first line.
        let format = Format::new().set_align(FormatAlign::Top);
        match self {
            Look::Plain => format,
            Look::Text => format.set_num_format_index(TEXT),
            Look::Wrapped => format.set_num_format_index(TEXT).set_text_wrap(),
            Look::Number => format.set_num_format("#,##0").set_align(FormatAlign::Right).set_indent(1),
            // At least the two digits that people expect, and all that there are: what is not shown looks lost.
            Look::Amount => format.set_num_format("#,##0.00########").set_align(FormatAlign::Right).set_indent(1),
            Look::Date => format.set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
            Look::DateTime => format.set_num_format("yyyy-mm-dd hh:mm:ss").set_align(FormatAlign::Left),
            Look::Instant => format.set_num_format("yyyy-mm-dd hh:mm:ss.000").set_align(FormatAlign::Left),
            Look::Link => format.set_font_color(ACCENT),
        }
    }
}

impl Tone {
    const ALL: [Tone; TONES] =
        [Tone::Plain, Tone::Good, Tone::Quiet, Tone::Planned, Tone::Warning, Tone::Bad, Tone::Doubt];

    /// Ink and paper of a cell.
    fn on(self, format: Format) -> Format {
        let (ink, paper) = match self {
            Tone::Plain => return format,
            Tone::Quiet => return format.set_font_color(MUTED),
            Tone::Good => (0x1E_6B3A, 0xE8_F3EC),
            Tone::Planned => (0x1F_4E79, 0xE6_EEF7),
            Tone::Warning => (0x7A_5200, 0xFD_F3DC),
            Tone::Bad => (0x9B_1C1C, 0xFB_E9E7),
            Tone::Doubt => (0x5B_3A8C, 0xF0_EAF8),
        };
        format.set_font_color(Color::RGB(ink)).set_background_color(Color::RGB(paper))
    }

    /// The bar of a count.
    pub(super) fn bar(self) -> Color {
        Color::RGB(match self {
            Tone::Plain | Tone::Planned => 0x3D_74A8,
            Tone::Good => 0x4A_9468,
            Tone::Quiet => 0xB4_BDC9,
            Tone::Warning => 0xDF_A63A,
            Tone::Bad => 0xC2_4D45,
            Tone::Doubt => 0x84_63B3,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tone_and_look_has_its_own_place() {
        let styles = Styles::new();
        for (index, tone) in Tone::ALL.into_iter().enumerate() {
            assert_eq!(tone as usize, index);
        }
        for (index, look) in Look::ALL.into_iter().enumerate() {
            assert_eq!(look as usize, index);
        }
        assert_eq!(*styles.cell(Look::Link, Tone::Plain), Look::Link.format());
        assert_eq!(*styles.cell(Look::Date, Tone::Bad), Tone::Bad.on(Look::Date.format()));
    }
}
