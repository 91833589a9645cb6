//! The phase diagram of Hebb's rule (Amit, Gutfreund and Sompolinsky 1985): how many patterns, how much heat, until a
//! memory melts.
//!
//! N units in the heat bath under `W = (1/N) Σ x xᵀ`, started at one pattern. The load is alpha = P / N, the overlap
//! `m = (1/N) x·s`. The lines and the overlap of theory are for N without end; the network has the N that is set.
use crate::{
    lab::{
        Axis, Claim, Entry, Experiment, Field, GRAIN, Gesture, Glyphs, Live, Map, Metric, PLANE, Paper, Param, Place,
        Plot, Preset, Prose, Series, Shape, Start, Status, Values, View, Way, Wing,
    },
    math::{
        decimal::{counted, fixed, percent},
        mat::Mat,
        rng::{Rng, Stream},
    },
    model::memory::{
        atlas::{Atlas, EnergyPlane},
        mean_field,
        rules::{self, Couplings},
        spins::Spins,
    },
};
use std::rc::Rc;

static LOAD: Param = Param::float(
    "load",
    "Load α",
    (0.002, 0.05, 0.2),
    "Patterns stored for each unit, P / N. Without heat Hebb's rule recalls up to 0.138.",
)
.ends("few patterns", "many");
static TEMPERATURE: Param = Param::float(
    "temperature",
    "Temperature T",
    (0.02, 0.4, 1.5),
    "How much chance there is in a unit's choice. At 0 each unit follows its field.",
)
.ends("cold", "hot");
static SIDE: Param = Param::int(
    "side",
    "Side of the network",
    (10, 28, 36),
    "The network is a square of that many units across. The larger it is, the sharper its phases.",
);

pub static ENTRY: Entry = Entry {
    id: "phase-diagram",
    wing: Wing::Memory,
    prose: Prose {
        title: "Where memories melt",
        paper: Some(Paper {
            title: "Storing infinite numbers of patterns in a spin-glass model of neural networks",
            authors: "Amit, Gutfreund and Sompolinsky",
            year: 1985,
            link: "https://doi.org/10.1103/PhysRevLett.55.1530",
        }),
        card: "Too many memories or too much heat: drag a network across both.",
        lead: "Drag the dot. To the right the network must hold more patterns, upwards it is hotter, and beyond a line it forgets.",
        about: &[
            "All patterns share the same couplings, and each disturbs the others. Heat disturbs them too. The theory of very \
             large networks says how much of both a memory stands, and it says it as lines on a map.",
            "Below the line where recall ends a pattern is a resting place: started there, the network stays. Below the line where \
             recall is deepest, no other state is as deep. Above the line of the glass there is nothing but noise. Between it \
             and the end of recall the network freezes, but in states that resemble no single pattern.",
            "The plane below goes through the rings and two of the other patterns, or through three that you pick. A cue is drawn at each place and followed for \
             twenty sweeps in this heat; lines are the exact energy. Heat the network, and the basins melt.",
            "The theory is for networks without end. A network of some hundred units rounds the edge off, and beyond it an \
             overlap of 0.2 or 0.3 stays: it freezes before it has forgotten all. That is its size, not a fault of the theory.",
        ],
        formulas: &[
            r"m = \left\langle \tanh \tfrac{1}{T}\left(\sqrt{\alpha r}\, z + m\right) \right\rangle",
            r"q = \left\langle \tanh^2 \tfrac{1}{T}\left(\sqrt{\alpha r}\, z + m\right) \right\rangle, \qquad r = \frac{q}{\left(1 - (1 - q)/T\right)^2}",
        ],
        symbols: &[
            (r"\alpha", "the load, patterns for each unit"),
            ("T", "the temperature"),
            ("m", "the overlap with the pattern: 1 is equal, 0 unrelated"),
            ("q", "how firmly units are frozen"),
            ("r", "the noise from all other patterns"),
            ("z", "a normal random number, over which the brackets average"),
        ],
        words: "hopfield hebb capacity temperature spin glass mean field ags statistical mechanics load",
    }
    .told(),
    params: &[&LOAD, &TEMPERATURE, &SIDE, &PLANE],
    metrics: &[
        Metric::new("overlap", "overlap", "Overlap of the state with the pattern: 1 is equal, 0 unrelated."),
        Metric::new("energy", "energy", "Energy for each unit."),
        Metric::new("turned", "turned", "Share of the units that turned over in the last sweep."),
    ],
    presets: &[
        Preset::new("Recall", "Warm, but well inside the line: the pattern stays.", &[]),
        Preset::new("Cold", "The same patterns with half the heat: of a thousand points hardly one is wrong.", &[("temperature", "0.2")]),
        Preset::new("Near the edge", "Half the patterns more, half the heat: still just inside.", &[("load", "0.1"), ("temperature", "0.2")]),
        Preset::new("Few and warm", "Fewer patterns stand more heat.", &[("load", "0.02"), ("temperature", "0.5")]),
        Preset::new("Melted", "The same patterns, hotter: the picture dissolves.", &[("temperature", "0.7")]),
        Preset::new("Glass", "Cold but crowded: frozen, in a state that is nobody's.", &[("load", "0.2"), ("temperature", "0.2")]),
    ],
    steps: 400,
    log_steps: false,
    pace: 30.0,
    thumbnail: 0,
    files: |_| Vec::new(),
    start: |start| Ok(Box::new(PhaseDiagram::new(start))),
};

