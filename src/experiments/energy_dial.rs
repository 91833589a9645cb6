//! One set of patterns and one cue under steeper and steeper votes: the dense associative memories of Krotov and Hopfield
//! (2016) and of Demircigil et al. (2017).
//!
//! Each pattern votes by F of its overlap with the state. With `F(z) = z²` that is Hopfield's network; z³, z⁴, z⁶ and
//! exp(z) let the best match outvote more and more others. Four units are asked in a step, in a random order.
use crate::{
    lab::{
        Axis, Claim, Corners, Descent, Entry, Experiment, GRAIN, Gesture, Glyphs, Hand, Live, Map, Mark, Metric, Noise,
        PLANE, Paper, Param, Place, Plot, Preset, Prose, Series, Shape, Start, Status, Values, View, Way, Wing,
    },
    math::{
        decimal::{fixed, percent},
        mat::Mat,
        rng::{Rng, Stream},
    },
    model::memory::{
        atlas::{self, Atlas, BinaryPlane},
        dense::{Dense, Interaction, State},
        rules,
        vote_plane::VotePlane,
    },
};
use std::{cell::OnceCell, rc::Rc};

static ORDER: Param = Param::choice(
    "order",
    "Vote of a memory",
    &[("2", "z²"), ("3", "z³"), ("4", "z⁴"), ("6", "z⁶"), ("exp", "exp z")],
    "How a memory's vote grows with its overlap z. z² is Hopfield's network of 1982.",
)
.by_default("3");
static MEMORIES: Param = Param::int(
    "memories",
    "Memories",
    (2, 100, MOST as i64),
    "Of 64 points the first eight are pictures; all others are random.",
);
static POINTS: Param = Param::choice(
    "points",
    "Points N",
    &[("16", "16"), ("36", "36"), ("64", "64"), ("100", "100")],
    "How many points a memory has. Of other numbers than 64 all memories are random.",
)
.by_default("64");
static RECALL: Param = Param::int("recall", "Memory to recall", (1, 1, 8), "Counted from the left.");
static FLIPPED: Param = Param::share(
    "flipped",
    "Points flipped",
    (0.0, 0.1, 0.4),
    "The share of points that are turned over in the cue, chosen by chance.",
)
.ends("clean", "noise");

pub static ENTRY: Entry = Entry {
    id: "energy-dial",
    wing: Wing::Memory,
    prose: Prose {
        title: "The dial between blur and recall",
        paper: Some(Paper {
            title: "Dense Associative Memory for Pattern Recognition",
            authors: "Krotov and Hopfield",
            year: 2016,
            link: "https://arxiv.org/abs/1606.01164",
        }),
        card: "The same 64 points: nine memories with squares, thousands with steeper votes.",
        lead: "Turn the dial. The steeper a memory's vote grows with its match, the fewer others can shout it down.",
        about: &[
            "All memories vote on every point, and each vote counts by how well that memory matches the whole picture. With \
             squares, a hundred poor matches together outvote one good one, and the picture drowns.",
            "With the third or fourth power the good match is heard among hundreds and thousands. With the exponential function \
             nearly all weight lies on the best match, and one step is enough to find it.",
            "Nothing else changes: the same points, the same memories, the same cue. The exponential memory is the ancestor of \
             attention, where the vote is $e^{\\beta z}$ too.",
            "On the map each place is a mean of three pictures. One state is drawn from it by chance and recalled, and its colour \
             says where it ended. Lines are the exact energy of the mean. Turn the dial and see the basins grow. The states on the \
             way are corners of +1 and -1 off that plane, so their own energies are drawn beside it.",
        ],
        formulas: &[
            r"E(s) = -\sum_{\mu=1}^{K} F(x^\mu \cdot s), \qquad F(z) = z^n \text{ or } e^z",
            r"P_{\text{wrong}} = \tfrac12 \operatorname{erfc} \sqrt{\frac{N^{n-1}}{2 K (2n-3)!!}}",
            r"K_{z^n} = \frac{N^{n-1}}{2 (2n-3)!! \ln N}, \qquad K_{\exp} = e^{N I(1 - 2\rho) / 2}",
            r"I(x) = \tfrac12 \bigl[(1+x) \ln (1+x) + (1-x) \ln (1-x)\bigr]",
        ],
        symbols: &[
            ("s", "the state, one of +1 (ink) and -1 (page) for each of $N$ points"),
            (r"x^\mu", "a memory, of $K$"),
            ("F", "how a vote grows with the match"),
            (r"P_{\text{wrong}}", "the chance that a point of a memory wants to leave it at once"),
            (r"K_{z^n}", "memories that no point leaves, for large N"),
            (r"K_{\exp}", "memories that one step takes back from a share $\\rho$ of wrong points: so many at least"),
        ],
        words: "dense associative memory modern hopfield interaction order polynomial exponential demircigil capacity krotov",
    }
    .told(),
    params: &[&ORDER, &MEMORIES, &POINTS, &RECALL, &FLIPPED, &PLANE],
    metrics: &[
        Metric::new("overlap", "overlap", "Overlap of the state with the picture to recall: 1 is equal."),
        Metric::new("vote", "best vote", "The share of all votes that the best match has."),
        Metric::new("energy", "energy", "The energy of the state, in units that keep it near 1 for one perfect match."),
    ],
    presets: &[
        Preset::new("Cubes", "A hundred memories, and the ring comes back.", &[]),
        Preset::new("Squares", "The same hundred drown it.", &[("order", "2")]),
        Preset::new("Squares, few", "Squares are enough for a handful.", &[("order", "2"), ("memories", "6")]),
        Preset::new("Fourth power", "A thousand memories in 64 points.", &[("order", "4"), ("memories", "1000"), ("recall", "3")]),
        Preset::new(
            "Exponential",
            "Five thousand, a seventh of the points wrong: one step is enough.",
            &[("order", "exp"), ("memories", "5000"), ("recall", "5"), ("flipped", "0.14")],
        ),
        Preset::new(
            "A hundred points",
            "Six thousand memories in a hundred points, by fourth powers.",
            &[("order", "4"), ("memories", "6000"), ("points", "100")],
        ),
    ],
    steps: 160,
    log_steps: false,
    pace: 12.0,
    thumbnail: 6,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(EnergyDial::new(start))),
};

