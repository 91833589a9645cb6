//! How many patterns a memory holds: recall against load, for learning rules and for orders of interaction.
//!
//! P random patterns of N units of ±1. A probe starts at a pattern, with some units turned over, and settles at
//! temperature 0; its overlap with the pattern is measured. The load is `P / N` for couplings between pairs, `P / N^(n-1)`
//! where n units meet, and `ln P / N` where votes grow exponentially. A step measures one network at one load.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Mark, Metric, Paper, Param, Place, Plot, Preset, Prose, Reach, Series, Shape,
        Start, Status, Unmeasured, View, Wing,
    },
    math::{
        decimal::{fixed, percent, short},
        mat::Mat,
        rng::{Rng, Stream},
        scalar,
    },
    model::memory::{
        dense::{Dense, Interaction, rate},
        mean_field,
        rules::{self, Couplings},
        spins::Spins,
    },
};
use std::f64::consts::LN_2;

static RULE: Param = Param::choice(
    "rule",
    "Rule",
    &[
        ("hebb", "Hebb"),
        ("storkey", "Storkey"),
        ("projection", "Projection"),
        ("perceptron", "Perceptron"),
        ("unlearning", "Hebb, then dreams"),
        ("order-3", "Three units meet"),
        ("rectified-3", "Three meet, rectified"),
        ("order-4", "Four units meet"),
        ("rectified-4", "Four meet, rectified"),
        ("order-5", "Five units meet"),
        ("order-6", "Six units meet"),
        ("exp", "Exponential votes"),
    ],
    "How patterns are stored. The first five couple pairs of units; in the others a pattern votes by a power of its \
     overlap, or by its exponential. Rectified votes leave out overlaps below zero.",
);
static UNITS: Param = Param::int(
    "units",
    "Units N",
    (30, 500, 1024),
    "The perceptron takes at most 64: it learns in many rounds. Dreams take 128. Where three units meet at most 128 are taken, where \
     four meet 64, where five or six meet 32: there one unit more is thousands of patterns. Exponential votes fill the page's memory \
     with 16, and with more where cues are spoilt.",
);
static PATTERNS: Param = Param::int(
    "patterns",
    "Patterns P",
    (0, 0, 65536),
    "0 takes twelve loads of a range, set below. Any other number is stored in every network, as far as the range of the rule goes, and the claims \
     about where recall ends rest.",
);
static TURNED: Param = Param::share(
    "turned",
    "Units turned over",
    (0.0, 0.0, 0.4),
    "How far from its pattern a probe starts. At 0 it is asked only whether the pattern stays.",
)
.ends("does it stay", "does it come back");
static FIRST: Param = Param::float(
    "first",
    "Range from",
    (0.0, 0.0, 0.9),
    "Where the loads begin, as a share of the range of the rule, which the chart shows. The first load that is measured is one of twelve steps beyond.",
)
.ends("few patterns", "many");
static LAST: Param = Param::float(
    "last",
    "Range to",
    (0.05, 1.0, 1.0),
    "The greatest load, as a share of the range of the rule. To see an edge more closely begin before it and end behind it.",
)
.ends("few patterns", "many");
static NETWORKS: Param = Param::int(
    "networks",
    "Networks",
    (1, 4, 10),
    "How many are made for each load, with patterns of their own. Whiskers reach from the worst of them to the best.",
);

