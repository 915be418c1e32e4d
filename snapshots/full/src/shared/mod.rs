//! What every feature may use.

pub mod ai;
pub mod aws;
pub mod decimal;
pub mod jobs;
pub mod pagination;
pub mod prompts;
pub mod response;
pub mod storage;
pub mod validation;
