//! Tells texts apart by 64 bits: enough against accidents, which is all that a project has to fear.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A text's fingerprint. It is written into projects, so it has to stay what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(u64);

impl Digest {
    /// Eight bytes at a time, since a large project is some ten megabytes.
    pub fn of(bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        let words = words.iter().chain([&last]);
        let length = mix(bytes.len() as u64);
        let hash = words.fold(length, |hash, word| mix(hash ^ u64::from_le_bytes(*word)));
        Self(mix(hash))
    }

    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok()?;
        is_hex.then_some(Self(number))
    }
}

/// Lets each bit have a say in all others. It can be undone, so no two words are taken for one.
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = word.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word ^ (word >> 32)
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not a digest"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn another_text_has_another_digest(left in "[ab\0]{0,20}", right in "[ab\0]{0,20}") {
            let digests = [&left, &right].map(|text| Digest::of(text.as_bytes()));
            prop_assert_eq!(digests[0] == digests[1], left == right);
            prop_assert_eq!(Digest::parse(&digests[0].to_string()), Some(digests[0]));
        }
    }

    #[test]
    fn a_length_does_not_make_up_for_a_letter() {
        assert_ne!(Digest::of(b"b\0"), Digest::of(b"a"));
    }

    /// Another algorithm would make every pristine copy look damaged.
    #[test]
    fn digests_are_what_they_always_were() {
        let digests =
            ["", "a", "src/lib.rs: pub mod features;\n"].map(|text| Digest::of(text.as_bytes()));
        let shown = digests.map(|digest| digest.to_string());
        assert_eq!(
            shown,
            ["76bd19b42f2c8c3a", "f9e21d6a93e5eb0c", "b0a5a0c36f0723ef"]
        );
    }

    #[test]
    fn what_is_no_digest_is_not_read_as_one() {
        for text in [
            "",
            "abc",
            "+123456789abcdef",
            "0123456789abcdeg",
            "00123456789abcdef",
        ] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }
}
