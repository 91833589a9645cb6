//! One-shot storing of digits in one macrocolumn of binary weights (Rinkus and Leveille 2017).
//!
//! A step stores one digit, or none once all are stored, and measures a little elsewhere: probes of one stored item, for the
//! closed form of code overlaps, and one macrocolumn filled with random items, for its room.
use crate::{
    data::{self, File},
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Fault, GRAIN, Gesture, Glyphs, Hand, Live, Mark, Metric, Paper, Param,
        Place, Plot, Preset, Prose, Series, Shape, Start, Status, Values, View, Wing,
    },
    math::{
        decimal::fixed,
        order::rank_correlation,
        rng::{Rng, Stream},
    },
    model::memory::sparsey::{self, Code, Curve, Macrocolumn, alike, nearest, random_input, shared},
};
use std::{cell::OnceCell, rc::Rc};

static MEMORIES: Param =
    Param::int("memories", "Digits", (2, 20, 200), "How many digits are stored, one in each step.");
static MODULES: Param = Param::int("modules", "Modules Q", (4, 24, 70), "A code has one winner in each module.");
static UNITS: Param = Param::int("units", "Units K", (2, 8, 32), "How many units compete in a module.");
static INPUTS: Param = Param::int(
    "inputs",
    "Random: bits F",
    (100, 144, 784),
    "How many input bits the random items have, from which the room and the closed form are measured.",
);
static ACTIVE: Param =
    Param::int("active", "Random: active |x|", (5, 20, 50), "How many of their bits are active in each random item.");
static PAIR: Param = Param::picks(
    "pair",
    "Input between",
    2,
    &[],
    "The two digits that the input lies between: the first two, or two that you pick.",
);
static MORPH: Param = Param::share(
    "morph",
    "Morph",
    (0.0, 0.0, 1.0),
    "How far the input has gone from the one digit to the other, point by point.",
)
.ends("the one", "the other");
static RANGE: Param = Param::float("chi", "Range χ", (0.0, 20.0, 100.0), "How much a known code is preferred.");
static LATENESS: Param =
    Param::float("gamma", "Lateness γ", (0.5, 2.0, 6.0), "How much has to be familiar before that counts.");
static STEEPNESS: Param =
    Param::float("lambda", "Steepness λ", (1.0, 28.0, 60.0), "How sharply evidence is told from none.");
static MIDDLE: Param = Param::float("mid", "Middle", (0.1, 0.5, 0.9), "How much evidence is half of the way.");
static CUE: Param =
    Param::images("cue", "Your picture", 1, "A picture of yours as the input. It stays on this machine.");

