//! What happens to every request before a handler sees it, and to every response after.

pub mod auth;
pub mod cors;
pub mod log;
pub mod panic;
pub mod request_id;
pub mod timeout;