/// Points across of the pictures.
const SIDE: usize = 8;
/// Name and rows of a picture, a bit a point.
const PICTURES: [(&str, [u8; SIDE]); 8] = [
    ("the ring", [0x3c, 0x7e, 0xe7, 0xc3, 0xc3, 0xe7, 0x7e, 0x3c]),
    ("the cross", [0x18, 0x18, 0x18, 0xff, 0xff, 0x18, 0x18, 0x18]),
    ("the heart", [0x66, 0xff, 0xff, 0xff, 0x7e, 0x3c, 0x18, 0x00]),
    ("the face", [0x3c, 0x42, 0xa5, 0x81, 0xa5, 0x99, 0x42, 0x3c]),
    ("the arrow", [0x10, 0x30, 0x7f, 0xff, 0xff, 0x7f, 0x30, 0x10]),
    ("the stripes", [0xcc, 0x66, 0x33, 0x99, 0xcc, 0x66, 0x33, 0x99]),
    ("the house", [0x18, 0x3c, 0x7e, 0xff, 0x66, 0x7e, 0x66, 0x66]),
    ("the checks", [0xf0, 0xf0, 0xf0, 0xf0, 0x0f, 0x0f, 0x0f, 0x0f]),
];
const MOST: usize = 30_000;
/// Memories that have their picture drawn.
const DRAWN: usize = 16;
/// Units asked in a step.
const ASKED: usize = 4;
/// Ranks in the chart of votes.
const RANKS: usize = 16;

/// The dial, and what its settings are called in the chart of capacities.
const DIAL: [(&str, Interaction); 5] = [
    ("z²", Interaction::Power(2)),
    ("z³", Interaction::Power(3)),
    ("z⁴", Interaction::Power(4)),
    ("z⁶", Interaction::Power(6)),
    ("exp", Interaction::Exponential),
];
/// Numbers of memories at which every setting of the dial is tried, and the probes it gets.
const LOADS: [usize; 14] = [5, 9, 13, 25, 50, 100, 200, 400, 800, 1000, 2000, 4000, 10_000, 20_000];
const PROBES: usize = 24;
/// Probes in each step, times memories.
const PROBED: usize = 20_000;
/// Where recall of 64 points with 6 flipped broke in a prototype: the load with which cues still came back, and the one with
/// which they did not, for z², z³ and z⁴.
const BRACKETS: [(usize, usize); 3] = [(9, 25), (200, 800), (1000, 4000)];

