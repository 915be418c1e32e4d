//! Ctrl-C, in a process of its own: where nobody listens for it, it ends the whole process.

use scaffold::interrupt::Interrupt;
use signal_hook::consts::SIGINT;
use signal_hook::low_level::raise;

/// As when questions were answered before anything is written.
#[test]
fn who_listens_after_another_has_stopped_is_told() {
    drop(Interrupt::listen().unwrap());
    let interrupt = Interrupt::listen().unwrap();
    let other = Interrupt::listen().unwrap();
    drop(other);
    interrupt.check().unwrap();
    raise(SIGINT).unwrap();
    assert!(interrupt.check().is_err());
}