const PHASES: usize = 0;
const PICTURES: usize = 1;
const OVERLAP: usize = 2;
const CUES: usize = 3;
const ENERGIES: usize = 4;
const STORED: usize = 5;

/// Patterns that are drawn.
const DRAWN: usize = 8;

/// Temperatures at which the lines of theory are computed.
const POINTS: usize = 32;
/// Cells across and down the map of measured overlaps, and units of the networks that fill it.
const CELLS: usize = 12;
const CELL_UNITS: usize = 500;
/// Sweeps that a network is given to find its phase before it is measured.
const WARM_UP: u32 = 30;
/// Sweeps over which the live network must be measured before a claim is held against it.
const ENOUGH: u32 = 60;
/// Sweeps that each cue of the other map is given, and the overlap from which it has found a pattern in the heat.
const FOLLOWED: usize = 20;
/// Cues followed in a sweep of the network.
const AT_ONCE: usize = 18;
const FOUND: f64 = 0.5;
/// How far its overlap may be from theory in the recall phase.
const TOLERANCE: f64 = 0.012;
const MOST_LOAD: f64 = 0.2;
const MOST_HEAT: f64 = 1.5;

/// What does not change while the dot moves.
struct Ground {
    /// (P, N) for the greatest load; the first is the one that is recalled.
    patterns: Mat,
    /// (load, temperature) along the line where recall ends, where it stops to be deepest, and where the glass ends.
    lines: [Vec<[f32; 2]>; 3],
    cells: Rng,
}

/// What theory says of a place on the map.
#[derive(Clone, Copy)]
struct Theory {
    /// None outside of the recall phase.
    overlap: Option<f64>,
    /// In words.
    phase: &'static str,
}

impl Theory {
    fn at(load: f64, temperature: f64) -> Self {
        let overlap = mean_field::recall(load, temperature);
        let phase = match overlap {
            Some(_) if mean_field::deepest_load(temperature).is_some_and(|most| load < most) => {
                "Recall, and nothing lies deeper"
            }
            Some(_) => "Recall, though the glass lies deeper",
            None if temperature < mean_field::glass_temperature(load) => "Glass: frozen, in nobody's state",
            None => "Noise",
        };
        Self { overlap, phase }
    }
}

