//! Real numbers as text: the one doorway for reading and printing them.
//!
//! The standard library's exact conversions bring tables and big integers, a third of the wasm module before this file
//! was. Numbers here have at most 15 digits, so one rounding is enough to read them (Clinger 1990, *How to read floating
//! point numbers accurately*). Print floats through this file: one `{:.2}` brings all of the standard library's back.

/// The digits that a number read here has: any decimal of 15 digits survives the way through `f64` and back.
const DIGITS: u32 = 15;

/// Powers of ten that `f64` holds exactly.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// `x * 10^power`, by at most two roundings for each 22 in the power.
fn scale(mut x: f64, power: i32) -> f64 {
    let mut left = power.unsigned_abs() as usize;
    while left > 0 {
        let some = left.min(EXACT.len() - 1);
        x = if power < 0 { x / EXACT[some] } else { x * EXACT[some] };
        left -= some;
    }
    x
}

/// What stands before a number below 0 in a text.
const MINUS: &str = "−";

/// Reads `-12.5e-3` and the like, rounded to 15 digits: other programs print sums with 17, as `0.30000000000000004`. `None` for what
/// is no number, has more than 19 digits, or a power of ten beyond 22. A zero has no sign.
pub fn read(text: &str) -> Option<f64> {
    let (negative, rest) = match text.strip_prefix('-').or_else(|| text.strip_prefix(MINUS)) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (number, power) = match rest.split_once(['e', 'E']) {
        Some((number, power)) => (number, power.parse::<i32>().ok().filter(|power| power.abs() < 1000)?),
        None => (rest, 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part = part.trim_end_matches('0');
    let mut digits = whole.bytes().chain(part.bytes());
    if number.is_empty() || number == "." || !digits.clone().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut mantissa =
        digits.try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))?;
    let mut power = power - i32::try_from(part.len()).ok()?;
    while mantissa >= 10_u64.pow(DIGITS) {
        (mantissa, power) = ((mantissa + 5) / 10, power + 1);
    }
    let size = (power.unsigned_abs() < EXACT.len() as u32).then(|| scale(mantissa as f64, power))?;
    Some(if negative && mantissa > 0 { -size } else { size })
}

/// The digits of `x > 0` rounded to `digits` of them, and the power of ten of the first.
fn rounded(x: f64, digits: u32) -> (u64, i32) {
    let mut power = 0;
    while scale(x, -power) >= 10.0 {
        power += 1;
    }
    while scale(x, -power) < 1.0 {
        power -= 1;
    }
    let mantissa = (scale(x, digits as i32 - 1 - power) + 0.5) as u64;
    if mantissa >= 10_u64.pow(digits) { (mantissa / 10, power + 1) } else { (mantissa, power) }
}

/// Writes a number by the fewest digits, 15 at most, that [`read`] takes back to it.
pub fn write(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return fixed(x, 0);
    }
    let sign = if x < 0.0 { "-" } else { "" };
    let plain = |digits| {
        let (mantissa, power) = rounded(x.abs(), digits);
        let mut text = mantissa.to_string();
        let point = power + 1;
        if (1..=DIGITS as i32).contains(&point) {
            let point = point as usize;
            if text.len() > point {
                text.insert(point, '.');
            }
            text.push_str(&"0".repeat(point.saturating_sub(digits as usize)));
        } else if (-6..=0).contains(&point) {
            text.insert_str(0, &"0".repeat(point.unsigned_abs() as usize));
            text.insert_str(0, "0.");
        } else {
            if digits > 1 {
                text.insert(1, '.');
            }
            text.push('e');
            text.push_str(&power.to_string());
        }
        text
    };
    let reads_back = |text: &String| read(text).is_some_and(|back| back.to_bits() == x.abs().to_bits());
    let text = (1..DIGITS).map(plain).find(reads_back).unwrap_or_else(|| plain(DIGITS));
    format!("{sign}{text}")
}

