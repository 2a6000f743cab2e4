//! Files to rows and back: the only home of the CSV and Excel libraries.
