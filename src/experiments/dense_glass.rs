//! Replica symmetry breaking in dense networks (Albanese, Alemanno, Alessandrelli and Barra 2022): all states of small hard
//! glasses with groups of P = 2, 3, 4 and 6 units, their overlaps and entropies at every temperature, beside the theory of
//! infinitely many units; and what of it a dense memory feels.
//!
//! Samples stream in: for each P in turn a step takes two temperatures of the newest glass, and when all are done one third
//! cumulant of Hebbian energies and one recall. All temperatures and all P are kept, so both can move in a running run.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Live, Map, Metric, Paper, Param, Place, Plot, Preset, Prose, Series, Shape,
        Status, Values, View, Wing,
    },
    math::{
        decimal::{counted, fixed},
        mean::Mean,
        rng::Rng,
        scalar,
    },
    model::memory::{
        dense::{Dense, Interaction},
        glass::{self, Ensemble, FIELDS, OneStep},
        mean_field, rules,
        valleys::Valleys,
    },
};
use std::rc::Rc;

static TEMPERATURE: Param = Param::float(
    "temperature",
    "Temperature T",
    (0.05, 0.4, 1.2),
    "How much chance there is in the states. Between the temperatures that are computed, every 0.05, numbers are drawn out straight.",
)
.ends("frozen", "molten");
static ORDER: Param = Param::choice(
    "order",
    "Units in a group P",
    &[("2", "2"), ("3", "3"), ("4", "4"), ("6", "6")],
    "How many units each coupling joins. With 2 it is the glass of Hopfield's network, with more that of a dense one.",
)
.by_default("3");
static UNITS: Param = Param::int(
    "units",
    "Units N",
    (12, 16, 20),
    "Every one of the 2^N states is looked at. With 18 units there are 262 144 of them. With 20 it is a million, and a run takes minutes.",
);

pub static ENTRY: Entry = Entry {
    id: "dense-glass",
    wing: Wing::Memory,
    prose: Prose {
        title: "A glass that shatters",
        paper: Some(Paper {
            title: "Replica symmetry breaking in dense neural networks",
            authors: "Albanese, Alemanno, Alessandrelli and Barra",
            year: 2022,
            link: "https://arxiv.org/abs/2111.12997",
        }),
        card: "Below a temperature, states are the same or share nothing.",
        lead: "Drag the temperature down and watch the overlaps of two states move apart.",
        about: &[
            "A memory with too many patterns becomes a glass: many valleys of nearly the same depth, none of them a pattern. \
             Take two states of it by chance. If each coupling joins two units, their overlap can be anything. If it joins \
             three or more, the states lie in one valley and are nearly equal, or in two and have almost nothing in common.",
            "Replica symmetry, the simplest theory, takes all valleys for one. Its entropy then falls below zero, which no count of \
             states can: the alarm bell. One step of symmetry breaking allows for many valleys and puts it right. For \
             groups of two, one step is not enough: there valleys have valleys without end.",
            "The couplings of a dense memory are not independent, but for P above 2 a glass of independent ones is all that \
             is left of the other patterns: the third cumulant of Hebbian energies dies out as units are added. For P = 2 it \
             stays, and it costs Hopfield's network most of its capacity.",
            "The first claim asks for a difference of three standard errors. In nine runs pairs had 2.4 to 5.7 times the \
             middle overlaps of groups of four, so a fixed ratio of three would be a throw of the dice.",
            "What cannot be seen here: with 12 to 20 units there are no sharp transitions, only tendencies. Valleys are \
             blunt, energies lie 5 to 10 % above the limit, and the lump of overlaps near 0 is broad. The further breaking \
             of symmetry at very low temperatures for P above 2, and the endless one for P = 2, are out of reach. Lines with \
             N = ∞ are theory, not counted.",
        ],
        formulas: &[
            r"H(s) = -\sum_{i_1 < \dots < i_P} J_{i_1 \dots i_P} s_{i_1} \cdots s_{i_P}, \qquad \langle H^2 \rangle = \tfrac{N}{2}",
            r"-\beta f = \tfrac{\beta^2}{4} R + \ln 2 + \tfrac{1}{m} \ln \int Dz \cosh^m(c z)",
            r"R = 1 - P q^{P-1} + (P-1)(1-m) q^P",
            r"\alpha_c(P) = \frac{1}{(2P-3)!!} \max_y \frac{\operatorname{erf}(y)^{2(P-1)}}{2 y^2}",
        ],
        symbols: &[
            ("J", "independent normal couplings, one for each group of $P$ units"),
            ("q", "the overlap of two states of one valley; in the picture, of any two states"),
            ("m", "the chance that two states lie in different valleys; in the last picture, the overlap of a recall"),
            ("c", r"$\beta \sqrt{P q^{P-1} / 2}$, with $\beta = 1 / T$"),
            (r"\alpha_c", r"the greatest load with recall at $T = 0$, for $K = \alpha N^{P-1}$ patterns"),
        ],
        words: "spin glass p-spin replica symmetry breaking parisi gardner overlap distribution entropy crisis random energy model dense hopfield walsh hadamard",
    }
    .told(),
    params: &[&TEMPERATURE, &ORDER, &UNITS],
    metrics: &[
        Metric::new("samples", "samples", "Glasses of the chosen P that are counted so far."),
        Metric::new("entropy", "entropy", "Mean entropy of a unit at the chosen temperature, exact for each glass."),
        Metric::new("energy", "energy", "Mean energy of a unit at the chosen temperature, exact for each glass."),
        Metric::new("middle", "middle overlaps", "Share of pairs of states whose overlap is between 0.3 and 0.7 in size."),
    ],
    presets: &[
        Preset::new("Shattered", "Groups of three at a low temperature: two states are nearly equal or strangers.", &[]),
        Preset::new(
            "The alarm bell",
            "Groups of four, colder still: replica symmetry counts fewer than no states.",
            &[("temperature", "0.3"), ("order", "4")],
        ),
        Preset::new("Pairs", "Groups of two: overlaps of all sizes, and no single step puts the entropy right.", &[("order", "2")]),
        Preset::new("Molten", "Above the transition all states are strangers, whatever P.", &[("temperature", "1.1")]),
        Preset::new("Eighteen units", "Eighteen units and groups of six: slower, and nearer to the limit.", &[("order", "6"), ("units", "18")]),
    ],
    steps: STEPS,
    log_steps: false,
    pace: 0.0,
    thumbnail: 0,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Lab::new(start.rng, start.values))),
};

