//! What is left of a memory when its couplings are cut: the smallest, any, some of each four, or those of whole units.
//!
//! A binary network of 28 x 28 units stores pictures by one of three rules; a share of its couplings is removed, and
//! pictures are recalled from spoilt cues. Beside it the theory of random dilution: signal falls with the density of the
//! couplings, noise with its root (Sompolinsky 1986).
use crate::{
    data::{self, File},
    lab::{
        Axis, Begun, Claim, Descent, Entry, Experiment, Fault, GRAIN, Gesture, Glyphs, Live, Map, Metric, Noise, PLANE,
        Paper, Param, Place, Plot, Preset, Prose, Reach, Series, Shape, Start, Status, Values, View, Way, Wing,
        study::{Study, Trial},
    },
    math::{
        decimal::{fixed, percent},
        mat::Mat,
        rng::{Rng, Stream},
    },
    model::memory::{
        atlas::{Atlas, EnergyPlane},
        breaking::{self, BROKEN, Search},
        dilution::{self, Cut, Diluted, Order},
        resting::{self, Named, SAME, overlap_among},
        rules::{self, Couplings},
        spins::Spins,
    },
};
use std::{cell::OnceCell, rc::Rc};

static PICTURES: Param = Param::choice(
    "pictures",
    "Patterns",
    &[("digits", "Digits"), ("random", "Random")],
    "Random patterns have nothing in common, and theory speaks of them.",
);
static MEMORIES: Param = Param::int("memories", "Memories", (1, 8, 100), "How many patterns are stored.");
static RULE: Param = Param::choice(
    "rule",
    "Rule",
    &[("projection", "Projection"), ("storkey", "Storkey"), ("hebb", "Hebb")],
    "How the couplings are learnt before they are cut. Hebb's rule is made for random patterns.",
);
static CUT: Param = Param::choice(
    "cut",
    "What goes first",
    &[
        ("smallest", "The smallest"),
        ("random", "Any, by chance"),
        ("of-four", "Some of each four"),
        ("units", "Whole units"),
    ],
    "Of each four couplings side by side some go, as hardware likes it; or all couplings of some units.",
);
static SHARE: Param = Param::share("share", "Share cut", (0.0, 0.8, 0.99), "How much is removed.")
    .ends("all there", "almost nothing left");
static RECALL: Param = Param::int("recall", "Memory to recall", (1, 2, 100), "Counted from the left.");
static FLIPPED: Param = Param::share(
    "flipped",
    "Points flipped",
    (0.0, 0.15, 0.5),
    "The share of points turned over in the cue, chosen by chance.",
)
.ends("clean", "noise");

