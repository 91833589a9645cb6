//! Modern Hopfield retrieval on pictures (Ramsauer et al. 2021): `ξ ← ξ + rate (Xᵀ softmax(beta X ξ) - ξ)`.
//!
//! Pictures are centred and, unless told otherwise, put on the unit sphere. The run uses the f32 kernels; energies and
//! claims are computed in f64 from the same f32 patterns.
use crate::{
    data::{self, File, PHOTO_NAMES, PHOTOS, Pictures},
    lab::{
        Axis, Begun, Claim, Descent, Entry, Experiment, Fault, GRAIN, Gesture, Glyphs, Hand, Live, Mark, Metric, Paper,
        Param, Pick, Place, Plot, Preset, Prose, Reach, Series, Shape, Start, Status, Values, View, Wing,
    },
    math::{
        decimal::{self, fixed, scientific, short},
        kernels::dot64,
        mat::Mat,
        order::strongest,
        scalar,
    },
    model::memory::{
        hopfield::{self, Memory},
        landscape::Landscape,
        pattern::{self, Coding},
    },
};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

static PICTURES: Param = Param::choice(
    "pictures",
    "Pictures",
    &[("digits", "Handwritten digits"), ("photos", "Photographs"), ("families", "Four families")],
    "Digits are from the MNIST test set. The four families are made up: four kinds of four patterns each, nearly alike \
     within a kind.",
);
static MEMORIES: Param = Param::int(
    "memories",
    "Memories",
    (1, 12, 1000),
    "How many pictures are stored. There are 11 photographs at most, and the families are always 16.",
);
static BETA: Param = Param::float(
    "beta",
    "Sharpness β",
    (0.1, 24.0, 200.0),
    "How strongly the best match wins. Small β averages many memories, large β picks one. Attention uses β = 1/√d.",
)
.ends("one bowl", "many wells");
static RECALL: Param = Param::int(
    "recall",
    "Picture to recall",
    (1, 2, 1000),
    "The memory that the cue is made of, counted from the left; a number past the last takes the last.",
);
static HIDDEN: Param = Param::share(
    "hidden",
    "Hidden part",
    (0.0, 0.5, 0.9),
    "The share of the picture, from the bottom, that the cue does not show.",
);
static NOISE: Param = Param::float(
    "noise",
    "Noise",
    (0.0, 0.1, 1.0),
    "Standard deviation of the noise added to each pixel of the cue. Pixels go from 0 to 1.",
);
static RATE: Param = Param::float(
    "rate",
    "Step size",
    (0.05, 0.2, 1.0),
    "How much of each update is taken. 1 is the paper's update: it arrives at once. Small steps show the path.",
)
.ends("watch the path", "paper's update");
static PLANE: Param = Param::picks(
    "plane",
    "Plane through",
    3,
    &["cue"],
    "The landscape is cut along a plane through three states: the memories nearest to the cue, or three that you pick \
     among the memories and the cue.",
);
static LENGTH: Param = Param::toggle(
    "length",
    "Same length for all",
    true,
    "Long patterns win more often than they should, so all are put at one length. Switch it off to see that.",
);
static OWN: Param = Param::images(
    "own",
    "Your pictures",
    24,
    "Stored beside the others, as their middle square in grey. They stay on this machine.",
);
static CUE: Param = Param::images("cue", "Your cue", 1, "A picture of yours to start from, instead of a stored one.");