const OVERLAPS: usize = 0;
const ENTROPY: usize = 1;
const VALLEYS: usize = 2;
const CUMULANT: usize = 3;

const ORDERS: [usize; 4] = [2, 3, 4, 6];
const SAMPLES: usize = 24;
/// Temperatures, [`APART`] each from the next, and those of a step.
const HEATS: usize = 24;
const APART: f64 = 0.05;
const AT_ONCE: usize = 2;
/// Steps of one glass: its temperatures, then a third cumulant, then a recall.
const TURNS: usize = HEATS / AT_ONCE + 2;
const STEPS: u64 = (SAMPLES * ORDERS.len() * TURNS) as u64;
/// Hebbian glasses for the third cumulant of a turn. Their law leans to one side, and few of them have no fair error.
const HEBBIANS: usize = 4;
/// Samples of each P before a claim is held against them.
const ENOUGH: usize = 12;
/// Loads of recalls, as shares of the critical one; their units, and the order of their memory.
const LOADS: [f64; 6] = [0.5, 0.7, 0.85, 1.0, 1.3, 1.6];
const RECALL_UNITS: usize = 96;
/// Patterns of each memory that are recalled. With one alone the error is as large as what is claimed.
const RECALLED: usize = 8;
const CUBIC: usize = 3;
/// Where the middle of the overlaps is.
const MIDDLE: (f64, f64) = (0.3, 0.7);
/// Where valleys part and where they freeze, for P = 3, 4 and 6.
const TRANSITIONS: [(f64, f64); 3] = [(0.6816, 0.6514), (0.6784, 0.6169), (0.7275, 0.6033)];
/// Which temperature is the one of the claim about them: 0.4.
const COLD: usize = 7;
const LINE: usize = 60;

/// A mean with whiskers from the least to the greatest.
fn marker(mean: &Mean, x: f64) -> Option<[f32; 4]> {
    mean.spread().map(|[mean, least, greatest]| [x, mean, least, greatest].map(|x| x as f32))
}

