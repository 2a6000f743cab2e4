//! Outcomes, in sheet order, as a spreadsheet.