/// Recalls for the map in each step, times memories: each asks them all.
const RECALLS: usize = 4000;
/// Steps after which the map and the levels of noise are done, however dear a recall: nine sweeps.
const WITHIN: usize = 144;
/// With more memories than this each recall stands for four cells of the map, and a level of noise gets fewer.
const DEAR: usize = 1000;
/// And beyond this sixteen cells.
const DEAREST: usize = 8000;

const STORED: usize = 0;
const MAP: usize = 1;
const VOTES: usize = 2;
const TRIO: usize = 3;
const WAY: usize = 4;
const ENERGIES: usize = 5;
const NOISE: usize = 6;

/// What no slider changes.
struct Ground {
    /// (30 000, N).
    patterns: Mat,
    side: usize,
    rng: Rng,
}

impl Ground {
    fn n(&self) -> usize {
        self.patterns.cols
    }

    /// Points in a share of them.
    fn flips(&self, share: f64) -> usize {
        (share * self.n() as f64 + 0.5) as usize
    }

    /// How many of the memories are pictures.
    fn pictures(&self) -> usize {
        if self.side == SIDE { PICTURES.len() } else { 0 }
    }

    fn name(&self, mu: usize) -> String {
        match PICTURES.get(mu) {
            Some((name, _)) if self.side == SIDE => (*name).into(),
            _ => format!("pattern {}", mu + 1),
        }
    }
}

/// The share of probes that come back with an overlap above 0.95, for each setting of the dial and each load, as far as it is
/// measured. Where a setting has failed twice it is not tried further.
#[derive(Clone, Default)]
struct Room {
    shares: [Vec<f32>; DIAL.len()],
    /// Probes of the load that is being measured, and those that came back.
    probed: usize,
    back: usize,
}

impl Room {
    /// Which setting is measured next, if any.
    fn next(&self) -> Option<usize> {
        let failed = |shares: &Vec<f32>| shares.iter().filter(|share| **share <= 0.0).count() >= 2;
        self.shares.iter().position(|shares| shares.len() < LOADS.len() && !failed(shares))
    }

    /// Measures some more, as much as a step has time for.
    fn measure(&mut self, ground: &Ground, flipped: f64) {
        let mut credit = PROBED;
        while let Some(dial) = self.next() {
            let load = self.shares[dial].len();
            let count = LOADS[load];
            // One at least in a step, however dear.
            let probes = (credit / count).max(usize::from(credit == PROBED)).min(PROBES - self.probed);
            if probes == 0 {
                return;
            }
            credit = credit.saturating_sub(probes * count);
            let mut stream = ground.rng.stream(&format!("room {dial} {load} {}", self.probed));
            let memory = Dense::new(&rules::random_patterns(count, ground.n(), &mut stream), DIAL[dial].1);
            for probe in 0..probes {
                let pattern = memory.pattern(probe % count);
                let mut state = memory.state(pattern.clone());
                stream.choose(ground.flips(flipped), ground.n()).into_iter().for_each(|i| memory.flip(&mut state, i));
                memory.settle(&mut state, &mut stream, 20);
                let same = state.spins.iter().zip(&pattern).filter(|(s, x)| s == x).count();
                self.back += usize::from(same as f64 > 0.975 * ground.n() as f64);
            }
            self.probed += probes;
            if self.probed == PROBES {
                self.shares[dial].push(self.back as f32 / PROBES as f32);
                (self.probed, self.back) = (0, 0);
            }
        }
    }

    /// The number of memories at which a setting falls below half, if it does at a load that is measured.
    fn breaks(&self, dial: usize) -> Option<usize> {
        self.shares[dial].iter().position(|share| *share < 0.5).map(|load| LOADS[load])
    }
}

/// Shares that are measured when they are first asked for.
#[derive(Default)]
struct Apart {
    /// Of the points of random memories, those that leave at once.
    wrong: OnceCell<f64>,
    /// Of the cues, those that one step of all points takes back.
    one_step: OnceCell<f64>,
}

#[derive(Clone)]
struct EnergyDial {
    ground: Rc<Ground>,
    memory: Rc<Dense>,
    interaction: Interaction,
    flipped: f64,
    room: Rc<Room>,
    /// What the claims measure apart from the run: it costs too much for every look at them.
    apart: Rc<Apart>,
    target: usize,
    cue: Vec<i8>,
    state: State,
    order: Vec<usize>,
    chance: Stream,
    /// Units that turned over in this sweep, and units asked of it.
    turned: usize,
    asked: usize,
    energy: f64,
    descent: Descent,
    map: Rc<Map>,
    plane: Rc<BinaryPlane>,
    atlas: Atlas,
    noise: Noise,
    /// Chance of the cues of both.
    cues: Stream,
    votes: Rc<VotePlane>,
    way: Way,
}

