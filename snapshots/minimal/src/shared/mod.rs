//! What every feature may use.

pub mod aws;
pub mod decimal;
pub mod if_match;
pub mod item;
pub mod pagination;
pub mod redacted;
pub mod references;
pub mod response;
pub mod validation;
