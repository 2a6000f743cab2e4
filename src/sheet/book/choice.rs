//! Which worksheet of a workbook is meant.

use std::ops::ControlFlow;

use super::super::heading::{self, Found};
use super::super::workbook::{BASE, INSTRUCTIONS, LISTS, REFERRALS};
use super::super::{SheetError, Worksheet};
use super::reader::{Book, Tab};

/// Visible worksheets that are looked at for known headings. Behind them, one has to be named.
const WORKSHEETS_LOOKED_AT: usize = 256;

/// The worksheet to read.
pub(super) struct Choice {
    pub worksheet: String,
    pub found: Found,
    pub notices: Vec<String>,
    /// All worksheets that are shown.
    pub visible: Vec<String>,
    /// The worksheets of what was exported.
    pub bases: Vec<String>,
}

/// The worksheet that was asked for; else the first visible one with known headings; else the first visible one with
/// anything in it. What was exported is not meant, shown or not.
pub(super) fn worksheet(
    book: &mut Book,
    file: &str,
    asked: Option<&Worksheet>,
    is_heading: &dyn Fn(&str) -> bool,
) -> Result<Choice, SheetError> {
    let tabs = book.tabs();
    if tabs.is_empty() {
        return Err(SheetError::NoWorksheet { file: file.to_owned() });
    }
    let visible = tabs.iter().filter(|tab| tab.is_visible).map(|tab| tab.name.clone()).collect();
    let bases: Vec<String> = tabs.iter().filter(|tab| is_base(tab)).map(|tab| tab.name.clone()).collect();
    let mut look = |tab: &Tab| headings(book, &tab.name, is_heading).map_err(|trouble| trouble.of(file));
    if let Some(asked) = asked {
        let tab = named(&tabs, asked).ok_or_else(|| no_such_worksheet(file, asked, &tabs))?;
        let is_empty = || SheetError::EmptyWorksheet { file: file.to_owned(), worksheet: tab.name.clone() };
        let found = look(tab)?.ok_or_else(is_empty)?;
        return Ok(Choice { worksheet: tab.name.clone(), found, notices: Vec::new(), visible, bases });
    }
    let mut first = None;
    for tab in tabs.iter().filter(|tab| tab.is_visible && !is_base(tab)).take(WORKSHEETS_LOOKED_AT) {
        let Some(found) = look(tab)? else { continue };
        if found.known > 0 {
            first = Some((tab, found));
            break;
        }
        first.get_or_insert((tab, found));
    }
    let hidden = || tabs.iter().filter(|tab| !tab.is_visible).map(|tab| tab.name.clone()).collect();
    let (tab, found) = first.ok_or_else(|| SheetError::NoContent { file: file.to_owned(), hidden: hidden() })?;
    let notices = notices(&tabs, tab, found.known > 0);
    Ok(Choice { worksheet: tab.name.clone(), notices, found, visible, bases })
}

fn named<'t>(tabs: &'t [Tab], asked: &Worksheet) -> Option<&'t Tab> {
    match asked {
        Worksheet::Number(number) => {
            let by_number = number.checked_sub(1).and_then(|index| tabs.get(index));
            // A worksheet may be called `2026`.
            tabs.iter().find(|tab| tab.name == number.to_string()).or(by_number)
        }
        Worksheet::Name(name) => {
            let folded = name.to_lowercase();
            let exact = tabs.iter().find(|tab| tab.name == *name);
            exact.or_else(|| tabs.iter().find(|tab| tab.name.to_lowercase() == folded))
        }
    }
}

fn no_such_worksheet(file: &str, asked: &Worksheet, tabs: &[Tab]) -> SheetError {
    let wanted = match asked {
        Worksheet::Name(name) => format!("`{name}`"),
        Worksheet::Number(number) => format!("number {number}"),
    };
    let present = tabs.iter().map(|tab| tab.name.clone()).collect();
    SheetError::NoSuchWorksheet { file: file.to_owned(), wanted, present }
}

fn headings(
    book: &mut Book,
    worksheet: &str,
    is_heading: &dyn Fn(&str) -> bool,
) -> Result<Option<Found>, super::reader::Trouble> {
    let mut first_rows = Vec::new();
    book.for_each_row(worksheet, &mut |row| {
        first_rows.push(row.unwrap_or_else(|fault| fault.row));
        if first_rows.len() < heading::ROWS_LOOKED_AT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(heading::find(&first_rows, is_heading))
}

/// `refsheet base`, `refsheet base 2`, …, hidden or not: some programs show what others have hidden.
fn is_base(tab: &Tab) -> bool {
    let rest =
        tab.name.get(..BASE.len()).filter(|start| start.eq_ignore_ascii_case(BASE)).map(|_| &tab.name[BASE.len()..]);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Whether a worksheet goes along with the one that is taken, in a workbook that this program has made.
fn is_furniture(tab: &Tab, taken: &Tab) -> bool {
    is_base(tab) || taken.name == REFERRALS && [INSTRUCTIONS, LISTS].contains(&tab.name.as_str())
}

fn notices(tabs: &[Tab], taken: &Tab, has_known_headings: bool) -> Vec<String> {
    let list = |is_visible: bool| {
        let others = tabs.iter().filter(|tab| tab.is_visible == is_visible && tab.name != taken.name);
        let others = others.filter(|tab| !is_furniture(tab, taken));
        let names: Vec<String> = others.map(|tab| format!("`{}`", tab.name)).collect();
        names.join(", ")
    };
    let (visible, hidden) = (list(true), list(false));
    let mut notices = Vec::new();
    if !visible.is_empty() {
        let reason = if has_known_headings { "the first with known headings" } else { "the first with content" };
        notices.push(format!("worksheet `{}` is read, {reason}; not read: {visible}", taken.name));
    }
    if !hidden.is_empty() {
        notices.push(format!("hidden worksheets are not read: {hidden}"));
    }
    notices
}