/// Prints a number with that many digits, up to 9, after the point: `fixed(0.125, 2)` is `0.13`. A value that rounds to
/// zero has no sign, and a minus is the one of typography; one beyond 10^9 is printed as by [`scientific`].
pub fn fixed(x: f64, places: u32) -> String {
    if x.is_nan() {
        return "not a number".into();
    }
    if x.abs() >= 1e9 {
        return scientific(x, places);
    }
    let power = 10_u64.pow(places.min(9));
    let parts = (x.abs() * power as f64 + 0.5) as u64;
    let sign = if x < 0.0 && parts > 0 { MINUS } else { "" };
    let whole = parts / power;
    if places == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{:0width$}", parts % power, width = places.min(9) as usize)
}

/// Prints a share with that many digits of its percentage after the point: `percent(0.125, 1)` is `12.5 %`. The space does
/// not break.
pub fn percent(share: f64, places: u32) -> String {
    format!("{}\u{a0}%", fixed(100.0 * share, places))
}

/// Prints a number of unknown size in few digits: as by [`fixed`] with three places, and in [`scientific`] form where
/// those would say little.
pub fn short(x: f64) -> String {
    if x < 1e-3 { scientific(x, 1) } else { fixed(x, 3) }
}

/// Prints a number as `2.2e-16`, with that many digits, up to 9, after the point.
pub fn scientific(x: f64, places: u32) -> String {
    if !x.is_finite() {
        return if x.is_nan() {
            "not a number"
        } else if x > 0.0 {
            "infinity"
        } else {
            "−infinity"
        }
        .into();
    }
    if x == 0.0 {
        return "0".into();
    }
    let sign = if x < 0.0 { MINUS } else { "" };
    let (mantissa, power) = rounded(x.abs(), places.min(9) + 1);
    let mut digits = mantissa.to_string();
    if places > 0 {
        digits.insert(1, '.');
    }
    format!("{sign}{digits}e{power}")
}

/// A number of things with the word for one or for many: "1 glass", "2 glasses".
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_standard_library_reads() {
        for text in [
            "0",
            "-0",
            "1",
            "+1.5",
            "0.1",
            "-12.50e-3",
            "1e-7",
            ".5",
            "5.",
            "123456789012345",
            "0.000001",
            "1e22",
            "0.30000",
        ] {
            let known: f64 = text.parse().unwrap();
            assert_eq!(read(text).map(f64::to_bits), Some((known + 0.0).to_bits()), "{text}");
        }
        assert_eq!(read("−0.5"), Some(-0.5), "as it is printed");
        for text in [
            "",
            ".",
            "-",
            "e5",
            "1e",
            "nan",
            "inf",
            "0x1",
            "1_0",
            "1 ",
            "--1",
            "123456789012345678901",
            "1e23",
            "1.2.3",
            "1e99999",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn more_digits_than_fifteen_are_rounded() {
        for (long, short) in [
            ("0.30000000000000004", "0.3"),
            ("0.32999999999999996", "0.33"),
            ("1234567890123456", "1234567890123460"),
            ("9.9999999999999999", "10"),
        ] {
            assert_eq!((read(long), read(long).map(write)), (read(short), Some(write(read(short).unwrap()))), "{long}");
        }
    }

    #[test]
    fn writes_as_short_as_the_standard_library_and_reads_itself_back() {
        for x in [0.0, 1.0, -2.5, 0.1, 0.001, 24.0, 1e-7, 0.000_001, 200.0, 1e14, 123_456.789, -1e21, 0.3, 1e-5, 99.99]
        {
            let text = write(x);
            assert_eq!(read(&text), Some(x), "{text}");
            if (1e-6..1e15).contains(&x) {
                assert_eq!(text, x.to_string());
            }
        }
    }

    #[test]
    fn prints_to_a_number_of_places() {
        let prints =
            [(0.125, 2, "0.13"), (-0.001, 2, "0.00"), (-1.5, 0, "−2"), (12.3456, 3, "12.346"), (0.05, 4, "0.0500")];
        for (x, places, text) in prints {
            assert_eq!(fixed(x, places), text);
        }
        assert_eq!(fixed(2.5e12, 1), "2.5e12");
        assert_eq!(scientific(2.220_446e-16, 1), "2.2e-16");
        assert_eq!(scientific(-9.99e3, 1), "−1.0e4");
        assert_eq!(scientific(4e-320, 0), "4e-320");
        assert_eq!(scientific(f64::INFINITY, 1), "infinity");
        assert_eq!([0.05, 2.2e-16, 0.0].map(short), ["0.050", "2.2e-16", "0"]);
    }
}
