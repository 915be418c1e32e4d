//! What every feature may use.

pub mod ai;
pub mod aws;
pub mod decimal;
pub mod files;
pub mod if_match;
pub mod item;
pub mod jobs;
pub mod pagination;
pub mod prompts;
pub mod redacted;
pub mod references;
pub mod response;
pub mod storage;
pub mod validation;