pub static ENTRY: Entry = Entry {
    id: "capacity",
    wing: Wing::Memory,
    prose: Prose {
        title: "How much fits in",
        paper: Some(Paper {
            title: "Storing infinite numbers of patterns in a spin-glass model of neural networks",
            authors: "Amit, Gutfreund and Sompolinsky",
            year: 1985,
            link: "https://doi.org/10.1103/PhysRevLett.55.1530",
        }),
        card: "One memory more, and one more, until the network loses them all.",
        lead: "Networks are filled with more and more patterns. Each law of capacity is a line, and each network is measured beside it.",
        about: &[
            "With Hebb's rule each pattern disturbs all others a little. Up to 0.138 patterns for each unit the disturbance only \
             turns over a unit here and there. A few patterns more, and none of them comes back: memory is lost all at once.",
            "Better rules take into account what is stored already. Storkey's does it with what two units know, the projection \
             with all patterns at once. And where three or more units meet instead of two, room grows by a power of the network's size.",
            "The perceptron goes round and corrects each unit that a pattern does not hold, until all hold. It cannot fail where \
             there are couplings that hold them, if it has the time; up to a load of 1 the projection is such. No couplings hold more than two \
             patterns for each unit. These are the same in both directions, and here it stops after 200 rounds: \
             where between 1 and 2 it ends is measured, no line is drawn for it.",
            "Dreams weaken what the network falls into from chance beginnings. That takes away what patterns have in common, and room grows. There is no law of it here: \
             Hebb's law is the line that they should leave behind.",
            "With exponential votes room grows exponentially, so its load is the logarithm of the number of patterns. The theorem \
             grants so many at least. Recall goes on to about twice that exponent, where some other pattern lies as near to the cue; the dashed \
             line is the chance that none does.",
            "To stay is not to come back. Under projection each pattern stays up to a load of 1, but the basin around it closes \
             long before: a cue with a tenth of its units turned over is drawn nearer only up to about half of that load. The line is of the first step; from cues farther off recall ends \
             before it.",
            "The laws are for networks without end. At some hundred units the edge is rounded and lies a little further out, \
             and what is left beyond it is an overlap of a third, since a network that starts at a pattern stays in its neighbourhood. For \
             the overlap itself there is a line for Hebb's rule and the projection only: of the others this page knows no law but the end.",
        ],
        formulas: &[
            r"P_{\text{wrong}} = \tfrac12 \operatorname{erfc} \sqrt{\frac{N}{2 (P - 1)}}",
            r"P_{\max} \approx \frac{N}{2 \ln N}, \quad \frac{N}{\sqrt{2 \ln N}}, \quad N",
            r"P_{\max} \approx \frac{N^{n-1}}{2 (2n-3)!! \ln N}, \quad e^{N I(1 - 2\rho) / 2}",
            r"I(x) = \tfrac12 \bigl[(1+x) \ln (1+x) + (1-x) \ln (1-x)\bigr]",
        ],
        symbols: &[
            ("N", "units"),
            ("P", "patterns"),
            (r"P_{\text{wrong}}", "the chance that a unit of a stored pattern wants to leave it, under Hebb's rule"),
            (r"P_{\max}", "how many patterns stay whole: Hebb, Storkey, projection; where $n$ units meet, and with exponential votes"),
            (r"\rho", "the share of units turned over"),
        ],
        words: "hebb storkey projection pseudo-inverse perceptron krauth mezard gardner exponential demircigil dense krotov hopfield load theory overlap catastrophic forgetting",
    }
    .told(),
    params: &[&RULE, &UNITS, &PATTERNS, &TURNED, &FIRST, &LAST, &NETWORKS],
    metrics: &[
        Metric::new("limit", "limit", "The load up to which half of the probes come back whole, as far as it is measured; 0 where a set number of patterns is too much."),
        Metric::new("load", "load", "The load of the network that was measured last."),
        Metric::new("overlap", "overlap", "Its mean overlap after settling."),
        Metric::new("whole", "whole", "The share of its probes that came back whole."),
    ],
    presets: &[
        Preset::new("Hebb", "The oldest rule, and its sudden end.", &[]),
        Preset::new(
            "The edge, closer",
            "Twelve loads from 0.11 to 0.18: the end of Hebb's rule.",
            &[("first", "0.45"), ("last", "0.75"), ("units", "800")],
        ),
        Preset::new(
            "Beyond the edge",
            "Ten networks with 85 patterns each, where 69 is the law: one keeps more of them than another.",
            &[("patterns", "85"), ("networks", "10")],
        ),
        Preset::new("Storkey", "The same couplings, better learnt.", &[("rule", "storkey"), ("units", "144")]),
        Preset::new(
            "Projection",
            "Every pattern stays, up to one for each unit. Coming back is another matter.",
            &[("rule", "projection"), ("units", "128"), ("turned", "0.1")],
        ),
        Preset::new(
            "Storkey, spoilt cues",
            "A tenth of each cue is wrong: half a pattern for each unit is already too much.",
            &[("rule", "storkey"), ("units", "128"), ("turned", "0.1")],
        ),
        Preset::new(
            "Dreams",
            "Hebb's couplings after three hundred dreams hold many more patterns.",
            &[("rule", "unlearning"), ("units", "128")],
        ),
        Preset::new("Three meet", "Room for some three hundred patterns, where Hebb's rule has room for eleven.", &[("rule", "order-3"), ("units", "100")]),
        Preset::new("Rectified", "Overlaps below zero have no vote: twice as much room.", &[("rule", "rectified-3"), ("units", "100")]),
        Preset::new("Perceptron", "It corrects its mistakes, and holds more patterns than it has units.", &[("rule", "perceptron"), ("units", "60")]),
        Preset::new(
            "Exponential",
            "Forty units, a fifth of them wrong, and still some thousand patterns.",
            &[("rule", "exp"), ("units", "40"), ("turned", "0.2")],
        ),
    ],
    steps: (LOADS * 10) as u64,
    log_steps: false,
    pace: 0.0,
    thumbnail: 0,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(Capacity::new(start))),
};

/// Loads that are measured.
const LOADS: usize = 12;
/// The least share of its range that a run covers.
const LEAST_RANGE: f64 = 0.04;
/// Probes of each network.
const PROBES: usize = 16;
/// Points of a line of theory.
const POINTS: usize = 48;
/// Dreams for each unit, and how much each weakens: three hundred for 128 units.
const DREAMS: (f64, f32) = (2.35, 0.01);
/// Loads are measured in this stride, so that dear and cheap ones take turns and the time that is left can be told.
const STRIDE: usize = 5;
/// Rounds after which the perceptron stops.
const ROUNDS: usize = 200;
/// About how many patterns are drawn at the most where votes are exponential.
const MOST_PATTERNS: f64 = 65536.0;
/// Rule, patterns, and the share of cues that came back in a prototype of 128 units with 13 of them turned over.
const BASINS: [(&str, usize, f64); 4] =
    [("hebb", 26, 0.16), ("storkey", 45, 0.64), ("storkey", 64, 0.04), ("projection", 64, 0.59)];
/// Sweeps after which a probe that does not settle is taken as it is.
const SWEEPS: usize = 60;

/// Why a claim about the end of recall rests.
const ONE_LOAD: &str = "All networks have the same load here. Set the patterns to 0 for a range.";

const OVERLAP: usize = 0;

/// A way of storing, and what is known of it.
#[derive(Clone, Copy)]
enum Rule {
    Pairs(fn(&Mat, &mut Stream) -> Couplings),
    Votes(Interaction),
}