/// What was counted at one temperature.
#[derive(Clone)]
struct Heat {
    entropy: Mean,
    energy: Mean,
    overlaps: Vec<f64>,
}

/// What was counted for one P.
#[derive(Clone)]
struct Counted {
    heats: Vec<Heat>,
    cumulant: Mean,
}

/// The theory of infinitely many units for one P.
struct Theory {
    branch: Vec<OneStep>,
    fixed: f64,
    dynamic: f64,
}

impl Theory {
    fn new(p: usize) -> Self {
        let (fixed, dynamic) = (glass::static_temperature(p), glass::dynamic_temperature(p));
        Self { branch: OneStep::branch(p), fixed, dynamic }
    }

    /// The entropy with one step, which is that of replica symmetry above the transition.
    fn entropy(&self, p: usize, temperature: f64) -> f64 {
        let pair = self.branch.windows(2).find(|pair| pair[1].temperature <= temperature);
        let Some([above, below]) = pair else { return self.branch[FIELDS - 1].entropy };
        if temperature >= above.temperature {
            return glass::symmetric_entropy(p, temperature);
        }
        let x = (above.temperature - temperature) / (above.temperature - below.temperature);
        above.entropy + x * (below.entropy - above.entropy)
    }
}

/// What does not change in a run.
struct Ground {
    n: usize,
    ensemble: Ensemble,
    theories: Vec<Theory>,
    rng: Rng,
}

#[derive(Clone)]
struct Lab {
    ground: Rc<Ground>,
    temperature: f64,
    /// Which of [`ORDERS`].
    order: usize,
    step: usize,
    /// The newest glass.
    energies: Rc<Vec<f64>>,
    counted: Vec<Counted>,
    /// The newest glass of each P, as far as one was made.
    valleys: [Option<Rc<Valleys>>; ORDERS.len()],
    recalls: [Mean; LOADS.len()],
    /// Shares of middle overlaps at the temperature [`COLD`], for each P.
    middles: [Mean; ORDERS.len()],
}

/// The temperatures computed below and above one, and how far it is to the upper one.
fn between(temperature: f64) -> (usize, usize, f64) {
    let place = (temperature / APART - 1.0).max(0.0).min((HEATS - 1) as f64);
    let low = (place + 1e-9) as usize;
    (low, (low + 1).min(HEATS - 1), (place - low as f64).max(0.0))
}

impl Lab {
    fn new(rng: &Rng, values: &Values) -> Self {
        let n = values.int(&UNITS);
        let theories = ORDERS.map(Theory::new).into();
        let heat = Heat { entropy: Mean::NONE, energy: Mean::NONE, overlaps: vec![0.0; n + 1] };
        let counted = Counted { heats: vec![heat; HEATS], cumulant: Mean::NONE };
        let mut lab = Self {
            ground: Rc::new(Ground { n, ensemble: Ensemble::new(n), theories, rng: rng.clone() }),
            temperature: 0.0,
            order: 0,
            step: 0,
            energies: Rc::new(Vec::new()),
            counted: vec![counted; ORDERS.len()],
            valleys: [const { None }; ORDERS.len()],
            recalls: [Mean::NONE; LOADS.len()],
            middles: [Mean::NONE; ORDERS.len()],
        };
        lab.take(values);
        lab
    }

    /// Takes the two settings that move in a running run.
    fn take(&mut self, values: &Values) {
        self.temperature = values.float(&TEMPERATURE);
        let chosen = values.choice(&ORDER);
        self.order = ORDERS.iter().position(|p| p.to_string() == chosen).unwrap_or(0);
        if self.valleys[self.order].is_none() {
            self.explore(self.order, &self.glass(self.order));
        }
    }

    /// Energies of the i-th glass of a run.
    fn glass(&self, i: usize) -> Vec<f64> {
        let mut stream = self.ground.rng.child("glass").stream(&i.to_string());
        glass::hard_glass(self.ground.n, ORDERS[i % ORDERS.len()], &mut stream)
    }

    fn explore(&mut self, order: usize, energies: &[f64]) {
        let mirrored = ORDERS[order].is_multiple_of(2);
        self.valleys[order] = Some(Rc::new(Valleys::of(energies, mirrored, Map::ROWS, Map::COLS)));
    }

    fn p(&self) -> usize {
        ORDERS[self.order]
    }

