//! Parameters: the one place where text becomes numbers.
//!
//! A parameter is a `static` and is looked up by identity, so a misspelt one does not compile.
use super::prose::told;
use crate::math::decimal;
use serde::Serialize;
use std::fmt;

/// One setting of an experiment.
#[derive(Debug, Serialize)]
pub struct Param {
    /// kebab-case; the key in links and on the command line.
    pub name: &'static str,
    /// How the form calls it.
    pub label: &'static str,
    /// One or two sentences behind the help button.
    pub help: &'static str,
    /// Words under the two ends of the slider.
    pub ends: Option<(&'static str, &'static str)>,
    /// Which values it takes.
    pub kind: Kind,
}

/// What values a parameter takes, and its default.
#[expect(missing_docs, reason = "default, least and greatest value")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum Kind {
    Int {
        default: i64,
        min: i64,
        max: i64,
    },
    Float {
        default: f64,
        min: f64,
        max: f64,
    },
    /// A share from 0 to 1, which the form shows in percent.
    Share {
        default: f64,
        min: f64,
        max: f64,
    },
    /// One of some words: (value, label).
    Choice {
        default: &'static str,
        options: &'static [(&'static str, &'static str)],
    },
    Toggle {
        default: bool,
    },
    /// A line of up to `most` characters. What is wrong with it, if anything, `fault` says: "must be …".
    Text {
        default: &'static str,
        most: usize,
        #[serde(skip)]
        fault: fn(&str) -> Option<String>,
    },
    /// Up to `most` things picked in a view, by number from 1 or by one of the words; none means "chosen for me".
    Picks {
        most: usize,
        words: &'static [&'static str],
    },
    /// Pictures that the user brings. They travel as inputs, not as values.
    Images {
        most: usize,
    },
}

/// The value of one parameter, of the [`Kind`] by the same name.
#[expect(missing_docs, reason = "the kinds are explained there")]
#[derive(Debug)]
pub enum Value {
    Int(i64),
    Float(f64),
    Choice(&'static str),
    Toggle(bool),
    Text(String),
    Picks(Vec<Pick>),
    /// Holds the place of a parameter whose content is an input.
    Brought,
}

/// Words with commas between.
fn listed(words: impl Iterator<Item = &'static str>) -> String {
    // Of texts, as all else that the core joins: another kind would need the code for it once more.
    words.map(String::from).collect::<Vec<_>>().join(", ")
}

// As one function each, for the wasm core is kept small: derived, they stand wherever a value is cloned or compared.
impl PartialEq for Value {
    #[inline(never)]
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Choice(a), Self::Choice(b)) => a == b,
            (Self::Toggle(a), Self::Toggle(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Picks(a), Self::Picks(b)) => a == b,
            (Self::Brought, Self::Brought) => true,
            _ => false,
        }
    }
}

impl Clone for Value {
    #[inline(never)]
    fn clone(&self) -> Self {
        match self {
            Self::Int(x) => Self::Int(*x),
            Self::Float(x) => Self::Float(*x),
            Self::Choice(name) => Self::Choice(name),
            Self::Toggle(on) => Self::Toggle(*on),
            Self::Text(text) => Self::Text(text.clone()),
            Self::Picks(picks) => Self::Picks(picks.clone()),
            Self::Brought => Self::Brought,
        }
    }
}

/// One thing picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The index of an item in the view, from 0.
    Item(usize),
    /// One of the words that the parameter allows.
    Word(&'static str),
}

/// One thing wrong with what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Fault {
    /// The parameter, or the key of a link.
    pub name: String,
    /// What came.
    pub given: String,
    /// What was wanted: "must be between 0.5 and 100".
    pub wanted: String,
    /// The nearest known name, where the name is unknown.
    pub nearest: Option<String>,
}

impl Fault {
    /// A fault of a value.
    #[cold]
    pub fn new(name: &str, given: &str, wanted: &str) -> Self {
        Self { name: name.into(), given: given.into(), wanted: wanted.into(), nearest: None }
    }

    /// A parameter that an experiment with these does not have.
    pub fn unknown(name: &str, given: &str, params: &[&Param]) -> Self {
        let fault = Self::new(name, given, "is not a parameter here");
        fault.near(name, params.iter().map(|param| param.name))
    }