pub static ENTRY: Entry = Entry {
    id: "modern-hopfield",
    wing: Wing::Memory,
    prose: Prose {
        title: "Modern Hopfield retrieval",
        paper: Some(Paper {
            title: "Hopfield Networks is All You Need",
            authors: "Ramsauer, Schäfl, Lehner, Seidl, Widrich, Gruber and others",
            year: 2021,
            link: "https://arxiv.org/abs/2008.02217",
        }),
        card: "Half a picture rolls downhill to the whole one.",
        lead: "Hide part of a picture. The network rolls downhill in energy until it sits on the picture it knows.",
        about: &[
            "Each stored picture digs a well in one energy landscape. You give a damaged picture, the cue, and the state slides \
             downhill from it. Where it stops is what the network remembers.",
            "The second line is the update. It is the attention step of a transformer: $\\xi$ asks, the rows of $X$ answer. \
             Slide β down and watch wells merge: first into groups, then into one bowl that remembers only the average.",
            "The landscape is a slice. It is exact on the plane through the three states named in it. The path is a shadow on \
             that plane, since the true state has as many coordinates as a picture has pixels.",
        ],
        formulas: &[
            r"E(\xi) = -\frac{1}{\beta} \ln \sum_{i=1}^{N} e^{\beta \, x_i \cdot \xi} + \tfrac12 \, \xi \cdot \xi + C, \qquad C = \frac{\ln N}{\beta} + \tfrac12 M^2",
            r"\xi^{\mathrm{new}} = X^\top \operatorname{softmax}(\beta X \xi)",
        ],
        symbols: &[
            (r"\xi", "the state, one number for each pixel"),
            (r"x_i", "a stored picture, centred; the rows of $X$"),
            (r"\beta", "sharpness, the inverse of temperature"),
            ("M", "the length of the longest picture, 1 when all have one length"),
            (r"\beta_c", "below it the average of all pictures is a resting place"),
        ],
        words: "attention transformer energy landscape softmax dense associative memory images digits",
    }
    .told(),
    params: &[&PICTURES, &MEMORIES, &BETA, &RECALL, &HIDDEN, &NOISE, &RATE, &PLANE, &LENGTH, &OWN, &CUE],
    metrics: &[
        Metric::new("energy", "energy", "E(ξ), between 0 and 2 M²."),
        Metric::new(
            "overlap",
            "overlap",
            "Cosine of the angle between the state and the picture to recall: 1 is equal.",
        ),
        Metric::new(
            "effective",
            "memories in the answer",
            "How many memories share the state: exp of the entropy of the attention.",
        ),
        Metric::new("move", "move", "How far one full update would move the state."),
    ],
    presets: &[
        Preset::new("Half hidden", "The upper half is enough.", &[]),
        Preset::new(
            "Noisy",
            "Under noise no eye sees through, the right well is still the nearest.",
            &[("hidden", "0"), ("noise", "0.6")],
        ),
        Preset::new(
            "Blend",
            "Too little sharpness, and the answer is a blend of all memories.",
            &[("beta", "6"), ("hidden", "0.7")],
        )
        .beyond(),
        Preset::new("Photographs", "The same network on photographs.", &[("pictures", "photos"), ("memories", "10")]),
        Preset::new(
            "Four families",
            "Between the single picture and the average of all lies the average of a family.",
            &[("pictures", "families"), ("beta", "10"), ("hidden", "0"), ("noise", "0.05"), ("plane", "2.6.10")],
        )
        .beyond(),
    ],
    steps: 60,
    log_steps: false,
    pace: 6.0,
    thumbnail: 1,
    files,
    start: begin,
};

const STRIP: usize = 0;
const SURFACE: usize = 1;
const TRIO: usize = 2;
const WAY: usize = 3;
const SWEEP: usize = 4;

/// Energies across and down the landscape.
const COLS: usize = 144;
const ROWS: usize = 96;
/// Sharpness values of the sweep, evenly spaced on a log scale over the parameter's range.
const SHARPNESSES: usize = 48;
const SHARPNESS_RANGE: (f64, f64) = (0.1, 200.0);
/// The run has settled when a full update would move the state by less than this share of M. On its way past the average of some
/// memories it moves slowly, too, though seldom so slowly. Near a fixed point the energy falls by the square of the move: 10⁻⁶,
/// above the rounding of f32.
const SETTLED: f64 = 0.001;

fn files(values: &Values) -> Vec<&'static File> {
    match values.choice(&PICTURES) {
        "photos" => vec![&PHOTOS],
        "families" => Vec::new(),
        _ => data::digit_files(values.int(&MEMORIES)),
    }
}