pub static ENTRY: Entry = Entry {
    id: "pruned-memory",
    wing: Wing::Memory,
    prose: Prose {
        title: "A memory with most couplings cut",
        paper: Some(Paper {
            title: "Neural networks with nonlinear synapses and a static noise",
            authors: "Sompolinsky",
            year: 1986,
            link: "https://doi.org/10.1103/PhysRevA.34.2571",
        }),
        card: "Cut four of five couplings, and the digit still comes back.",
        lead: "Slide the cut. Watch couplings go, and see how long the memory lasts, and which ones it can spare.",
        about: &[
            "A memory is spread over all couplings, so no single one matters. Cut some by chance and the signal for each memory \
             falls with their number, but the noise falls too, with its root. So recall fades late, and then quickly.",
            "Of random patterns the smallest couplings say least: if they go first, far more can go, under each rule, and the more \
             patterns there are the greater the gain. A few digits are different. They leave some points nothing but small \
             couplings, and cuts by chance are as good or better. With projection and some forty digits the smallest are the better choice again. \
             The paper speaks of random patterns, so the claim is held against these only; of digits the card says what was measured.",
            "Room goes with the couplings. Networks beside this one are filled with random patterns until recall breaks, for each way \
             to cut. By Hebb's rule and cuts by chance theory draws the line; the smallest can go with far less loss.",
            "Hardware prefers a fixed number in each group of four. At shares near one nothing is left of any four, and the cue stays \
             as it is.",
            "The map is of the couplings that are left: which cues lead where, and as lines the exact energy. Slide the cut and watch basins shrink.",
            "Cutting whole units is different: what is left is a smaller network that works as before, for the points that it still has.",
        ],
        formulas: &[
            r"m_1 = \operatorname{erf} \sqrt{\frac{c}{2 \alpha}}, \qquad \alpha = P / N",
            r"m = \operatorname{erf} \frac{m}{\sqrt{2 v}}, \qquad v = \frac{\alpha}{(1 - C)^2} + \alpha \frac{1 - c}{c}, \qquad C = \sqrt{\frac{2}{\pi v}} e^{-m^2 / 2 v}",
        ],
        symbols: &[
            ("c", "the share of couplings that is left"),
            (r"\alpha", "the load: patterns for each unit"),
            ("m_1", "the overlap one step after a stored pattern, for Hebb's rule, random patterns and random cuts"),
            ("m", "the overlap after recall, where it began at the pattern: the line of theory"),
            ("v", "the noise at a unit: of the other patterns, and of the cuts"),
            ("C", "how far a unit follows a small push"),
        ],
        words: "pruning sparse dilution magnitude random n:m lesion sompolinsky robustness hopfield",
    }
    .told(),
    params: &[&PICTURES, &MEMORIES, &RULE, &CUT, &SHARE, &RECALL, &FLIPPED, &PLANE],
    metrics: &[
        Metric::new("overlap", "overlap", "Overlap of the state with the memory to recall, over the units that are left."),
        Metric::new("density", "left", "The share of couplings that is left."),
        Metric::new("energy", "energy", "Energy for each unit."),
    ],
    presets: &[
        Preset::new("Most are gone", "Four of five couplings cut, the smallest first.", &[]),
        Preset::new(
            "Many digits",
            "Forty of them: now the smallest are the ones to spare.",
            &[("memories", "40"), ("share", "0.7")],
        ),
        Preset::new("By chance", "The same number, any of them.", &[("cut", "random")]),
        Preset::new("Almost nothing", "One coupling of fifty is left.", &[("share", "0.98")]),
        Preset::new("Half the units", "A smaller network, for the points it still has.", &[("cut", "units"), ("share", "0.5")]),
        Preset::new(
            "Theory",
            "Random patterns by Hebb's rule, cut by chance: signal against noise.",
            &[("pictures", "random"), ("memories", "40"), ("rule", "hebb"), ("cut", "random")],
        ),
    ],
    steps: 240,
    log_steps: false,
    pace: 16.0,
    thumbnail: 1,
    files,
    start: begin,
};

const SIDE: usize = 28;
const N: usize = SIDE * SIDE;
/// Units asked in a step.
const ASKED: usize = N / 16;
/// Rows and columns of the couplings that are drawn as one cell.
const BLOCK: usize = 7;
const CUTS: [(&str, Cut); 4] =
    [("smallest", Cut::Smallest), ("by chance", Cut::Random), ("of four", Cut::OfFour), ("units", Cut::Units)];
/// Shares at which recall is measured, and the most memories that are probed at each.
const SHARES: [f64; 10] = [0.0, 0.25, 0.5, 0.7, 0.8, 0.85, 0.9, 0.94, 0.97, 0.99];
const PROBES: usize = 6;

/// The same by name.
static ARMS: [&str; 4] = [CUTS[0].0, CUTS[1].0, CUTS[2].0, CUTS[3].0];
/// Shares at which the room for random patterns is measured, in how many networks of how many units; and how many numbers of
/// patterns are tried in a step.
const ROOM_SHARES: [f64; 4] = [0.0, 0.5, 0.75, 0.9];
const NETWORKS: usize = 3;
const ROOM_UNITS: usize = 200;
const TRIES: usize = 2;
/// Points of the line of theory there.
const LINE: usize = 20;

const STORED: usize = 0;
const CURVES: usize = 1;
const TRIO: usize = 2;
const ROOM: usize = 3;
const COUPLINGS: usize = 4;
const WAY: usize = 5;
const NOISE: usize = 6;
const MAP: usize = 7;
const ENERGIES: usize = 8;
/// Recalls from ever noisier cues in each step, and the step after which all of them are done.
const RECALLS: usize = 9;
/// Recalls for the map in each step.
const CELLS: usize = 11;
const EXPLORED: u32 = 150;
/// Points of the line of theory.
const POINTS: usize = 64;

fn files(values: &Values) -> Vec<&'static File> {
    match values.choice(&PICTURES) {
        "digits" => data::digit_files(values.int(&MEMORIES)),
        _ => Vec::new(),
    }
}

