//! Gives each build of scaffold a name by what it is made from, so that it knows whether it wrote a project itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for folder in ["src", "templates"] {
        println!("cargo:rerun-if-changed={folder}");
        collect(Path::new(folder), &mut files)?;
    }
    files.sort();
    let mut name = FNV_OFFSET;
    for file in files {
        let path = file.to_string_lossy().replace('\\', "/");
        name = hash(name, path.as_bytes());
        name = hash(name, &fs::read(&file)?);
    }
    println!("cargo:rustc-env=SCAFFOLD_BUILD={name:016x}");
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, with a byte that is in no text at the end, so that two files cannot pass for one.
fn hash(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().chain(&[0xff]).fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