/// What does not change while sliders move.
struct Stored {
    memory: Memory,
    pictures: Pictures,
    /// Which pictures: a value of [`PICTURES`].
    kind: &'static str,
    coding: Coding,
    /// That of each picture.
    codings: Vec<Coding>,
    /// Products of all pairs of memories.
    gram: Mat,
    critical: Option<f64>,
    /// A number for each pixel, with deviation 1.
    noise: Vec<f32>,
    /// The cue that the user brought.
    own_cue: Option<Vec<f32>>,
    /// The sweeps made so far, by memory: a drag goes to and fro between a few, and among many memories each is costly.
    sweeps: RefCell<BTreeMap<usize, Rc<[f32]>>>,
}

/// The sliders that a run takes by beginning again.
#[derive(Clone, PartialEq)]
struct Settings {
    beta: f64,
    recall: usize,
    hidden: f64,
    noise: f64,
    rate: f64,
    plane: Vec<Pick>,
}

impl Settings {
    fn read(values: &Values) -> Self {
        Self {
            beta: values.float(&BETA),
            recall: values.int(&RECALL) - 1,
            hidden: values.float(&HIDDEN),
            noise: values.float(&NOISE),
            rate: values.float(&RATE),
            plane: values.picks(&PLANE).to_vec(),
        }
    }
}

#[derive(Clone)]
struct ModernHopfield {
    stored: Rc<Stored>,
    settings: Settings,
    landscape: Rc<Landscape>,
    /// The three states that span it.
    members: [Pick; 3],
    /// How many memories share the answer, for each sharpness of the sweep.
    sweep: Rc<[f32]>,
    /// Which memory the overlap and the claims are about.
    target: usize,
    /// The cue as ink, 0 to 1.
    cue_ink: Vec<f32>,
    cue: Vec<f32>,
    state: Vec<f32>,
    /// Attention of the state, one weight a memory.
    weights: Vec<f32>,
    /// Where one full update would take the state.
    goal: Vec<f32>,
    /// The memory with the greatest overlap with the state; of equals the first.
    nearest: usize,
    energy: f64,
    path: Vec<(f32, f32)>,
    /// How the energy fell.
    descent: Descent,
}

fn begin(start: &Start) -> Begun {
    let (values, inputs) = (start.values, start.inputs);
    let mut pictures = choose_pictures(start)?;
    for (i, ink) in inputs.squares(&OWN, pictures.rows)?.into_iter().enumerate() {
        pictures.ink.extend(ink);
        pictures.names.push(format!("your picture {}", i + 1));
    }
    let side = pictures.side();
    let (patterns, coding, codings) = pattern::centred(&pictures.ink, side, values.toggle(&LENGTH));
    let memory = Memory::new(patterns);
    let gram = memory.gram();
    let mut noise = start.rng.stream("noise");
    let stored = Stored {
        critical: hopfield::critical_beta(&gram),
        gram,
        memory,
        kind: values.choice(&PICTURES),
        coding,
        codings,
        noise: (0..side).map(|_| noise.normal() as f32).collect(),
        own_cue: inputs.squares(&CUE, pictures.rows)?.pop(),
        sweeps: RefCell::default(),
        pictures,
    };
    Ok(Box::new(ModernHopfield::new(Rc::new(stored), Settings::read(values))))
}

fn choose_pictures(start: &Start) -> Result<Pictures, Fault> {
    let (count, choice) = (start.values.int(&MEMORIES), start.values.choice(&PICTURES));
    let read = match choice {
        "families" => return Ok(data::families(&mut start.rng.stream("families"))),
        "photos" => data::photos(start.inputs.file(&PHOTOS), count),
        _ => data::digits(files(start.values).into_iter().map(|file| start.inputs.file(file)), count),
    };
    match read {
        Ok(pictures) if !pictures.is_empty() => Ok(pictures),
        Ok(_) => Err(Fault::new(PICTURES.name, choice, "came as a file without pictures")),
        Err(error) => Err(Fault::new(PICTURES.name, &error.to_string(), "must be a readable file of pictures")),
    }
}

