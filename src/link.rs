//! Floor 5: the permalink: what a run is, as the query string of an address.
//!
//! `v=1&id=modern-hopfield&seed=6&beta=24&at=23&do=0d2.2048.1024`: version, experiment, seed, the parameters that are
//! not at their default in the order of the schema, the step, and what the hand did. A seed is always there. Brought
//! pictures travel as `in=`, whose packing is the face's business.
use crate::{
    catalogue,
    lab::{Entry, Fault, GRAIN, Gesture, Param, Preset, Values},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The version of links that this code writes and reads.
pub const VERSION: &str = "1";

/// The keys of a link that are no parameters.
const KEYS: [&str; 5] = ["v", "id", "seed", "at", "do"];

/// Keys that say how a page shows a run, not what the run is.
pub const PAGE_KEYS: &[&str] = &["hide", "also", "lock", "theme", "speed", "play"];

/// The longest record of hands and live settings that a link carries; more than this and it is no link but a film.
const LONGEST_RECORD: usize = 4500;

/// Something that was done to a run at a step.
#[derive(Clone, Debug)]
pub enum Act {
    /// A hand touched a view.
    Touch(Gesture),
    /// A parameter taken live.
    Set(&'static Param, crate::lab::Value),
}

/// What a run is, and where in it one stands.
#[derive(Clone)]
pub struct Request {
    /// The experiment.
    pub entry: &'static Entry,
    /// The root of all chance.
    pub seed: u32,
    /// A value for each parameter, as of the start.
    pub values: Values,
    /// The step to show.
    pub at: u64,
    /// Steps and what was done at them, in order.
    pub acts: Vec<(u64, Act)>,
}

impl Act {
    /// Whether `self` undoes everything that `earlier`, at the same step, did.
    pub fn covers(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (Self::Touch(gesture), Self::Touch(earlier)) => gesture.covers(earlier),
            (Self::Set(param, _), Self::Set(earlier, _)) => std::ptr::eq(*param, *earlier),
            _ => false,
        }
    }
}

impl Request {
    /// A preset of an experiment, at its start.
    ///
    /// # Errors
    /// If the preset names what is no parameter or no value of one.
    pub fn of(entry: &'static Entry, preset: &Preset, seed: u32) -> Result<Self, Vec<Fault>> {
        let values = Values::parse(entry.params, preset.set.iter().copied())?;
        Ok(Self { entry, seed, values, at: 0, acts: Vec::new() })
    }

    /// Reads the pairs of a link. Unknown page keys and `in` are the face's business and skipped.
    ///
    /// # Errors
    /// All faults at once.
    pub fn parse(pairs: &[(String, String)]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut given = [None; KEYS.len()];
        let mut rest = Vec::new();
        for (key, text) in pairs {
            match KEYS.iter().position(|known| known == key) {
                Some(i) if given[i].is_some() => faults.push(Fault::new(key, text, "was already given")),
                Some(i) => given[i] = Some(text.as_str()),
                None if key == "in" || PAGE_KEYS.contains(&key.as_str()) => {}
                None => rest.push((key.as_str(), text.as_str())),
            }
        }
        let [version, id, seed, at, record] = given;
        let mut fault = |fault| faults.push(fault);
        if let Some(text) = version.filter(|text| *text != VERSION) {
            fault(Fault::new("v", text, "must be 1, the version of links read here"));
        }
        let missing = || Fault::new("id", "", "is missing: a link names its experiment");
        let entry = id.ok_or_else(missing).and_then(catalogue::find).map_err(&mut fault).ok();
        let mut whole = |key, text: Option<&str>, default, most, wanted| {
            let Some(text) = text else { return default };
            whole_number(text, most).unwrap_or_else(|| {
                fault(Fault::new(key, text, wanted));
                default
            })
        };
        let seed = whole("seed", seed, 1, u32::MAX.into(), "must be a whole number up to 4294967295") as u32;
        let at = whole("at", at, 0, u64::MAX, "must be a step, a whole number from 0");
        let Some(entry) = entry else { return Err(faults) };
        // A step beyond the end stands at the end, wherever the run finds it.
        let at = at.min(entry.steps);
        let acts = read_record(record.unwrap_or_default(), entry).map_err(fault).unwrap_or_default();
        match Values::parse(entry.params, rest) {
            Ok(values) if faults.is_empty() => Ok(Self { entry, seed, values, at, acts }),
            Ok(_) => Err(faults),
            Err(more) => {
                faults.extend(more);
                Err(faults)
            }
        }
    }

    /// The pairs of the canonical link, and whether they say everything: a record that is too long is left out.
    pub fn pairs(&self) -> (Vec<(String, String)>, bool) {
        let mut pairs = vec![
            ("v".to_owned(), VERSION.to_owned()),
            ("id".to_owned(), self.entry.id.to_owned()),
            ("seed".to_owned(), self.seed.to_string()),
        ];
        pairs.extend(self.values.pairs().into_iter().map(|(name, text)| (name.to_owned(), text)));
        if self.at > 0 {
            pairs.push(("at".to_owned(), self.at.to_string()));
        }
        let record = write_record(&self.acts);
        let whole = record.len() <= LONGEST_RECORD;
        if whole && !record.is_empty() {
            pairs.push(("do".to_owned(), record));
        }
        (pairs, whole)
    }

    /// The canonical link as a query string, without its question mark.
    pub fn query(&self) -> String {
        let (pairs, _) = self.pairs();
        pairs.iter().map(|(key, text)| format!("{key}={}", percent(text))).collect::<Vec<_>>().join("&")
    }
}

/// The pairs of a query string, with or without its question mark, or of the whole address that it ends.
pub fn split_query(query: &str) -> Vec<(String, String)> {
    let query = query.split_once('?').map_or(query, |(_, query)| query);
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (key, text) = part.split_once('=').unwrap_or((part, ""));
            (unpercent(key), unpercent(text))
        })
        .collect()
}

