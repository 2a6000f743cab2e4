//! The parts of one list item, gathered from several columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Edit, Wish};
use crate::domain::cell::Address;
use crate::domain::field::Field;
use crate::domain::heading::Column;
use crate::domain::json::Json;

/// The parts of one list item.
pub struct Parts {
    pub list: &'static Field,
    pub texts: BTreeMap<&'static str, String>,
    /// Whether any of them differs from the sheet's base.
    pub is_edited: bool,
    /// Whether one of them cannot be read, so that nothing can be said of the whole.
    pub is_spoilt: bool,
    /// Where each part stands, the first one first.
    places: Vec<(&'static str, u32, Arc<str>)>,
}

impl Parts {
    pub fn new(list: &'static Field) -> Self {
        Parts { list, texts: BTreeMap::new(), is_edited: false, is_spoilt: false, places: Vec::new() }
    }

    pub fn take(&mut self, part: &'static str, text: String, column: &Column, is_edited: bool) {
        self.is_edited |= is_edited;
        self.texts.insert(part, text);
        self.places.push((part, column.index, Arc::clone(&column.heading)));
    }

    /// The column of a part, or of the first one.
    pub fn place_of(&self, part: Option<&str>) -> (u32, &Arc<str>) {
        let found = self.places.iter().find(|place| Some(place.0) == part).or(self.places.first());
        let (_, column, heading) = found.expect("an item is made when its first part is taken");
        (*column, heading)
    }

    pub fn append(&self, item: Json, row: u32) -> Edit {
        let (column, heading) = self.place_of(None);
        let place = Address { column, row };
        Edit { field: self.list, wish: Wish::Append(item), base: None, place, heading: Arc::clone(heading) }
    }
}
