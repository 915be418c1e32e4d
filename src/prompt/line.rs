//! A command line as it can be typed again.

use std::ffi::OsString;

/// The words after the program's own name, quoted for a POSIX shell where they need it.
pub fn quoted(words: &[OsString]) -> String {
    let words = words.iter().skip(1).map(|word| word.to_string_lossy());
    let words: Vec<String> = words.map(|word| quote(&word)).collect();
    format!("scaffold {}", words.join(" "))
}

fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsString;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_the_words_that_were_written() {
        for word in [
            "",
            "title:string:1..200",
            "code:string:pattern=^[A-Z]{2,3}$",
            "a:enum:b/c:default=b",
            "note:text:default=it's \"so\" $HOME `x` \\ !",
            "a b\tc\nd",
            "~",
            "*",
            "#",
            "é",
        ] {
            let line = quoted(&[OsString::from("/bin/x"), OsString::from(word)]);
            let printf = line.replacen("scaffold", "printf %s", 1);
            let ran = Command::new("sh").args(["-c", &printf]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&ran.stdout), word, "{line}");
        }
        let words = ["scaffold", "new", "a"].map(OsString::from);
        assert_eq!(quoted(&words), "scaffold new a");
    }
}