    /// The fault with the known name that is nearest to the one that was `meant`, if any is near.
    #[must_use]
    pub fn near<'a>(self, meant: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self { nearest: nearest(meant, known).map(str::to_owned), ..self }
    }
}

impl From<Fault> for Vec<Fault> {
    fn from(fault: Fault) -> Self {
        vec![fault]
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.name, self.wanted)?;
        if !self.given.is_empty() {
            write!(f, "; got {:?}", self.given)?;
        }
        match &self.nearest {
            Some(name) => write!(f, "; did you mean {name}?"),
            None => Ok(()),
        }
    }
}

/// The known name nearest to `name`, of those that differ in a third at most, or have all of its letters and up to twice as many more.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    known.into_iter().for_each(|candidate| consider(name, candidate, &mut best));
    best.map(|(_, candidate)| candidate)
}

/// Takes a candidate that is near, and nearer than the best so far. Apart, so that the core has it once.
#[inline(never)]
fn consider<'a>(name: &str, candidate: &'a str, best: &mut Option<(usize, &'a str)>) {
    let far = edits(name, candidate);
    let has_all = 3 * name.len() >= candidate.len() && far + name.len() == candidate.len();
    let near = has_all || 3 * far <= name.len().max(candidate.len()) + 1;
    if near && best.is_none_or(|(least, _)| far < least) {
        *best = Some((far, candidate));
    }
}

/// Levenshtein's distance over characters, small and capital letters being the same.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let swap = diagonal + usize::from(!from.eq_ignore_ascii_case(to));
            diagonal = row[j + 1];
            row[j + 1] = swap.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

impl Param {
    const fn new(name: &'static str, label: &'static str, help: &'static str, kind: Kind) -> Self {
        Self { name, label: told(label), help: told(help), ends: None, kind }
    }

    /// A whole number: `(least, default, greatest)`.
    pub const fn int(name: &'static str, label: &'static str, of: (i64, i64, i64), help: &'static str) -> Self {
        Self::new(name, label, help, Kind::Int { min: of.0, default: of.1, max: of.2 })
    }

    /// A real number: `(least, default, greatest)`. The slider is logarithmic when the ends lie far apart.
    pub const fn float(name: &'static str, label: &'static str, of: (f64, f64, f64), help: &'static str) -> Self {
        Self::new(name, label, help, Kind::Float { min: of.0, default: of.1, max: of.2 })
    }

    /// A share: `(least, default, greatest)`, from 0 to 1.
    pub const fn share(name: &'static str, label: &'static str, of: (f64, f64, f64), help: &'static str) -> Self {
        Self::new(name, label, help, Kind::Share { min: of.0, default: of.1, max: of.2 })
    }

    /// One of some words, the first by default: `(value, label)`.
    pub const fn choice(
        name: &'static str,
        label: &'static str,
        options: &'static [(&'static str, &'static str)],
        help: &'static str,
    ) -> Self {
        Self::new(name, label, help, Kind::Choice { default: options[0].0, options })
    }

    /// The same with another of the words by default: for a [`Kind::Choice`].
    #[must_use]
    pub const fn by_default(self, word: &'static str) -> Self {
        match self.kind {
            Kind::Choice { options, .. } => Self { kind: Kind::Choice { default: word, options }, ..self },
            kind => Self { kind, ..self },
        }
    }

    /// A switch.
    pub const fn toggle(name: &'static str, label: &'static str, default: bool, help: &'static str) -> Self {
        Self::new(name, label, help, Kind::Toggle { default })
    }