impl EnergyDial {
    fn new(start: &Start) -> Self {
        let n: usize = start.values.choice(&POINTS).parse().unwrap_or(SIDE * SIDE);
        let mut patterns = rules::random_patterns(MOST, n, &mut start.rng.stream("patterns"));
        if n == SIDE * SIDE {
            for (mu, (_, rows)) in PICTURES.iter().enumerate() {
                let points = (0..n).map(|i| if rows[i / SIDE] >> (SIDE - 1 - i % SIDE) & 1 == 1 { 1.0 } else { -1.0 });
                patterns.row_mut(mu).iter_mut().zip(points).for_each(|(x, point)| *x = point);
            }
        }
        let ground = Rc::new(Ground { patterns, side: n.isqrt(), rng: start.rng.clone() });
        Self::begin(ground, start.values)
    }

    fn begin(ground: Rc<Ground>, values: &Values) -> Self {
        let interaction = match values.choice(&ORDER) {
            "2" => Interaction::Power(2),
            "4" => Interaction::Power(4),
            "6" => Interaction::Power(6),
            "exp" => Interaction::Exponential,
            _ => Interaction::Power(3),
        };
        let count = values.int(&MEMORIES);
        let memory = Rc::new(Dense::new(&first(&ground.patterns, count), interaction));
        let target = values.int(&RECALL).min(count).min(PICTURES.len()) - 1;
        let flipped = values.float(&FLIPPED);
        let mut cue = memory.pattern(target);
        ground.rng.stream("flips").choose(ground.flips(flipped), ground.n()).into_iter().for_each(|i| cue[i] = -cue[i]);
        let corners = Map::corners(values.items(&PLANE).chain([target]), count);
        let (map, plane, votes) = map(&ground, count, interaction, corners);
        let (block, rounds) = match count {
            count if count > DEAREST => (4, 6),
            count if count > DEAR => (2, 16),
            _ => (1, 64),
        };
        let mut run = Self {
            map: Rc::new(map),
            plane: Rc::new(plane),
            atlas: Atlas::in_blocks(Map::ROWS, Map::COLS, block, &mut ground.rng.stream("cells")),
            noise: Noise::new(&FLIPPED).with_rounds(rounds),
            cues: ground.rng.stream("cues of the map"),
            votes: Rc::new(votes),
            way: Way::default(),
            state: memory.state(cue.clone()),
            order: (0..ground.n()).collect(),
            chance: ground.rng.stream("order"),
            turned: 0,
            asked: 0,
            energy: 0.0,
            descent: Descent::default(),
            ground,
            memory,
            interaction,
            flipped,
            room: Rc::default(),
            apart: Rc::default(),
            target,
            cue,
        };
        run.begin_at_cue();
        run
    }

    fn begin_at_cue(&mut self) {
        self.state = self.memory.state(self.cue.clone());
        self.energy = self.memory.energy(&self.state);
        (self.turned, self.asked, self.descent) = (0, 0, Descent::default());
        self.way.clear();
        self.trace();
    }

    fn trace(&mut self) {
        let state: Vec<f32> = self.state.spins.iter().map(|s| f32::from(*s)).collect();
        let place = self.plane.place(&state);
        let plane = self.votes.energy(&self.plane.numbers(place.0.into(), place.1.into()));
        self.way.add(place, self.energy, plane);
    }

    fn n(&self) -> usize {
        self.ground.n()
    }

    /// Fills the next cells of the map, and the next levels of noise.
    fn explore(&mut self) {
        let (map, plane, memory, cues) = (&self.map, &self.plane, &self.memory, &mut self.cues);
        let (target, ground) = (self.target, &self.ground);
        let count = |recalls: usize| (RECALLS / memory.count()).min(32).max(recalls.div_ceil(WITHIN));
        let (cells, rounds) = (count(self.atlas.recalls().1), count(self.noise.recalls()));
        self.noise.fill(rounds, |share| {
            let mut state = memory.state(memory.pattern(target));
            cues.choose(ground.flips(share), ground.n()).into_iter().for_each(|i| memory.flip(&mut state, i));
            memory.settle(&mut state, cues, 20);
            let is = |mu: usize| f64::from(state.overlaps[mu]) >= SAME * ground.n() as f64;
            Noise::end(target, memory.count(), is)
        });
        self.atlas.fill(cells, |x, y| {
            let mut state = memory.state(whole(&plane.draw(x, y, cues)));
            memory.settle(&mut state, cues, 20);
            let is = |mu: usize| f64::from(state.overlaps[mu]) >= SAME * ground.n() as f64;
            map.end(memory.count(), is)
        });
    }