pub static ENTRY: Entry = Entry {
    id: "sparsey",
    wing: Wing::Memory,
    prose: Prose {
        title: "Similar in, similar code",
        paper: Some(Paper {
            title: "Superposed Episodic and Semantic Memory via Sparse Distributed Representation",
            authors: "Rinkus and Leveille",
            year: 2017,
            link: "https://arxiv.org/abs/1710.07829",
        }),
        card: "Each item is stored at one look. Similar items get similar codes.",
        lead: "Morph one digit into another: the code changes a little at a time. Nothing was trained: each was seen once.",
        about: &[
            "Units compete in modules, one winner in each. The winners of all modules are the code of an input, and storing it \
             only switches weights on, from its points to its winners. That takes one look. The last item costs as many operations as \
             the first, for nothing is searched. Nor does anything fall, so there is no energy to draw.",
            "How the winners are drawn is the trick. The column first asks how familiar the input is as a whole. To something \
             new all units are equal, so the code is random. The more familiar it is, the steeper the curve from evidence to \
             chance becomes, and the old winners come back. Between the two a part of them does: similar inputs get similar codes.",
            "All items lie on top of each other in the same weights. What they have in common is stored with them and costs \
             nothing more. But weights are never switched off: beyond a fill of 0.4 the column is full, and items no longer come back.",
            "The law of similar codes is exact for a column with one item, and measured so here. Of the digits, stored on top of each \
             other, it says little: they share so many points that all of them look familiar, and any two codes share half of \
             their winners, alike or not. The scatter shows it.",
            "The class of an unseen digit can be read from the nearest code, but in one column what digits share swamps what tells \
             them apart: the nearest picture tells more. Over seeds 1 to 3 the nearest code calls 7 to 9 of 60 digits right, and with a \
             flat curve, where known digits have no say in new codes, 20 to 28. The paper stacks many columns; this page has one, \
             and says nothing about how well they do on digits.",
        ],
        formulas: &[
            r"V = \frac{u}{|x|}, \qquad G = \frac1Q \sum_q \max_k V_{qk}",
            r"\eta = 1 + \chi K \left( \frac{[G - G_0]_+}{1 - G_0} \right)^{\gamma}",
            r"\psi(V) = 1 + \frac{\eta - 1}{1 + e^{-\lambda (V - \text{mid})}}",
            r"p_k = \frac{\psi_k}{\sum_j \psi_j}",
            r"\langle \text{shared winners} \rangle = Q \, \frac{\psi(v)}{\psi(v) + (K - 1) \, \psi(0)}, \qquad G = v",
        ],
        symbols: &[
            ("Q, K", "modules, and units in each"),
            ("|x|", "active points of the input"),
            ("u", "those of them from which a unit has a weight"),
            ("V", "a unit's evidence, from 0 to 1"),
            ("G", "how familiar the input is; $G_0 = 0.1$"),
            (r"\eta, \psi", "the height of the curve, and the curve"),
            ("v", "the share of its points that a probe has in common with the one stored item; the last formula is for one"),
        ],
        words: "sparse distributed representation one-shot episodic semantic macrocolumn winner code familiarity superposition rinkus",
    }
    .told(),
    params: &[
        &MEMORIES, &PAIR, &MORPH, &MODULES, &UNITS, &INPUTS, &ACTIVE, &RANGE, &LATENESS, &STEEPNESS, &MIDDLE, &CUE,
    ],
    metrics: &[
        Metric::new("familiarity", "familiarity", "How familiar this step's digit was before it was stored."),
        Metric::new("recalled", "recalled", "The share of the stored digits whose code is the one of most evidence."),
        Metric::new("fill", "fill", "The share of all weights that are on."),
        Metric::new("shared", "shared", "Winners that the input shares with the nearest stored code."),
        Metric::new("told", "classes told", "The share of unseen digits whose class the nearest code tells."),
    ],
    presets: &[
        Preset::new("Twenty digits", "Stored one after another, and most come back.", &[]),
        Preset::new("Half-way", "Between two digits the code shares winners with both, and with others that look like them.", &[("morph", "0.5")]),
        Preset::new("Too many", "After a hundred digits nearly everything looks familiar.", &[("memories", "100")]),
        Preset::new(
            "Sharper",
            "More units and a later curve: codes of sixty digits share less.",
            &[("memories", "60"), ("units", "32"), ("mid", "0.8")],
        ),
        Preset::new(
            "Room for hundreds",
            "Two hundred random items all come back where there are more bits and modules.",
            &[("modules", "50"), ("units", "16"), ("inputs", "400")],
        ),
        Preset::new(
            "Larger still",
            "Seventy modules of twenty, items of 40 points in 784: twice as many are too many.",
            &[("modules", "70"), ("units", "20"), ("inputs", "784"), ("active", "40")],
        ),
        Preset::new(
            "No familiarity",
            "With a flat curve every input gets a new random code, even one that is known.",
            &[("chi", "0")],
        ),
    ],
    steps: 200,
    log_steps: false,
    pace: 8.0,
    thumbnail: GRID,
    files: |values| data::digit_files(values.int(&MEMORIES) + UNSEEN),
    start: begin,
};

const SIDE: usize = 14;
const POINTS: usize = SIDE * SIDE;
/// Points of a picture that are active at most: its darkest.
const DARKEST: usize = 28;
/// Digits that are never stored, from which classes are read.
const UNSEEN: usize = 60;