impl Rule {
    fn read(name: &str) -> Self {
        match name {
            "storkey" => Self::Pairs(|patterns, _| rules::storkey(patterns)),
            "projection" => Self::Pairs(|patterns, _| rules::projection(patterns)),
            "perceptron" => Self::Pairs(|patterns, _| rules::perceptron(patterns, 1.0, ROUNDS).couplings),
            "unlearning" => Self::Pairs(|patterns, stream| {
                rules::unlearning(patterns, (DREAMS.0 * patterns.cols as f64) as usize, DREAMS.1, stream)
            }),
            "order-3" => Self::Votes(Interaction::Power(3)),
            "rectified-3" => Self::Votes(Interaction::Rectified(3)),
            "order-4" => Self::Votes(Interaction::Power(4)),
            "rectified-4" => Self::Votes(Interaction::Rectified(4)),
            "order-5" => Self::Votes(Interaction::Power(5)),
            "order-6" => Self::Votes(Interaction::Power(6)),
            "exp" => Self::Votes(Interaction::Exponential),
            _ => Self::Pairs(|patterns, _| rules::hebb(patterns)),
        }
    }

    /// The most units that are taken, where probes start with a share of theirs turned over.
    fn most_units(self, name: &str, turned: f64) -> usize {
        match self {
            Self::Votes(Interaction::Power(3) | Interaction::Rectified(3)) => 128,
            Self::Votes(Interaction::Power(4) | Interaction::Rectified(4)) => 64,
            Self::Votes(Interaction::Power(_) | Interaction::Rectified(_)) => 32,
            Self::Votes(_) => (scalar::ln(MOST_PATTERNS) / most_exponent(turned)) as usize,
            Self::Pairs(_) if name == "perceptron" => 64,
            Self::Pairs(_) if name == "unlearning" => 128,
            Self::Pairs(_) => usize::MAX,
        }
    }
}

/// The greatest `ln P / N` with exponential votes: beyond the end of recall, and no more patterns than there are states.
fn most_exponent(turned: f64) -> f64 {
    (1.3 * rate(1.0 - 2.0 * turned)).min(LN_2)
}

/// What one network did.
#[derive(Clone, Copy)]
struct Measured {
    /// Mean overlap of its probes after settling.
    overlap: f32,
    /// The share of them that came back whole.
    whole: f32,
    /// Units of all of them that wanted to leave at once.
    wrong: u32,
}

#[derive(Clone)]
struct Capacity {
    name: &'static str,
    rule: Rule,
    most_units: usize,
    n: usize,
    /// The share of units turned over, by whole units.
    turned: f64,
    networks: usize,
    /// The load of all networks, where a number of patterns is asked for.
    asked: Option<f64>,
    /// Where the loads begin and end, as shares of the range of the rule.
    range: (f64, f64),
    rng: Rng,
    /// For each load, its networks so far.
    measured: Vec<Vec<Measured>>,
    done: usize,
}

/// Units in a share of them.
fn flips(turned: f64, n: usize) -> usize {
    (turned * n as f64 + 0.5) as usize
}

/// What one network does at one load.
fn probe(rule: Rule, n: usize, p: usize, turned: f64, stream: &mut Stream) -> Measured {
    let patterns = rules::random_patterns(p, n, stream);
    let flips = flips(turned, n);
    let (mut overlap, mut whole, mut wrong) = (0.0, 0.0, 0);
    let mut count = |m: f64| {
        overlap += m / PROBES as f64;
        whole += if m > 1.0 - 1e-9 { 1.0 / PROBES as f64 } else { 0.0 };
    };
    match rule {
        Rule::Pairs(learn) => {
            let couplings = learn(&patterns, stream);
            for k in 0..PROBES {
                let pattern = patterns.row(k % p);
                let mut cue = pattern.to_vec();
                stream.choose(flips, n).into_iter().for_each(|i| cue[i] = -cue[i]);
                let mut spins = Spins::new(&couplings, cue);
                let leaves = |i: &usize| spins.field(&couplings, *i) * f64::from(spins.state()[*i]) < 0.0;
                wrong += (0..n).filter(leaves).count();
                spins.settle(&couplings, stream, SWEEPS);
                count(spins.overlap(pattern));
            }
        }
        Rule::Votes(interaction) => {
            let memory = Dense::new(&patterns, interaction);
            for k in 0..PROBES {
                let pattern = memory.pattern(k % p);
                let mut state = memory.state(pattern.clone());
                stream.choose(flips, n).into_iter().for_each(|i| memory.flip(&mut state, i));
                wrong += (0..n).filter(|i| memory.field(&state, *i) * f64::from(state.spins[*i]) < 0.0).count();
                memory.settle(&mut state, stream, SWEEPS);
                count(state.spins.iter().zip(&pattern).map(|(s, x)| f64::from(s * x)).sum::<f64>() / n as f64);
            }
        }
    }
    Measured { overlap: overlap as f32, whole: whole as f32, wrong: wrong as u32 }
}

impl Capacity {
    fn new(start: &Start) -> Self {
        let name = start.values.choice(&RULE);
        let rule = Rule::read(name);
        let turned = start.values.float(&TURNED);
        let most_units = rule.most_units(name, turned);
        let n = start.values.int(&UNITS).min(most_units);
        let mut capacity = Self {
            name,
            rule,
            most_units,
            n,
            turned: flips(turned, n) as f64 / n as f64,
            networks: start.values.int(&NETWORKS),
            range: {
                let (first, last) = (start.values.float(&FIRST), start.values.float(&LAST));
                (first.min(last - LEAST_RANGE), last)
            },
            asked: None,
            rng: start.rng.clone(),
            measured: vec![Vec::new(); LOADS],
            done: 0,
        };
        let patterns = start.values.int(&PATTERNS).min(capacity.patterns(capacity.end()));
        if patterns > 0 {
            capacity.asked = Some(capacity.load_of(patterns));
            capacity.range = (0.0, 1.0);
        }
        capacity
    }

    /// P for a load of 1 where the load is a share: N, N², N³.
    fn unit(&self) -> f64 {
        let power = match self.rule {
            Rule::Votes(Interaction::Power(order) | Interaction::Rectified(order)) => order - 1,
            _ => 1,
        };
        (0..power).fold(1.0, |product, _| product * self.n as f64)
    }