/// Each way to cut at each share.
fn room_cells() -> Vec<(usize, usize)> {
    (0..ROOM_SHARES.len()).flat_map(|place| (0..CUTS.len()).map(move |arm| (arm, place))).collect()
}

/// More random patterns than a rule holds in the networks of the room.
fn most_patterns(rule: &str) -> usize {
    match rule {
        "hebb" => ROOM_UNITS / 3,
        "storkey" => 2 * ROOM_UNITS / 3,
        _ => ROOM_UNITS,
    }
}

/// How couplings are learnt by a rule.
fn learning(rule: &str) -> fn(&Mat) -> Couplings {
    match rule {
        "storkey" => rules::storkey,
        "hebb" => rules::hebb,
        _ => rules::projection,
    }
}

/// What no cut changes.
struct Whole {
    /// (P, 784).
    patterns: Mat,
    names: Vec<String>,
    random: bool,
    rule: &'static str,
    couplings: Couplings,
    /// In which order couplings go, for each way to cut.
    orders: Vec<Order>,
    /// Share cut and load where theory ends recall, for Hebb's rule and cuts by chance.
    breaking: Vec<[f32; 2]>,
    rng: Rng,
}

#[derive(Clone)]
struct PrunedMemory {
    whole: Rc<Whole>,
    /// Mean overlaps of recalled probes, for each way to cut and each share.
    curves: Rc<Vec<Vec<f32>>>,
    diluted: Rc<Diluted>,
    cut: Cut,
    share: f64,
    flipped: f64,
    /// The overlap one step after the stored patterns; measured when it is first asked for.
    one_step: Rc<OnceCell<f64>>,
    /// How many memories are resting places; counted when it is first asked for.
    still: Rc<OnceCell<usize>>,
    /// The loads where recall breaks, for each way to cut, and the search for the next of them.
    room: Study,
    search: Search,
    /// What was found last for each way to cut.
    last: [usize; CUTS.len()],
    noise: Noise,
    cues: Stream,
    map: Rc<Map>,
    plane: Rc<EnergyPlane>,
    atlas: Atlas,
    way: Way,
    target: usize,
    cue: Vec<f32>,
    spins: Spins,
    chance: Stream,
    descent: Descent,
}

fn begin(start: &Start) -> Begun {
    let (values, count) = (start.values, start.values.int(&MEMORIES));
    let random = values.choice(&PICTURES) == "random";
    let (patterns, names) = if random {
        let patterns = rules::random_patterns(count, N, &mut start.rng.stream("patterns"));
        (patterns.data, (1..=count).map(|k| format!("pattern {k}")).collect())
    } else {
        let read = data::digits(files(values).into_iter().map(|file| start.inputs.file(file)), count);
        let wanted = "must be a readable file of pictures";
        let digits = read.map_err(|error| Fault::new(PICTURES.name, &error.to_string(), wanted))?;
        (rules::from_ink(digits.ink), digits.names)
    };
    let patterns = Mat::new(patterns, names.len(), N);
    let rule = values.choice(&RULE);
    let couplings = learning(rule)(&patterns);
    let mut stream = start.rng.stream("cuts");
    let orders = CUTS.iter().map(|(_, cut)| Order::new(&couplings, *cut, &mut stream)).collect();
    let breaking = if rule == "hebb" { breaking_line() } else { Vec::new() };
    let whole = Rc::new(Whole { patterns, names, random, rule, couplings, orders, breaking, rng: start.rng.clone() });
    let curves = Rc::new(measure(&whole, values.float(&FLIPPED)));
    Ok(Box::new(PrunedMemory::new(whole, curves, values)))
}

/// The load where recall breaks after cuts by chance, by theory.
fn breaking_line() -> Vec<[f32; 2]> {
    let share = |k: usize| k as f64 / LINE as f64;
    (0..LINE).map(|k| [share(k) as f32, dilution::load_of_recall(1.0 - share(k), BROKEN) as f32]).collect()
}

