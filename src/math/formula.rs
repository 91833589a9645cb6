//! Formulas of two whole numbers `a` and `b`, as people write them, and what they are modulo a number.
//!
//! Our own, as crates for expressions compute in floats, where a remainder of a high power is wrong.
use std::rc::Rc;

/// A formula that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    /// In the order in which a stack works them off.
    parts: Rc<[Part]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Number(u64),
    A,
    B,
    Add,
    Subtract,
    Multiply,
    Power(u64),
}

/// Numbers and powers have no more digits than this.
const DIGITS: usize = 4;

impl Formula {
    /// Reads a formula of `a`, `b`, whole numbers, `+`, `-`, `*`, `^` with a whole number, and brackets. Next to each other,
    /// as in `2ab`, things are multiplied. Spaces do not count.
    ///
    /// # Errors
    /// Where reading stopped: the number of the character, from 1.
    pub fn read(text: &str) -> Result<Self, usize> {
        let signs = text.chars().enumerate().filter(|(_, sign)| !sign.is_whitespace()).collect();
        let mut reader = Reader { signs, at: 0, end: text.chars().count() + 1, parts: Vec::new() };
        let whole = reader.sum(0).is_some() && reader.at == reader.signs.len();
        if whole { Ok(Self { parts: reader.parts.into() }) } else { Err(reader.place()) }
    }

    /// What it is for `a` and `b`, modulo `p` below 2³².
    pub fn at(&self, a: usize, b: usize, p: usize) -> usize {
        let p = p as u64;
        let mut stack: Vec<u64> = Vec::with_capacity(self.parts.len());
        for part in self.parts.iter() {
            let last = match part {
                Part::Number(n) => n % p,
                Part::A => a as u64 % p,
                Part::B => b as u64 % p,
                Part::Power(n) => power(stack.pop().unwrap_or(0), *n, p),
                two => {
                    // What was read has two numbers here.
                    let (y, x) = (stack.pop().unwrap_or(0), stack.pop().unwrap_or(0));
                    match two {
                        Part::Add => (x + y) % p,
                        Part::Subtract => (x + p - y) % p,
                        _ => x * y % p,
                    }
                }
            };
            stack.push(last);
        }
        stack.pop().unwrap_or(0) as usize
    }
}

/// `xⁿ` modulo `p`, by squares.
fn power(mut x: u64, mut n: u64, p: u64) -> u64 {
    let mut all = 1 % p;
    while n > 0 {
        if n % 2 == 1 {
            all = all * x % p;
        }
        x = x * x % p;
        n /= 2;
    }
    all
}

/// Brackets in brackets, at most.
const DEPTH: usize = 20;

struct Reader {
    signs: Vec<(usize, char)>,
    at: usize,
    end: usize,
    parts: Vec<Part>,
}

/// Each reads one thing, or answers `None` and stands where it went wrong.
impl Reader {
    /// The number of the character that is next.
    fn place(&self) -> usize {
        self.signs.get(self.at).map_or(self.end, |(place, _)| place + 1)
    }

    fn next(&self) -> Option<char> {
        self.signs.get(self.at).map(|(_, sign)| *sign)
    }

    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let sign = self.next().filter(|sign| wanted.contains(sign))?;
        self.at += 1;
        Some(sign)
    }

    /// Products with plus or minus between; a minus may stand first.
    fn sum(&mut self, depth: usize) -> Option<()> {
        if self.next().is_some_and(|sign| MINUS.contains(&sign)) {
            self.parts.push(Part::Number(0));
        } else {
            self.product(depth)?;
        }
        while let Some(sign) = self.take(&['+', '-', '\u{2212}']) {
            self.product(depth)?;
            self.parts.push(if sign == '+' { Part::Add } else { Part::Subtract });
        }
        Some(())
    }

    fn product(&mut self, depth: usize) -> Option<()> {
        self.power(depth)?;
        loop {
            let told = self.take(TIMES).is_some();
            let goes_on = self.next().is_some_and(|sign| matches!(sign, 'a' | 'b' | '('));
            if !told && !goes_on {
                return Some(());
            }
            self.power(depth)?;
            self.parts.push(Part::Multiply);
        }
    }

    fn power(&mut self, depth: usize) -> Option<()> {
        match self.next()? {
            'a' => self.one(Part::A),
            'b' => self.one(Part::B),
            '(' if depth < DEPTH => {
                self.at += 1;
                self.sum(depth + 1)?;
                self.take(&[')'])?;
            }
            _ => {
                let number = self.number()?;
                self.parts.push(Part::Number(number));
            }
        }
        if let Some(raised) = self.take(&['^', '\u{b2}', '\u{b3}']) {
            let n = match raised {
                '\u{b2}' => 2,
                '\u{b3}' => 3,
                _ => self.number()?,
            };
            self.parts.push(Part::Power(n));
        }
        Some(())
    }

    fn one(&mut self, part: Part) {
        self.at += 1;
        self.parts.push(part);
    }

    fn number(&mut self) -> Option<u64> {
        let digits = self.signs[self.at..].iter().map_while(|(_, sign)| sign.to_digit(10));
        let count = digits.clone().count();
        let number = digits.fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(digit.into()));
        if !(1..=DIGITS).contains(&count) {
            return None;
        }
        self.at += count;
        Some(number)
    }
}

const MINUS: &[char] = &['-', '\u{2212}'];
const TIMES: &[char] = &['*', '\u{d7}', '\u{b7}'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_what_arithmetic_says() {
        let at = |text: &str, a, b| Formula::read(text).map(|formula| formula.at(a, b, 97));
        for (text, wanted) in [
            ("a + b", 8),
            ("a - b", 2),
            ("b - a", 95),
            ("-a", 92),
            ("a*b", 15),
            ("2ab + 1", 31),
            ("2a^2 - 3(b + 1)", 38),
            ("(a+b)^2", 64),
            ("a² − b³", 95),
            ("a^0", 1),
            ("7", 7),
            ("a-b-1", 1),
            ("a^9999", {
                let mut x = 1;
                (0..9999).for_each(|_| x = x * 5 % 97);
                x
            }),
        ] {
            assert_eq!(at(text, 5, 3), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_formula_is_refused_with_the_place() {
        for (text, place) in [
            ("", 1),
            ("a +", 4),
            ("a + c", 5),
            ("(a + b", 7),
            ("a)", 2),
            ("a^b", 3),
            ("a^", 3),
            ("12345", 1),
            ("a / b", 3),
            ("a b 2", 5),
            ("é", 1),
        ] {
            assert_eq!(Formula::read(text), Err(place), "{text}");
        }
        assert!(Formula::read(&"(".repeat(5000)).is_err());
    }
}