    fn overlap(&self, mu: usize) -> f64 {
        f64::from(self.state.overlaps[mu]) / self.n() as f64
    }

    /// Each memory's share of the votes.
    fn votes(&self, state: &State) -> Vec<f64> {
        let votes: Vec<f64> =
            state.overlaps.iter().map(|z| self.interaction.vote(f64::from(*z), self.n()).abs()).collect();
        let all = votes.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        votes.into_iter().map(|vote| vote / all).collect()
    }

    fn nearest(&self) -> usize {
        let overlaps = &self.state.overlaps;
        (0..overlaps.len()).rev().max_by_key(|mu| overlaps[*mu]).unwrap_or(0)
    }

    /// How many memories theory grants this vote and as many flipped points.
    fn law(&self) -> Option<f64> {
        self.interaction.capacity(self.n(), self.ground.flips(self.flipped) as f64 / self.n() as f64)
    }

    fn each_outdoes(&self) -> Claim {
        let claim = Claim::new("Each turn of the dial makes room for more.", "Krotov and Hopfield 2016")
            .expect(4.0, 4.0, "at every turn that the loads reach")
            .on((0.0, "0"), (4.0, "4 turns"));
        if self.room.next().is_some() {
            return claim.because("Not all settings of the dial are measured yet.");
        }
        let breaks: Vec<Option<usize>> = (0..DIAL.len()).map(|dial| self.room.breaks(dial)).collect();
        // Of two settings that hold all that is tried nobody knows which holds more.
        let turns = || breaks.windows(2).zip(DIAL.windows(2)).filter(|(pair, _)| pair[0].is_some());
        let reached = turns().count();
        let further = turns().filter(|(pair, _)| pair[1].is_none_or(|after| Some(after) > pair[0])).count();
        let beyond: Vec<String> =
            DIAL.windows(2).skip(reached).map(|turn| format!("{} to {}", turn[0].0, turn[1].0)).collect();
        let unreached =
            if beyond.is_empty() { String::new() } else { format!("; {} not reached", beyond.join(" and ")) };
        let claim =
            claim.expect(reached as f64, reached as f64, &format!("at all {reached} turns that the loads reach"));
        if reached == 0 {
            return claim.not_here("So few points are flipped that nothing breaks at these loads.");
        }
        let claim = claim.measured(further as f64, format!("{further} of {reached}{unreached}"));
        if further == reached { claim } else { claim.because("With so many points flipped two settings fail alike.") }
    }

    /// Room in numbers, where there are numbers to hold against it.
    fn breaks_as_known(&self) -> Claim {
        let claim = Claim::new(
            "Squares, cubes and fourth powers lose recall where our reference simulation does.",
            "Krotov and Hopfield 2016; our reference simulation of this size",
        )
        .expect(3.0, 3.0, "9 to 25, 200 to 800, 1000 to 4000 memories")
        .on((0.0, "0"), (3.0, "3"));
        if self.n() != SIDE * SIDE || self.ground.flips(self.flipped) != 6 {
            return claim.not_here("Take 64 points and flip a tenth of them.");
        }
        if self.room.next().is_some_and(|dial| dial < BRACKETS.len()) {
            return claim.because("Not all loads are measured yet.");
        }
        let breaks = || (0..BRACKETS.len()).map(|dial| self.room.breaks(dial));
        let within =
            |(at, (holds, lost)): &(Option<usize>, (usize, usize))| at.is_some_and(|at| at > *holds && at <= *lost);
        let count = breaks().zip(BRACKETS).filter(within).count();
        let at: Vec<String> = breaks().map(|at| at.map_or("none".into(), |at| at.to_string())).collect();
        claim.measured(count as f64, format!("{} memories: {count} of 3", at.join(", ")))
    }