/// Recalls some memories from spoilt cues, for each way to cut and each share.
fn measure(whole: &Whole, flipped: f64) -> Vec<Vec<f32>> {
    let mut stream = whole.rng.stream("probes");
    let flips = (flipped * N as f64 + 0.5) as usize;
    let probes = whole.names.len().min(PROBES);
    let mut recall = |diluted: &Diluted| {
        let overlap = |mu: usize| {
            let mut cue = whole.patterns.row(mu).to_vec();
            stream.choose(flips, N).into_iter().for_each(|i| cue[i] = -cue[i]);
            let mut spins = Spins::new(&diluted.couplings, cue);
            spins.settle(&diluted.couplings, &mut stream, 20);
            diluted.recalled(spins.state(), whole.patterns.row(mu))
        };
        ((0..probes).map(overlap).sum::<f64>() / probes as f64) as f32
    };
    whole
        .orders
        .iter()
        .map(|order| SHARES.iter().map(|share| recall(&order.cut(&whole.couplings, *share))).collect())
        .collect()
}

impl PrunedMemory {
    fn new(whole: Rc<Whole>, curves: Rc<Vec<Vec<f32>>>, values: &Values) -> Self {
        let way = match values.choice(&CUT) {
            "random" => 1,
            "of-four" => 2,
            "units" => 3,
            _ => 0,
        };
        let share = values.float(&SHARE);
        let diluted = Rc::new(whole.orders[way].cut(&whole.couplings, share));
        let target = values.int(&RECALL).min(whole.names.len()) - 1;
        let mut cue = whole.patterns.row(target).to_vec();
        let flips = (values.float(&FLIPPED) * N as f64 + 0.5) as usize;
        whole.rng.stream("flips").choose(flips, N).into_iter().for_each(|i| cue[i] = -cue[i]);
        let (patterns, names) = (&whole.patterns, &whole.names);
        let corners = Map::corners(values.items(&PLANE).chain([target]), names.len());
        let plane = EnergyPlane::through(patterns, corners.states, &diluted.couplings);
        let place = |mu: usize| plane.place(patterns.row(mu));
        let map = Map::through(corners, |mu| names[mu].clone(), place, plane.energies(Map::ROWS, Map::COLS));
        let mut run = Self {
            map: Rc::new(map),
            plane: Rc::new(plane),
            atlas: Atlas::new(Map::ROWS, Map::COLS, &mut whole.rng.stream("cells")),
            way: Way::default(),
            spins: Spins::new(&diluted.couplings, cue.clone()),
            chance: whole.rng.stream("order"),
            descent: Descent::default(),
            one_step: Rc::default(),
            still: Rc::default(),
            room: Study::new(&ARMS, &ROOM_SHARES, room_cells(), NETWORKS),
            search: Search::up_to(most_patterns(whole.rule)),
            last: [0; CUTS.len()],
            noise: Noise::new(&FLIPPED),
            cues: whole.rng.stream("ever noisier"),
            cut: CUTS[way].1,
            share,
            flipped: values.float(&FLIPPED),
            whole,
            curves,
            diluted,
            target,
            cue,
        };
        run.trace();
        run
    }

    fn trace(&mut self) {
        let place = self.plane.place(self.spins.state());
        let on_map = self.plane.energy(place.0.into(), place.1.into());
        self.way.add(place, self.energy() / N as f64, on_map);
    }

    fn overlap(&self, mu: usize) -> f64 {
        overlap_among(self.spins.state(), self.whole.patterns.row(mu), &self.diluted.alive)
    }

    fn nearest(&self) -> usize {
        resting::ranked(self.spins.state(), &self.whole.patterns, &self.diluted.alive)[0].0
    }

    /// What the state is.
    fn named(&self) -> Named {
        Named::of(self.spins.state(), &self.whole.patterns, &self.diluted.alive, self.spins.rests())
    }

    /// Fills the next cells of the map, and recalls the memory from the next levels of noise, with the couplings that are
    /// left.
    fn explore(&mut self) {
        let (whole, diluted, cues, target) = (&self.whole, &self.diluted, &mut self.cues, self.target);
        let (map, plane) = (&self.map, &self.plane);
        self.atlas.fill(CELLS, |x, y| {
            let mut spins = Spins::new(&diluted.couplings, plane.draw(x, y, cues));
            spins.settle(&diluted.couplings, cues, 20);
            let is = |mu: usize| overlap_among(spins.state(), whole.patterns.row(mu), &diluted.alive) >= SAME;
            map.end(whole.names.len(), is)
        });
        self.noise.fill(RECALLS, |share| {
            let mut cue = whole.patterns.row(target).to_vec();
            cues.choose((share * N as f64 + 0.5) as usize, N).into_iter().for_each(|i| cue[i] = -cue[i]);
            let mut spins = Spins::new(&diluted.couplings, cue);
            spins.settle(&diluted.couplings, cues, 20);
            let is = |mu: usize| overlap_among(spins.state(), whole.patterns.row(mu), &diluted.alive) >= SAME;
            Noise::end(target, whole.names.len(), is)
        });
    }