    fn exponential(&self) -> bool {
        matches!(self.rule, Rule::Votes(Interaction::Exponential))
    }

    fn most_load(&self) -> f64 {
        self.range.1 * self.end()
    }

    fn least_load(&self) -> f64 {
        self.range.0 * self.end()
    }

    /// Where the range of the rule ends, well beyond its law.
    fn end(&self) -> f64 {
        match self.name {
            "hebb" => 0.24,
            "storkey" | "unlearning" => 0.6,
            "projection" => 1.0,
            "perceptron" => 1.8,
            "exp" => most_exponent(self.turned),
            // Three times what the law of whole patterns allows.
            _ => 3.0 * self.law(),
        }
    }

    /// The load up to which patterns stay whole, by the law of the rule.
    fn law(&self) -> f64 {
        match self.rule {
            Rule::Votes(interaction @ (Interaction::Power(_) | Interaction::Rectified(_))) => {
                interaction.capacity(self.n, 0.0).unwrap_or(0.0) / self.unit()
            }
            Rule::Votes(_) => 0.5 * rate(1.0 - 2.0 * self.turned),
            Rule::Pairs(_) => match self.name {
                "storkey" => rules::storkey_capacity(self.n) / self.n as f64,
                "projection" | "perceptron" => 1.0,
                _ => rules::hebb_capacity(self.n) / self.n as f64,
            },
        }
    }

    /// How many loads are measured.
    fn loads(&self) -> usize {
        if self.asked.is_some() { 1 } else { LOADS }
    }

    fn load(&self, k: usize) -> f64 {
        self.asked.unwrap_or_else(|| self.along((k as f64 + 1.0) / LOADS as f64))
    }

    /// The load at a share of the way from the first to the last.
    fn along(&self, share: f64) -> f64 {
        self.least_load() + (self.most_load() - self.least_load()) * share
    }

    /// Which load, and which of its networks, is measured as the `i`-th.
    fn place(&self, i: usize) -> (usize, usize) {
        let loads = self.loads();
        ((i % loads * STRIDE + STRIDE - 1) % loads, i / loads)
    }

    /// The load of so many patterns.
    fn load_of(&self, patterns: usize) -> f64 {
        if self.exponential() { scalar::ln(patterns as f64) / self.n as f64 } else { patterns as f64 / self.unit() }
    }

    fn patterns(&self, load: f64) -> usize {
        let count = if self.exponential() { scalar::exp(load * self.n as f64) } else { load * self.unit() };
        ((count + 0.5) as usize).max(1)
    }

    /// Load, mean, least and greatest, for each load that has networks.
    fn spread(&self, figure: fn(&Measured) -> f32) -> impl Iterator<Item = [f32; 4]> {
        self.measured.iter().enumerate().filter(|(_, networks)| !networks.is_empty()).map(move |(k, networks)| {
            let figures = networks.iter().map(figure);
            let mean = figures.clone().sum::<f32>() / networks.len() as f32;
            let least = figures.clone().fold(f32::INFINITY, f32::min);
            [self.load(k) as f32, mean, least, figures.fold(f32::NEG_INFINITY, f32::max)]
        })
    }

    /// What theory says of the overlap, as far as it says anything: Hebb's rule, from the pattern itself, and projection.
    fn theory(&self) -> Vec<[f32; 2]> {
        if self.name == "projection" {
            let end = self.first_step_helps() as f32;
            return vec![[0.0, 1.0], [end, 1.0], [end, (1.0 - 2.0 * self.turned) as f32]];
        }
        if self.name != "hebb" || self.turned > 0.0 {
            return Vec::new();
        }
        let load = |k: usize| self.along(k as f64 / (POINTS - 1) as f64);
        let kept = (1..POINTS).map_while(|k| mean_field::recall(load(k), 0.0).map(|m| [load(k) as f32, m as f32]));
        let (end, m) = mean_field::critical_load();
        let all = kept.chain([[end as f32, m as f32], [end as f32, 0.0]]);
        all.filter(|[load, _]| (self.least_load()..=self.most_load()).contains(&f64::from(*load))).collect()
    }

    /// The chance that a random pattern lies as near to a cue as its own does: a binomial tail.
    fn as_near(&self) -> f64 {
        let mut term = scalar::pow(0.5, self.n as f64);
        let mut tail = term;
        for k in 1..=flips(self.turned, self.n) {
            term *= (self.n - k + 1) as f64 / k as f64;
            tail += term;
        }
        tail
    }

    /// `P_wrong`, the chance that a unit of a pattern wants to leave it, as far as there is a formula.
    fn wrong(&self, load: f64) -> Option<f64> {
        match self.rule {
            Rule::Votes(interaction) => interaction.one_step_error(self.n, self.patterns(load)),
            Rule::Pairs(_) if self.name == "hebb" => {
                let others = self.patterns(load) as f64 - 1.0;
                Some(0.5 * scalar::erfc((self.n as f64 / (2.0 * others.max(1e-9))).sqrt()))
            }
            Rule::Pairs(_) => None,
        }
    }

    /// The chance that a pattern stays whole, `(1 - P_wrong)^N`, as far as theory gives `P_wrong`; with exponential votes
    /// that no other pattern lies as near to the cue.
    fn chance_whole(&self, load: f64) -> Option<f64> {
        if self.exponential() {
            return Some(scalar::pow(1.0 - self.as_near(), self.patterns(load) as f64 - 1.0));
        }
        self.wrong(load).map(|wrong| scalar::pow(1.0 - wrong, self.n as f64))
    }