#[derive(Clone)]
struct PhaseDiagram {
    ground: Rc<Ground>,
    couplings: Rc<Couplings>,
    load: f64,
    temperature: f64,
    theory: Theory,
    spins: Spins,
    chance: Stream,
    turned: usize,
    /// Sweeps since the dot was last moved, and the sum of overlaps after the first [`WARM_UP`] of them.
    settled: u32,
    sum: f64,
    /// Overlaps of small networks, hottest row first, as many as were measured, and those of theory.
    cells: Vec<(f32, Option<f64>)>,
    /// Where cues on the plane through three patterns lead at this load and heat.
    plane: Rc<EnergyPlane>,
    map: Rc<Map>,
    atlas: Atlas,
    cues: Stream,
    way: Way,
    /// Whether a hand has put a cue in place of the pattern that the network began at.
    elsewhere: bool,
    /// Whether the network was put back at the pattern when the dot came back into the recall phase.
    anew: bool,
}

/// The plane through three of the patterns, and the map of it. It stays where it is when the load leaves one of them out.
fn map(patterns: &Mat, couplings: &Couplings, values: &Values) -> (Rc<EnergyPlane>, Rc<Map>) {
    let corners = Map::corners(values.items(&PLANE), patterns.rows);
    let plane = EnergyPlane::through(patterns, corners.states, couplings);
    let place = |mu: usize| plane.place(patterns.row(mu));
    let map = Map::through(corners, name, place, plane.energies(Map::ROWS, Map::COLS));
    (Rc::new(plane), Rc::new(map.among((0..patterns.rows).map(name).collect())))
}

fn name(mu: usize) -> String {
    if mu == 0 { "the rings".to_owned() } else { format!("pattern {}", mu + 1) }
}

/// An empty map of where cues lead.
fn atlas(ground: &Ground) -> (Atlas, Stream) {
    let mut order = ground.cells.stream("order of the cues");
    (Atlas::new(Map::ROWS, Map::COLS, &mut order), ground.cells.stream("cues"))
}

/// Hebb's couplings of the first patterns, as many as the load asks for.
fn store(patterns: &Mat, load: f64) -> Couplings {
    let (n, count) = (patterns.cols, count(patterns, load));
    rules::hebb(&Mat::new(patterns.data[..count * n].to_vec(), count, n))
}

/// How many patterns a load is.
fn count(patterns: &Mat, load: f64) -> usize {
    ((load * patterns.cols as f64 + 0.5) as usize).max(1).min(patterns.rows)
}

/// Rings around the middle, so that one sees the pattern melt. The others are random, and to them this is as random.
fn rings(side: usize) -> Vec<f32> {
    let middle = 0.5 * (side as f64 - 1.0);
    let ink = |i: usize| {
        let (x, y) = ((i % side) as f64 - middle, (i / side) as f64 - middle);
        let distance = (x * x + y * y).sqrt() / middle;
        if distance < 1.0 && (3.0 * distance) as u32 != 1 { 1.0 } else { -1.0 }
    };
    (0..side * side).map(ink).collect()
}

fn lines() -> [Vec<[f32; 2]>; 3] {
    let even = |k: usize, from: f64, to: f64| from + (to - from) * k as f64 / (POINTS - 1) as f64;
    // From hot to cold, so that the names stand at the cold ends.
    let along = |load: fn(f64) -> Option<f64>| {
        let heat = |k| even(k, 0.99, 0.02);
        (0..POINTS).filter_map(|k| load(heat(k)).map(|load| [load as f32, heat(k) as f32])).collect()
    };
    // T_g = 1 + √α is steepest at α = 0.
    let glass = |k| MOST_LOAD * even(k, 0.0, 1.0) * even(k, 0.0, 1.0);
    [
        along(|heat| mean_field::melting_load(heat).map(|edge| edge.alpha)),
        along(mean_field::deepest_load),
        (0..POINTS).map(|k| [glass(k) as f32, mean_field::glass_temperature(glass(k)) as f32]).collect(),
    ]
}

/// Load and temperature in the middle of a cell.
fn cell(k: usize) -> (f64, f64) {
    let share = |i: usize| (i as f64 + 0.5) / CELLS as f64;
    (share(k % CELLS) * MOST_LOAD, (1.0 - share(k / CELLS)) * MOST_HEAT)
}