    /// Tries some more numbers of random patterns in networks of their own, until for each way to cut and each share it is
    /// known where recall breaks.
    fn fill(&mut self) {
        for _ in 0..TRIES {
            if self.room.is_over() {
                return;
            }
            let Trial { run, arm, place } = self.room.now();
            let rule = self.whole.rule;
            if let Some(count) = self.search.next() {
                let mut stream = self.whole.rng.stream(&format!("room {run} {arm}"));
                let patterns = rules::random_patterns(count, ROOM_UNITS, &mut stream);
                let mut chance = self.whole.rng.stream(&format!("room {run} {arm} {place} {count}"));
                let (cut, share) = (CUTS[arm].1, ROOM_SHARES[place]);
                self.search.tell(breaking::recall(&patterns, learning(rule), cut, share, &mut chance));
                continue;
            }
            self.last[arm] = self.search.holds();
            self.room.add(self.last[arm] as f64 / ROOM_UNITS as f64);
            // With more cut there is hardly more room.
            let Trial { arm, place, .. } = self.room.now();
            let most = most_patterns(rule);
            self.search = Search::up_to(if place == 0 { most } else { most.min(self.last[arm] * 5 / 4 + 2) });
        }
    }

    /// How many memories are resting places of what is left: each unit is held there by others.
    fn still(&self) -> usize {
        let couplings = &self.diluted.couplings;
        let held = self.diluted.loose() == 0;
        let rests = |mu: &usize| held && Spins::new(couplings, self.whole.patterns.row(*mu).to_vec()).rests();
        *self.still.get_or_init(|| (0..self.whole.names.len()).filter(rests).count())
    }

    /// Whether theory speaks of these memories.
    fn has_theory(&self) -> bool {
        self.whole.random && self.whole.rule == "hebb"
    }

    /// What theory says of recall after cuts by chance, down to the cut that ends it.
    fn theory(&self) -> Vec<[f32; 2]> {
        let alpha = self.whole.names.len() as f64 / N as f64;
        let share = |k: usize| k as f64 / POINTS as f64;
        let overlap = |k: usize| dilution::overlap_after_recall(1.0 - share(k), alpha);
        let mut line: Vec<[f32; 2]> =
            (0..POINTS).map_while(|k| overlap(k).map(|m| [share(k) as f32, m as f32])).collect();
        let end = line.last().map(|last| [last[0], 0.0]);
        line.extend(end);
        line
    }

    fn energy(&self) -> f64 {
        self.spins.energy(&self.diluted.couplings)
    }

    /// How far the search is, and of what.
    fn caption_of_room(&self) -> String {
        let line = if self.whole.rule == "hebb" {
            " The line is for networks without end; small ones hold a fifth to a third more."
        } else {
            " For this rule there is no line."
        };
        let done = if self.room.is_over() {
            format!("Means of {NETWORKS} networks, with whiskers from the least to the greatest.")
        } else {
            format!("{} of {} edges are found.", self.room.done(), self.room.trials())
        };
        format!(
            "Patterns for each unit up to which recall holds, in networks of {ROOM_UNITS} units with one unit of twenty turned over \
             in the cue. Of each four pairs a cut of 90 % leaves none. {done}{line}"
        )
    }

    /// Units that are left.
    fn alive(&self) -> usize {
        self.diluted.alive.iter().filter(|alive| **alive).count()
    }

    fn signal_and_noise(&self) -> Claim {
        let claim = Claim::new("Cuts by chance cost what signal and noise say.", "Sompolinsky 1986");
        if !self.has_theory() || self.cut != Cut::Random {
            return claim.press("Theory", "it is for random patterns, Hebb's rule and cuts by chance.");
        }
        let others = self.whole.names.len() as f64 - 1.0;
        let expected = dilution::overlap_after_one_step(self.diluted.density, others / N as f64);
        let got = *self.one_step.get_or_init(|| {
            let couplings = &self.diluted.couplings;
            let one = |mu: usize| {
                let mut spins = Spins::new(couplings, self.whole.patterns.row(mu).to_vec());
                spins.update_together(couplings);
                spins.overlap(self.whole.patterns.row(mu))
            };
            let count = self.whole.names.len().min(40);
            (0..count).map(one).sum::<f64>() / count as f64
        });
        Claim { tolerance: 0.02, ..claim }
            .expect(expected, expected, &format!("overlap {} ± 0.02", fixed(expected, 3)))
            .on((0.0, "0"), (1.0, "1"))
            .measured(got, fixed(got, 3))
    }

