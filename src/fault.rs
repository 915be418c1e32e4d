//! Failures on purpose, for the tests that go through every step of a write: nothing of it is in the product.

/// Called before every step that changes the disk, and after the last.
#[cfg(not(test))]
#[inline]
pub fn step() -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub use injected::{Fault, KILLED, set, step};

#[cfg(test)]
mod injected {
    use std::cell::Cell;
    use std::io;

    /// What happens at a step, counted from 0; nothing by default.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Fault {
        None,
        /// The process ends at once, as if killed: no destructor runs.
        Kill(usize),
        /// The step fails, as on a full disk, and later ones do not.
        Fail(usize),
    }

    pub const KILLED: i32 = 86;

    thread_local! {
        static FAULT: Cell<Fault> = const { Cell::new(Fault::None) };
        static STEP: Cell<usize> = const { Cell::new(0) };
    }

    /// Sets the fault of this thread, and says how many steps there were since the last call.
    pub fn set(fault: Fault) -> usize {
        FAULT.set(fault);
        STEP.replace(0)
    }

    pub fn step() -> io::Result<()> {
        let step = STEP.replace(STEP.get() + 1);
        match FAULT.get() {
            Fault::Kill(at) if at == step => std::process::exit(KILLED),
            Fault::Fail(at) if at == step => Err(io::Error::from(io::ErrorKind::StorageFull)),
            _ => Ok(()),
        }
    }
}