impl PhaseDiagram {
    fn new(start: &Start) -> Self {
        let side = start.values.int(&SIDE);
        let n = side * side;
        let mut patterns =
            rules::random_patterns((MOST_LOAD * n as f64) as usize, n, &mut start.rng.stream("patterns"));
        patterns.row_mut(0).copy_from_slice(&rings(side));
        let ground = Rc::new(Ground { patterns, lines: lines(), cells: start.rng.child("cells") });
        let (load, temperature) = (start.values.float(&LOAD), start.values.float(&TEMPERATURE));
        let couplings = Rc::new(store(&ground.patterns, load));
        let spins = Spins::new(&couplings, ground.patterns.row(0).to_vec());
        let (plane, map) = map(&ground.patterns, &couplings, start.values);
        let (atlas, cues) = atlas(&ground);
        let mut run = Self {
            plane,
            map,
            atlas,
            cues,
            way: Way::default(),
            elsewhere: false,
            anew: false,
            theory: Theory::at(load, temperature),
            chance: start.rng.stream("heat"),
            turned: 0,
            settled: 0,
            sum: 0.0,
            cells: Vec::new(),
            ground,
            couplings,
            load,
            temperature,
            spins,
        };
        run.trace();
        run
    }

    fn trace(&mut self) {
        let place = self.plane.place(self.spins.state());
        let on_map = self.plane.energy(place.0.into(), place.1.into());
        self.way.add(place, self.energy(), on_map);
    }

    /// For each unit.
    fn energy(&self) -> f64 {
        self.spins.energy(&self.couplings) / self.ground.patterns.cols as f64
    }

    /// Patterns that are stored.
    fn stored(&self) -> usize {
        count(&self.ground.patterns, self.load)
    }

    /// Follows the next cue of the map.
    fn explore(&mut self) {
        let (plane, map, cues, stored) =
            (&self.plane, &self.map, &mut self.cues, count(&self.ground.patterns, self.load));
        let (patterns, couplings, heat) = (&self.ground.patterns, &self.couplings, self.temperature);
        self.atlas.fill(AT_ONCE, |x, y| {
            let mut spins = Spins::new(couplings, plane.draw(x, y, cues));
            (0..FOLLOWED).for_each(|_| _ = spins.sweep_heated(couplings, heat, cues));
            map.end(stored, |mu| spins.overlap(patterns.row(mu)) >= FOUND)
        });
    }

    fn overlap(&self) -> f64 {
        self.spins.overlap(self.ground.patterns.row(0))
    }

    /// Sweeps over which the overlap was averaged.
    fn measured_over(&self) -> u32 {
        self.settled.saturating_sub(WARM_UP)
    }

    fn mean_overlap(&self) -> f64 {
        self.sum / f64::from(self.measured_over().max(1))
    }

    /// The overlap that a small network keeps at the next cell.
    fn measure_cell(&mut self) {
        let k = self.cells.len();
        let (load, heat) = cell(k);
        let mut stream = self.ground.cells.stream(&k.to_string());
        let count = (load * CELL_UNITS as f64 + 0.5) as usize;
        let patterns = rules::random_patterns(count.max(1), CELL_UNITS, &mut stream);
        let couplings = rules::hebb(&patterns);
        let mut spins = Spins::new(&couplings, patterns.row(0).to_vec());
        let mut sum = 0.0;
        for sweep in 0..2 * WARM_UP {
            spins.sweep_heated(&couplings, heat, &mut stream);
            sum += if sweep < WARM_UP { 0.0 } else { spins.overlap(patterns.row(0)) };
        }
        self.cells.push(((sum / f64::from(WARM_UP)) as f32, mean_field::recall(load, heat)));
    }

