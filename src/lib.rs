//! Writes and grows Rust APIs for AWS Lambda.
//!
//! Rendering is a pure function from a project's description to a tree of files. Every command changes that
//! description and merges the difference onto the disk.

pub mod apply;
pub mod base;
pub mod blocks;
pub mod create;
pub mod diff;
pub mod disk;
pub mod field;
pub mod lines;
pub mod merge;
pub mod name;
pub mod plan;
pub mod problem;
pub mod project;
pub mod syntax;
pub mod tree;