    fn theory(&self) -> &Theory {
        &self.ground.theories[self.order]
    }

    /// A mean at a temperature, once it is counted at both of its neighbours.
    fn at(&self, order: usize, temperature: f64, what: impl Fn(&Heat) -> f64) -> Option<f64> {
        let (low, high, x) = between(temperature);
        let heats = &self.counted[order].heats;
        let (a, b) = (&heats[low], &heats[high]);
        (a.entropy.count() > 0 && b.entropy.count() > 0).then(|| what(a) + x * (what(b) - what(a)))
    }

    fn overlap_share(&self, order: usize, d: usize) -> Option<f64> {
        self.at(order, self.temperature, |heat| heat.overlaps[d] / heat.entropy.count() as f64)
    }

    fn middle(&self, order: usize, temperature: f64) -> Option<f64> {
        self.at(order, temperature, |heat| {
            glass::mass_between(&heat.overlaps, MIDDLE.0, MIDDLE.1) / heat.entropy.count() as f64
        })
    }

    fn entropy(&self, temperature: f64) -> Option<f64> {
        self.at(self.order, temperature, |heat| heat.entropy.mean())
    }

    /// Glasses of an order that are counted at all temperatures.
    fn samples(&self, order: usize) -> usize {
        self.counted[order].heats[HEATS - 1].entropy.count()
    }

    fn count_heats(&mut self, order: usize, turn: usize) {
        let mut room = Vec::new();
        for heat in AT_ONCE * turn..AT_ONCE * (turn + 1) {
            let exact = self.ground.ensemble.at(&self.energies, APART * (heat + 1) as f64, &mut room);
            if heat == COLD {
                self.middles[order].add(glass::mass_between(&exact.overlaps, MIDDLE.0, MIDDLE.1));
            }
            let heat = &mut self.counted[order].heats[heat];
            heat.entropy.add(exact.entropy);
            heat.energy.add(exact.energy);
            heat.overlaps.iter_mut().zip(exact.overlaps).for_each(|(sum, share)| *sum += share);
        }
    }

    /// From some stored patterns of a new cubic memory, at one of the loads. Their mean is one recall: they share the memory.
    fn count_recall(&mut self, glass: usize) {
        let load = glass % LOADS.len();
        let patterns = (LOADS[load] * glass::critical_load(CUBIC).0 * (RECALL_UNITS * RECALL_UNITS) as f64) as usize;
        let mut stream = self.ground.rng.child("recall").stream(&glass.to_string());
        let memory =
            Dense::new(&rules::random_patterns(patterns, RECALL_UNITS, &mut stream), Interaction::Power(CUBIC as u32));
        let overlap = |mu: usize| {
            let mut state = memory.state(memory.pattern(mu));
            memory.settle(&mut state, &mut stream, 30);
            f64::from(state.overlaps[mu]) / RECALL_UNITS as f64
        };
        self.recalls[load].add((0..RECALLED).map(overlap).sum::<f64>() / RECALLED as f64);
    }

    fn leaves_the_middle_empty(&self) -> Claim {
        let claim = Claim::new(
            "At a temperature of 0.4 pairs fill the middle of the overlaps, and groups of four leave it emptier.",
            "Albanese et al. 2022, one step of breaking for P > 2",
        )
        .expect(3.0, f64::INFINITY, "more, by 3 standard errors")
        .on((-3.0, "3 errors less"), (12.0, "12 more"));
        let [pairs, _, fours, _] = &self.middles;
        if pairs.count().min(fours.count()) < ENOUGH {
            return claim.because(format!("Needs {ENOUGH} samples of each."));
        }
        let more = pairs.mean() - fours.mean();
        let errors = more / (pairs.error() * pairs.error() + fours.error() * fours.error()).sqrt().max(1e-9);
        let shares = format!("{} and {}", fixed(pairs.mean(), 3), fixed(fours.mean(), 3));
        let times = fixed(pairs.mean() / fours.mean().max(1e-9), 1);
        claim.measured(errors, format!("{shares} of all pairs of states: {times} times ({} errors)", fixed(errors, 1)))
    }