    fn wrong_at_once(&self) -> Claim {
        let claim = Claim::new("As many points leave a memory at once as theory says.", "Krotov and Hopfield 2016");
        let Some(expected) = self.interaction.one_step_error(self.n(), self.memory.count()) else {
            return claim.press("Squares", "the formula is for powers.");
        };
        let share = |x: f64| percent(x, 2);
        let claim = Claim { tolerance: 0.25 * expected, ..claim }
            .expect(expected, expected, &format!("{} ± a quarter", share(expected)))
            .on((0.0, "0"), (2.0 * expected, &share(2.0 * expected)));
        if expected < 2e-3 {
            return claim.press("Squares", "here too few leave to be counted.");
        }
        let count = self.memory.count();
        if count < self.ground.pictures() + 50 {
            return claim.not_here("Too few random memories to count them in.");
        }
        let got = *self.apart.wrong.get_or_init(|| {
            let first = self.ground.pictures();
            let random = first..count.min(first + (400_000 / count).max(50));
            let turned = |mu| self.memory.update_together(&mut self.memory.state(self.memory.pattern(mu)));
            let points = random.len() * self.n();
            random.map(turned).sum::<usize>() as f64 / points as f64
        });
        let claim = claim.measured(got, share(got));
        if (got - expected).abs() <= 0.25 * expected {
            return claim;
        }
        claim.because(
            "The formula takes the sum of all votes for a normal number. With so few points its tails are longer.",
        )
    }

    fn one_step(&self) -> Claim {
        let claim = Claim::new("The exponential memory recalls in one step.", "Demircigil et al. 2017")
            .expect(0.95, 1.0, "at least 95 % of the cues")
            .on((0.0, "0"), (1.0, "100 %"));
        if self.interaction != Interaction::Exponential {
            return claim.press("Exponential", "the dial is not at exp.");
        }
        if self.law().is_none_or(|law| self.memory.count() as f64 >= law) {
            return claim.not_here("So many memories with so many points flipped are more than the theorem grants.");
        }
        let trials = self.memory.count().min(60);
        let share = *self.apart.one_step.get_or_init(|| {
            let mut stream = self.ground.rng.stream("one step");
            let back = (0..trials).filter(|mu| {
                let pattern = self.memory.pattern(*mu);
                let mut state = self.memory.state(pattern.clone());
                stream
                    .choose(self.ground.flips(self.flipped), self.n())
                    .into_iter()
                    .for_each(|i| self.memory.flip(&mut state, i));
                self.memory.update_together(&mut state);
                state.spins == pattern
            });
            back.count() as f64 / trials as f64
        });
        claim.measured(share, format!("{} % of {trials}", fixed(100.0 * share, 0)))
    }
}

/// From this overlap on a state counts as a memory.
const SAME: f64 = 0.95;

fn whole(state: &[f32]) -> Vec<i8> {
    state.iter().map(|s| if *s < 0.0 { -1 } else { 1 }).collect()
}

/// The plane through three of the first memories.
fn map(ground: &Ground, count: usize, interaction: Interaction, corners: Corners) -> (Map, BinaryPlane, VotePlane) {
    let row = |mu: usize| ground.patterns.row(mu);
    let plane = BinaryPlane::through(corners.states.map(row));
    let votes = VotePlane::new(&plane, &ground.patterns, count, interaction);
    let energies = atlas::heights(Map::ROWS, Map::COLS, |x, y| votes.energy(&plane.numbers(x, y)));
    let map = Map::through(corners, |mu| ground.name(mu), |mu| plane.place(row(mu)), energies);
    (map, plane, votes)
}

/// The first rows.
fn first(patterns: &Mat, count: usize) -> Mat {
    let n = patterns.cols;
    Mat::new(patterns.data[..count * n].to_vec(), count, n)
}

