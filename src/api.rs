//! The service over HTTP: the only home of URLs, wire shapes and tokens.