/// Not inlined: a reader at each of its places makes the module larger.
#[inline(never)]
fn whole_number(text: &str, most: u64) -> Option<u64> {
    text.parse().ok().filter(|n| *n <= most)
}

/// All but what a query may hold as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn percent(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

fn unpercent(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Acts with ~ between them. A stroke goes on with a place alone: `0p2.0.9.9.255~9.12` paints twice.
fn write_record(acts: &[(u64, Act)]) -> String {
    let mut stroke = None;
    let parts = acts.iter().map(|(step, act)| {
        let before = std::mem::replace(&mut stroke, painting(*step, act));
        match act {
            Act::Touch(Gesture::Paint { x, y, .. }) if before == stroke => format!("{x}.{y}"),
            _ => write_act(*step, act),
        }
    });
    parts.collect::<Vec<_>>().join("~")
}

/// What a stroke keeps: its step, view, item and value.
fn painting(step: u64, act: &Act) -> Option<(u64, u8, u16, u8)> {
    match *act {
        Act::Touch(Gesture::Paint { view, item, value, .. }) => Some((step, view, item, value)),
        _ => None,
    }
}

/// `12d2.2048.1024` is: at step 12, dragged in view 2 to (2048, 1024).
fn write_act(step: u64, act: &Act) -> String {
    match act {
        Act::Touch(Gesture::Drag { view, x, y }) => format!("{step}d{view}.{x}.{y}"),
        Act::Touch(Gesture::Paint { view, item, x, y, value }) => {
            format!("{step}p{view}.{item}.{x}.{y}.{value}")
        }
        Act::Touch(Gesture::Wipe { view, item }) => format!("{step}w{view}.{item}"),
        Act::Set(param, value) => format!("{step}s{}:{}", param.name, param.write(value)),
    }
}

#[inline(never)]
fn read_record(record: &str, entry: &'static Entry) -> Result<Vec<(u64, Act)>, Fault> {
    let mut acts: Vec<(u64, Act)> = Vec::new();
    for part in record.split('~').filter(|part| !part.is_empty()) {
        let (step, act) = read_act(part, entry)
            .or_else(|| go_on(part, acts.last()?))
            .ok_or_else(|| Fault::new("do", part, "must be moves such as 0d2.2048.1024 with ~ between them"))?;
        if step > entry.steps || acts.last().is_some_and(|(last, _)| *last > step) {
            return Err(Fault::new("do", part, "must come in the order of the steps and end with the run"));
        }
        acts.push((step, act));
    }
    Ok(acts)
}

/// A place alone goes on with the stroke before it.
fn go_on(part: &str, (step, act): &(u64, Act)) -> Option<(u64, Act)> {
    let (step, view, item, value) = painting(*step, act)?;
    let (x, y) = part.split_once('.')?;
    let place = |text: &str| Some(whole_number(text, GRAIN.into())? as u16);
    Some((step, Act::Touch(Gesture::Paint { view, item, x: place(x)?, y: place(y)?, value })))
}

/// Not inlined, as it is asked for at ten places.
#[inline(never)]
fn next_number(numbers: &mut std::str::Split<char>, most: u16) -> Option<u16> {
    Some(whole_number(numbers.next()?, most.into())? as u16)
}

#[inline(never)]
fn read_act(part: &str, entry: &'static Entry) -> Option<(u64, Act)> {
    let act = part.trim_start_matches(|c: char| c.is_ascii_digit());
    let step = whole_number(part.strip_suffix(act)?, u64::MAX)?;
    let mut rest = act.chars();
    let (kind, rest) = (rest.next()?, rest.as_str());
    if kind == 's' {
        let (name, text) = rest.split_once(':')?;
        let param = entry.param(name)?;
        return Some((step, Act::Set(param, param.parse(text).ok()?)));
    }
    let mut numbers = rest.split('.');
    let mut number = |most| next_number(&mut numbers, most);
    let gesture = match kind {
        'd' => Gesture::Drag { view: number(255)? as u8, x: number(GRAIN)?, y: number(GRAIN)? },
        'p' => Gesture::Paint {
            view: number(255)? as u8,
            item: number(u16::MAX)?,
            x: number(GRAIN)?,
            y: number(GRAIN)?,
            value: number(255)? as u8,
        },
        'w' => Gesture::Wipe { view: number(255)? as u8, item: number(u16::MAX)? },
        _ => return None,
    };
    numbers.next().is_none().then_some((step, Act::Touch(gesture)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_survive_escaping() {
        let text = "a b&c=ß~.%";
        assert_eq!(percent(text), "a%20b%26c%3D%C3%9F~.%25");
        assert_eq!(unpercent(&percent(text)), text);
        assert_eq!(unpercent("a+b%2B"), "a b+");
        assert_eq!(split_query("?a=1&&b"), [("a".into(), "1".into()), ("b".into(), String::new())]);
        assert_eq!(unpercent("%zz%4"), "%zz%4");
    }

    #[test]
    fn a_stroke_is_written_once_and_then_only_where_it_goes() {
        let entry = catalogue::find("hebb-letters").unwrap();
        let text = "0p1.0.9.9.255~9.12~10.13~0p1.0.9.9.0~3p1.0.9.9.0~4096.0";
        let acts = read_record(text, entry).unwrap();
        assert_eq!(acts.len(), 6);
        assert_eq!(write_record(&acts), text);
        for bad in ["9.12", "0w1.0~9.12", "0p1.0.9.9.255~9.5000", "0p1.0.9.9.255~9", "0p1.0.9.9.255~9.1.1"] {
            assert!(read_record(bad, entry).is_err(), "{bad}");
        }
    }
}