    /// The line of that chance, where it is of these probes.
    fn line_whole(&self) -> Vec<[f32; 2]> {
        // At a pattern itself, one a unit away has as many votes against a unit as it has for it: there the chance says too much.
        if (self.turned > 0.0) != self.exponential() {
            return Vec::new();
        }
        let load = |k: usize| self.along((k as f64 + 1.0) / POINTS as f64);
        (0..POINTS).filter_map(|k| Some([load(k) as f32, self.chance_whole(load(k))? as f32])).collect()
    }

    /// The load up to which half of the patterns can stay whole at the most: by the chance above, or else by what is known
    /// of the rule.
    fn most_whole(&self) -> f64 {
        match self.name {
            // Lost in a prototype of 64 to 144 units.
            "storkey" => 0.5,
            // What the projection holds.
            "unlearning" | "projection" => 1.0,
            // No couplings hold more.
            "perceptron" => 2.0,
            _ => {
                let (mut low, mut high) = (0.0, 2.0 * self.end());
                for _ in 0..40 {
                    let middle = 0.5 * (low + high);
                    let stays = self.chance_whole(middle).is_some_and(|chance| chance >= 0.5);
                    if stays { low = middle } else { high = middle }
                }
                // The mean falls somewhere between two loads that are measured, and chance in some dozen probes moves it as far.
                low + 2.0 * self.spacing()
            }
        }
    }

    /// From one load that is measured to the next.
    fn spacing(&self) -> f64 {
        (self.most_load() - self.least_load()) / LOADS as f64
    }

    /// Whether every load has all its networks.
    fn whole(&self) -> bool {
        self.done >= self.loads() * self.networks
    }

    /// The load at which the mean of a figure falls below a height, between the points; none where it does not.
    fn falls_below(&self, height: f32, figure: fn(&Measured) -> f32) -> Option<f64> {
        let points: Vec<[f32; 4]> = self.spread(figure).collect();
        let k = points.iter().position(|point| point[1] < height)?;
        let [right, low, ..] = points[k];
        let [left, high] = if k == 0 { [0.0, 1.0] } else { [points[k - 1][0], points[k - 1][1]] };
        let share = if high > low { (high - height) / (high - low) } else { 0.0 };
        Some(f64::from(left + share * (right - left)))
    }

