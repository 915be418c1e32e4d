//! File names as users give them, made safe to store, to show and to save.

use std::fmt::Write;

/// The longest name in bytes: file systems stop at 255, and browsers add ` (1)` to a second copy.
const MAX_BYTES: usize = 200;

/// The longest extension in bytes, dot included, that survives when a name is cut.
const MAX_EXTENSION_BYTES: usize = 16;

/// A file name that is safe on every system: one path segment, visible, 1 to 200 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(String);

impl FileName {
    /// The safe name nearest to what a user or a browser sent.
    ///
    /// Folders go, and with them `..`; so do control characters and the invisible ones that reorder text: a name may
    /// not end in `.exe` and show as `.jpg`. What Windows reserves is replaced. The extension survives when a long name
    /// is cut. A name of which nothing is left becomes `file`. Sanitising a safe name changes nothing.
    #[must_use]
    pub fn sanitise(raw: &str) -> Self {
        let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
        let visible: String = last
            .chars()
            .filter(|c| !c.is_control() && !is_invisible(*c))
            .map(|c| if r#"<>:"|?*"#.contains(c) { '_' } else { c })
            .collect();
        let mut name = trim(&visible).to_owned();
        if is_reserved_on_windows(&name) {
            name.insert(0, '_');
        }
        name = cut(&name);
        if name.is_empty() {
            name.push_str("file");
        }
        Self(name)
    }

    /// The name as users see it; may hold any script.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A `Content-Disposition` that saves the file under this name (RFC 6266): never shown inside the page, where HTML
    /// would run with the bucket's origin. `filename` is for clients that do not know `filename*`.
    #[must_use]
    pub fn attachment(&self) -> String {
        let ascii = self.0.replace(|c: char| !is_quotable(c), "_");
        let encoded = self.encoded();
        format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
    }

    /// The name as a header takes it: percent-encoded as in RFC 8187.
    pub(super) fn encoded(&self) -> String {
        let mut encoded = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                encoded.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    }

    /// The name that was [encoded](Self::encoded). Whatever else it is, it comes out safe.
    pub(super) fn decoded(encoded: &str) -> Self {
        let mut bytes = Vec::with_capacity(encoded.len());
        let mut rest = encoded.bytes();
        while let Some(byte) = rest.next() {
            let mut ahead = rest.clone();
            let mut digit = || char::from(ahead.next()?).to_digit(16);
            let escaped = match byte {
                b'%' => digit().zip(digit()),
                _ => None,
            };
            match escaped.and_then(|(high, low)| u8::try_from(16 * high + low).ok()) {
                Some(escaped) => {
                    bytes.push(escaped);
                    rest = ahead;
                }
                None => bytes.push(byte),
            }
        }
        Self::sanitise(&String::from_utf8_lossy(&bytes))
    }
}

/// Some browsers take `%41` in a quoted name for an escape, so `%` is not left in it.
fn is_quotable(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%')
}

/// Characters without a glyph that hide or reorder their neighbours. The joiners U+200C and U+200D are not among them:
/// Persian, Indic scripts and emoji need them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Without the dots and spaces at both ends: Windows drops them behind, and a dot in front hides a file on Unix.
fn trim(name: &str) -> &str {
    name.trim_matches(|c: char| c == '.' || c.is_whitespace())
}

/// Device names, with any extension: opening `aux.txt` on Windows opens a serial port.
fn is_reserved_on_windows(name: &str) -> bool {
    let stem = trim(name.split('.').next().unwrap_or_default()).to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        device => device
            .strip_prefix("COM")
            .or_else(|| device.strip_prefix("LPT"))
            .is_some_and(|port| matches!(port, "¹" | "²" | "³") || is_digit(port)),
    }
}

fn is_digit(text: &str) -> bool {
    text.len() == 1 && text.as_bytes()[0].is_ascii_digit()
}