    fn inside(&self) -> Claim {
        let claim =
            Claim::new("In the recall phase the overlap is what theory says.", "Amit, Gutfreund and Sompolinsky 1985");
        let Some(m) = self.theory.overlap else {
            return claim.on((0.0, "0"), (1.0, "1")).press("Recall", "the dot is outside of the recall phase.");
        };
        let n = self.ground.patterns.cols;
        let claim = Claim { tolerance: TOLERANCE, ..claim }
            .expect(m, m, &format!("{} ± {TOLERANCE}", fixed(m, 3)))
            .on(((m - 0.1).max(0.0), &fixed((m - 0.1).max(0.0), 2)), (1.0, "1"));
        if self.measured_over() < ENOUGH {
            return claim.because(format!("Needs {} sweeps at this place.", WARM_UP + ENOUGH));
        }
        let claim = claim.measured(self.mean_overlap(), fixed(self.mean_overlap(), 3));
        if (self.mean_overlap() - m).abs() <= TOLERANCE {
            return claim;
        }
        if self.mean_overlap() < FOUND * m {
            return claim
                .because(format!("The line is near: the well is shallow, and {n} units have fallen out of it."));
        }
        claim.because(format!("The line is near, and {n} units round it off. A larger network comes closer."))
    }

    fn outside(&self) -> Claim {
        let claim = Claim::new("Outside of it the pattern melts.", "Amit, Gutfreund and Sompolinsky 1985")
            .expect(-0.4, 0.4, "overlap below 0.4")
            .on((0.0, "0"), (1.0, "1"));
        if self.theory.overlap.is_some() {
            return claim.press("Melted", "the dot is inside the recall phase.");
        }
        if self.measured_over() < ENOUGH {
            return claim.because(format!("Needs {} sweeps at this place.", WARM_UP + ENOUGH));
        }
        let claim = claim.measured(self.mean_overlap(), fixed(self.mean_overlap(), 2));
        if self.mean_overlap().abs() <= 0.4 {
            return claim.because("Theory says 0. A small network freezes before it has forgotten all.");
        }
        claim.because("Just beyond the line forgetting takes longer than this run.")
    }

    fn all_over_the_map(&self) -> Claim {
        let claim = Claim::new(
            "All over the map networks recall where theory says so.",
            "Amit, Gutfreund and Sompolinsky 1985",
        )
        .expect(0.9, 1.0, "at least 90 % of the cells")
        .on((0.5, "50 %"), (1.0, "100 %"));
        let all = CELLS * CELLS;
        if self.cells.len() < all {
            return claim.because(format!("{} of {all} cells are measured.", self.cells.len()));
        }
        let agrees = |(m, expected): &&(f32, Option<f64>)| {
            let m = f64::from(*m);
            expected.map_or(m.abs() <= 0.5, |expected| (m - expected).abs() <= 0.15)
        };
        let share = self.cells.iter().filter(agrees).count() as f64 / all as f64;
        claim.measured(share, percent(share, 0))
    }
}

impl Experiment for PhaseDiagram {
    fn views(&self) -> Vec<View> {
        let side = self.ground.patterns.cols.isqrt();
        let plane = Shape::Lines {
            x: Axis::linear("load α, patterns for each unit", 0.0, MOST_LOAD).of(&LOAD),
            y: Axis::linear("temperature T", 0.0, MOST_HEAT).of(&TEMPERATURE),
            series: vec![
                Series::curve("recall ends", POINTS),
                Series::curve("recall is deepest", POINTS),
                Series::curve("glass", POINTS),
            ],
            marks: Vec::new(),
            field: Some(Field { rows: CELLS as u32, cols: CELLS as u32, name: "overlap measured" }),
        };
        let pictures = Glyphs::new(side, side, vec!["Pattern".into(), "State".into()]);
        let stored = Glyphs {
            weighted: Some("overlap"),
            picks: Some(PLANE.name),
            ..Glyphs::new(side, side, (0..DRAWN).map(name).collect())
        };
        let way = Shape::Lines {
            x: Axis::linear("sweep", 0.0, ENTRY.steps as f64),
            y: Axis::linear("overlap", 0.0, 1.0),
            series: vec![Series::metric("overlap", "overlap"), Series::reference("theory", 2)],
            marks: Vec::new(),
            field: None,
        };
        vec![
            View::new("The map of phases", Place::Main, plane).moving(),
            View::new("Pattern and state", Place::Side, Shape::Glyphs(pictures)).moving(),
            View::new("Overlap with the pattern", Place::Side, way),
            self.map.view(),
            Way::view(&self.map),
            View::new("Patterns", Place::Side, Shape::Glyphs(stored)),
        ]
    }

