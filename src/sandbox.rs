//! The service embedded: a store of referrals in memory, and its HTTP face.