    fn room_falls(&self) -> Claim {
        let theory = |place: usize| {
            let load = |place: usize| dilution::load_of_recall(1.0 - ROOM_SHARES[place], BROKEN);
            load(place) / load(0)
        };
        let places = 1..ROOM_SHARES.len();
        let expected: Vec<String> = places.clone().map(|place| percent(theory(place), 0)).collect();
        // So few units lose a tenth less than those without end, and where most is cut one pattern is a seventh of the room.
        let claim = Claim {
            tolerance: 0.25,
            ..Claim::new("Cuts by chance leave the share of the room that theory says.", "Sompolinsky 1986")
        };
        let claim = claim
            .expect(1.0, 1.0, &format!("{} ± a quarter in the mean", expected.join(", ")))
            .on((0.0, "0"), (2.0, "twice"));
        if self.whole.rule != "hebb" {
            return claim.press("Theory", "it is for Hebb's rule.");
        }
        if !self.room.is_over() {
            return claim.because(format!("{} of {} edges are found.", self.room.done(), self.room.trials()));
        }
        // Where nothing is cut all ways to cut are the same.
        let whole = (0..CUTS.len()).filter_map(|arm| self.room.mean((arm, 0))).sum::<f64>() / CUTS.len() as f64;
        let left = |place: usize| self.room.mean((1, place)).map(|load| load / whole);
        let shares: Vec<f64> = places.filter_map(left).collect();
        let ratios = shares.iter().enumerate().map(|(k, share)| share / theory(k + 1));
        let mean = ratios.sum::<f64>() / shares.len().max(1) as f64;
        let text: Vec<String> = shares.iter().map(|share| percent(*share, 0)).collect();
        claim.measured(mean, format!("{} of the room, {} times theory in the mean", text.join(", "), fixed(mean, 2)))
    }

    fn half_can_go(&self) -> Claim {
        let curve = &self.curves[0];
        let falls = curve.iter().position(|m| *m < 0.95 * curve[0]);
        let share = falls.map_or(SHARES[SHARES.len() - 1], |k| SHARES[k.saturating_sub(1)]);
        let source =
            if self.whole.random { "Sompolinsky 1986" } else { "Sompolinsky 1986, of random patterns; here of digits" };
        let claim = Claim::new("More than half of the couplings can go, the smallest first.", source)
            .expect(0.5, 1.0, "at least 50 %")
            .on((0.0, "0"), (1.0, "100 %"));
        if curve[0] < 0.9 {
            return claim.not_here("These memories do not come back even with all couplings there.");
        }
        claim.measured(share, percent(share, 0))
    }

    fn smallest_are_cheapest(&self) -> Claim {
        let lost =
            |way: usize| -> f64 { self.curves[way].iter().map(|m| f64::from(*m)).sum::<f64>() / SHARES.len() as f64 };
        let gain = lost(0) - lost(1);
        let claim = Claim::new("The smallest couplings are spared more easily than any.", "Sompolinsky 1986")
            .expect(-0.01, 1.0, "no less overlap")
            .on((-0.2, "−0.2"), (0.2, "0.2"));
        if !self.whole.random {
            let about = format!(
                "the paper speaks of random patterns. Of these digits the gain is {} of overlap; a few of them leave some points \
                 nothing but small couplings.",
                fixed(gain, 3)
            );
            return claim.press("Theory", &about);
        }
        claim.measured(gain, format!("{} more overlap", fixed(gain, 3)))
    }
}