    fn ground(&self, view: usize, out: &mut [f32]) {
        if view == STORED {
            out.iter_mut().zip(&self.ground.patterns.data).for_each(|(o, x)| *o = 0.5 + 0.5 * x);
        }
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        match view {
            PHASES => {
                let (field, marks) = slot.split_at_mut(CELLS * CELLS);
                field.fill(-1.0);
                field.iter_mut().zip(&self.cells).for_each(|(s, (m, _))| *s = m.clamp(0.0, 1.0));
                let mut plot = Plot::on_plane(marks, self.load, self.temperature);
                for line in &self.ground.lines {
                    plot.curve(POINTS, line.iter().copied());
                }
            }
            PICTURES => {
                let points = self.ground.patterns.row(0).iter().chain(self.spins.state()).map(|x| 0.5 + 0.5 * x);
                slot.iter_mut().zip(points).for_each(|(s, p)| *s = p);
                slot[2 * self.ground.patterns.cols] = -1.0;
            }
            CUES => self.map.draw(self.atlas.ends(), &self.way, slot),
            OVERLAP => {
                let m = self.theory.overlap.unwrap_or(0.0) as f32;
                Plot::new(slot, 0.0).curve(2, [[0.0, m], [ENTRY.steps as f32, m]]);
            }
            ENERGIES => self.way.draw(slot),
            _ => {
                slot[0] = -1.0;
                let overlap = |mu: usize| self.spins.overlap(self.ground.patterns.row(mu)) as f32;
                slot[1..].iter_mut().enumerate().for_each(|(mu, s)| *s = overlap(mu));
            }
        }
    }

    fn caption(&self, view: usize) -> String {
        let n = self.ground.patterns.cols;
        match view {
            PHASES => format!(
                "{}. Shades are measured: {} of {} networks of {CELL_UNITS} units.",
                self.theory.phase,
                self.cells.len(),
                CELLS * CELLS
            ),
            PICTURES => {
                let patterns = counted(self.stored(), "pattern", "patterns");
                let anew = if self.anew {
                    " It was put back at the pattern: what has melted does not freeze back."
                } else {
                    ""
                };
                format!("{n} units hold {patterns}. Theory does not know that this one is a picture.{anew}")
            }
            CUES => {
                let corners = self.map.corners.states.into_iter();
                let left_out: Vec<String> = corners.filter(|mu| *mu >= self.stored()).map(name).collect();
                let left_out = if left_out.is_empty() {
                    String::new()
                } else {
                    format!(" Not stored at this load: {}.", left_out.join(", "))
                };
                self.map.caption(self.atlas.ends(), self.atlas.recalls()) + &left_out
            }
            OVERLAP => match self.theory.overlap {
                Some(m) => format!(
                    "Overlap {}; theory says {} for networks without end.",
                    fixed(self.overlap(), 2),
                    fixed(m, 3)
                ),
                None => format!("Overlap {}; theory says 0 for networks without end.", fixed(self.overlap(), 2)),
            },
            ENERGIES => self.way.caption(),
            _ if self.stored() < DRAWN => format!(
                "Only the first {} stored at this load. How far the state overlaps with each; pick three for the map.",
                if self.stored() == 1 { "is".to_owned() } else { format!("{} are", self.stored()) }
            ),
            _ => format!(
                "The first {DRAWN} of {} patterns, and how far the state overlaps with each; pick three for the map.",
                self.stored()
            ),
        }
    }

    fn step(&mut self) -> Status {
        self.turned = self.spins.sweep_heated(&self.couplings, self.temperature, &mut self.chance);
        self.settled += 1;
        self.trace();
        self.explore();
        if self.settled > WARM_UP {
            self.sum += self.overlap();
        }
        if self.cells.len() < CELLS * CELLS {
            self.measure_cell();
            if self.cells.len() == CELLS * CELLS {
                return Status::Passed("phases measured");
            }
        }
        Status::Running
    }