impl Experiment for EnergyDial {
    fn views(&self) -> Vec<View> {
        let (drawn, side) = (self.memory.count().min(DRAWN), self.ground.side);
        let stored = Glyphs {
            weighted: Some("votes"),
            ringed: Some("nearest"),
            picks: Some(PLANE.name),
            ..Glyphs::new(side, side, (0..drawn).map(|mu| self.ground.name(mu)).collect())
        };
        let trio =
            Glyphs { paint: Some(0), ..Glyphs::new(side, side, ["Cue", "State", "Nearest"].map(str::to_owned).into()) };
        let votes = Shape::Lines {
            x: Axis::linear("memories, by their votes", 1.0, RANKS as f64),
            y: Axis::linear("share of the votes", 0.0, 1.0),
            series: vec![Series::curve("now", RANKS), Series::reference("at the cue", RANKS)],
            marks: Vec::new(),
            field: None,
        };
        let way = Shape::over_steps(
            Axis::linear("step", 0.0, 48.0),
            Axis::linear("overlap, best vote", 0.0, 1.0),
            &[("overlap", "overlap"), ("vote", "best vote")],
        );
        let mut series: Vec<_> = DIAL.iter().map(|(name, _)| Series::curve(name, LOADS.len())).collect();
        series.push(Series::reference("law of this vote", 2));
        let capacity = Shape::Lines {
            x: Axis::log("memories, log scale", LOADS[0] as f64, MOST as f64).of(&MEMORIES),
            // With room over the curves for the names of lines.
            y: Axis::linear("cues that come back", 0.0, 1.2),
            series,
            // What Hebb's rule holds, to compare with.
            marks: vec![Mark { at: 0.138 * self.n() as f64, label: "0.138 N".into() }],
            field: None,
        };
        vec![
            View::new("Memories", Place::Full, Shape::Glyphs(stored)),
            self.map.view(),
            View::new("How the votes are shared", Place::Main, votes),
            View::new("Cue, state, nearest", Place::Side, Shape::Glyphs(trio)).hand(Hand::Start).moving(),
            View::new("On the way", Place::Side, way),
            Way::view(&self.map),
            self.noise.view(),
            View::new("Room for memories", Place::Main, capacity),
        ]
    }

