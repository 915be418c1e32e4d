//! The features, one module each.

mod proposal_writer;
