//! Workbooks to be read by people.
