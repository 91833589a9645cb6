//! How many patterns a memory holds: recall against load, for learning rules and for orders of interaction.
//!
//! Probes of a network start at a pattern, with some units turned over, and settle at temperature 0; their overlap with the
//! pattern is measured. A step measures one network at one load.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Mark, Metric, Paper, Param, Place, Plot, Preset, Prose, Reach, Series, Shape,
        Start, Status, Unmeasured, View, Wing,
    },
    math::{
        decimal::{fixed, percent, short},
        rng::Rng,
        scalar,
    },
    model::memory::{
        dense::Interaction,
        mean_field,
        storage::{PROBES, Probed, Rule, Storage},
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
             the overlap itself there is a line for Hebb's rule and the projection only: of the others this page knows no law but the end. \
             Every point is a network of its own, so no energy is drawn here; \"Five ways to store a picture\" draws that of one.",
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
/// Points of a line of theory.
const POINTS: usize = 48;
/// Loads are measured in this stride, so that dear and cheap ones take turns and the time that is left can be told.
const STRIDE: usize = 5;
/// Rule, patterns, and the share of cues that came back in a prototype of 128 units with 13 of them turned over.
const BASINS: [(Rule, usize, f64); 4] =
    [(Rule::Hebb, 26, 0.16), (Rule::Storkey, 45, 0.64), (Rule::Storkey, 64, 0.04), (Rule::Projection, 64, 0.59)];

/// Why a claim about the end of recall rests.
const ONE_LOAD: &str = "All networks have the same load here. Set the patterns to 0 for a range.";

const OVERLAP: usize = 0;

/// The rule of that name.
fn rule(name: &str) -> Rule {
    match name {
        "storkey" => Rule::Storkey,
        "projection" => Rule::Projection,
        "perceptron" => Rule::Perceptron,
        "unlearning" => Rule::Unlearning,
        "order-3" => Rule::Votes(Interaction::Power(3)),
        "rectified-3" => Rule::Votes(Interaction::Rectified(3)),
        "order-4" => Rule::Votes(Interaction::Power(4)),
        "rectified-4" => Rule::Votes(Interaction::Rectified(4)),
        "order-5" => Rule::Votes(Interaction::Power(5)),
        "order-6" => Rule::Votes(Interaction::Power(6)),
        "exp" => Rule::Votes(Interaction::Exponential),
        _ => Rule::Hebb,
    }
}

#[derive(Clone)]
struct Capacity {
    storage: Storage,
    /// The most units that the rule takes.
    most_units: usize,
    networks: usize,
    /// The load of all networks, where a number of patterns is asked for.
    asked: Option<f64>,
    /// Where the loads begin and end, as shares of the range of the rule.
    range: (f64, f64),
    rng: Rng,
    /// For each load, its networks so far.
    measured: Vec<Vec<Probed>>,
    done: usize,
}

impl Capacity {
    fn new(start: &Start) -> Self {
        let rule = rule(start.values.choice(&RULE));
        let turned = start.values.float(&TURNED);
        let storage = Storage::new(rule, start.values.int(&UNITS), turned);
        let mut capacity = Self {
            storage,
            most_units: rule.most_units(turned),
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
        let patterns = start.values.int(&PATTERNS).min(storage.patterns(storage.end()));
        if patterns > 0 {
            capacity.asked = Some(storage.load_of(patterns));
            capacity.range = (0.0, 1.0);
        }
        capacity
    }

    fn most_load(&self) -> f64 {
        self.range.1 * self.storage.end()
    }

    fn least_load(&self) -> f64 {
        self.range.0 * self.storage.end()
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

    /// Load, mean, least and greatest, for each load that has networks.
    fn spread(&self, figure: fn(&Probed) -> f32) -> impl Iterator<Item = [f32; 4]> {
        self.measured.iter().enumerate().filter(|(_, networks)| !networks.is_empty()).map(move |(k, networks)| {
            let figures = networks.iter().map(figure);
            let mean = figures.clone().sum::<f32>() / networks.len() as f32;
            let least = figures.clone().fold(f32::INFINITY, f32::min);
            [self.load(k) as f32, mean, least, figures.fold(f32::NEG_INFINITY, f32::max)]
        })
    }

    /// What theory says of the overlap, as far as it says anything: Hebb's rule, from the pattern itself, and projection.
    fn theory(&self) -> Vec<[f32; 2]> {
        if self.storage.rule == Rule::Projection {
            let end = self.storage.first_step_helps() as f32;
            return vec![[0.0, 1.0], [end, 1.0], [end, (1.0 - 2.0 * self.storage.turned()) as f32]];
        }
        if self.storage.rule != Rule::Hebb || self.storage.turned() > 0.0 {
            return Vec::new();
        }
        let load = |k: usize| self.along(k as f64 / (POINTS - 1) as f64);
        let kept = (1..POINTS).map_while(|k| mean_field::recall(load(k), 0.0).map(|m| [load(k) as f32, m as f32]));
        let (end, m) = mean_field::critical_load();
        let all = kept.chain([[end as f32, m as f32], [end as f32, 0.0]]);
        all.filter(|[load, _]| (self.least_load()..=self.most_load()).contains(&f64::from(*load))).collect()
    }

    /// The line of the chance that a pattern stays whole, where it is of these probes.
    fn line_whole(&self) -> Vec<[f32; 2]> {
        // At a pattern itself, one a unit away has as many votes against a unit as it has for it: there the chance says too much.
        if (self.storage.turned() > 0.0) != self.storage.exponential() {
            return Vec::new();
        }
        let load = |k: usize| self.along((k as f64 + 1.0) / POINTS as f64);
        (0..POINTS).filter_map(|k| Some([load(k) as f32, self.storage.chance_whole(load(k))? as f32])).collect()
    }

    /// The load up to which half of the patterns can stay whole at the most: by the chance that they do, or else by what is
    /// known of the rule.
    fn most_whole(&self) -> f64 {
        match (self.storage.half_whole(), self.storage.rule) {
            // The mean falls somewhere between two loads that are measured, and chance in some dozen probes moves it as far.
            (Some(load), _) => load + 2.0 * self.spacing(),
            // Lost in a prototype of 64 to 144 units.
            (None, Rule::Storkey) => 0.5,
            // No couplings hold more.
            (None, Rule::Perceptron) => 2.0,
            // What the projection holds.
            (None, _) => 1.0,
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
    fn falls_below(&self, height: f32, figure: fn(&Probed) -> f32) -> Option<f64> {
        let points: Vec<[f32; 4]> = self.spread(figure).collect();
        let k = points.iter().position(|point| point[1] < height)?;
        let [right, low, ..] = points[k];
        let [left, high] = if k == 0 { [0.0, 1.0] } else { [points[k - 1][0], points[k - 1][1]] };
        let share = if high > low { (high - height) / (high - low) } else { 0.0 };
        Some(f64::from(left + share * (right - left)))
    }

    /// Why nobody sees here where a figure falls below a height, if so.
    fn unseen(&self, height: f32, figure: fn(&Probed) -> f32) -> Option<&'static str> {
        let first = self.spread(figure).next()?;
        if self.range.0 > 0.0 && first[1] < height {
            return Some("It has fallen before the first of these loads. Begin with less.");
        }
        (self.range.1 < 1.0 && self.falls_below(height, figure).is_none())
            .then_some("It does not fall at these loads. Go on to more.")
    }

    /// Why a claim cannot be held against this run, if so.
    fn unmeasured(&self) -> Option<Unmeasured> {
        if self.storage.turned() > 0.0 && !self.storage.exponential() {
            return Some(Unmeasured::NotHere(
                "The law is about patterns that stay. Turn no units over to test it.".into(),
            ));
        }
        let all = self.loads() * self.networks;
        (!self.whole()).then(|| Unmeasured::NotYet(format!("{} of {all} networks are measured.", self.done)))
    }

    fn stays_whole(&self) -> Claim {
        let source = match self.storage.rule {
            Rule::Storkey => "Storkey 1997, capacity N / √(2 ln N)",
            Rule::Projection => "Personnaz, Guyon and Dreyfus 1985, capacity N",
            Rule::Hebb => "McEliece et al. 1987, capacity N / (2 ln N)",
            Rule::Unlearning => "Hopfield, Feinstein and Palmer 1983; N / (2 ln N) of Hebb's rule",
            Rule::Perceptron => "Krauth and Mézard 1987: it finds couplings where there are any, as there are up to N",
            Rule::Votes(Interaction::Exponential) => "Demircigil et al. 2017, capacity exp(N I(1 - 2ρ) / 2)",
            Rule::Votes(_) => "Krotov and Hopfield 2016",
        };
        // Projection ends at N exactly, where the ridge blurs the last few.
        let law = match self.storage.rule {
            Rule::Projection => 0.9,
            Rule::Unlearning => 1.5 * self.storage.law(),
            _ => self.storage.law(),
        };
        let most = self.most_load();
        let limit = self.most_whole();
        let says = match self.storage.rule {
            Rule::Unlearning => "Dreams make half as much room again as the law of Hebb's rule, at least.",
            Rule::Perceptron => "Couplings are found for a pattern for each unit, and there are none for two.",
            Rule::Votes(Interaction::Exponential) => {
                "What the theorem grants stays whole, until another pattern is likely to be near."
            }
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
        if !self.storage.exponential() || self.storage.turned() <= 0.0 {
            return claim.press("Exponential", "this is about probes with some units turned over.");
        }
        if self.asked.is_some() {
            return claim.not_here(ONE_LOAD);
        }
        // Of P - 1 others none is as near with a chance of a half.
        let end = scalar::ln(1.0 + LN_2 / self.storage.as_near()) / self.storage.n as f64;
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
        if self.storage.rule != Rule::Hebb {
            return claim.press("Hebb", "this is about Hebb's rule.");
        }
        if self.asked.is_some() {
            return claim.not_here(ONE_LOAD);
        }
        if let Some(why) = self.unmeasured() {
            return claim.unmeasured(why);
        }
        let overlap = |network: &Probed| network.overlap;
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
        let asked = (self.networks * PROBES * self.storage.n) as f64;
        let all: Option<f64> = (0..self.loads()).map(|k| self.storage.wrong(self.load(k))).sum();
        let Some(expected) = all.map(|all| all * asked) else {
            return claim.not_here("This page has the formula for Hebb's rule and for powers.");
        };
        if expected < 30.0 {
            return claim.not_here("Too few are expected to be counted here. Go on to more.");
        }
        // Tails of few units with steep votes are longer than normal ones.
        let skew = if self.storage.rule == Rule::Hebb { 0.05 } else { 0.25 };
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
        if self.storage.rule != Rule::Storkey || self.storage.n > 150 {
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
        if self.storage.rule != Rule::Projection || self.storage.turned() <= 0.0 {
            return claim.press("Projection", "this is about projection, and probes with some units turned over.");
        }
        if self.asked.is_some() {
            return claim.not_here(ONE_LOAD);
        }
        let end = self.storage.first_step_helps();
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
        if self.storage.n != 128 || self.storage.flips != 13 {
            return claim.press("Storkey, spoilt cues", "this is about 128 units with a tenth of them turned over.");
        }
        let known = BASINS.iter().filter(|(rule, ..)| *rule == self.storage.rule);
        let place = |patterns: usize| (0..self.loads()).find(|k| self.storage.patterns(self.load(*k)) == patterns);
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

    fn follows_theory(&self) -> Claim {
        let claim = Claim::new("Before that, the overlap is that of theory.", "Amit, Gutfreund and Sompolinsky 1985")
            .expect(0.0, 0.02, "within 0.02 up to a load of 0.12")
            .on((0.0, "0"), (0.1, "0.1"));
        if self.storage.rule != Rule::Hebb {
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
        let name = match self.storage.rule {
            Rule::Votes(Interaction::Power(3) | Interaction::Rectified(3)) => "load, patterns for each pair of units",
            Rule::Votes(Interaction::Power(4) | Interaction::Rectified(4)) => "load, patterns for each triple of units",
            Rule::Votes(Interaction::Power(5)) => "load, patterns for each four units",
            Rule::Votes(Interaction::Power(6)) => "load, patterns for each five units",
            Rule::Votes(Interaction::Exponential) => "load, ln P for each unit",
            _ => "load, patterns for each unit",
        };
        let (least, most) = (self.least_load(), self.most_load());
        let law =
            if self.storage.rule == Rule::Projection { self.storage.first_step_helps() } else { self.storage.law() };
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
        let (figure, theory): (fn(&Probed) -> f32, _) = match view {
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
                self.storage.n,
                self.storage.patterns(self.load(0))
            ),
            OVERLAP => format!(
                "{} of {all} networks of {} units measured, each with {PROBES} probes, at loads from {} to {}. Whiskers reach from \
                 the worst network to the best.",
                self.done,
                self.storage.n,
                short(self.load(0)),
                short(self.most_load())
            ),
            _ if self.storage.rule == Rule::Projection && self.storage.turned() > 0.0 => format!(
                "Patterns stay up to a load of 1, {} patterns. Probes with units turned over come nearer in a first step up to {}.",
                self.storage.n,
                short(self.storage.first_step_helps())
            ),
            _ if self.storage.rule == Rule::Perceptron => format!(
                "At a load of 1, {} patterns, there still are couplings that hold all; beyond 2 there are none.",
                self.storage.n
            ),
            _ if self.storage.exponential() => format!(
                "The theorem grants a load of {} at least, which is {} patterns. {}",
                fixed(self.storage.law(), 3),
                self.storage.patterns(self.storage.law()),
                if self.storage.turned() > 0.0 {
                    "Dashed: the chance that no other pattern is as near to the cue."
                } else {
                    "Beyond it a pattern is left where another lies a unit away, whose votes are as many."
                }
            ),
            _ if self.storage.rule == Rule::Unlearning => format!(
                "Hebb's rule ends at a load of {}, which is {} patterns. Of dreams no law is known.",
                short(self.storage.law()),
                self.storage.patterns(self.storage.law())
            ),
            _ => format!(
                "The law of this rule ends at a load of {}, which is {} patterns.",
                short(self.storage.law()),
                self.storage.patterns(self.storage.law())
            ),
        }
    }

    fn step(&mut self) -> Status {
        if self.whole() {
            return Status::Ended("measured");
        }
        let (k, network) = self.place(self.done);
        let mut stream = self.rng.stream(&format!("load {k} network {network}"));
        let measured = self.storage.probe(self.load(k), &mut stream);
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
        let Probed { overlap, whole, .. } = self.measured[k][network];
        let whole_at = |network: &Probed| network.whole;
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
        let patterns = (&PATTERNS, Reach::UpTo(self.storage.patterns(self.storage.end()) as f64));
        let first = (&FIRST, Reach::UpTo(self.range.1 - LEAST_RANGE));
        let idle = [&FIRST, &LAST].map(|param| (param, Reach::Idle("The number of patterns sets the load.")));
        let ranges = if self.asked.is_some() { idle.into() } else { vec![first] };
        units.into_iter().chain([patterns]).chain(ranges).collect()
    }

    fn due(&self) -> Option<u64> {
        Some((self.loads() * self.networks) as u64)
    }

    fn claims(&self) -> Vec<Claim> {
        let spoilt = if self.storage.exponential() { self.nearest_wins() } else { self.basins_close() };
        let of_rule = if self.storage.rule == Rule::Storkey { self.quarter() } else { self.breaks_down() };
        vec![self.stays_whole(), of_rule, self.follows_theory(), self.wrong_at_once(), spoilt, self.basins_are_known()]
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