impl Stored {
    fn name(&self, i: usize) -> &str {
        &self.pictures.names[i]
    }

    /// All that may span the landscape.
    fn members(&self) -> impl Iterator<Item = Pick> {
        (0..self.memory.count()).map(Pick::Item).chain([Pick::Word("cue"), Pick::Word("blank")])
    }

    fn called(&self, member: Pick) -> String {
        match member {
            Pick::Item(i) => self.name(i).to_owned(),
            Pick::Word(word) => format!("the {word}"),
        }
    }

    /// The index of one in [`Stored::members`].
    fn member(&self, member: Pick) -> usize {
        match member {
            Pick::Item(i) => i,
            Pick::Word("cue") => self.memory.count(),
            Pick::Word(_) => self.memory.count() + 1,
        }
    }

    /// How many memories share the answer from memory `i`, over the sharpnesses.
    fn sweep(&self, i: usize) -> Rc<[f32]> {
        let shared = |k| hopfield::shared_by(&self.gram, i, sharpness(k) as f32);
        let mut sweeps = self.sweeps.borrow_mut();
        Rc::clone(sweeps.entry(i).or_insert_with(|| (0..SHARPNESSES).map(shared).collect()))
    }
}

fn sharpness(k: usize) -> f64 {
    let (least, greatest) = SHARPNESS_RANGE;
    least * scalar::exp(scalar::ln(greatest / least) * k as f64 / (SHARPNESSES - 1) as f64)
}

impl ModernHopfield {
    fn new(stored: Rc<Stored>, settings: Settings) -> Self {
        let target = settings.recall.min(stored.memory.count() - 1);
        let cue_ink = cue(&stored, &settings, target);
        let state = stored.coding.state(&cue_ink);
        let members = members(&stored, &settings, &state);
        let landscape = landscape(&stored, settings.beta, &members, &state);
        let mut run = Self {
            weights: vec![0.0; stored.memory.count()],
            goal: state.clone(),
            cue: state.clone(),
            sweep: Rc::default(),
            landscape: Rc::new(landscape),
            members,
            stored,
            settings,
            target,
            cue_ink,
            state,
            nearest: 0,
            energy: 0.0,
            path: Vec::new(),
            descent: Descent::default(),
        };
        run.begin_at_cue();
        run.aim_at(if run.stored.own_cue.is_some() { run.nearest } else { target });
        run
    }

    /// Puts the state on the cue and forgets the way.
    fn begin_at_cue(&mut self) {
        self.state.clone_from(&self.cue);
        self.path.clear();
        self.descent = Descent::default();
        self.look();
    }

    /// Everything that follows from the state: attention, goal, nearest memory, energy, a point of the path.
    fn look(&mut self) {
        let (memory, state) = (&self.stored.memory, &self.state);
        memory.update(self.settings.beta as f32, state, &mut self.weights, &mut self.goal);
        let overlaps = memory.overlaps64(state);
        self.nearest = strongest(&overlaps).next().unwrap_or(0);
        self.energy = memory.energy64(self.settings.beta, &overlaps, dot64(state, state));
        self.path.push(self.landscape.plane.place(state));
    }

    /// What the overlap and the claims are about from now on.
    fn aim_at(&mut self, target: usize) {
        self.target = target;
        self.sweep = self.stored.sweep(target);
    }

    /// How far a full update would move the state.
    fn distance_to_goal(&self) -> f64 {
        hopfield::distance(&self.goal, &self.state)
    }

    fn overlap(&self) -> f64 {
        hopfield::cosine(self.stored.memory.patterns.row(self.target), &self.state)
    }

    /// Cuts the landscape through what is nearest to the cue, where the hand has not chosen.
    fn turn_landscape(&mut self) {
        let members = members(&self.stored, &self.settings, &self.cue);
        if members != self.members || members.contains(&Pick::Word("cue")) {
            self.members = members;
            self.landscape = Rc::new(landscape(&self.stored, self.settings.beta, &members, &self.cue));
        }
    }