    fn measure(&self, out: &mut [f32]) {
        let n = self.ground.patterns.cols as f64;
        out[0] = self.overlap() as f32;
        out[1] = self.energy() as f32;
        out[2] = (self.turned as f64 / n) as f32;
    }

    fn touch(&mut self, gesture: &Gesture) {
        let Gesture::Drag { x, y, .. } = *gesture else { return };
        let share = |part: u16| f64::from(part) / f64::from(GRAIN);
        let cue = self.plane.draw(share(x), share(y), &mut self.ground.cells.stream(&format!("cue at {x} {y}")));
        self.spins.put(&self.couplings, &cue);
        (self.settled, self.sum, self.elsewhere) = (0, 0.0, true);
        self.way.clear();
        self.trace();
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        if param.is(&SIDE) {
            return Live::Restart;
        }
        (self.load, self.temperature) = (values.float(&LOAD), values.float(&TEMPERATURE));
        if param.is(&LOAD) {
            self.couplings = Rc::new(store(&self.ground.patterns, self.load));
            self.spins.renew(&self.couplings);
        }
        if !param.is(&TEMPERATURE) {
            (self.plane, self.map) = map(&self.ground.patterns, &self.couplings, values);
        }
        (self.atlas, self.cues) = atlas(&self.ground);
        self.way.clear();
        if param.is(&PLANE) {
            self.trace();
            return Live::Soon;
        }
        self.theory = Theory::at(self.load, self.temperature);
        // A memory that was lost outside of the recall phase is not found again by going back.
        self.anew = self.theory.overlap.is_some() && self.overlap() < FOUND;
        if self.anew {
            self.spins.put(&self.couplings, self.ground.patterns.row(0));
            self.elsewhere = false;
        }
        (self.settled, self.sum) = (0, 0.0);
        self.trace();
        Live::Soon
    }

    fn claims(&self) -> Vec<Claim> {
        let from_pattern =
            |claim: Claim| claim.only_if(!self.elsewhere, "It began at a cue of yours, not at the pattern.");
        vec![from_pattern(self.inside()), from_pattern(self.outside()), self.all_over_the_map()]
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        lab::Verdict,
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=phase-diagram&{query}"), 400)
    }

    #[test]
    fn a_dot_dragged_at_the_end_is_answered_and_the_map_stays() {
        let mut session = run("seed=1");
        let pairs = [("load".to_owned(), "0.08".to_owned()), ("temperature".to_owned(), "0.9".to_owned())];
        session.set(&pairs).unwrap();
        assert_eq!(session.claims()[2].verdict(), Verdict::Agrees);
        session.advance(400);
        assert_eq!(session.claims()[1].verdict(), Verdict::Agrees);
    }

    #[test]
    fn a_dot_that_comes_back_finds_the_pattern_again() {
        let mut session = run("seed=1&side=20&temperature=1.4");
        assert!(session.metrics()[0] < 0.5);
        session.set(&[("temperature".to_owned(), "0.2".to_owned())]).unwrap();
        session.advance(100);
        assert_eq!(session.claims()[0].verdict(), Verdict::Agrees, "{:?}", session.claims()[0]);
    }

    #[test]
    #[ignore = "long: ./build.sh test --long"]
    fn the_network_agrees_with_theory_inside_and_outside_of_the_recall_phase() {
        for (load, temperature, which) in [(0.05, 0.2, 0), (0.1, 0.2, 0), (0.02, 0.5, 0), (0.05, 0.7, 1), (0.2, 0.2, 1)]
        {
            let claims = run(&format!("seed=1&load={load}&temperature={temperature}")).claims();
            assert_eq!(claims[which].verdict(), Verdict::Agrees, "{:?}", claims[which]);
            assert_eq!(claims[1 - which].verdict(), Verdict::NotHere);
            assert_eq!(claims[2].verdict(), Verdict::Agrees, "{:?}", claims[2]);
        }
    }
}