    fn transitions_are_known(&self) -> Claim {
        let known = TRANSITIONS.iter().zip(&self.ground.theories[1..]);
        let away =
            known.map(|((dynamic, fixed), theory)| (theory.dynamic - dynamic).abs().max((theory.fixed - fixed).abs()));
        let worst = away.fold(0.0, f64::max);
        let theory = self.theory();
        let claim = Claim {
            tolerance: 0.003,
            ..Claim::new(
                "One step of breaking parts the valleys and freezes them at the temperatures that are known.",
                "our reference solution of the one-step equations; P = 3 as in the literature on hard glasses",
            )
        };
        claim.expect(0.0, 0.0, "within 0.003, for P = 3, 4 and 6").on((0.0, "0"), (0.02, "0.02 away")).measured(
            worst,
            format!(
                "{} away; for P = {} they are {} and {}",
                fixed(worst, 4),
                self.p(),
                fixed(theory.dynamic, 4),
                fixed(theory.fixed, 4)
            ),
        )
    }

    fn one_step_is_nearer(&self) -> Claim {
        let claim = Claim::new(
            "Where replica symmetry counts fewer than no states, one step lies nearer to the exact entropy.",
            "Albanese et al. 2022, one step of replica symmetry breaking",
        )
        .expect(0.0, 0.5, "less than half as far away")
        .on((0.0, "exact"), (1.5, "1.5 times as far"));
        let (p, cold) = (self.p(), 0.3);
        if p == 2 {
            return claim.not_here("For pairs one step is not enough, and both are near. Take another P.");
        }
        match self.entropy(cold) {
            Some(exact) if self.samples(self.order) >= ENOUGH => {
                let (one, none) = (self.theory().entropy(p, cold), glass::symmetric_entropy(p, cold));
                let ratio = (exact - one).abs() / (exact - none).abs();
                let text = format!(
                    "at T = 0.3: exact {}, one step {}, none {}",
                    fixed(exact, 3),
                    fixed(one, 3),
                    fixed(none, 3)
                );
                claim.measured(ratio, text)
            }
            _ => claim.because(format!("Needs {ENOUGH} samples.")),
        }
    }

    fn cumulant_stays_for_pairs(&self) -> Claim {
        let n = self.ground.n;
        let (pairs, fours) = (&self.counted[0].cumulant, &self.counted[2].cumulant);
        let law = |p: usize| glass::hebbian_third_cumulant(n, p, (1..p).fold(1.0, |k, _| k * n as f64));
        let claim = Claim::new(
            "Hebbian energies of pairs keep a third cumulant, and groups of four have less, as counting groups says.",
            "Albanese et al. 2022, the soft part of the glass; exact count at finite N",
        )
        .expect(-3.0, 3.0, &format!("{} and {}, each ± 3 standard errors", fixed(law(2), 3), fixed(law(4), 3)))
        .on((-6.0, "6 errors below"), (6.0, "6 above"));
        if pairs.count().min(fours.count()) < ENOUGH * HEBBIANS {
            return claim.because(format!("Needs {ENOUGH} samples of each."));
        }
        let errors = [(pairs, 2), (fours, 4)].map(|(drawn, p)| (drawn.mean() - law(p)) / drawn.error().max(1e-9));
        let worst = if errors[0].abs() > errors[1].abs() { errors[0] } else { errors[1] };
        let text = format!("{} and {} ({} errors)", fixed(pairs.mean(), 3), fixed(fours.mean(), 3), fixed(worst, 1));
        let claim = claim.measured(worst, text);
        if worst.abs() <= 3.0 {
            claim
        } else {
            claim.because("Few samples have most of the weight; another seed may agree.")
        }
    }

    fn recall_follows_the_line(&self) -> Claim {
        let claim = Claim::new(
            "Up to 0.85 of the critical load a cubic memory recalls as a hard glass lets it.",
            "Albanese et al. 2022, ground state at K ~ N²; 96 units",
        )
        .expect(0.0, 0.02, "within 0.02 of the line, ± 3 standard errors")
        .on((0.0, "0"), (0.15, "0.15 away"));
        if self.recalls[2].count() < 8 {
            return claim.because("Needs 8 recalls at each load.");
        }
        let away = |i: usize| (self.recalls[i].mean() - glass::recall_at(CUBIC, LOADS[i])).abs();
        let over = |i: &usize| away(*i) - 3.0 * self.recalls[*i].error();
        let worst = (0..3).max_by(|a, b| over(a).total_cmp(&over(b))).unwrap_or(0);
        let error = self.recalls[worst].error();
        let claim = Claim { tolerance: 3.0 * error, ..claim };
        claim.measured(
            away(worst),
            format!("{} ± {} away at {}", fixed(away(worst), 3), fixed(error, 3), fixed(LOADS[worst], 2)),
        )
    }