impl Experiment for PrunedMemory {
    fn views(&self) -> Vec<View> {
        let names = self.whole.names.clone();
        let strip = Glyphs {
            weighted: Some("overlap"),
            ringed: Some("nearest"),
            picks: Some(PLANE.name),
            ..Glyphs::new(SIDE, SIDE, names)
        };
        let trio = Glyphs::new(SIDE, SIDE, ["Cue", "State", "Nearest"].map(str::to_owned).into());
        let mut series: Vec<Series> = CUTS.iter().map(|(name, _)| Series::curve(name, SHARES.len())).collect();
        if self.has_theory() {
            series.push(Series::reference("theory, by chance", POINTS + 1));
        }
        let curves = Shape::Lines {
            x: Axis::linear("share cut", 0.0, 1.0).of(&SHARE),
            y: Axis::linear("overlap", 0.0, 1.0),
            series,
            marks: Vec::new(),
            field: None,
        };
        let most = most_patterns(self.whole.rule) as f64 / ROOM_UNITS as f64;
        let mut room = self.room.chart(Axis::linear("share cut", 0.0, 1.0).of(&SHARE), Axis::linear("load", 0.0, most));
        if let (Shape::Lines { series, .. }, "hebb") = (&mut room, self.whole.rule) {
            series.push(Series::reference("theory, by chance", LINE));
        }
        let cells = (N / BLOCK) as u32;
        let couplings = Shape::Heatmap {
            rows: cells,
            cols: cells,
            row_name: "to seven points",
            col_name: "from seven points",
            ends: ("wants them unlike", "alike"),
        };
        let way = Shape::over_steps(
            Axis::linear("step", 0.0, 64.0),
            Axis::linear("overlap", 0.0, 1.0),
            &[("overlap", "overlap")],
        );
        vec![
            View::new("Memories", Place::Full, Shape::Glyphs(strip)),
            View::new("Recall while couplings go", Place::Main, curves),
            View::new("Cue, state, nearest", Place::Side, Shape::Glyphs(trio)).moving(),
            View::new("Room for random patterns", Place::Main, room),
            View::new("What is left", Place::Main, couplings),
            View::new("On the way", Place::Side, way),
            self.noise.view(),
            self.map.view(),
            Way::view(&self.map),
        ]
    }