    // ---- the claims, one by one

    fn bound(&self) -> Claim {
        let (beta, memory) = (self.settings.beta, &self.stored.memory);
        let (checked, ratio) = memory.greatest_share_of_bound(beta, if memory.count() > 200 { 4 } else { 16 });
        let claim = Claim::new("The retrieval error stays under the paper's bound.", "Ramsauer et al. 2021, theorem 5")
            .expect(0.0, 1.0, "at most 1 × the bound")
            .on_log((1e-12, "10⁻¹²"), (100.0, "100 × the bound"));
        match (checked, memory.count()) {
            (0, 1) => claim.not_here("The theorem needs at least two memories."),
            (0, _) => {
                let beta = decimal::write(beta);
                claim.not_here(format!(
                    "At β = {beta} no memory stands far enough from the others. Raise β to test this."
                ))
            }
            _ => claim.measured(ratio, format!("{} × in {checked} memories", short(ratio))),
        }
    }

    fn one_update(&self) -> Claim {
        let (beta, memory) = (self.settings.beta, &self.stored.memory);
        let error = memory.one_update_error(beta, &self.cue, self.target);
        let claim =
            Claim::new("One full update finds the stored picture.", "Ramsauer et al. 2021, theorem 4 and section 3")
                .expect(0.0, 0.05, "error at most 0.05")
                .on_log((1e-9, "10⁻⁹"), (2.0, "2"))
                .measured(error, short(error));
        let shared = hopfield::shared_by(&self.stored.gram, self.target, beta as f32);
        if error <= 0.05 {
            claim
        } else if shared > 1.5 {
            let (beta, some) = (decimal::write(beta), fixed(shared.into(), 0));
            claim.because(format!(
                "At β = {beta} about {some} memories blend into one answer. Raise β to find a single one."
            ))
        } else {
            claim.because("This cue starts too far away. The theorem speaks of cues close to a memory.")
        }
    }

    fn downhill(&self) -> Claim {
        Claim::never_rises("Energy never rises on the way down.", "Ramsauer et al. 2021, theorem 1", &self.descent)
    }

    fn attention(&self) -> Claim {
        let gap = self.stored.memory.attention_gap(self.settings.beta, &self.cue);
        Claim::new("The update is the attention of a transformer.", "Ramsauer et al. 2021, section 2 and equation 10")
            .expect(0.0, 1e-12, "below 10⁻¹²")
            .on_log((1e-18, "10⁻¹⁸"), (1e-6, "10⁻⁶"))
            .measured(gap, scientific(gap, 1))
    }

    /// Which of the three kinds of resting place the sweep meets: the average of all, of some, a single memory.
    fn kinds(&self) -> Claim {
        let n = self.stored.memory.count();
        let claim =
            Claim::new("There are three kinds of resting place: all, some, one.", "Ramsauer et al. 2021, section 2")
                .expect(3.0, 3.0, "3 kinds")
                .on((0.0, "0"), (3.0, "3 kinds"));
        if n < 4 {
            return claim.not_here("This needs at least four memories.");
        }
        let all = n as f32;
        let kinds = [
            ("the average of all", 0.95 * all, all + 0.1),
            ("an average of some", 1.5, 0.75 * all),
            ("a single memory", 0.0, 1.05),
        ];
        let met = |from: f32, to: f32| self.sweep.iter().any(|share| *share >= from && *share <= to);
        let missing: Vec<&str> =
            kinds.into_iter().filter(|(_, from, to)| !met(*from, *to)).map(|(kind, ..)| kind).collect();
        let count = kinds.len() - missing.len();
        let claim = claim.measured(count as f64, format!("{count} over all β"));
        if missing.is_empty() {
            claim
        } else {
            claim.because(format!("These memories do not show {}.", missing.join(" or ")))
        }
    }
}