    /// Why nobody sees here where a figure falls below a height, if so.
    fn unseen(&self, height: f32, figure: fn(&Measured) -> f32) -> Option<&'static str> {
        let first = self.spread(figure).next()?;
        if self.range.0 > 0.0 && first[1] < height {
            return Some("It has fallen before the first of these loads. Begin with less.");
        }
        (self.range.1 < 1.0 && self.falls_below(height, figure).is_none())
            .then_some("It does not fall at these loads. Go on to more.")
    }

    /// Why a claim cannot be held against this run, if so.
    fn unmeasured(&self) -> Option<Unmeasured> {
        if self.turned > 0.0 && !self.exponential() {
            return Some(Unmeasured::NotHere(
                "The law is about patterns that stay. Turn no units over to test it.".into(),
            ));
        }
        let all = self.loads() * self.networks;
        (!self.whole()).then(|| Unmeasured::NotYet(format!("{} of {all} networks are measured.", self.done)))
    }

    fn stays_whole(&self) -> Claim {
        let source = match self.name {
            "storkey" => "Storkey 1997, capacity N / √(2 ln N)",
            "projection" => "Personnaz, Guyon and Dreyfus 1985, capacity N",
            "hebb" => "McEliece et al. 1987, capacity N / (2 ln N)",
            "unlearning" => "Hopfield, Feinstein and Palmer 1983; N / (2 ln N) of Hebb's rule",
            "perceptron" => "Krauth and Mézard 1987: it finds couplings where there are any, as there are up to N",
            "exp" => "Demircigil et al. 2017, capacity exp(N I(1 - 2ρ) / 2)",
            _ => "Krotov and Hopfield 2016",
        };
        // Projection ends at N exactly, where the ridge blurs the last few.
        let law = match self.name {
            "projection" => 0.9,
            "unlearning" => 1.5 * self.law(),
            _ => self.law(),
        };
        let most = self.most_load();
        let limit = self.most_whole();
        let says = match self.name {
            "unlearning" => "Dreams make half as much room again as the law of Hebb's rule, at least.",
            "perceptron" => "Couplings are found for a pattern for each unit, and there are none for two.",
            "exp" => "What the theorem grants stays whole, until another pattern is likely to be near.",
            _ => "Half of the patterns still stay whole where the law of this rule ends, and no more soon after.",
        };
        let claim = Claim::new(says, source)
            .expect(law, limit, &format!("up to a load of {} to {}", short(law), short(limit)))
            .on((0.0, "0"), (most, &short(most)));
        if self.asked.is_some() {
            return claim.not_here(ONE_LOAD);
        }
        if let Some(why) = self.unmeasured() {
            return claim.unmeasured(why);
        }
        if let Some(why) = self.unseen(0.5, |network| network.whole) {
            return claim.not_here(why);
        }
        match self.falls_below(0.5, |network| network.whole) {
            Some(load) => claim.measured(load, short(load)),
            None => claim.measured(most, format!("beyond {}", short(most))),
        }
    }

    /// Exponential votes decide for the nearest pattern, and fail where that is another.
    fn nearest_wins(&self) -> Claim {
        let claim =
            Claim::new("Cues come back until another pattern is likely to be as near.", "nearest-pattern decoding")
                .on((0.0, "0"), (self.most_load(), &short(self.most_load())));
        if !self.exponential() || self.turned <= 0.0 {
            return claim.not_here("This speaks of exponential votes, and of probes with some units turned over.");
        }
        if self.asked.is_some() {
            return claim.not_here(ONE_LOAD);
        }
        // Of P - 1 others none is as near with a chance of a half.
        let end = scalar::ln(1.0 + LN_2 / self.as_near()) / self.n as f64;
        // The mean falls somewhere between two loads that are measured.
        let spacing = self.spacing();
        let claim = Claim { tolerance: spacing, ..claim }.expect(
            end,
            end,
            &format!("half of the probes whole up to {} ± {}", fixed(end, 3), fixed(spacing, 3)),
        );
        if let Some(why) = self.unmeasured() {
            return claim.unmeasured(why);
        }
        if let Some(why) = self.unseen(0.5, |network| network.whole) {
            return claim.not_here(why);
        }
        match self.falls_below(0.5, |network| network.whole) {
            Some(load) => claim.measured(load, fixed(load, 3)),
            None => claim.measured(self.most_load(), format!("beyond {}", fixed(self.most_load(), 3))),
        }
    }

    fn breaks_down(&self) -> Claim {
        let claim = Claim::new(
            "Hebb's rule loses all patterns at once, at 0.138 for each unit.",
            "Amit, Gutfreund and Sompolinsky 1985",
        )
        .expect(0.13, 0.17, "overlap below 0.9 at 0.13 to 0.17, and below 0.6 by 0.2")
        .on((0.0, "0"), (0.24, "0.24"));
        if self.name != "hebb" {
            return claim.not_here("This speaks of Hebb's rule.");
        }
        if self.asked.is_some() {
            return claim.not_here(ONE_LOAD);
        }
        if let Some(why) = self.unmeasured() {
            return claim.unmeasured(why);
        }
        let overlap = |network: &Measured| network.overlap;
        if let Some(why) = self.unseen(0.9, overlap) {
            return claim.not_here(why);
        }
        let claim = claim.because("Small networks break a little later than those without end.");
        let late = self.falls_below(0.6, overlap).unwrap_or(f64::INFINITY);
        match self.falls_below(0.9, overlap) {
            Some(load) if late <= 0.2 || self.most_load() < 0.2 => claim.measured(load, fixed(load, 3)),
            Some(load) => {
                claim.measured(late.min(self.most_load()), format!("{}, but not lost by 0.2", fixed(load, 3)))
            }
            None => claim.measured(self.most_load(), format!("beyond {}", short(self.most_load()))),
        }
    }

    /// Crosstalk: units that leave their pattern at once, of all probes together.
    fn wrong_at_once(&self) -> Claim {
        let claim = Claim::new(
            "As many units leave their pattern at once as crosstalk makes them.",
            "Hertz, Krogh and Palmer 1991; Krotov and Hopfield 2016",
        )
        .expect(1.0, 1.0, "as many as the formula says");
        let asked = (self.networks * PROBES * self.n) as f64;
        let all: Option<f64> = (0..self.loads()).map(|k| self.wrong(self.load(k))).sum();
        let Some(expected) = all.map(|all| all * asked) else {
            return claim.not_here("This page has the formula for Hebb's rule and for powers.");
        };
        if expected < 30.0 {
            return claim.not_here("Too few are expected to be counted here. Go on to more.");
        }
        // Tails of few units with steep votes are longer than normal ones.
        let skew = if self.name == "hebb" { 0.05 } else { 0.25 };
        let tolerance = 3.0 / expected.sqrt() + skew;
        let claim = Claim { tolerance, ..claim }
            .expect(1.0, 1.0, &format!("{} ± {} % in all", fixed(expected, 0), fixed(100.0 * tolerance, 0)))
            .on((0.0, "none"), (2.0, "twice"));
        if let Some(why) = self.unmeasured() {
            return claim.unmeasured(why);
        }
        let wrong: f64 = self.measured.iter().flatten().map(|network| f64::from(network.wrong)).sum();
        claim.measured(wrong / expected, format!("{}, {} times as many", fixed(wrong, 0), fixed(wrong / expected, 2)))
    }

    /// Patterns that stay at a quarter for each unit, where Hebb's rule has lost them and Storkey's has not.
    fn quarter(&self) -> Claim {
        let claim = Claim::new(
            "At a quarter of a pattern for each unit Storkey's rule still keeps them whole.",
            "Storkey 1997",
        )
        .expect(0.97, 1.0, "at least 97 % whole")
        .on((0.0, "0"), (1.0, "100 %"));
        if self.name != "storkey" || self.n > 150 {
            return claim.not_here("This speaks of Storkey's rule and of 150 units at most.");
        }
        if let Some(why) = self.unmeasured() {
            return claim.unmeasured(why);
        }
        let mut near = self.spread(|network| network.whole).filter(|[load, ..]| (load - 0.25).abs() < 0.01);
        match near.next() {
            Some([_, whole, ..]) => claim.measured(whole.into(), percent(whole.into(), 0)),
            None => claim.not_here("None of these loads is a quarter."),
        }
    }

    /// Projection from spoilt cues: patterns stay up to a load of 1, but are found only while a first step helps.
    fn basins_close(&self) -> Claim {
        let claim = Claim::new(
            "Spoilt cues come back while the first step brings them nearer.",
            "signal and noise of one step",
        )
        .on((0.0, "0"), (1.0, "1"));
        if self.name != "projection" || self.turned <= 0.0 {
            return claim.not_here("This speaks of projection, and of probes with some units turned over.");
        }
        if self.asked.is_some() {
            return claim.not_here(ONE_LOAD);
        }
        let end = self.first_step_helps();
        // The mean falls somewhere between two loads that are measured.
        let spacing = self.spacing();
        let text = format!("half of the probes whole up to {} ± {}", short(end), short(spacing));
        let claim = Claim { tolerance: spacing, ..claim }.expect(end, end, &text);
        if !self.whole() {
            return claim.because(format!("{} of {} networks are measured.", self.done, self.loads() * self.networks));
        }
        if let Some(why) = self.unseen(0.5, |network| network.whole) {
            return claim.not_here(why);
        }
        match self.falls_below(0.5, |network| network.whole) {
            Some(load) if load < end - spacing => claim.measured(load, fixed(load, 3)).because(
                "One step is not the whole way: from far cues the errors of later steps hang together, and recall ends earlier.",
            ),
            Some(load) => claim.measured(load, fixed(load, 3)),
            None => claim.measured(self.most_load(), "beyond 1".into()),
        }
    }

    /// How many spoilt cues come back, held against a prototype.
    fn basins_are_known(&self) -> Claim {
        let claim = Claim::new(
            "As many spoilt cues come back as in our reference simulation.",
            "our reference simulation of 128 units, a tenth of them turned over",
        )
        .on((-0.5, "half less"), (0.5, "half more"))
        .expect(0.0, 0.0, "the same share, ± 15 points");
        let claim = Claim { tolerance: 0.15, ..claim };
        if self.n != 128 || flips(self.turned, self.n) != 13 {
            return claim.not_here("Take 128 units and turn a tenth of them over.");
        }
        let known = BASINS.iter().filter(|(name, ..)| *name == self.name);
        let place = |patterns: usize| (0..self.loads()).find(|k| self.patterns(self.load(*k)) == patterns);
        let known: Vec<(usize, usize, f64)> =
            known.filter_map(|(_, patterns, share)| Some((place(*patterns)?, *patterns, *share))).collect();
        if known.is_empty() {
            return claim.not_here("Of this rule, or of these loads, no share is known.");
        }
        if !self.whole() {
            return claim.because(format!("{} of {} networks are measured.", self.done, self.loads() * self.networks));
        }
        let back = |k: usize| {
            let networks = &self.measured[k];
            networks.iter().map(|network| f64::from(network.whole)).sum::<f64>() / networks.len().max(1) as f64
        };
        let away = known.iter().map(|(k, _, share)| back(*k) - share);
        let worst = away.max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
        let told: Vec<String> = known
            .iter()
            .map(|(k, patterns, share)| {
                format!("{} of {patterns} patterns, {} there", percent(back(*k), 0), percent(*share, 0))
            })
            .collect();
        claim.measured(worst, told.join("; "))
    }

    /// The load up to which one step brings a spoilt cue nearer to its pattern under projection. A cue of overlap m meets
    /// a signal `m (1 - alpha)` and a noise of variance `alpha (1 - alpha) (1 - m²)`, so that its overlap becomes
    /// `erf(m √(1 - alpha) / √(2 alpha (1 - m²)))`; the load is where that is m again.
    fn first_step_helps(&self) -> f64 {
        let m = 1.0 - 2.0 * self.turned;
        let (mut low, mut high) = (0.0, 6.0);
        for _ in 0..60 {
            let x = 0.5 * (low + high);
            if scalar::erf(x) < m { low = x } else { high = x }
        }
        1.0 / (1.0 + 2.0 * low * low * (1.0 - m * m) / (m * m))
    }

    fn follows_theory(&self) -> Claim {
        let claim = Claim::new("Before that, the overlap is that of theory.", "Amit, Gutfreund and Sompolinsky 1985")
            .expect(0.0, 0.02, "within 0.02 up to a load of 0.12")
            .on((0.0, "0"), (0.1, "0.1"));
        if self.name != "hebb" {
            return claim.not_here("There is such a theory for Hebb's rule only.");
        }
        if let Some(why) = self.unmeasured() {
            return claim.unmeasured(why);
        }
        let gaps =
            self.spread(|network| network.overlap).filter(|point| point[0] <= 0.121).filter_map(|[load, mean, ..]| {
                mean_field::recall(f64::from(load), 0.0).map(|m| (f64::from(mean) - m).abs())
            });
        let Some(gap) = gaps.max_by(f64::total_cmp) else {
            return claim.not_here("None of these loads is below 0.12.");
        };
        claim.measured(gap, fixed(gap, 4))
    }
}