    fn recall_ends(&self) -> Claim {
        let claim = Claim::new(
            "Far above the critical load patterns do not come back whole.",
            "Albanese et al. 2022, maximal storage; 96 units blunt the jump",
        )
        .expect(0.0, 0.75, "less than 0.75 at 1.6 of it, ± 3 standard errors")
        .on((0.0, "0"), (1.0, "m = 1"));
        let last = &self.recalls[LOADS.len() - 1];
        if last.count() < 8 {
            return claim.because("Needs 8 recalls at each load.");
        }
        let claim = Claim { tolerance: 3.0 * last.error(), ..claim };
        claim.measured(last.mean(), format!("{} ± {}", fixed(last.mean(), 3), fixed(last.error(), 3)))
    }
}

/// N of the cumulant's curves, even steps of a logarithm.
fn sizes(points: usize) -> impl Iterator<Item = usize> {
    let (low, high) = (scalar::ln(12.0), scalar::ln(10_000.0));
    (0..points).map(move |k| (scalar::exp(low + (high - low) * k as f64 / (points - 1) as f64) + 0.5) as usize)
}

impl Experiment for Lab {
    fn views(&self) -> Vec<View> {
        let points = self.ground.n + 1;
        let lines = |x, y, series| Shape::Lines { x, y, series, marks: Vec::new(), field: None };
        let overlaps = lines(
            Axis::linear("overlap of two states", -1.0, 1.0),
            Axis::linear("share of pairs", 0.0, 0.5),
            vec![
                Series::curve("P = 2", points),
                Series::curve("P = 3", points),
                Series::curve("P = 4", points),
                Series::curve("P = 6", points),
            ],
        );
        let entropy = lines(
            Axis::linear("temperature T", 0.05, 1.2).of(&TEMPERATURE),
            Axis::linear("entropy of a unit", -0.4, 0.7),
            vec![
                Series::spread("exact", HEATS),
                Series::curve("one step, N = ∞", LINE),
                Series::reference("symmetric, N = ∞", LINE),
                Series::curve("no states", 2),
            ],
        );
        let valleys = Shape::landscape(["deepest", "second", "third"], (Map::ROWS, Map::COLS), 1);
        let cumulant = lines(
            Axis::log("units N", 12.0, 10_000.0),
            Axis::linear("third cumulant of a unit", -1.2, 0.4),
            vec![
                Series::spread("drawn", ORDERS.len()),
                Series::reference("P = 2", LINE),
                Series::reference("P = 4", LINE),
                Series::reference("P = 3", 2),
            ],
        );
        let recall = lines(
            Axis::linear("load, 1 is critical", 0.4, 1.7),
            Axis::linear("overlap", 0.0, 1.0),
            vec![Series::spread("96 units", LOADS.len()), Series::reference("N = ∞", LINE + 2)],
        );
        vec![
            View::new("Overlaps of two states", Place::Main, overlaps),
            View::new("Entropy of the chosen P", Place::Main, entropy),
            View::new("The deepest valleys of a glass", Place::Main, valleys).moving(),
            View::new("Third cumulant of Hebbian energies", Place::Side, cumulant),
            View::new("Recall of a cubic memory", Place::Side, recall),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let n = self.ground.n;
        let pair = |x: f64, y: f64| [x as f32, y as f32];
        match view {
            OVERLAPS => {
                let mut plot = Plot::new(slot, -2.0);
                for order in 0..ORDERS.len() {
                    let share =
                        |d: usize| Some(pair(1.0 - 2.0 * d as f64 / n as f64, self.overlap_share(order, d)?.min(0.5)));
                    plot.curve(n + 1, (0..=n).rev().filter_map(share));
                }
            }
            ENTROPY => {
                let (p, theory) = (self.p(), self.theory());
                let mut plot = Plot::new(slot, self.temperature);
                let heats = self.counted[self.order].heats.iter().enumerate();
                plot.curve(HEATS, heats.filter_map(|(i, heat)| marker(&heat.entropy, APART * (i + 1) as f64)));
                let along = |k: usize| 0.06 + 1.14 * k as f64 / (LINE - 1) as f64;
                plot.curve(LINE, (0..LINE).map(|k| pair(along(k), theory.entropy(p, along(k)))));
                let symmetric = (0..LINE).map(|k| (along(k), glass::symmetric_entropy(p, along(k))));
                plot.curve(LINE, symmetric.filter(|(_, s)| *s >= -0.4).map(|(t, s)| pair(t, s)));
                plot.curve(2, [pair(0.05, 0.0), pair(1.2, 0.0)]);
            }
            VALLEYS => {
                if let Some(valleys) = &self.valleys[self.order] {
                    Shape::draw_landscape(slot, &valleys.ground, valleys.places, &[]);
                }
            }
            CUMULANT => {
                let mut plot = Plot::new(slot, -1.0);
                let whiskers = |counted: &Counted| {
                    let count = counted.cumulant.count();
                    let (mean, error) = (counted.cumulant.mean(), 2.0 * counted.cumulant.error());
                    (count > 1).then(|| [n as f64, mean, mean - error, mean + error].map(|x| x as f32))
                };
                plot.curve(ORDERS.len(), self.counted.iter().filter_map(whiskers));
                let law = |p: usize| {
                    let load = move |n: usize| (1..p).fold(1.0, |k, _| k * n as f64);
                    sizes(LINE).map(move |n| pair(n as f64, glass::hebbian_third_cumulant(n, p, load(n))))
                };
                plot.curve(LINE, law(2));
                plot.curve(LINE, law(4));
                plot.curve(2, [pair(12.0, 0.0), pair(10_000.0, 0.0)]);
            }
            _ => {
                let mut plot = Plot::new(slot, -1.0);
                plot.curve(LOADS.len(), LOADS.iter().zip(&self.recalls).filter_map(|(load, m)| marker(m, *load)));
                let line = glass::recall_line(CUBIC, LINE).into_iter().filter(|(load, _)| *load >= 0.4);
                plot.curve(LINE + 2, line.chain([(1.0, 0.0), (1.7, 0.0)]).map(|(load, m)| pair(load, m)));
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let n = self.ground.n;
        match view {
            OVERLAPS => {
                let share = |order: usize| match self.middle(order, self.temperature) {
                    Some(share) => format!("{}\u{a0}%", fixed(100.0 * share, 0)),
                    None => "not counted yet".into(),
                };
                let glasses = (0..ORDERS.len()).map(|order| self.samples(order)).min().unwrap_or(0);
                format!(
                    "{} of each P so far. At T = {}, overlaps from 0.3 to 0.7 in size: {} for P = 2, {} for 3, {} for 4, {} for 6. Strangers have {}\u{a0}% there \
                     by chance, for units are few. For an even P a state and its mirror weigh the same, so both sides are equal; for \
                     P = 3 there is no mirror. Shares above one half are cut.",
                    counted(glasses, "glass", "glasses"),
                    fixed(self.temperature, 2),
                    share(0),
                    share(1),
                    share(2),
                    share(3),
                    fixed(100.0 * glass::mass_between(&glass::strangers(n), MIDDLE.0, MIDDLE.1), 0)
                )
            }
            ENTROPY => {
                let (p, t) = (self.p(), self.temperature);
                let exact = self.entropy(t).map_or("not counted yet".into(), |s| fixed(s, 3));
                format!(
                    "P = {p} at T = {}: exact {exact} with {n} units, one step {}, replica symmetry {}. Whiskers are the least \
                     and greatest of {}. In theory valleys part below T = {} and a few hold all states below {}.",
                    fixed(t, 2),
                    fixed(self.theory().entropy(p, t), 3),
                    fixed(glass::symmetric_entropy(p, t), 3),
                    counted(self.samples(self.order), "sample", "samples"),
                    fixed(self.theory().dynamic, 3),
                    fixed(self.theory().fixed, 3)
                )
            }
            VALLEYS => match &self.valleys[self.order] {
                Some(valleys) => {
                    let [first, second, third] = valleys.bottoms.map(|energy| fixed(energy, 2));
                    format!(
                        "The newest glass of P = {}: energies of a unit are {first}, {second} and {third} at the bottoms, and on the plane between \
                         them the mean of states drawn there. No mean goes beyond ±1, so a hole runs on behind its bottom. The larger P, the \
                         flatter the land and the narrower the holes.",
                        self.p()
                    )
                }
                None => "No glass was made yet.".into(),
            },
            CUMULANT => {
                "For as many patterns as there are groups. Pairs go to -1 and stay there. For P = 4 it hardly moves up to 20 \
                         units, because groups exclude each other, and then dies out. Whiskers are two standard errors."
                    .into()
            }
            _ => {
                let ((formula, _), (true_load, _)) = (glass::critical_load(2), mean_field::critical_load());
                format!(
                    "From a stored pattern, at temperature 0. The formula gives {} N² patterns for P = 3 and {} N³ for P = 4. \
                     For P = 2 it would give {} N; what pairs feel of each other leaves {} N. Whiskers: least and greatest.",
                    fixed(glass::critical_load(3).0, 4),
                    fixed(glass::critical_load(4).0, 4),
                    fixed(formula, 2),
                    fixed(true_load, 3)
                )
            }
        }
    }

    fn step(&mut self) -> Status {
        let (glass, turn) = (self.step / TURNS, self.step % TURNS);
        let (sample, order) = (glass / ORDERS.len(), glass % ORDERS.len());
        let (n, p) = (self.ground.n, ORDERS[order]);
        if turn == 0 {
            self.energies = Rc::new(self.glass(glass));
            self.explore(order, &Rc::clone(&self.energies));
        }
        if turn < HEATS / AT_ONCE {
            self.count_heats(order, turn);
        } else if turn == TURNS - 1 {
            self.count_recall(glass);
        } else if p < 6 {
            let patterns = (1..p).fold(1, |k, _| k * n);
            let mut stream = self.ground.rng.child("patterns").stream(&glass.to_string());
            for _ in 0..HEBBIANS {
                let energies = glass::hebbian(n, p, patterns, &mut stream);
                self.counted[order].cumulant.add(glass::third_cumulant(&energies, n));
            }
        }
        self.step += 1;
        let round = ORDERS.len() * TURNS;
        match self.step {
            step if step as u64 == STEPS => Status::Ended("counted"),
            step if step == round => Status::Passed("one of each"),
            step if step == ENOUGH * round && sample + 1 == ENOUGH => Status::Passed("enough to test"),
            _ => Status::Running,
        }
    }

    fn measure(&self, out: &mut [f32]) {
        let t = self.temperature;
        let energy = self.at(self.order, t, |heat| heat.energy.mean());
        let numbers = [self.entropy(t), energy, self.middle(self.order, t)];
        out[0] = self.samples(self.order) as f32;
        out[1..].iter_mut().zip(numbers).for_each(|(out, x)| *out = x.unwrap_or(0.0) as f32);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&UNITS) {
            return Live::Restart;
        }
        self.take(values);
        Live::Now
    }

    fn claims(&self) -> Vec<Claim> {
        vec![
            self.leaves_the_middle_empty(),
            self.transitions_are_known(),
            self.one_step_is_nearer(),
            self.cumulant_stays_for_pairs(),
            self.recall_follows_the_line(),
            self.recall_ends(),
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
        follow(&format!("id=dense-glass&{query}"), super::STEPS)
    }

    #[test]
    fn small_glasses_agree_and_what_does_not_apply_says_so() {
        for (query, not_here) in
            [("units=14&seed=1", 0), ("units=14&seed=2&order=2", 1), ("units=14&seed=3&order=6", 0)]
        {
            let claims = run(query).claims();
            let count = |verdict| claims.iter().filter(|claim| claim.verdict() == verdict).count();
            assert_eq!((count(Verdict::Differs), count(Verdict::NotHere)), (0, not_here), "{query}: {claims:#?}");
        }
    }

    #[test]
    fn temperature_and_order_move_without_losing_what_was_counted() {
        let mut session = run("units=12&seed=2");
        for (name, value) in [("temperature", "0.73"), ("order", "6")] {
            session.set(&[(name.into(), value.into())]).unwrap();
        }
        assert_eq!(session.step(), super::STEPS);
        assert_eq!(session.claims(), run("units=12&seed=2&order=6&temperature=0.73").claims());
    }
}