    /// A line of text, of which `fault` says what is wrong: `(default, most characters)`.
    pub const fn text(
        name: &'static str,
        label: &'static str,
        of: (&'static str, usize),
        fault: fn(&str) -> Option<String>,
        help: &'static str,
    ) -> Self {
        Self::new(name, label, help, Kind::Text { default: of.0, most: of.1, fault })
    }

    /// Up to `most` things picked in a view, or some of the words.
    pub const fn picks(
        name: &'static str,
        label: &'static str,
        most: usize,
        words: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self::new(name, label, help, Kind::Picks { most, words })
    }

    /// Up to `most` pictures of the user's.
    pub const fn images(name: &'static str, label: &'static str, most: usize, help: &'static str) -> Self {
        Self::new(name, label, help, Kind::Images { most })
    }

    /// The same with words under the two ends of its slider.
    #[must_use]
    pub const fn ends(self, low: &'static str, high: &'static str) -> Self {
        Self { ends: Some((told(low), told(high))), ..self }
    }

    /// Whether this is that parameter.
    pub fn is(&self, other: &'static Self) -> bool {
        std::ptr::eq(self, other)
    }

    /// The value it has unless something else is asked for.
    pub fn default(&self) -> Value {
        match &self.kind {
            Kind::Int { default, .. } => Value::Int(*default),
            Kind::Float { default, .. } | Kind::Share { default, .. } => Value::Float(*default),
            Kind::Choice { default, .. } => Value::Choice(default),
            Kind::Toggle { default } => Value::Toggle(*default),
            Kind::Text { default, .. } => Value::Text((*default).into()),
            Kind::Picks { .. } => Value::Picks(Vec::new()),
            Kind::Images { .. } => Value::Brought,
        }
    }

    /// Least and greatest value, for the law tests; one value where there is no order.
    pub fn extremes(&self) -> Vec<Value> {
        match &self.kind {
            Kind::Int { min, max, .. } => vec![Value::Int(*min), Value::Int(*max)],
            Kind::Float { min, max, .. } | Kind::Share { min, max, .. } => {
                vec![Value::Float(*min), Value::Float(*max)]
            }
            Kind::Choice { options, .. } => options.iter().map(|(value, _)| Value::Choice(value)).collect(),
            Kind::Toggle { .. } => vec![Value::Toggle(false), Value::Toggle(true)],
            Kind::Text { .. } | Kind::Picks { .. } | Kind::Images { .. } => vec![self.default()],
        }
    }

    /// Reads a value.
    ///
    /// # Errors
    /// If the text is no value of this kind or outside its limits.
    pub fn parse(&self, text: &str) -> Result<Value, Fault> {
        let fault = |wanted: &str| Fault::new(self.name, text, wanted);
        match &self.kind {
            Kind::Int { min, max, .. } => match text.parse::<i64>() {
                Ok(n) if (*min..=*max).contains(&n) => Ok(Value::Int(n)),
                _ => Err(fault(&format!("must be a whole number between {min} and {max}"))),
            },
            Kind::Float { min, max, .. } | Kind::Share { min, max, .. } => match decimal::read(text) {
                Some(x) if x >= *min && x <= *max => Ok(Value::Float(x)),
                _ => Err(fault(&format!("must be between {} and {}", decimal::write(*min), decimal::write(*max)))),
            },
            Kind::Choice { options, .. } => {
                options.iter().find(|(value, _)| *value == text).map(|(value, _)| Value::Choice(value)).ok_or_else(
                    || {
                        let names = || options.iter().map(|(value, _)| *value);
                        let wanted = format!("must be one of {}", listed(names()));
                        fault(&wanted).near(text, names())
                    },
                )
            }
            Kind::Toggle { .. } => match text {
                "on" => Ok(Value::Toggle(true)),
                "off" => Ok(Value::Toggle(false)),
                _ => Err(fault("must be on or off")),
            },
            Kind::Text { most, .. } if text.chars().count() > *most => {
                Err(fault(&format!("must have at most {most} characters")))
            }
            Kind::Text { fault: of, .. } => match of(text) {
                None => Ok(Value::Text(text.into())),
                Some(wanted) => Err(fault(&wanted)),
            },
            Kind::Picks { most, words } => self.parse_picks(text, *most, words),
            Kind::Images { .. } => Err(fault("is brought as pictures, not as text")),
        }
    }

    fn parse_picks(&self, text: &str, most: usize, words: &'static [&'static str]) -> Result<Value, Fault> {
        let read = |part: &str| match words.iter().find(|word| **word == part) {
            Some(word) => Some(Pick::Word(word)),
            None => part.parse::<usize>().ok().filter(|n| *n >= 1).map(|n| Pick::Item(n - 1)),
        };
        let picks: Option<Vec<Pick>> =
            if text.is_empty() { Some(Vec::new()) } else { text.split('.').map(read).collect() };
        let distinct = |picks: &Vec<Pick>| picks.iter().enumerate().all(|(i, pick)| !picks[..i].contains(pick));
        picks.filter(|picks| picks.len() <= most && distinct(picks)).map(Value::Picks).ok_or_else(|| {
            let or = if words.is_empty() { String::new() } else { format!(" or {}", listed(words.iter().copied())) };
            Fault::new(
                self.name,
                text,
                &format!("must be at most {most} different numbers from 1{or}, with dots between"),
            )
        })
    }