/// Two digits out of so many are dots in the scatter, at most.
const SCATTERED: usize = 40;
/// Shares of the stored item's bits in the probes, and probes at each in a step, for so many steps.
const SHARES: [f64; 10] = [0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
const PROBES: usize = 5;
const PROBING: u64 = 40;
/// Random items in the macrocolumns that are filled, and how many of these there are for each. Where hardly any of half as
/// many came back it is not tried.
const LOADS: [usize; 8] = [10, 25, 50, 100, 200, 400, 800, 1600];
const COLUMNS: usize = 5;
const HARDLY: f64 = 0.05;
/// Modules and units, bits and active ones, how many items all come back, and how many are too many: at most such a share.
type Figure = ((usize, usize), (usize, usize), usize, usize, f64);
const FIGURES: [Figure; 3] =
    [((24, 8), (144, 20), 25, 100, 0.3), ((50, 16), (400, 20), 200, 400, 0.7), ((70, 20), (784, 40), 200, 400, 0.5)];
/// Two of the items of a column that is filled far beyond its room: what they cost is compared.
const FIRST_ITEM: usize = 10;
const LAST_ITEM: usize = 1600;
/// The fill from which the lamp is on.
const FULL: f64 = 0.4;

const STRIP: usize = 0;
const GRID: usize = 1;
const TRIO: usize = 2;
const ALIKE: usize = 3;
const CURVE: usize = 4;
const SCATTER: usize = 5;
const WAY: usize = 6;

/// The curve of the defaults.
const FIRST: Curve = Curve { range: 20.0, lateness: 2.0, steepness: 28.0, middle: 0.5 };

/// What no slider changes: digits in black and white, as their active points.
struct Digits {
    stored: Vec<Vec<u16>>,
    names: Vec<String>,
    unseen: Vec<Vec<u16>>,
    unseen_names: Vec<String>,
    own: Option<Vec<u16>>,
    rng: Rng,
}

#[derive(Clone)]
struct Sparsey {
    digits: Rc<Digits>,
    size: (usize, usize),
    /// Input bits of the random items, and how many are active.
    random: (usize, usize),
    curve: Curve,
    chance: Stream,
    column: Macrocolumn,
    codes: Vec<Code>,
    /// How alike inputs and codes of two digits are; see [`Sparsey::likeness`].
    likeness: Rc<OnceCell<(f64, f64)>>,
    steps: u64,
    familiarity: f64,
    recalled: f64,
    /// Of the unseen digits, those whose class the nearest code tells, and the nearest picture.
    read_out: (usize, usize),
    /// The input, its code, and what it meets.
    input: Vec<u16>,
    code: Code,
    met: f64,
    /// For each share, the sum of the code overlaps of its probes.
    probes: [f64; SHARES.len()],
    probed: usize,
    /// For each load the recalled shares and the fills.
    room: Vec<Vec<(f64, f64)>>,
    /// A column that is given one random item after another, how many it has, and what two of them cost.
    endless: Macrocolumn,
    endless_items: usize,
    costs: (usize, usize),
}

/// The darkest points of a picture.
fn active(ink: &[f32]) -> Vec<u16> {
    let mut points: Vec<u16> = (0..ink.len() as u16).filter(|i| ink[usize::from(*i)] > 0.2).collect();
    points.sort_by(|a, b| ink[usize::from(*b)].total_cmp(&ink[usize::from(*a)]).then(a.cmp(b)));
    points.truncate(DARKEST);
    points.sort_unstable();
    points
}

fn begin(start: &Start) -> Begun {
    let count = start.values.int(&MEMORIES);
    let files = (ENTRY.files)(start.values);
    let read = data::digits(files.into_iter().map(|file: &'static File| start.inputs.file(file)), count + UNSEEN);
    let wanted = "must be a readable file of pictures";
    let digits = read.map_err(|error| Fault::new(MEMORIES.name, &error.to_string(), wanted))?;
    let mut bits: Vec<Vec<u16>> = (0..digits.len()).map(|i| active(&digits.halved(i))).collect();
    let mut names = digits.names;
    let digits = Digits {
        unseen: bits.split_off(count.min(bits.len())),
        stored: bits,
        unseen_names: names.split_off(count.min(names.len())),
        names,
        own: start.inputs.squares(&CUE, SIDE)?.pop().map(|ink| active(&ink)),
        rng: start.rng.clone(),
    };
    Ok(Box::new(Sparsey::new(Rc::new(digits), start.values)))
}

/// The way from one digit to another: points of one alone leave and points of the other alone join, in a fixed order.
fn morph(a: &[u16], b: &[u16], share: f64, rng: &Rng) -> Vec<u16> {
    let mut differing: Vec<u16> =
        a.iter().filter(|i| !b.contains(i)).chain(b.iter().filter(|i| !a.contains(i))).copied().collect();
    rng.stream("morph").shuffle(&mut differing);
    let turned = &differing[..(share * differing.len() as f64 + 0.5) as usize];
    let mut out: Vec<u16> = (0..POINTS as u16).filter(|i| a.contains(i) != turned.contains(i)).collect();
    out.sort_unstable();
    out
}

impl Sparsey {
    fn new(digits: Rc<Digits>, values: &Values) -> Self {
        let size = (values.int(&MODULES), values.int(&UNITS));
        let curve = Curve {
            range: values.float(&RANGE),
            lateness: values.float(&LATENESS),
            steepness: values.float(&STEEPNESS),
            middle: values.float(&MIDDLE),
        };
        let mut run = Self {
            chance: digits.rng.stream("winners"),
            column: Macrocolumn::new(POINTS, size.0, size.1),
            codes: Vec::new(),
            likeness: Rc::default(),
            steps: 0,
            familiarity: 0.0,
            recalled: 0.0,
            read_out: (0, 0),
            input: Vec::new(),
            code: Vec::new(),
            met: 0.0,
            probes: [0.0; SHARES.len()],
            probed: 0,
            room: vec![Vec::new(); LOADS.len()],
            endless: Macrocolumn::new(values.int(&INPUTS), size.0, size.1),
            endless_items: 0,
            costs: (0, 0),
            digits,
            size,
            random: (values.int(&INPUTS), values.int(&ACTIVE)),
            curve,
        };
        // The first is there from the start, so that there is something to be like.
        run.store(0);
        run.choose_input(values);
        run
    }

    fn choose_input(&mut self, values: &Values) {
        let last = self.digits.stored.len() - 1;
        let mut ends = values.items(&PAIR).map(|item| item.min(last));
        let a = ends.next().unwrap_or(0);
        let b = ends.next().unwrap_or(usize::from(a != 1));
        let stored = &self.digits.stored;
        self.input = match &self.digits.own {
            Some(own) => own.clone(),
            None => morph(&stored[a], &stored[b], values.float(&MORPH), &self.digits.rng),
        };
        self.look();
    }

    /// The input's code. The same numbers are drawn each time, so that it changes only as far as the input does.
    fn look(&mut self) {
        let evidence = self.column.meet(&self.input);
        let mut draws = self.digits.rng.stream("input");
        self.code = self.column.draw(&evidence, &self.curve, std::iter::repeat_with(|| draws.uniform()));
        self.met = evidence.familiarity;
    }

    /// The stored item with the nearest code.
    fn nearest(&self) -> Option<usize> {
        nearest(&self.code, self.codes.iter().map(Vec::as_slice))
    }

    fn store(&mut self, i: usize) {
        let digits = Rc::clone(&self.digits);
        let item = &digits.stored[i];
        self.familiarity = self.column.meet(item).familiarity;
        let chance = &mut self.chance;
        let (code, _) = self.column.store(item, &self.curve, std::iter::repeat_with(|| chance.uniform()));
        self.codes.push(code);
        if self.codes.len() <= SCATTERED {
            self.likeness = Rc::default();
        }
        let find = |item: &[u16], chance: &mut Stream| {
            let found = self.column.best(&self.column.meet(item), chance);
            nearest(&found, self.codes.iter().map(Vec::as_slice))
        };
        let stored = &digits.stored[..self.codes.len()];
        let back = stored.iter().enumerate().filter(|(i, item)| find(item, &mut self.chance) == Some(*i)).count();
        self.recalled = back as f64 / stored.len() as f64;
        let common = |a: &[u16], b: &[u16]| 2 * a.iter().filter(|i| b.contains(i)).count() as i32 - b.len() as i32;
        let right = |found: Option<usize>, name: &String| found.is_some_and(|i| digits.names[i] == *name);
        let unseen = || digits.unseen.iter().zip(&digits.unseen_names);
        let by_code = unseen().filter(|(item, name)| right(find(item, &mut self.chance), name)).count();
        // Pictures are only needed once: to compare all of them takes longer than all else.
        let by_picture = if self.codes.len() == digits.stored.len() {
            let like =
                |item: &[u16]| (0..stored.len()).max_by_key(|i| (common(item, &stored[*i]), std::cmp::Reverse(*i)));
            unseen().filter(|(item, name)| right(like(item), name)).count()
        } else {
            0
        };
        self.read_out = (by_code, by_picture);
    }

    /// Stores some more random items in a column of their own, and notes what the items of the claim cost.
    fn go_on_storing(&mut self) {
        let mut stream = self.digits.rng.stream(&format!("items {}", self.steps));
        for _ in 0..LAST_ITEM as u64 / PROBING {
            let item = random_input(self.random.0, self.random.1, &mut stream);
            let (_, cost) = self.endless.store(&item, &self.curve, std::iter::repeat_with(|| stream.uniform()));
            self.endless_items += 1;
            match self.endless_items {
                FIRST_ITEM => self.costs.0 = cost,
                LAST_ITEM => self.costs.1 = cost,
                _ => {}
            }
        }
    }

    /// Probes of macrocolumns with one item, at each share of common bits.
    fn probe(&mut self) {
        let ((modules, units), (inputs, active)) = (self.size, self.random);
        let mut stream = self.digits.rng.stream(&format!("probes {}", self.steps));
        for (k, share) in SHARES.into_iter().enumerate() {
            for _ in 0..PROBES {
                let mut column = Macrocolumn::new(inputs, modules, units);
                let item = random_input(inputs, active, &mut stream);
                let code: Code = (0..modules).map(|_| stream.below(units) as u8).collect();
                column.learn(&item, &code);
                let probe = alike(&item, share, inputs, &mut stream);
                let met = column.meet(&probe);
                let found = column.draw(&met, &self.curve, std::iter::repeat_with(|| stream.uniform()));
                self.probes[k] += shared(&code, &found) as f64;
            }
        }
        self.probed += PROBES;
        let k = self.steps as usize % LOADS.len();
        if k == 0 || self.room[k - 1].last().is_some_and(|(share, _)| *share > HARDLY) {
            self.room[k].push(sparsey::recalled(self.random, self.size, LOADS[k], &self.curve, &mut stream));
        }
    }

    /// For every two of the first stored digits, the share of points they have in common and the winners their codes share.
    fn pairs(&self) -> impl Iterator<Item = (f64, usize)> {
        let stored = || self.digits.stored.iter().zip(&self.codes).take(SCATTERED).enumerate();
        stored().flat_map(move |(i, (item, code))| {
            stored().take(i).map(move |(_, (other, known))| {
                let common = item.iter().filter(|point| other.contains(point)).count();
                (common as f64 / item.len().max(other.len()).max(1) as f64, shared(code, known))
            })
        })
    }

    /// The rank correlation of [`Sparsey::pairs`], and how many winners two codes share in the mean. It compares every two pairs, so it is
    /// kept until another digit counts.
    fn likeness(&self) -> (f64, f64) {
        *self.likeness.get_or_init(|| {
            let (common, winners): (Vec<f64>, Vec<f64>) =
                self.pairs().map(|(common, winners)| (common, winners as f64)).unzip();
            let mean = winners.iter().sum::<f64>() / winners.len().max(1) as f64;
            (rank_correlation(&common, &winners), mean)
        })
    }

    fn overlap(&self, k: usize) -> f64 {
        self.probes[k] / self.probed.max(1) as f64
    }

    fn expected(&self, k: usize) -> f64 {
        // The bits of a probe are whole ones.
        let active = self.random.1 as f64;
        let kept = (SHARES[k] * active + 0.5).floor() / active;
        self.curve.expected_overlap(kept, self.size.0, self.size.1)
    }

    fn probing(&self) -> Option<String> {
        (self.steps < PROBING)
            .then(|| format!("{} of {} probes.", SHARES.len() * self.probed, SHARES.len() * PROBES * PROBING as usize))
    }

    fn closed_form(&self) -> Claim {
        let claim = Claim::new(
            "Codes of similar inputs share as many winners as the closed form says.",
            "Rinkus and Leveille 2017, code selection",
        )
        .expect(-4.0, 4.0, "within 4 standard errors")
        .on((-8.0, "8 errors below"), (8.0, "8 above"));
        if let Some(why) = self.probing() {
            return claim.because(why);
        }
        let z = |k: usize| {
            let (q, expected) = (self.size.0 as f64, self.expected(k));
            let error = (expected * (1.0 - expected / q) / self.probed as f64).sqrt();
            (self.overlap(k) - expected) / error.max(1e-9)
        };
        let worst = (0..SHARES.len()).map(z).max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
        claim.measured(worst, format!("at most {} errors", fixed(worst.abs(), 1)))
    }

    fn rises(&self) -> Claim {
        let claim = Claim::new(
            "The more similar the inputs, the more similar the codes.",
            "Rinkus and Leveille 2017, abstract",
        )
        .expect(0.95, 1.0, "rank correlation at least 0.95")
        .on((0.0, "0"), (1.0, "1"));
        if let Some(why) = self.probing() {
            return claim.because(why);
        }
        if self.curve.range <= 0.0 {
            return claim.not_here("A flat curve draws every code anew.");
        }
        let alone = self.size.0 as f64 / self.size.1 as f64;
        let flat = (0..SHARES.len()).filter(|k| self.expected(*k) < 1.1 * alone).count();
        if flat > 3 {
            return claim
                .not_here(format!("Under this curve {flat} of the {} shares are as good as none.", SHARES.len()));
        }
        let overlaps: Vec<f64> = (0..SHARES.len()).map(|k| self.overlap(k)).collect();
        let correlation = rank_correlation(&SHARES, &overlaps);
        claim
            .measured(correlation, fixed(correlation, 3))
            .because("Both ends are flat, and chance may swap neighbours there.")
    }

    /// The figures of columns of this size, where they are known.
    fn figure(&self) -> Option<Figure> {
        let known = |(size, random, ..): &Figure| self.size == *size && self.random == *random;
        FIGURES.into_iter().find(known).filter(|_| self.curve == FIRST)
    }

    /// Operations are counted where they are done, so a search of what is stored would show.
    fn constant(&self) -> Claim {
        let claim = Claim::new(
            "The last of very many items costs as much as one of the first.",
            "Rinkus and Leveille 2017, fixed time",
        )
        .expect(0.0, 1.3, &format!("item {LAST_ITEM} below 1.3 times item {FIRST_ITEM}"))
        .on((0.0, "0"), (2.0, "twice"));
        let (first, last) = self.costs;
        if first == 0 || last == 0 {
            return claim.because(format!("{} of {LAST_ITEM} items are stored.", self.endless_items));
        }
        let ratio = last as f64 / first as f64;
        claim.measured(ratio, format!("{last} operations against {first}"))
    }

    /// What share of random items comes back, held against what it was in a prototype; `most` of them are too many.
    fn holds(&self, most: bool) -> Claim {
        let (.., few, many, left) = self.figure().unwrap_or(FIGURES[0]);
        let (load, says, (from, to), text) = if most {
            (many, format!("{many} are too many."), (0.0, left), format!("below {}", fixed(left, 1)))
        } else {
            (few, format!("{few} random items all come back."), (0.97, 1.0), "at least 0.97".into())
        };
        let claim = Claim::new(&says, "Rinkus and Leveille 2017; our reference simulation")
            .expect(from, to, &text)
            .on((0.0, "0"), (1.0, "1"));
        if self.figure().is_none() {
            return claim.not_here("Figures are known for columns as in the presets with 24, 50 and 70 modules, and the curve of the defaults.");
        }
        if let Some(why) = self.probing() {
            return claim.because(why);
        }
        let k = LOADS.iter().position(|known| *known == load).unwrap_or(0);
        let shares = self.room[k].iter().map(|(share, _)| share);
        let mean = shares.sum::<f64>() / self.room[k].len().max(1) as f64;
        claim.measured(mean, fixed(mean, 2))
    }
}

impl Experiment for Sparsey {
    fn views(&self) -> Vec<View> {
        let (modules, units) = self.size;
        let strip = Glyphs {
            weighted: Some("shared winners"),
            ringed: Some("nearest code"),
            picks: Some(PAIR.name),
            ..Glyphs::new(SIDE, SIDE, self.digits.names.clone())
        };
        let grid = Shape::Heatmap {
            rows: units as u32,
            cols: modules as u32,
            row_name: "unit",
            col_name: "module",
            ends: ("another winner", "as the nearest"),
        };
        let names = ["Input", "Nearest", "In its code"].map(str::to_owned);
        let trio = Glyphs { paint: Some(0), ..Glyphs::new(SIDE, SIDE, names.into()) };
        let alike = Shape::Lines {
            x: Axis::linear("share of common points v", 0.0, 1.0),
            y: Axis::linear("shared winners", 0.0, modules as f64),
            series: vec![Series::curve("measured", SHARES.len()), Series::reference("closed form", SHARES.len())],
            marks: Vec::new(),
            field: None,
        };
        let top = self.curve.height(1.0, units);
        let curve = Shape::Lines {
            x: Axis::linear("evidence V", 0.0, 1.0),
            y: Axis::linear("ψ", 0.0, top),
            series: vec![Series::curve("this input", 51), Series::reference("a known input", 51)],
            marks: vec![Mark { at: self.curve.middle, label: "mid".into() }],
            field: None,
        };
        let scatter = Shape::Lines {
            x: Axis::linear("share of common points", 0.0, 1.0),
            y: Axis::linear("shared winners", 0.0, modules as f64),
            series: vec![Series::dots("two digits", SCATTERED * (SCATTERED - 1) / 2)],
            marks: Vec::new(),
            field: None,
        };
        let way = Shape::over_steps(
            Axis::linear("step", 0.0, self.due().unwrap_or(0) as f64),
            Axis::linear("share", 0.0, 1.0),
            &[("recalled", "recalled"), ("familiarity", "familiar"), ("fill", "fill")],
        );
        let room = Shape::Lines {
            x: Axis::log("random items stored, log scale", 10.0, 1600.0),
            y: Axis::linear("share", 0.0, 1.0),
            series: vec![
                Series::spread("recalled", LOADS.len()),
                Series::curve("fill", LOADS.len()),
                Series::reference("full", 2),
            ],
            marks: Vec::new(),
            field: None,
        };
        vec![
            View::new("Digits", Place::Full, Shape::Glyphs(strip)),
            View::new("Winners", Place::Main, grid).moving(),
            View::new("Input and code", Place::Side, Shape::Glyphs(trio)).hand(Hand::Now).moving(),
            View::new("Similar in, similar code", Place::Main, alike),
            View::new("From evidence to chance", Place::Side, curve),
            View::new("Every two digits", Place::Side, scatter),
            View::new("Storing", Place::Main, way),
            View::new("Room", Place::Main, room),
        ]
    }

    fn ground(&self, view: usize, out: &mut [f32]) {
        if view == STRIP {
            for (pixels, item) in out.chunks_mut(POINTS).zip(&self.digits.stored) {
                item.iter().for_each(|i| pixels[usize::from(*i)] = 1.0);
            }
        }
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let (modules, units) = self.size;
        let nearest = self.nearest();
        match view {
            STRIP => {
                slot.fill(0.0);
                slot[0] = nearest.map_or(-1.0, |i| i as f32);
                let overlaps = self.codes.iter().map(|code| shared(code, &self.code) as f32 / modules as f32);
                slot[1..].iter_mut().zip(overlaps).for_each(|(s, overlap)| *s = overlap);
            }
            GRID => {
                let evidence = self.column.meet(&self.input);
                for (q, module) in evidence.units.chunks(units).enumerate() {
                    for (k, v) in module.iter().enumerate() {
                        slot[k * modules + q] = 0.25 * *v as f32;
                    }
                    let winner = usize::from(self.code[q]);
                    let agrees = nearest.is_some_and(|i| usize::from(self.codes[i][q]) == winner);
                    slot[winner * modules + q] = if agrees { 1.0 } else { -1.0 };
                }
            }
            TRIO => {
                slot.fill(0.0);
                let (pictures, marks) = slot.split_at_mut(3 * POINTS);
                marks[0] = -1.0;
                self.input.iter().for_each(|i| pictures[usize::from(*i)] = 1.0);
                if let Some(i) = nearest {
                    self.digits.stored[i].iter().for_each(|i| pictures[POINTS + usize::from(*i)] = 1.0);
                }
                pictures[2 * POINTS..].iter_mut().zip(self.column.under(&self.code)).for_each(|(p, x)| *p = x);
            }
            ALIKE => {
                let mut plot = Plot::new(slot, -1.0);
                let probed = self.probed > 0;
                plot.curve(
                    SHARES.len(),
                    (0..SHARES.len()).filter(|_| probed).map(|k| [SHARES[k] as f32, self.overlap(k) as f32]),
                );
                plot.curve(SHARES.len(), (0..SHARES.len()).map(|k| [SHARES[k] as f32, self.expected(k) as f32]));
            }
            CURVE => {
                let mut plot = Plot::new(slot, -1.0);
                for familiarity in [self.met, 1.0] {
                    let height = self.curve.height(familiarity, units);
                    let at = |i: usize| i as f64 / 50.0;
                    plot.curve(51, (0..51).map(|i| [at(i) as f32, self.curve.weight(at(i), height) as f32]));
                }
            }
            SCATTER => {
                let pairs = self.pairs().map(|(common, winners)| [common as f32, winners as f32]);
                Plot::new(slot, -1.0).curve(SCATTERED * (SCATTERED - 1) / 2, pairs);
            }
            WAY => {}
            _ => {
                let mut plot = Plot::new(slot, -1.0);
                let measured = || LOADS.iter().zip(&self.room).filter(|(_, columns)| !columns.is_empty());
                plot.curve(
                    LOADS.len(),
                    measured().map(|(load, columns)| {
                        let shares = columns.iter().map(|(share, _)| *share);
                        let mean = shares.clone().sum::<f64>() / columns.len() as f64;
                        let (least, most) = shares.fold((1.0, 0.0), |(a, b): (f64, f64), x| (a.min(x), b.max(x)));
                        [*load as f32, mean as f32, least as f32, most as f32]
                    }),
                );
                plot.curve(
                    LOADS.len(),
                    measured().map(|(load, columns)| {
                        let fill = columns.iter().map(|(_, fill)| fill).sum::<f64>() / columns.len() as f64;
                        [*load as f32, fill as f32]
                    }),
                );
                plot.curve(2, [[10.0, FULL as f32], [1600.0, FULL as f32]]);
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let (modules, units) = self.size;
        let stored = self.codes.len();
        let nearest = self.nearest().map(|i| (&self.digits.names[i], shared(&self.codes[i], &self.code)));
        match view {
            STRIP => format!(
                "{stored} of {} digits are stored, each seen once. Pick two to morph between.",
                self.digits.names.len()
            ),
            GRID => match nearest {
                Some((name, count)) => format!(
                    "One winner in each of {modules} modules. {count} are also those of {name}, in blue; the others are magenta. Faint blue is evidence."
                ),
                None => format!(
                    "One winner in each of {modules} modules of {units}, drawn by chance: nothing is stored yet."
                ),
            },
            TRIO => format!(
                "Familiarity {}. Nearest is the digit with the nearest code. Right: each point as dark as winners have weights from it. Paint on the input.",
                fixed(self.met, 2)
            ),
            ALIKE => format!(
                "Columns with one random item of {} points, {} probes. Chance alone shares {} winners.",
                self.random.1,
                SHARES.len() * self.probed,
                fixed(modules as f64 / units as f64, 0)
            ),
            CURVE if self.curve.range <= 0.0 => "Flat, however familiar: every code is drawn anew.".into(),
            CURVE if self.met < 0.5 => {
                format!("Familiarity {}: nearly flat, so the code is nearly random.", fixed(self.met, 2))
            }
            CURVE => {
                let winners = nearest.map_or(0, |(_, winners)| winners);
                format!(
                    "Familiarity {}: steep, so known winners come back. {winners} of {modules} are those of the nearest code; \
                     other digits have left weights to the rest.",
                    fixed(self.met, 2)
                )
            }
            SCATTER if stored < 3 => "Each dot will be two of the stored digits.".into(),
            SCATTER => {
                let (correlation, winners) = self.likeness();
                format!(
                    "Each dot is two of the first {} stored digits. Rank correlation {}, {} winners shared in the mean; chance alone \
                     shares {}. The law is for one stored item; a column with many finds every digit familiar.",
                    stored.min(SCATTERED),
                    fixed(correlation, 2),
                    fixed(winners, 0),
                    fixed(modules as f64 / units as f64, 0)
                )
            }
            WAY => {
                let lamp = if self.column.fill() > FULL { " Full!" } else { "" };
                let (by_code, by_picture) = self.read_out;
                let pictures = if stored == self.digits.stored.len() {
                    format!(", by the nearest picture {by_picture}")
                } else {
                    String::new()
                };
                format!(
                    "{} % come back, {} % of the weights are on.{lamp} Of {UNSEEN} unseen digits the nearest code calls {by_code} right{pictures}.",
                    fixed(100.0 * self.recalled, 0),
                    fixed(100.0 * self.column.fill(), 0)
                )
            }
            _ => format!(
                "Random items of {} points in {}. Whiskers reach from the worst of {COLUMNS} columns to the best. Where hardly any come back more are not tried.",
                self.random.1, self.random.0
            ),
        }
    }

    fn step(&mut self) -> Status {
        if self.codes.len() < self.digits.stored.len() {
            self.store(self.codes.len());
        }
        if self.steps < PROBING {
            self.probe();
            self.go_on_storing();
        }
        self.steps += 1;
        self.look();
        if Some(self.steps) >= self.due() { Status::Ended("stored") } else { Status::Running }
    }

    fn measure(&self, out: &mut [f32]) {
        out[0] = self.familiarity as f32;
        out[1] = self.recalled as f32;
        out[2] = self.column.fill() as f32;
        out[3] = self.nearest().map_or(0.0, |i| shared(&self.codes[i], &self.code) as f32);
        out[4] = self.read_out.0 as f32 / UNSEEN as f32;
    }

    fn touch(&mut self, gesture: &Gesture) {
        let share = |part: u16| f64::from(part) / f64::from(GRAIN);
        match *gesture {
            Gesture::Paint { item: 0, x, y, value, .. } => {
                let mut ink = vec![0.0; POINTS];
                self.input.iter().for_each(|i| ink[usize::from(*i)] = 1.0);
                data::paint(&mut ink, SIDE, SIDE, (share(x), share(y)), f32::from(value) / 255.0);
                self.input = active(&ink);
            }
            Gesture::Wipe { item: 0, .. } => self.input.clear(),
            _ => return,
        }
        self.look();
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&MORPH) || param.is(&PAIR) {
            self.choose_input(values);
            return Live::Now;
        }
        if param.is(&MEMORIES) || param.is(&CUE) {
            return Live::Restart;
        }
        *self = Self::new(Rc::clone(&self.digits), values);
        Live::Again
    }

    fn due(&self) -> Option<u64> {
        Some(PROBING.max(self.digits.stored.len() as u64))
    }

    fn claims(&self) -> Vec<Claim> {
        vec![self.closed_form(), self.rises(), self.constant(), self.holds(false), self.holds(true)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=sparsey&{query}"), ENTRY.steps)
    }

    #[test]
    fn the_figures_of_one_column_hold_over_seeds() {
        for seed in 1..=3 {
            let claims = run(&format!("seed={seed}")).claims();
            assert!(claims.iter().all(|claim| claim.verdict() == Verdict::Agrees), "seed {seed}: {claims:?}");
        }
        for settings in ["chi=0", "units=32&mid=0.8&memories=60", "modules=6", "morph=0.5&gamma=6"] {
            for claim in run(settings).claims() {
                assert_ne!(claim.verdict(), Verdict::Differs, "{settings}: {claim:?}");
            }
        }
    }

    #[test]
    fn a_code_changes_as_far_as_the_input_does() {
        let mut session = run("");
        let set = |session: &mut Session, share: f64| {
            session.set(&[("morph".to_owned(), share.to_string())]).unwrap();
            session.metrics()[3]
        };
        let shared = [0.0, 0.5, 1.0].map(|share| set(&mut session, share));
        assert!(shared[0] > 10.0 && shared[2] > 10.0, "{shared:?}");
    }

    #[test]
    fn twenty_digits_come_back_and_a_hundred_do_not() {
        assert!(run("").metrics()[1] > 0.9);
        assert!(run("memories=100").metrics()[1] < 0.5);
    }

    #[test]
    fn a_blank_input_is_met_by_nothing() {
        let mut session = run("");
        session.touch(Gesture::Wipe { view: TRIO as u8, item: 0 }).unwrap();
        assert!(session.captions()[TRIO].starts_with("Familiarity 0.00"));
    }
}