impl Experiment for Capacity {
    fn views(&self) -> Vec<View> {
        let name = match self.rule {
            Rule::Pairs(_) => "load, patterns for each unit",
            Rule::Votes(Interaction::Power(3) | Interaction::Rectified(3)) => "load, patterns for each pair of units",
            Rule::Votes(Interaction::Power(4) | Interaction::Rectified(4)) => "load, patterns for each triple of units",
            Rule::Votes(Interaction::Power(5)) => "load, patterns for each four units",
            Rule::Votes(Interaction::Power(_) | Interaction::Rectified(_)) => "load, patterns for each five units",
            Rule::Votes(_) => "load, ln P for each unit",
        };
        let (least, most) = (self.least_load(), self.most_load());
        let law = if self.name == "projection" { self.first_step_helps() } else { self.law() };
        let chart = |y, marks| Shape::Lines {
            x: Axis::linear(name, least, most),
            y: Axis::linear(y, 0.0, 1.0),
            series: vec![Series::spread("measured", LOADS), Series::reference("theory", POINTS + 2)],
            marks,
            field: None,
        };
        let mark = (law > least && law < most).then(|| Mark { at: law, label: short(law) });
        vec![
            View::new("Overlap after settling", Place::Main, chart("overlap", Vec::new())),
            View::new("Whole patterns", Place::Side, chart("share", mark.into_iter().collect())),
        ]
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        let last = self.done.checked_sub(1).map_or(-1.0, |done| self.load(self.place(done).0));
        let mut plot = Plot::new(slot, last);
        let (figure, theory): (fn(&Measured) -> f32, _) = match view {
            OVERLAP => (|network| network.overlap, self.theory()),
            _ => (|network| network.whole, self.line_whole()),
        };
        plot.curve(LOADS, self.spread(figure));
        plot.curve(POINTS + 2, theory);
    }

