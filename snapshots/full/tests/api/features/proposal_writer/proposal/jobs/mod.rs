//! What the worker does with proposals.

mod analyze;