    fn ground(&self, view: usize, out: &mut [f32]) {
        if view == STORED {
            out.iter_mut().zip(&self.ground.patterns.data).for_each(|(o, x)| *o = 0.5 + 0.5 * x);
        }
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let ranked = |mut votes: Vec<f64>| {
            votes.sort_unstable_by(|a, b| b.total_cmp(a));
            votes.into_iter().take(RANKS).enumerate().map(|(k, vote)| [k as f32 + 1.0, vote as f32]).collect::<Vec<_>>()
        };
        match view {
            STORED => {
                let nearest = self.nearest();
                let drawn = slot.len() - 1;
                slot[0] = if nearest < drawn { nearest as f32 } else { -1.0 };
                slot[1..].iter_mut().zip(self.votes(&self.state)).for_each(|(s, vote)| *s = vote as f32);
            }
            MAP => self.map.draw(self.atlas.ends(), &self.way, slot),
            VOTES => {
                let mut plot = Plot::new(slot, 0.0);
                plot.curve(RANKS, ranked(self.votes(&self.state)));
                plot.curve(RANKS, ranked(self.votes(&self.memory.state(self.cue.clone()))));
            }
            TRIO => {
                let nearest = self.memory.pattern(self.nearest());
                let points = self.cue.iter().chain(&self.state.spins).chain(&nearest);
                slot.iter_mut().zip(points).for_each(|(s, x)| *s = 0.5 + 0.5 * f32::from(*x));
                slot[3 * self.n()] = -1.0;
            }
            WAY => {}
            ENERGIES => self.way.draw(slot),
            NOISE => self.noise.draw(self.flipped, slot),
            _ => {
                let mut plot = Plot::new(slot, self.memory.count() as f64);
                for shares in &self.room.shares {
                    plot.curve(LOADS.len(), LOADS.iter().zip(shares).map(|(count, share)| [*count as f32, *share]));
                }
                let law = self.law().filter(|law| *law <= MOST as f64);
                plot.curve(2, law.into_iter().flat_map(|law| [[law as f32, 0.0], [law as f32, 1.2]]));
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        match view {
            STORED => format!(
                "{} memories, {} of them drawn. Nearest to the state is {}, with {} % of the votes.",
                self.memory.count(),
                self.memory.count().min(DRAWN),
                self.ground.name(self.nearest()),
                fixed(100.0 * self.votes(&self.state)[self.nearest()], 0)
            ),
            MAP => self.map.caption(self.atlas.ends(), self.atlas.recalls()),
            VOTES => {
                let best = self.votes(&self.state).into_iter().fold(0.0, f64::max);
                let turn = if best < 0.995 { " Turn the dial and watch it rise." } else { "" };
                format!("The best match has {} % of all votes.{turn}", fixed(100.0 * best, 0))
            }
            TRIO => format!(
                "Overlap with {} is {}. Paint on the cue.",
                self.ground.name(self.target),
                fixed(self.overlap(self.target), 2)
            ),
            WAY => {
                format!("Energy {} after {} steps of {ASKED} points each.", fixed(self.energy, 2), self.descent.steps)
            }
            ENERGIES => self.way.caption(),
            NOISE => self.noise.caption(&self.ground.name(self.target)),
            _ => {
                let grants = match self.law() {
                    Some(law) if law > 1e6 => "more than a million".to_owned(),
                    Some(law) => fixed(law, 0),
                    None => "any number of".to_owned(),
                };
                let law = match self.interaction {
                    Interaction::Exponential => format!("The law grants {grants} memories at least, back in one step"),
                    _ => format!("The law grants {grants} memories that no point leaves, cues without a flip"),
                };
                format!(
                    "Random patterns of {} points, {} of them flipped, {PROBES} cues for each point of the chart. {law}; it \
                     is meant for many points.",
                    self.n(),
                    self.ground.flips(self.flipped)
                )
            }
        }
    }

    fn step(&mut self) -> Status {
        let before = self.energy;
        for _ in 0..ASKED.min(self.n()) {
            if self.asked == 0 {
                self.chance.shuffle(&mut self.order);
            }
            let i = self.order[self.asked];
            if self.memory.field(&self.state, i) * f64::from(self.state.spins[i]) < 0.0 {
                self.memory.flip(&mut self.state, i);
                self.turned += 1;
            }
            self.asked += 1;
        }
        self.energy = self.memory.energy(&self.state);
        self.descent.step(before, self.energy, 1e-12 * before.abs());
        self.trace();
        self.explore();
        if self.room.next().is_some() {
            Rc::make_mut(&mut self.room).measure(&self.ground, self.flipped);
        }
        if self.asked < self.n() {
            return Status::Running;
        }
        let settled = self.turned == 0 && self.atlas.full() && self.room.next().is_none();
        (self.turned, self.asked) = (0, 0);
        if settled { Status::Ended("settled") } else { Status::Running }
    }

    fn measure(&self, out: &mut [f32]) {
        out[0] = self.overlap(self.target) as f32;
        out[1] = self.votes(&self.state).into_iter().fold(0.0, f64::max) as f32;
        out[2] = self.energy as f32;
    }

    fn touch(&mut self, gesture: &Gesture) {
        match *gesture {
            Gesture::Paint { item: 0, x, y, value, .. } => {
                let side = self.ground.side;
                let at = |part: u16| (usize::from(part) * side / usize::from(GRAIN)).min(side - 1);
                self.cue[at(y) * side + at(x)] = if value < 128 { -1 } else { 1 };
            }
            Gesture::Wipe { item: 0, .. } => self.cue = vec![-1; self.n()],
            Gesture::Drag { x, y, .. } => {
                let share = |part: u16| f64::from(part) / f64::from(GRAIN);
                let mut chance = self.ground.rng.stream(&format!("cue at {x} {y}"));
                self.cue = whole(&self.plane.draw(share(x), share(y), &mut chance));
            }
            _ => return,
        }
        self.begin_at_cue();
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&POINTS) {
            return Live::Restart;
        }
        *self = Self::begin(Rc::clone(&self.ground), values);
        Live::Again
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            self.each_outdoes(),
            self.breaks_as_known(),
            Claim::never_rises("Energy never rises on the way down.", "Krotov and Hopfield 2016", &self.descent),
            self.wrong_at_once(),
            self.one_step(),
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
        follow(&format!("id=energy-dial&{query}"), 160)
    }

    #[test]
    fn cubes_recall_what_squares_drown_and_steeper_votes_hold_more() {
        // Three sweeps are enough to come to rest, and the charts beside it are not looked at.
        let overlap = |query: &str| follow(&format!("id=energy-dial&seed=1&{query}"), 48).metrics()[0];
        assert!(overlap("order=3") > 0.99);
        assert!(overlap("order=2") < 0.8);
        assert!(overlap("order=2&memories=6") > 0.9);
        assert!(overlap("order=exp&memories=5000&flipped=0.2") > 0.99);
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn claims_agree_or_say_why_they_do_not_apply() {
        for (query, agrees) in [
            ("", Some(1)),
            ("order=2&memories=60", Some(3)),
            ("order=4&memories=5000", None),
            ("order=exp&memories=5000", Some(4)),
        ] {
            let claims = run(query).claims();
            assert!(claims.iter().all(|claim| claim.verdict() != Verdict::Differs), "{query}: {claims:?}");
            assert!(
                agrees.is_none_or(|which: usize| claims[which].verdict() == Verdict::Agrees),
                "{query}: {claims:?}"
            );
        }
    }
}