    fn caption(&self, view: usize) -> String {
        let all = self.loads() * self.networks;
        match view {
            OVERLAP if self.asked.is_some() => format!(
                "{} of {all} networks measured, each of {} units with {} patterns and {PROBES} probes. Whiskers reach from the worst network to \
                 the best.",
                self.done,
                self.n,
                self.patterns(self.load(0))
            ),
            OVERLAP => format!(
                "{} of {all} networks of {} units measured, each with {PROBES} probes, at loads from {} to {}. Whiskers reach from \
                 the worst network to the best.",
                self.done,
                self.n,
                short(self.load(0)),
                short(self.most_load())
            ),
            _ if self.name == "projection" && self.turned > 0.0 => format!(
                "Patterns stay up to a load of 1, {} patterns. Probes with units turned over come nearer in a first step up to {}.",
                self.n,
                short(self.first_step_helps())
            ),
            _ if self.name == "perceptron" => format!(
                "At a load of 1, {} patterns, there still are couplings that hold all; beyond 2 there are none.",
                self.n
            ),
            _ if self.exponential() => format!(
                "The theorem grants a load of {} at least, which is {} patterns. {}",
                fixed(self.law(), 3),
                self.patterns(self.law()),
                if self.turned > 0.0 {
                    "Dashed: the chance that no other pattern is as near to the cue."
                } else {
                    "Beyond it a pattern is left where another lies a unit away, whose votes are as many."
                }
            ),
            _ if self.name == "unlearning" => format!(
                "Hebb's rule ends at a load of {}, which is {} patterns. Of dreams no law is known.",
                short(self.law()),
                self.patterns(self.law())
            ),
            _ => format!(
                "The law of this rule ends at a load of {}, which is {} patterns.",
                short(self.law()),
                self.patterns(self.law())
            ),
        }
    }

    fn step(&mut self) -> Status {
        if self.whole() {
            return Status::Ended("measured");
        }
        let (k, network) = self.place(self.done);
        let mut stream = self.rng.stream(&format!("load {k} network {network}"));
        let measured = probe(self.rule, self.n, self.patterns(self.load(k)), self.turned, &mut stream);
        self.measured[k].push(measured);
        self.done += 1;
        if self.whole() { Status::Ended("measured") } else { Status::Running }
    }

    fn measure(&self, out: &mut [f32]) {
        let Some(last) = self.done.checked_sub(1) else {
            out.copy_from_slice(&[0.0, 0.0, 1.0, 1.0]);
            return;
        };
        let (k, network) = self.place(last);
        let Measured { overlap, whole, .. } = self.measured[k][network];
        let whole_at = |network: &Measured| network.whole;
        let farthest = self.spread(whole_at).last().map_or(0.0, |[load, ..]| f64::from(load));
        let limit = match self.falls_below(0.5, whole_at) {
            // One load alone does not say where below it recall ended.
            Some(_) if self.asked.is_some() => 0.0,
            limit => limit.unwrap_or(farthest),
        };
        out.copy_from_slice(&[limit as f32, self.load(k) as f32, overlap, whole]);
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        let units = (self.most_units < usize::MAX).then_some((&UNITS, Reach::UpTo(self.most_units as f64)));
        let patterns = (&PATTERNS, Reach::UpTo(self.patterns(self.end()) as f64));
        let first = (&FIRST, Reach::UpTo(self.range.1 - LEAST_RANGE));
        let idle = [&FIRST, &LAST].map(|param| (param, Reach::Idle("The number of patterns sets the load.")));
        let ranges = if self.asked.is_some() { idle.into() } else { vec![first] };
        units.into_iter().chain([patterns]).chain(ranges).collect()
    }

    fn due(&self) -> Option<u64> {
        Some((self.loads() * self.networks) as u64)
    }

    fn claims(&self) -> Vec<Claim> {
        let spoilt = if self.exponential() { self.nearest_wins() } else { self.basins_close() };
        let of_rule = if self.name == "storkey" { self.quarter() } else { self.breaks_down() };
        vec![self.stays_whole(), of_rule, self.follows_theory(), self.wrong_at_once(), spoilt, self.basins_are_known()]
    }

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::{lab::Verdict, session::follow};

    #[test]
    fn each_rule_holds_what_its_law_says() {
        for query in [
            "",
            "rule=storkey&units=100",
            "rule=projection&units=150",
            "rule=order-3&units=64",
            "rule=rectified-3&units=64",
            "rule=order-5&units=30&networks=1",
            "rule=unlearning&units=64",
            "first=0.45&last=0.75&units=300",
        ] {
            let claims = follow(&format!("id=capacity&{query}"), 120).claims();
            assert!(claims.iter().all(|claim| claim.verdict() != Verdict::Differs), "{query}: {claims:?}");
            let which = usize::from(query.starts_with("first"));
            assert_eq!(claims[which].verdict(), Verdict::Agrees, "{query}: {:?}", claims[which]);
        }
    }

    #[test]
    fn under_projection_spoilt_cues_are_lost_where_the_first_step_no_longer_helps() {
        for seed in 1..=3 {
            let session = follow(&format!("id=capacity&seed={seed}&rule=projection&units=200&turned=0.1"), 120);
            assert_eq!(session.claims()[4].verdict(), Verdict::Agrees, "seed {seed}: {:?}", session.claims()[4]);
        }
    }
}