    fn ground(&self, view: usize, out: &mut [f32]) {
        match view {
            STORED => out.iter_mut().zip(&self.whole.patterns.data).for_each(|(o, x)| *o = 0.5 + 0.5 * x),
            COUPLINGS => {
                let cells = N / BLOCK;
                for (cell, mean) in out.iter_mut().enumerate() {
                    let (row, col) = (cell / cells * BLOCK, cell % cells * BLOCK);
                    let rows = (row..row + BLOCK).map(|i| &self.diluted.couplings.weights.row(i)[col..col + BLOCK]);
                    *mean = rows.flatten().sum::<f32>() / (BLOCK * BLOCK) as f32;
                }
            }
            _ => {}
        }
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        match view {
            STORED => {
                slot[0] = self.nearest() as f32;
                slot[1..].iter_mut().enumerate().for_each(|(mu, s)| *s = self.overlap(mu) as f32);
            }
            CURVES => {
                let mut plot = Plot::new(slot, self.share);
                for curve in self.curves.iter() {
                    plot.curve(SHARES.len(), SHARES.iter().zip(curve).map(|(share, m)| [*share as f32, *m]));
                }
                if self.has_theory() {
                    plot.curve(POINTS + 1, self.theory());
                }
            }
            TRIO => {
                let nearest = self.whole.patterns.row(self.nearest());
                // A unit that was removed is neither ink nor page.
                let alive = self.diluted.alive.iter().map(|alive| if *alive { 0.5 } else { 0.0 });
                let lit =
                    |state: &[f32]| state.iter().zip(alive.clone()).map(|(x, part)| 0.5 + part * x).collect::<Vec<_>>();
                let points =
                    [lit(&self.cue), lit(self.spins.state()), nearest.iter().map(|x| 0.5 + 0.5 * x).collect()].concat();
                slot.iter_mut().zip(points).for_each(|(s, p)| *s = p);
                slot[3 * N] = -1.0;
            }
            ROOM => {
                let mut plot = self.room.plot(slot, self.share);
                if !self.whole.breaking.is_empty() {
                    plot.curve(LINE, self.whole.breaking.iter().copied());
                }
            }
            NOISE => self.noise.draw(self.flipped, slot),
            MAP => self.map.draw(self.atlas.ends(), &self.way, slot),
            ENERGIES => self.way.draw(slot),
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let percent = fixed(100.0 * self.diluted.density, 1);
        match view {
            STORED => format!("Nearest to the state is {}.", self.whole.names[self.nearest()]),
            CURVES if self.has_theory() => "Overlap after recall from the spoilt cue, for four ways to cut. Theory is of recall that begins at the \
                 memory; a spoilt cue is lost a little earlier."
                .into(),
            CURVES => "Overlap after recall, for four ways to cut. Theory is drawn for random patterns and Hebb's rule.".into(),
            TRIO => format!(
                "{} Overlap with {} is {} over {} units. {percent} % of the couplings are left.",
                self.named().told(&self.whole.names),
                self.whole.names[self.target],
                fixed(self.overlap(self.target), 2),
                self.alive()
            ),
            ROOM => self.caption_of_room(),
            COUPLINGS => {
                let loose = match self.diluted.loose() {
                    0 => String::new(),
                    1 => " One point has no coupling left.".into(),
                    loose => format!(" {loose} points have no coupling left."),
                };
                format!(
                    "{percent} % of {} couplings, seven by seven points in a cell. {} of {} memories hold still.{loose}",
                    N * (N - 1) / 2,
                    self.still(),
                    self.whole.names.len()
                )
            }
            NOISE => self.noise.caption(&self.whole.names[self.target]),
            MAP => self.map.caption(self.atlas.ends(), self.atlas.recalls()),
            ENERGIES => self.way.caption(),
            WAY => format!("Overlap {} after {} steps.", fixed(self.overlap(self.target), 2), self.descent.steps),
            _ => String::new(),
        }
    }

    fn step(&mut self) -> Status {
        let before = self.energy();
        let diluted = Rc::clone(&self.diluted);
        self.spins.ask(&diluted.couplings, ASKED, &mut self.chance);
        // Fields are kept in f32, a rounding for each flip.
        self.descent.step(before, self.energy(), 1e-4 * before.abs());
        self.trace();
        self.explore();
        self.fill();
        if !self.spins.rests() || !self.atlas.full() || !self.room.is_over() || self.descent.steps < EXPLORED {
            return Status::Running;
        }
        Status::Ended(self.named().word())
    }

    fn measure(&self, out: &mut [f32]) {
        out[0] = self.overlap(self.target) as f32;
        out[1] = self.diluted.density as f32;
        out[2] = (self.energy() / N as f64) as f32;
    }

    fn touch(&mut self, gesture: &Gesture) {
        let Gesture::Drag { x, y, .. } = *gesture else { return };
        let share = |part: u16| f64::from(part) / f64::from(GRAIN);
        let mut chance = self.whole.rng.stream(&format!("cue at {x} {y}"));
        self.cue = self.plane.draw(share(x), share(y), &mut chance);
        self.spins = Spins::new(&self.diluted.couplings, self.cue.clone());
        self.descent = Descent::default();
        self.way.clear();
        self.trace();
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&PICTURES) || param.is(&MEMORIES) || param.is(&RULE) {
            return Live::Restart;
        }
        let curves = if param.is(&FLIPPED) {
            Rc::new(measure(&self.whole, values.float(&FLIPPED)))
        } else {
            Rc::clone(&self.curves)
        };
        *self = Self::new(Rc::clone(&self.whole), curves, values);
        Live::Again
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        vec![(&RECALL, Reach::UpTo(self.whole.names.len() as f64))]
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            self.half_can_go(),
            self.smallest_are_cheapest(),
            Claim::never_rises(
                "Cut or not, no move raises the energy.",
                "Hopfield 1982, equations 7 and 8",
                &self.descent,
            ),
            self.signal_and_noise(),
            self.room_falls(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=pruned-memory&{query}"), super::ENTRY.steps)
    }

    #[test]
    fn most_couplings_can_go_and_the_rest_obeys_theory() {
        let default = run("seed=1");
        assert!(default.metrics()[0] > 0.95, "{}", default.metrics()[0]);
        let theory = run("seed=1&pictures=random&memories=40&rule=hebb&cut=random");
        for claim in default.claims().iter().chain(&theory.claims()) {
            assert_ne!(claim.verdict(), Verdict::Differs, "{claim:?}");
        }
        let digits = run("seed=1&memories=40&share=0.7");
        assert_eq!(digits.claims()[1].verdict(), Verdict::NotHere);
        for claim in [&theory.claims()[1], &theory.claims()[3], &theory.claims()[4]] {
            assert_eq!(claim.verdict(), Verdict::Agrees, "{claim:?}");
        }
    }
}