    /// Writes a value so that [`Param::parse`] reads it back.
    pub fn write(&self, value: &Value) -> String {
        match value {
            Value::Int(n) => n.to_string(),
            Value::Float(x) => decimal::write(*x),
            Value::Choice(word) => (*word).into(),
            Value::Toggle(on) => if *on { "on" } else { "off" }.into(),
            Value::Text(text) => text.clone(),
            Value::Picks(picks) => {
                let part = |pick: &Pick| match pick {
                    Pick::Item(i) => (i + 1).to_string(),
                    Pick::Word(word) => (*word).into(),
                };
                picks.iter().map(part).collect::<Vec<_>>().join(".")
            }
            Value::Brought => String::new(),
        }
    }
}

/// A value for each parameter of an experiment.
#[derive(Clone, Debug)]
pub struct Values {
    params: &'static [&'static Param],
    values: Vec<Value>,
}

impl Values {
    /// Every parameter at its default.
    pub fn defaults(params: &'static [&'static Param]) -> Self {
        Self { params, values: params.iter().map(|param| param.default()).collect() }
    }

    /// Reads pairs of names and texts over the defaults.
    ///
    /// # Errors
    /// All faults at once: unknown or repeated names, and every value that does not parse.
    pub fn parse<'a>(
        params: &'static [&'static Param],
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<Fault>> {
        let mut values = Self::defaults(params);
        let mut given = vec![false; params.len()];
        let mut faults = Vec::new();
        for (name, text) in pairs {
            match params.iter().position(|param| param.name == name) {
                None => {
                    faults.push(Fault::unknown(name, text, params));
                }
                Some(i) if given[i] => faults.push(Fault::new(name, text, "was already given")),
                Some(i) => {
                    given[i] = true;
                    match params[i].parse(text) {
                        Ok(value) => values.values[i] = value,
                        Err(fault) => faults.push(fault),
                    }
                }
            }
        }
        if faults.is_empty() { Ok(values) } else { Err(faults) }
    }

    /// Puts a value in place of the one that is there.
    pub fn set(&mut self, param: &'static Param, value: Value) {
        let i = self.index(param);
        self.values[i] = value;
    }

    /// The value of a parameter.
    pub fn get(&self, param: &'static Param) -> &Value {
        &self.values[self.index(param)]
    }

    /// The value of a whole-number parameter.
    pub fn int(&self, param: &'static Param) -> usize {
        match self.get(param) {
            Value::Int(n) => usize::try_from(*n).unwrap_or(0),
            _ => unreachable!("{} is no whole number", param.name),
        }
    }

    /// The value of a real parameter or a share.
    pub fn float(&self, param: &'static Param) -> f64 {
        match self.get(param) {
            Value::Float(x) => *x,
            _ => unreachable!("{} is no real number", param.name),
        }
    }

    /// The word chosen.
    pub fn choice(&self, param: &'static Param) -> &'static str {
        match self.get(param) {
            Value::Choice(word) => word,
            _ => unreachable!("{} is no choice", param.name),
        }
    }

    /// The place of the word chosen among those of its parameter, from 0.
    pub fn option(&self, param: &'static Param) -> usize {
        let chosen = self.choice(param);
        match &param.kind {
            Kind::Choice { options, .. } => options.iter().position(|(word, _)| *word == chosen).unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether a switch is on.
    pub fn toggle(&self, param: &'static Param) -> bool {
        match self.get(param) {
            Value::Toggle(on) => *on,
            _ => unreachable!("{} is no switch", param.name),
        }
    }

    /// The line that was written.
    pub fn text(&self, param: &'static Param) -> &str {
        match self.get(param) {
            Value::Text(text) => text,
            _ => unreachable!("{} is no text", param.name),
        }
    }

    /// What was picked.
    pub fn picks(&self, param: &'static Param) -> &[Pick] {
        match self.get(param) {
            Value::Picks(picks) => picks,
            _ => unreachable!("{} has no picks", param.name),
        }
    }

    /// The items among what was picked, without the words.
    pub fn items(&self, param: &'static Param) -> impl Iterator<Item = usize> {
        self.picks(param).iter().filter_map(|pick| match *pick {
            Pick::Item(item) => Some(item),
            Pick::Word(_) => None,
        })
    }

    /// Names and texts of all values that are not the default, in the order of the schema: the canonical form.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let changed = self.params.iter().zip(&self.values).filter(|(param, value)| param.default() != **value);
        changed.map(|(param, value)| (param.name, param.write(value))).collect()
    }

    /// Every parameter's name and its value as text.
    pub fn all(&self) -> Vec<(&'static str, String)> {
        self.params.iter().zip(&self.values).map(|(param, value)| (param.name, param.write(value))).collect()
    }

    fn index(&self, param: &'static Param) -> usize {
        let found = self.params.iter().position(|known| std::ptr::eq(*known, param));
        found.unwrap_or_else(|| unreachable!("{} is missing from the experiment's list", param.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static BETA: Param = Param::float("beta", "Sharpness", (0.5, 8.0, 100.0), "");
    static RULE: Param = Param::choice("rule", "Rule", &[("hebb", "Hebb"), ("storkey", "Storkey")], "");
    static PLANE: Param = Param::picks("plane", "Plane", 3, &["cue"], "");
    static WORD: Param =
        Param::text("word", "Word", ("so", 5), |text| text.is_empty().then(|| "must be there".into()), "");
    static LIST: &[&Param] = &[&BETA, &RULE, &PLANE, &WORD];

    #[test]
    fn all_faults_come_at_once() {
        let faults = Values::parse(LIST, [("beta", "250"), ("rull", "hebb"), ("rule", "storky"), ("plane", "0")]);
        let texts: Vec<String> = faults.unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "beta must be between 0.5 and 100; got \"250\"",
                "rull is not a parameter here; got \"hebb\"; did you mean rule?",
                "rule must be one of hebb, storkey; got \"storky\"; did you mean storkey?",
                "plane must be at most 3 different numbers from 1 or cue, with dots between; got \"0\"",
            ]
        );
    }

    #[test]
    fn not_a_number_is_no_value() {
        for text in ["NaN", "inf", "-inf", "", "1e999", "0x10"] {
            assert!(BETA.parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_text_is_as_long_as_it_may_be_and_is_refused_with_what_is_wrong() {
        let wanted = |text| WORD.parse(text).map_err(|fault| fault.wanted);
        assert_eq!(wanted("ééééé"), Ok(Value::Text("ééééé".into())));
        assert_eq!(wanted("longer"), Err("must have at most 5 characters".into()));
        assert_eq!(wanted(""), Err("must be there".into()));
    }

    #[test]
    fn canonical_pairs_leave_out_defaults_and_read_back() {
        let values = Values::parse(LIST, [("plane", "2.cue.7"), ("beta", "8.0"), ("rule", "storkey")]).unwrap();
        assert_eq!(values.pairs(), [("rule", "storkey".to_owned()), ("plane", "2.cue.7".to_owned())]);
        assert_eq!(values.items(&PLANE).collect::<Vec<_>>(), [1, 6]);
    }

    #[test]
    fn nearest_is_by_edits_over_characters_and_gives_up_when_far() {
        assert_eq!(nearest("patern", ["patterns", "beta"]), Some("patterns"));
        assert_eq!(nearest("βeta", ["beta"]), Some("beta"));
        assert_eq!(nearest("hopfield", ["sparsey", "hopfield-rules"]), Some("hopfield-rules"));
        assert_eq!(nearest("zzzz", ["beta"]), None);
        assert_eq!(nearest("nothing", ["grokking"]), None);
        assert_eq!(nearest("nope", ["group-envelope"]), None);
    }
}
