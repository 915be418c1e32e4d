//! What every feature may use.

pub mod aws;
pub mod decimal;
pub mod pagination;
pub mod response;
pub mod validation;