/// The picture that is given, as ink: the user's, or else that of memory `target`, spoilt.
fn cue(stored: &Stored, settings: &Settings, target: usize) -> Vec<f32> {
    let pictures = &stored.pictures;
    let mut ink = stored.own_cue.clone().unwrap_or_else(|| pictures.get(target).to_vec());
    let rows = ((1.0 - settings.hidden) * pictures.rows as f64 + 0.5) as usize;
    // Neither ink nor page: what is not shown should not count as seen to be empty.
    let grey = stored.coding.middle as f32;
    pattern::spoil(&mut ink, rows * pictures.cols, grey, &stored.noise, settings.noise);
    ink
}

/// The three states that span the landscape: those that were picked, then the memories nearest to the cue.
fn members(stored: &Stored, settings: &Settings, cue: &[f32]) -> [Pick; 3] {
    let memory = &stored.memory;
    let overlaps = memory.overlaps64(cue);
    let picked = settings.plane.iter().map(|pick| match *pick {
        Pick::Item(i) => Pick::Item(i.min(memory.count() - 1)),
        word @ Pick::Word(_) => word,
    });
    // The nearest memories fill what was not picked; where there are too few, the cue and a blank state do.
    let spare = strongest(&overlaps).map(Pick::Item).chain([Pick::Word("cue"), Pick::Word("blank")]);
    let mut candidates = picked.chain(spare);
    let mut members: Vec<Pick> = Vec::new();
    while members.len() < 3
        && let Some(pick) = candidates.next()
    {
        if !members.contains(&pick) {
            members.push(pick);
        }
    }
    [0, 1, 2].map(|k| members[k])
}

/// The landscape through three states.
fn landscape(stored: &Stored, beta: f64, members: &[Pick; 3], cue: &[f32]) -> Landscape {
    let zero = vec![0.0; cue.len()];
    let states = members.map(|member| match member {
        Pick::Item(i) => stored.memory.patterns.row(i),
        Pick::Word("cue") => cue,
        Pick::Word(_) => &zero,
    });
    Landscape::through(states, &stored.memory, beta, ROWS, COLS)
}

impl Experiment for ModernHopfield {
    fn views(&self) -> Vec<View> {
        let pictures = &self.stored.pictures;
        let glyphs =
            |items| Glyphs { photo: self.stored.kind == "photos", ..Glyphs::new(pictures.rows, pictures.cols, items) };
        let strip = Glyphs {
            weighted: Some("attention"),
            ringed: Some("nearest"),
            picks: Some(PLANE.name),
            ..glyphs(pictures.names.clone())
        };
        let map = Shape::Surface {
            rows: ROWS as u32,
            cols: COLS as u32,
            members: self.stored.members().map(|member| self.stored.called(member)).collect(),
            span: 3,
            ends: Vec::new(),
            trail: ENTRY.steps as u32 + 1,
        };
        let trio = Glyphs {
            paint: Some(0),
            store: Some((OWN.name, 2)),
            ..glyphs(["Cue", "State", "Nearest"].map(str::to_owned).to_vec())
        };
        let way = Shape::over_steps(
            Axis::linear("step", 0.0, ENTRY.steps as f64),
            Axis::linear("energy, overlap", 0.0, (self.stored.memory.longest * self.stored.memory.longest).max(1.0)),
            &[("energy", "energy"), ("overlap", "overlap")],
        );
        let (least, greatest) = SHARPNESS_RANGE;
        let critical = self.stored.critical.filter(|beta| (least..greatest).contains(beta));
        let sweep = Shape::Lines {
            x: Axis::log("sharpness β, log scale", least, greatest).of(&BETA),
            y: Axis::linear("memories", 0.0, self.stored.memory.count() as f64),
            series: vec![Series::curve("memories", SHARPNESSES)],
            marks: critical
                .map(|beta| Mark { at: beta, label: format!("βc {}", fixed(beta, 1)) })
                .into_iter()
                .collect(),
            field: None,
        };
        vec![
            View::new("Memories", Place::Full, Shape::Glyphs(strip)),
            View::new("Energy landscape", Place::Main, map).hand(Hand::Start).moving(),
            View::new("Cue, state, nearest", Place::Side, Shape::Glyphs(trio)).hand(Hand::Start).moving(),
            View::new("Energy and overlap", Place::Side, way),
            View::new("Memories that share the answer", Place::Main, sweep),
        ]
    }