/// At most `MAX_BYTES` of the name, with its extension unless that alone is unreasonably long.
fn cut(name: &str) -> String {
    if name.len() <= MAX_BYTES {
        return name.to_owned();
    }
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if name.len() - dot <= MAX_EXTENSION_BYTES => name.split_at(dot),
        _ => (name, ""),
    };
    let end = stem.floor_char_boundary(MAX_BYTES - extension.len());
    format!("{}{extension}", trim(&stem[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_become_plain_ones() {
        let long = "é".repeat(300);
        for (raw, safe) in [
            ("report.pdf", "report.pdf"),
            (
                "Angebot für Müller & Söhne (2).docx",
                "Angebot für Müller & Söhne (2).docx",
            ),
            ("見積書.pdf", "見積書.pdf"),
            (
                "family 👩\u{200d}👩\u{200d}👧.png",
                "family 👩\u{200d}👩\u{200d}👧.png",
            ),
            ("../../etc/passwd", "passwd"),
            (r"..\..\windows\system.ini", "system.ini"),
            (r"C:\fakepath\photo.jpg", "photo.jpg"),
            ("/", "file"),
            ("..", "file"),
            ("", "file"),
            (" \t\r\n ", "file"),
            ("...", "file"),
            ("\0", "file"),
            ("a\0b\r\nSet-Cookie: x.txt", "abSet-Cookie_ x.txt"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("\u{feff}\u{200b}x\u{2066}y\u{2069}.txt", "xy.txt"),
            (".htaccess", "htaccess"),
            ("name.txt. . ", "name.txt"),
            (r#"<a href="x">?*|:.html"#, "_a href=_x______.html"),
            ("CON", "_CON"),
            ("aux.txt", "_aux.txt"),
            ("Com1 .log", "_Com1 .log"),
            ("LPT².x", "_LPT².x"),
            ("CONSOLE.txt", "CONSOLE.txt"),
            ("com10", "com10"),
            (long.as_str(), &"é".repeat(100)),
        ] {
            assert_eq!(FileName::sanitise(raw).as_str(), safe, "{raw:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = FileName::sanitise(&format!("{}.pdf", "ü".repeat(500)));
        assert_eq!(name.as_str().len(), 200);
        assert!(name.as_str().ends_with("ü.pdf"));

        let name = FileName::sanitise(&format!("a.{}", "b".repeat(500)));
        assert_eq!(name.as_str(), format!("a.{}", "b".repeat(198)));
    }

    /// Every pair and triple of characters that means something to a file system, a header or a reader.
    #[test]
    fn a_safe_name_is_safe_and_stays_the_same() {
        let alphabet = [
            "a", "é", ".", " ", "/", "\\", "\"", "%", ";", "\r", "\n", "\0", "\u{202e}", "con", ":",
        ];
        for first in alphabet {
            for second in alphabet {
                for third in alphabet {
                    let raw = format!("{first}{second}{third}");
                    let name = FileName::sanitise(&raw);
                    assert_eq!(FileName::sanitise(name.as_str()), name, "{raw:?}");
                    assert!(!name.as_str().is_empty());
                    assert!(
                        !name
                            .as_str()
                            .contains(['/', '\\', '"', ':', '\r', '\n', '\0'])
                    );
                    assert!(name.attachment().is_ascii());
                    assert!(name.encoded().is_ascii());
                    assert_eq!(FileName::decoded(&name.encoded()), name);
                }
            }
        }
    }

    #[test]
    fn what_nobody_encoded_is_made_safe() {
        for (encoded, safe) in [
            ("a%2Fb.pdf", "b.pdf"),
            ("100%", "100%"),
            ("%4", "%4"),
            ("%zz%FF.txt", "%zz\u{fffd}.txt"),
            ("%+1x", "%+1x"),
            ("%é", "%é"),
        ] {
            assert_eq!(FileName::decoded(encoded).as_str(), safe, "{encoded:?}");
        }
    }

    #[test]
    fn the_header_quotes_and_encodes_the_name() {
        assert_eq!(
            FileName::sanitise("a b.pdf").attachment(),
            "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"
        );
        assert_eq!(
            FileName::sanitise("100%41 'é'; x=y.txt").attachment(),
            "attachment; filename=\"100_41 '_'; x=y.txt\"; filename*=UTF-8''100%2541%20%27%C3%A9%27%3B%20x%3Dy.txt"
        );
    }
}
