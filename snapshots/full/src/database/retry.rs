//! How often, and after what pause, a request is repeated that DynamoDB answered but did not carry out.
//!
//! The SDK repeats what fails as a whole, but neither the part of a batch that was left out nor a transaction that
//! met another one.

use std::time::Duration;

use uuid::Uuid;

/// One pause for each attempt: 20 ms at first, doubled each time, and up to that much more, so that those who met
/// do not meet again.
pub(super) fn pauses() -> impl Iterator<Item = Duration> {
    (0..5).map(|attempt| {
        let pause = Duration::from_millis(20 << attempt);
        let random = Uuid::now_v7().as_bytes()[15];
        pause + pause * u32::from(random) / 255
    })
}