    fn ground(&self, view: usize, out: &mut [f32]) {
        if view == STRIP {
            out.copy_from_slice(&self.stored.pictures.ink);
        }
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        match view {
            STRIP => {
                slot[0] = self.nearest as f32;
                slot[1..].copy_from_slice(&self.weights);
            }
            SURFACE => {
                let (ground, marks) = slot.split_at_mut(self.landscape.energies.len());
                ground.copy_from_slice(&self.landscape.energies);
                let member = |i: usize| (self.stored.member(self.members[i]), self.landscape.places[i]);
                Shape::mark_surface(marks, &[0, 1, 2].map(member), &self.path);
            }
            TRIO => {
                let side = self.state.len();
                let nearest = self.stored.pictures.get(self.nearest);
                let coding = Coding::mixed(&self.stored.codings, &self.weights);
                let state = self.state.iter().map(|x| coding.ink(*x));
                let pixels = self.cue_ink.iter().copied().chain(state).chain(nearest.iter().copied());
                slot.iter_mut().zip(pixels).for_each(|(s, x)| *s = x);
                slot[3 * side] = -1.0;
            }
            SWEEP => {
                let points = self.sweep.iter().enumerate().map(|(k, shared)| [sharpness(k) as f32, *shared]);
                Plot::new(slot, self.settings.beta).curve(SHARPNESSES, points);
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        match view {
            STRIP => format!(
                "Nearest is {}, with attention {}. Memories that share the answer: {}.",
                self.stored.name(self.nearest),
                fixed(self.weights[self.nearest].into(), 2),
                fixed(hopfield::effective_number(&self.weights).into(), 1)
            ),
            SURFACE => {
                let [a, b, c] = self.members.map(|member| self.stored.called(member));
                format!(
                    "A slice through {a}, {b} and {c}. The state has energy {}. Drag the orange probe to start from \
                     anywhere on it.",
                    fixed(self.energy, 3)
                )
            }
            TRIO => format!(
                "After {} steps the state's overlap with {} is {}. Paint on the cue, or store a picture.",
                self.descent.steps,
                self.stored.name(self.target),
                fixed(self.overlap(), 2)
            ),
            WAY => format!(
                "Energy {} and overlap {} at step {}.",
                fixed(self.energy, 3),
                fixed(self.overlap(), 2),
                self.descent.steps
            ),
            _ => match self.stored.critical {
                Some(beta) => format!(
                    "Started at {}. Below β of about {} the average of all {} memories is a place to rest; above, none.",
                    self.stored.name(self.target),
                    fixed(beta, 1),
                    self.stored.memory.count()
                ),
                None => "There is one memory only, so nothing can be shared.".into(),
            },
        }
    }

    fn step(&mut self) -> Status {
        let rate = self.settings.rate as f32;
        let before = self.energy;
        self.state.iter_mut().zip(&self.goal).for_each(|(s, g)| *s += rate * (g - *s));
        self.look();
        let longest = self.stored.memory.longest;
        // States are rounded to f32, so an energy near 1 is known to about 1e-9.
        self.descent.step(before, self.energy, 1e-9 * longest * longest);
        if self.distance_to_goal() < SETTLED * longest { Status::Ended("settled") } else { Status::Running }
    }

    fn measure(&self, out: &mut [f32]) {
        out[0] = self.energy as f32;
        out[1] = self.overlap() as f32;
        out[2] = hopfield::effective_number(&self.weights);
        out[3] = self.distance_to_goal() as f32;
    }

    fn touch(&mut self, gesture: &Gesture) {
        let share = |part: u16| f64::from(part) / f64::from(GRAIN);
        let pictures = &self.stored.pictures;
        let cue = match *gesture {
            Gesture::Drag { x, y, .. } => {
                let state = self.landscape.plane.state(share(x), share(y));
                self.cue_ink = state.iter().map(|x| self.stored.coding.ink(*x).clamp(0.0, 1.0)).collect();
                state
            }
            Gesture::Paint { item: 0, x, y, value, .. } => {
                data::paint(
                    &mut self.cue_ink,
                    pictures.rows,
                    pictures.cols,
                    (share(x), share(y)),
                    f32::from(value) / 255.0,
                );
                self.stored.coding.state(&self.cue_ink)
            }
            Gesture::Wipe { item: 0, .. } => {
                self.cue_ink.fill(0.0);
                self.stored.coding.state(&self.cue_ink)
            }
            _ => return,
        };
        self.cue = cue;
        // The probe is dragged on the map, which then must not turn under the hand.
        if !matches!(gesture, Gesture::Drag { .. }) {
            self.turn_landscape();
        }
        self.begin_at_cue();
        // What the overlap is about is now the memory nearest to the cue.
        self.aim_at(self.nearest);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        let live = [&BETA, &RECALL, &HIDDEN, &NOISE, &RATE, &PLANE];
        if !live.iter().any(|known| std::ptr::eq(*known, param)) {
            return Live::Restart;
        }
        *self = Self::new(Rc::clone(&self.stored), Settings::read(values));
        Live::Again
    }

    fn reaches(&self) -> Vec<(&'static Param, Reach)> {
        let recall = match self.stored.own_cue {
            Some(_) => Reach::Idle("Your cue is taken instead."),
            None => Reach::UpTo(self.stored.memory.count() as f64),
        };
        let memories = match self.stored.kind {
            "families" => Some(Reach::Idle("The families are always 16.")),
            "photos" => Some(Reach::UpTo(PHOTO_NAMES.len() as f64)),
            _ => None,
        };
        [Some((&RECALL, recall)), memories.map(|reach| (&MEMORIES, reach))].into_iter().flatten().collect()
    }

    fn claims(&self) -> Vec<Claim> {
        vec![self.bound(), self.one_update(), self.downhill(), self.attention(), self.kinds()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::Verdict,
        math::rng::Rng,
        session::{Session, follow},
    };

    fn run(query: &str) -> Session {
        follow(&format!("id=modern-hopfield&{query}"), 60)
    }

    #[test]
    fn all_five_claims_agree_by_default_over_three_seeds() {
        for seed in 1..=3 {
            for claim in run(&format!("seed={seed}")).claims() {
                assert_eq!(claim.verdict(), Verdict::Agrees, "seed {seed}: {claim:?}");
            }
        }
    }

    /// Plateaus of 16, 4 and 1 memories for patterns of length 4 = √16 at b = 0.05, 0.5 to 0.8, and 8; on the unit sphere
    /// beta is 16 b. The critical b is near 0.227.
    #[test]
    fn families_rest_at_all_at_one_family_and_at_one_member() {
        for seed in 1..=3 {
            let mut patterns = Mat::zeros(16, 16);
            let pictures = data::families(&mut Rng::new(seed).stream("families"));
            patterns.data.iter_mut().zip(&pictures.ink).for_each(|(p, ink)| *p = ink - 0.5);
            let memory = Memory::new(patterns);
            assert!((memory.longest - 1.0).abs() < 1e-6);
            let gram = memory.gram();
            let mean = |b: f32| (0..16).map(|i| hopfield::shared_by(&gram, i, 16.0 * b)).sum::<f32>() / 16.0;
            assert!(mean(0.05) > 15.5 && mean(8.0) < 1.1, "{} and {}", mean(0.05), mean(8.0));
            for b in [0.5, 0.65, 0.8] {
                assert!((mean(b) - 4.0).abs() < 0.3, "seed {seed} b {b}: {}", mean(b));
            }
            let critical = hopfield::critical_beta(&gram).unwrap() / 16.0;
            assert!((0.15..0.3).contains(&critical), "seed {seed}: {critical}");
        }
    }
}
