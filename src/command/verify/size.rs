//! Sizes as people type them.

/// Reads a number of bytes: `1099511627776`, `500G`, `500GB`, `500GiB`. As elsewhere in this field all units are
/// binary.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let power = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err("want a number with K, M, G, T or nothing after it".to_owned()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "want a number with K, M, G, T or nothing after it".to_owned())?;
    number
        .checked_mul(1 << power)
        .ok_or_else(|| "too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_binary_whatever_the_spelling() {
        for text in ["2G", "2GB", "2GiB", "2 gib", "2147483648", "2048M"] {
            assert_eq!(bytes(text), Ok(1 << 31), "{text}");
        }
        for text in ["", "G", "-1", "1.5G", "1X", "99999999999T"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
