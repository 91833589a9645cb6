//! Modern Hopfield retrieval on pictures (Ramsauer et al. 2021): `ξ ← ξ + rate (Xᵀ softmax(beta X ξ) - ξ)`.
//!
//! Pictures are centred and, unless told otherwise, put on the unit sphere. The run uses the f32 kernels; energies and
//! claims are computed in f64 from the same f32 patterns.
use crate::{
    data::{self, DIGITS, File, MORE_DIGITS, PHOTOS, Pictures},
    lab::{
        Axis, Begun, Claim, Entry, Experiment, Fault, GRAIN, Gesture, Hand, Image, Kind, Live, Mark, Metric, Paper,
        Param, Pick, Place, Preset, Scale, Series, Shape, Start, Status, Values, View, Wing,
    },
    math::{
        decimal::{fixed, scientific},
        kernels::dot64,
        linalg,
        mat::Mat,
        rng::Rng,
        scalar,
    },
    model::{
        hopfield::{self, Memory},
        landscape::Plane,
    },
};
use std::{cell::RefCell, rc::Rc};

static PICTURES: Param = Param {
    name: "pictures",
    label: "Pictures",
    help: "Digits are from the MNIST test set. The four families are made up: four kinds of four patterns each, nearly \
           alike within a kind.",
    ends: None,
    kind: Kind::Choice {
        default: "digits",
        options: &[("digits", "Handwritten digits"), ("photos", "Photographs"), ("families", "Four families")],
    },
};
static MEMORIES: Param = Param {
    name: "memories",
    label: "Memories",
    help: "How many pictures are stored. There are 11 photographs at most, and the families are always 16.",
    ends: None,
    kind: Kind::Int { default: 12, min: 1, max: 1000 },
};
static BETA: Param = Param {
    name: "beta",
    label: "Sharpness β",
    help: "How strongly the best match wins. Small β averages many memories, large β picks one. Attention uses β = 1/√d.",
    ends: Some(("one bowl", "many wells")),
    kind: Kind::Float { default: 24.0, min: 0.1, max: 200.0 },
};
static RECALL: Param = Param {
    name: "recall",
    label: "Picture to recall",
    help: "The memory that the cue is made of, counted from the left; a number past the last takes the last.",
    ends: None,
    kind: Kind::Int { default: 2, min: 1, max: 1000 },
};
static HIDDEN: Param = Param {
    name: "hidden",
    label: "Hidden part",
    help: "The share of the picture, from the bottom, that the cue does not show.",
    ends: None,
    kind: Kind::Share { default: 0.5, min: 0.0, max: 0.9 },
};
static NOISE: Param = Param {
    name: "noise",
    label: "Noise",
    help: "Standard deviation of the noise added to each pixel of the cue. Pixels go from 0 to 1.",
    ends: None,
    kind: Kind::Float { default: 0.1, min: 0.0, max: 1.0 },
};
static RATE: Param = Param {
    name: "rate",
    label: "Step size",
    help: "How much of each update is taken. 1 is the paper's update: it arrives at once. Small steps show the path.",
    ends: Some(("watch the path", "paper's update")),
    kind: Kind::Float { default: 0.2, min: 0.05, max: 1.0 },
};
static PLANE: Param = Param {
    name: "plane",
    label: "Plane through",
    help: "The landscape is cut along a plane through three states: the memories nearest to the cue, or three that you \
           pick among the memories and the cue.",
    ends: None,
    kind: Kind::Picks { most: 3, words: &["cue"] },
};
static LENGTH: Param = Param {
    name: "length",
    label: "Same length for all",
    help: "Long patterns win more often than they should, so all are put at one length. Switch it off to see that.",
    ends: None,
    kind: Kind::Toggle { default: true },
};
static OWN: Param = Param {
    name: "own",
    label: "Your pictures",
    help: "Stored beside the others, as their middle square in grey. They stay on this machine.",
    ends: None,
    kind: Kind::Images { most: 24 },
};
static CUE: Param = Param {
    name: "cue",
    label: "Your cue",
    help: "A picture of yours to start from, instead of a stored one.",
    ends: None,
    kind: Kind::Images { most: 1 },
};

pub static ENTRY: Entry = Entry {
    id: "modern-hopfield",
    title: "Modern Hopfield retrieval",
    wing: Wing::Memory,
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
        r"E(\xi) = -\frac{1}{\beta} \ln \sum_{i=1}^{N} e^{\beta \, x_i \cdot \xi} + \tfrac12 \, \xi \cdot \xi + \frac{\ln N}{\beta} + \tfrac12 M^2",
        r"\xi' = X^\top \operatorname{softmax}(\beta X \xi)",
    ],
    symbols: &[
        (r"\xi", "the state, one number for each pixel"),
        (r"x_i", "a stored picture, centred; the rows of $X$"),
        (r"\beta", "sharpness, the inverse of temperature"),
        ("M", "the length of the longest picture, 1 when all have one length"),
        (r"\beta_c", "below it the average of all pictures is a resting place"),
    ],
    words: "attention transformer energy landscape softmax dense associative memory images digits",
    params: &[&PICTURES, &MEMORIES, &BETA, &RECALL, &HIDDEN, &NOISE, &RATE, &PLANE, &LENGTH, &OWN, &CUE],
    metrics: &[
        Metric { name: "energy", label: "energy", unit: "", help: "E(ξ), between 0 and 2 M²." },
        Metric {
            name: "overlap",
            label: "overlap",
            unit: "",
            help: "Cosine of the angle between the state and the picture to recall: 1 is equal.",
        },
        Metric {
            name: "effective",
            label: "memories in the answer",
            unit: "",
            help: "How many memories share the state: exp of the entropy of the attention.",
        },
        Metric { name: "move", label: "move", unit: "", help: "How far one full update would move the state." },
    ],
    presets: &[
        Preset { name: "Half hidden", story: "The upper half is enough.", set: &[] },
        Preset {
            name: "Noisy",
            story: "Under noise no eye sees through, the right well is still the nearest.",
            set: &[("hidden", "0"), ("noise", "0.6")],
        },
        Preset {
            name: "Blend",
            story: "Too little sharpness, and the answer is a blend of all memories.",
            set: &[("beta", "6"), ("hidden", "0.7")],
        },
        Preset {
            name: "Photographs",
            story: "The same network on photographs.",
            set: &[("pictures", "photos"), ("memories", "10"), ("recall", "2")],
        },
        Preset {
            name: "Four families",
            story: "Between the single picture and the average of all lies the average of a family.",
            set: &[("pictures", "families"), ("beta", "10"), ("hidden", "0"), ("noise", "0.05"), ("plane", "2.6.10")],
        },
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
/// The run has settled when a full update would move the state by less than this share of M. Near a fixed point the
/// energy falls by the square of the move: 10⁻⁴, far above the rounding of f32.
const SETTLED: f64 = 0.01;

fn files(values: &Values) -> Vec<&'static File> {
    match values.choice(&PICTURES) {
        "photos" => vec![&PHOTOS],
        "families" => Vec::new(),
        _ if values.int(&MEMORIES) > 200 => vec![&DIGITS, &MORE_DIGITS],
        _ => vec![&DIGITS],
    }
}

/// What does not change while sliders move.
struct Stored {
    memory: Memory,
    pictures: Pictures,
    photo: bool,
    /// How much ink one unit of a state is, and what grey its zero is.
    ink_scale: f64,
    ink_middle: f64,
    /// Products of all pairs of memories.
    gram: Mat,
    critical: Option<f64>,
    /// A number for each pixel, with deviation 1.
    noise: Vec<f32>,
    /// The cue that the user brought.
    own_cue: Option<Vec<f32>>,
    /// The sweep that was asked for last: it outlives most moves of a slider.
    last_sweep: RefCell<Option<(usize, Rc<[f32]>)>>,
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

/// The cut that is shown, and what is on it.
struct Landscape {
    plane: Plane,
    names: Vec<String>,
    places: Vec<(f32, f32)>,
    energies: Vec<f32>,
}

#[derive(Clone)]
struct ModernHopfield {
    stored: Rc<Stored>,
    settings: Settings,
    landscape: Rc<Landscape>,
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
    energy: f64,
    path: Vec<(f32, f32)>,
    rises: u32,
    greatest_rise: f64,
    steps: u32,
}

fn begin(start: &Start) -> Begun {
    let (values, inputs) = (start.values, start.inputs);
    let mut pictures = choose_pictures(start)?;
    for (i, image) in inputs.images(&OWN).iter().enumerate() {
        pictures.ink.extend(fit(image, pictures.rows, OWN.name)?);
        pictures.names.push(format!("yours {}", i + 1));
    }
    let own_cue = match inputs.images(&CUE).first() {
        Some(image) => Some(fit(image, pictures.rows, CUE.name)?),
        None => None,
    };
    let side = pictures.side();
    let mut patterns = Mat::zeros(pictures.len(), side);
    let mut lengths = Vec::with_capacity(pictures.len());
    let mut middles = 0.0;
    for i in 0..pictures.len() {
        let ink = pictures.get(i);
        let mean = ink.iter().map(|x| f64::from(*x)).sum::<f64>() / side as f64;
        let row = patterns.row_mut(i);
        row.iter_mut().zip(ink).for_each(|(p, x)| *p = (f64::from(*x) - mean) as f32);
        lengths.push(dot64(row, row).sqrt());
        middles += mean / pictures.len() as f64;
    }
    let ink_scale = lengths.iter().sum::<f64>() / lengths.len() as f64;
    for (i, length) in lengths.iter().enumerate() {
        let scale = if values.toggle(&LENGTH) { *length } else { ink_scale };
        patterns.row_mut(i).iter_mut().for_each(|p| *p = (f64::from(*p) / scale) as f32);
    }
    let memory = Memory::new(patterns);
    let gram = memory.gram();
    let mut noise = start.rng.stream("noise");
    let stored = Stored {
        critical: hopfield::critical_beta(&gram),
        gram,
        memory,
        photo: values.choice(&PICTURES) == "photos",
        ink_scale,
        ink_middle: middles,
        noise: (0..side).map(|_| noise.normal() as f32).collect(),
        own_cue,
        last_sweep: RefCell::new(None),
        pictures,
    };
    Ok(Box::new(ModernHopfield::new(Rc::new(stored), Settings::read(values))))
}

fn choose_pictures(start: &Start) -> Result<Pictures, Vec<Fault>> {
    let count = start.values.int(&MEMORIES);
    let read = match start.values.choice(&PICTURES) {
        "families" => return Ok(families(start.rng)),
        "photos" => data::photos(start.inputs.file(&PHOTOS), count),
        _ => data::digits(files(start.values).into_iter().map(|file| start.inputs.file(file)), count),
    };
    match read {
        Ok(pictures) if !pictures.is_empty() => Ok(pictures),
        Ok(_) => {
            Err(vec![Fault::new(PICTURES.name, start.values.choice(&PICTURES), "came as a file without pictures")])
        }
        Err(error) => Err(vec![Fault::new(PICTURES.name, &error.to_string(), "must be a readable file of pictures")]),
    }
}

/// Four kinds of four patterns of 4 x 4: centred, of length 1, and with an overlap of 0.9 within a kind.
fn families(rng: &Rng) -> Pictures {
    let mut stream = rng.stream("families");
    // A random direction without mean and orthogonal to another one.
    let mut draw = |other: &[f64; 16]| {
        let mut x = [0.0; 16];
        x.iter_mut().for_each(|x| *x = stream.normal());
        let mean = x.iter().sum::<f64>() / 16.0;
        let along: f64 = x.iter().zip(other).map(|(x, o)| x * o).sum();
        x.iter_mut().zip(other).for_each(|(x, o)| *x -= mean + along * o);
        let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
        x.map(|x| x / length)
    };
    let mut pictures = Pictures { rows: 4, cols: 4, ..Pictures::default() };
    for kind in ["A", "B", "C", "D"] {
        let centre = draw(&[0.0; 16]);
        for member in 1..=4 {
            let own = draw(&centre);
            let pattern = centre.iter().zip(&own).map(|(c, o)| 0.9_f64.sqrt() * c + 0.1_f64.sqrt() * o);
            pictures.ink.extend(pattern.map(|x| (0.5 + x) as f32));
            pictures.names.push(format!("{kind}{member}"));
        }
    }
    pictures
}

/// A brought picture as ink at the size of the others.
fn fit(image: &Image, side: usize, name: &str) -> Result<Vec<f32>, Vec<Fault>> {
    let ink = data::resize(&image.ink, image.width, image.height, side);
    if ink.iter().all(|x| *x == ink[0]) {
        let wanted = "must hold more than one shade: an empty picture is no memory";
        return Err(vec![Fault::new(name, "a picture of one shade", wanted)]);
    }
    Ok(ink.iter().map(|x| f32::from(*x) / 255.0).collect())
}

impl Stored {
    /// A picture as a state.
    fn state(&self, ink: &[f32]) -> Vec<f32> {
        let mean = ink.iter().map(|x| f64::from(*x)).sum::<f64>() / ink.len() as f64;
        ink.iter().map(|x| ((f64::from(*x) - mean) / self.ink_scale) as f32).collect()
    }

    /// A state as a picture.
    fn ink(&self, x: f32) -> f32 {
        (f64::from(x) * self.ink_scale + self.ink_middle) as f32
    }

    fn nearest(&self, state: &[f32]) -> usize {
        first_greatest(&self.memory.overlaps64(state))
    }

    fn name(&self, i: usize) -> &str {
        &self.pictures.names[i]
    }

    /// How many memories share the answer from memory `i`, over the sharpnesses.
    fn sweep(&self, i: usize) -> Rc<[f32]> {
        let mut last = self.last_sweep.borrow_mut();
        match &*last {
            Some((known, sweep)) if *known == i => Rc::clone(sweep),
            _ => {
                let shared = |k| hopfield::shared_by(&self.gram, i, sharpness(k) as f32);
                let sweep: Rc<[f32]> = (0..SHARPNESSES).map(shared).collect();
                *last = Some((i, Rc::clone(&sweep)));
                sweep
            }
        }
    }
}

fn sharpness(k: usize) -> f64 {
    let (least, greatest) = SHARPNESS_RANGE;
    least * scalar::exp(scalar::ln(greatest / least) * k as f64 / (SHARPNESSES - 1) as f64)
}

fn first_greatest(values: &[f64]) -> usize {
    (0..values.len()).rev().max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap_or(0)
}

impl ModernHopfield {
    fn new(stored: Rc<Stored>, settings: Settings) -> Self {
        let (target, cue_ink) = cue(&stored, &settings);
        let state = stored.state(&cue_ink);
        let landscape = landscape(&stored, &settings, &state);
        let mut run = Self {
            weights: vec![0.0; stored.memory.count()],
            goal: state.clone(),
            cue: state.clone(),
            sweep: stored.sweep(target),
            landscape: Rc::new(landscape),
            stored,
            settings,
            target,
            cue_ink,
            state,
            energy: 0.0,
            path: Vec::new(),
            rises: 0,
            greatest_rise: 0.0,
            steps: 0,
        };
        run.begin_at_cue();
        run
    }

    /// Puts the state on the cue and forgets the way.
    fn begin_at_cue(&mut self) {
        self.state.clone_from(&self.cue);
        self.path.clear();
        (self.rises, self.greatest_rise, self.steps) = (0, 0.0, 0);
        self.look();
    }

    /// Everything that follows from the state: attention, goal, energy, a point of the path.
    fn look(&mut self) {
        self.stored.memory.update(self.settings.beta as f32, &self.state, &mut self.weights, &mut self.goal);
        self.energy = self.energy_at(&self.state);
        self.path.push(self.landscape.plane.place(&self.state));
    }

    fn energy_at(&self, state: &[f32]) -> f64 {
        let memory = &self.stored.memory;
        memory.energy64(self.settings.beta, &memory.overlaps64(state), dot64(state, state))
    }

    /// How far a full update would move the state.
    fn distance_to_goal(&self) -> f64 {
        distance(&self.goal, &self.state)
    }

    fn overlap(&self) -> f64 {
        let pattern = self.stored.memory.patterns.row(self.target);
        let lengths = (dot64(pattern, pattern) * dot64(&self.state, &self.state)).sqrt();
        if lengths > 0.0 { dot64(pattern, &self.state) / lengths } else { 0.0 }
    }

    /// Another cue: what the overlap is about is then the memory nearest to it.
    fn take_cue(&mut self, cue: Vec<f32>) {
        self.cue = cue;
        self.target = self.stored.nearest(&self.cue);
        self.sweep = self.stored.sweep(self.target);
        self.begin_at_cue();
    }

    /// The theorem's error against its bound, for as many memories as are checked: how many, and the greatest ratio.
    fn bound(&self) -> (usize, f64) {
        let memory = &self.stored.memory;
        let checked = if memory.count() > 200 { 4 } else { 16 };
        let ratios = (0..memory.count())
            .take(checked)
            .filter_map(|i| memory.retrieval_error(self.settings.beta, i))
            // Below the smallest f64 the bound is 0, and the error is rounding.
            .map(|(error, bound)| error / bound.max(1e-14 * memory.longest));
        ratios.fold((0, 0.0), |(count, greatest), ratio| (count + 1, ratio.max(greatest)))
    }

    /// The greatest difference between our update of the cue and attention with the cue as query and the memories as
    /// keys and values, computed by matrix products.
    fn attention_gap(&self) -> f64 {
        let memory = &self.stored.memory;
        let (n, d) = (memory.count(), memory.patterns.cols);
        let wide = |x: &[f32]| x.iter().map(|x| f64::from(*x)).collect::<Vec<f64>>();
        let query = wide(&self.cue);
        let values = wide(&memory.patterns.data);
        let keys: Vec<f64> = (0..d).flat_map(|j| values.iter().skip(j).step_by(d).copied()).collect();
        let scores = linalg::matmul(1, d, n, &query, &keys);
        let attention = hopfield::softmax64(self.settings.beta, &scores);
        let answer = linalg::matmul(1, n, d, &attention, &values);
        let update = memory.update64(self.settings.beta, &query);
        answer.iter().zip(&update).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    /// How far one full update from the cue misses the picture, in units of M.
    fn one_update_error(&self) -> f64 {
        let memory = &self.stored.memory;
        let wide: Vec<f64> = self.cue.iter().map(|x| f64::from(*x)).collect();
        let update = memory.update64(self.settings.beta, &wide);
        let pattern = memory.patterns.row(self.target);
        let square: f64 = update.iter().zip(pattern).map(|(u, p)| (u - f64::from(*p)) * (u - f64::from(*p))).sum();
        square.sqrt() / memory.longest
    }

    /// Which of the three kinds of resting place the sweep meets: the average of all, of some, a single memory.
    fn kinds(&self) -> [bool; 3] {
        let n = self.stored.memory.count() as f32;
        let any = |from: f32, to: f32| self.sweep.iter().any(|share| *share >= from && *share <= to);
        [any(0.95 * n, n + 0.1), any(1.5, 0.75 * n), any(0.0, 1.05)]
    }
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (f64::from(*x) - f64::from(*y)) * (f64::from(*x) - f64::from(*y))).sum::<f64>().sqrt()
}

/// Which memory is to be recalled, and the picture that is given.
fn cue(stored: &Stored, settings: &Settings) -> (usize, Vec<f32>) {
    let pictures = &stored.pictures;
    let wanted = settings.recall.min(pictures.len() - 1);
    let mut ink = stored.own_cue.clone().unwrap_or_else(|| pictures.get(wanted).to_vec());
    let shown = ((1.0 - settings.hidden) * pictures.rows as f64 + 0.5) as usize;
    for (i, x) in ink.iter_mut().enumerate() {
        // Neither ink nor page: what is not shown should not count as seen to be empty.
        if i / pictures.cols >= shown {
            *x = stored.ink_middle as f32;
        }
        let spoilt = f64::from(*x) + settings.noise * f64::from(stored.noise[i]);
        *x = if settings.noise > 0.0 { spoilt.clamp(0.0, 1.0) as f32 } else { spoilt as f32 };
    }
    let target = if stored.own_cue.is_some() { stored.nearest(&stored.state(&ink)) } else { wanted };
    (target, ink)
}

fn landscape(stored: &Stored, settings: &Settings, cue: &[f32]) -> Landscape {
    let memory = &stored.memory;
    let overlaps = memory.overlaps64(cue);
    let picked = settings.plane.iter().map(|pick| match *pick {
        Pick::Item(i) => Pick::Item(i.min(memory.count() - 1)),
        word @ Pick::Word(_) => word,
    });
    let mut members: Vec<Pick> = Vec::new();
    for pick in picked {
        if !members.contains(&pick) {
            members.push(pick);
        }
    }
    // The nearest memories fill what was not picked; where there are too few, the cue and a blank state do.
    while members.len() < 3 {
        let free = (0..memory.count()).filter(|i| !members.contains(&Pick::Item(*i)));
        let nearest = free.rev().max_by(|a, b| overlaps[*a].total_cmp(&overlaps[*b]));
        let spare = [Pick::Word("cue"), Pick::Word("blank")].into_iter().find(|word| !members.contains(word));
        members.extend(nearest.map(Pick::Item).or(spare));
    }
    let zero = vec![0.0; cue.len()];
    let state = |pick: &Pick| match *pick {
        Pick::Item(i) => memory.patterns.row(i),
        Pick::Word("cue") => cue,
        Pick::Word(_) => &zero,
    };
    let states: Vec<&[f32]> = members.iter().map(state).collect();
    let plane = Plane::through(states[0], states[1], states[2], memory.longest);
    let name = |pick: &Pick| match *pick {
        Pick::Item(i) => stored.name(i).to_owned(),
        Pick::Word(word) => format!("the {word}"),
    };
    Landscape {
        names: members.iter().map(name).collect(),
        places: states.iter().map(|state| plane.place(state)).collect(),
        energies: plane.energies(memory, settings.beta, ROWS, COLS),
        plane,
    }
}

impl Experiment for ModernHopfield {
    fn views(&self) -> Vec<View> {
        let pictures = &self.stored.pictures;
        let glyphs = |items, weighted, ringed, paint, store, picks| Shape::Glyphs {
            rows: pictures.rows as u32,
            cols: pictures.cols as u32,
            items,
            photo: self.stored.photo,
            weighted,
            ringed,
            paint,
            store,
            picks,
        };
        let n = self.stored.memory.count();
        let critical = self.stored.critical.filter(|beta| (SHARPNESS_RANGE.0..SHARPNESS_RANGE.1).contains(beta));
        let marks = critical.map(|beta| Mark { at: beta, label: format!("βc {}", fixed(beta, 1)) });
        let square = self.stored.memory.longest * self.stored.memory.longest;
        vec![
            View {
                title: "Memories".into(),
                place: Place::Full,
                hand: Hand::None,
                still: true,
                shape: glyphs(pictures.names.clone(), Some("attention"), Some("nearest"), None, None, Some(PLANE.name)),
            },
            View {
                title: "Energy landscape".into(),
                place: Place::Main,
                hand: Hand::Start,
                still: true,
                shape: Shape::Surface {
                    rows: ROWS as u32,
                    cols: COLS as u32,
                    members: self.landscape.names.clone(),
                    trail: ENTRY.steps as u32 + 1,
                },
            },
            View {
                title: "Cue, state, nearest".into(),
                place: Place::Side,
                hand: Hand::Start,
                still: false,
                shape: glyphs(
                    ["Cue", "State", "Nearest"].map(str::to_owned).to_vec(),
                    None,
                    None,
                    Some(0),
                    Some((OWN.name, 2)),
                    None,
                ),
            },
            View {
                title: "Energy and overlap".into(),
                place: Place::Side,
                hand: Hand::None,
                still: true,
                shape: Shape::Lines {
                    x: Axis { name: "step", min: 0.0, max: ENTRY.steps as f64, log: false },
                    y: Axis { name: "energy, overlap", min: 0.0, max: square.max(1.0), log: false },
                    series: vec![
                        Series { name: "energy", label: "energy" },
                        Series { name: "overlap", label: "overlap" },
                    ],
                    marks: Vec::new(),
                    points: 0,
                },
            },
            View {
                title: "Memories that share the answer".into(),
                place: Place::Main,
                hand: Hand::None,
                still: true,
                shape: Shape::Lines {
                    x: Axis {
                        name: "sharpness β, log scale",
                        min: SHARPNESS_RANGE.0,
                        max: SHARPNESS_RANGE.1,
                        log: true,
                    },
                    y: Axis { name: "memories", min: 0.0, max: n as f64, log: false },
                    series: vec![Series { name: "shared", label: "memories" }],
                    marks: marks.into_iter().collect(),
                    points: SHARPNESSES as u32,
                },
            },
        ]
    }

    fn ground(&self, view: usize, out: &mut [f32]) {
        match view {
            STRIP => out.copy_from_slice(&self.stored.pictures.ink),
            SURFACE => out.copy_from_slice(&self.landscape.energies),
            _ => {}
        }
    }

    fn draw(&self, view: usize, slot: &mut [f32]) {
        match view {
            STRIP => {
                slot[0] = self.stored.nearest(&self.state) as f32;
                slot[1..].copy_from_slice(&self.weights);
            }
            SURFACE => {
                slot.fill(0.0);
                let members = self.landscape.places.iter();
                let count = self.path.len() as f32;
                let numbers = members.flat_map(|(x, y)| [*x, *y]).chain([count]);
                let numbers = numbers.chain(self.path.iter().flat_map(|(x, y)| [*x, *y]));
                slot.iter_mut().zip(numbers).for_each(|(s, x)| *s = x);
            }
            TRIO => {
                let side = self.state.len();
                let nearest = self.stored.pictures.get(self.stored.nearest(&self.state));
                let state = self.state.iter().map(|x| self.stored.ink(*x));
                let pixels = self.cue_ink.iter().copied().chain(state).chain(nearest.iter().copied());
                slot.iter_mut().zip(pixels).for_each(|(s, x)| *s = x);
                slot[3 * side] = -1.0;
            }
            SWEEP => {
                slot[0] = SHARPNESSES as f32;
                slot[1] = self.settings.beta as f32;
                for k in 0..SHARPNESSES {
                    slot[2 + k] = sharpness(k) as f32;
                    slot[2 + SHARPNESSES + k] = self.sweep[k];
                }
            }
            _ => {}
        }
    }

    fn caption(&self, view: usize) -> String {
        let nearest = self.stored.nearest(&self.state);
        let name = self.stored.name(nearest);
        match view {
            STRIP => {
                let shared = hopfield::effective_number(&self.weights).into();
                let weight = fixed(self.weights[nearest].into(), 2);
                format!(
                    "Nearest is {name}, with attention {weight}. Memories that share the answer: {}.",
                    fixed(shared, 1)
                )
            }
            SURFACE => {
                let [a, b, c] = [0, 1, 2].map(|i| self.landscape.names[i].as_str());
                format!(
                    "A slice through {a}, {b} and {c}. The state has energy {}. Drag the orange probe to start from \
                     anywhere on it.",
                    fixed(self.energy, 3)
                )
            }
            TRIO => format!(
                "After {} steps the state's overlap with {} is {}. Paint on the cue, or store a picture.",
                self.steps,
                self.stored.name(self.target),
                fixed(self.overlap(), 2)
            ),
            WAY => format!(
                "Energy {} and overlap {} at step {}.",
                fixed(self.energy, 3),
                fixed(self.overlap(), 2),
                self.steps
            ),
            _ => match self.stored.critical {
                Some(beta) => format!(
                    "Started at {}. Below β of about {} all {} memories melt into their average.",
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
        self.steps += 1;
        self.look();
        let rise = self.energy - before;
        // States are rounded to f32, so an energy near 1 is known to about 1e-9.
        if rise > 1e-9 * self.stored.memory.longest * self.stored.memory.longest {
            self.rises += 1;
        }
        self.greatest_rise = self.greatest_rise.max(rise);
        if self.distance_to_goal() < SETTLED * self.stored.memory.longest {
            Status::Ended("settled")
        } else {
            Status::Running
        }
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
                self.cue_ink = state.iter().map(|x| self.stored.ink(*x).clamp(0.0, 1.0)).collect();
                state
            }
            Gesture::Paint { item: 0, x, y, value, .. } => {
                paint(&mut self.cue_ink, pictures.rows, pictures.cols, (share(x), share(y)), f32::from(value) / 255.0);
                self.stored.state(&self.cue_ink)
            }
            Gesture::Wipe { item: 0, .. } => {
                self.cue_ink.fill(0.0);
                self.stored.state(&self.cue_ink)
            }
            _ => return,
        };
        self.take_cue(cue);
    }

    fn set(&mut self, param: &'static Param, values: &Values) -> Live {
        let live = [&BETA, &RECALL, &HIDDEN, &NOISE, &RATE, &PLANE];
        if !live.iter().any(|known| std::ptr::eq(*known, param)) {
            return Live::Restart;
        }
        *self = Self::new(Rc::clone(&self.stored), Settings::read(values));
        Live::Again
    }

    fn claims(&self) -> Vec<Claim> {
        let ends = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let beta = fixed(self.settings.beta, 1);
        let (checked, ratio) = self.bound();
        let error = self.one_update_error();
        let shared: f64 = hopfield::shared_by(&self.stored.gram, self.target, self.settings.beta as f32).into();
        let n = self.stored.memory.count();
        let gap = self.attention_gap();
        let kinds = self.kinds();
        let met = kinds.iter().filter(|kind| **kind).count();
        let missing: Vec<&str> = ["the average of all", "an average of some", "a single memory"]
            .into_iter()
            .zip(kinds)
            .filter(|(_, met)| !met)
            .map(|(kind, _)| kind)
            .collect();
        vec![
            Claim {
                says: "The retrieval error stays under the paper's bound.".into(),
                source: "Ramsauer et al. 2021, theorem 4",
                expected: (0.0, 1.0),
                tolerance: 0.0,
                expected_text: "at most 1 × the bound".into(),
                measured: (checked > 0).then(|| (ratio, format!("{} × for {checked}", scientific(ratio, 1)))),
                why: if checked > 0 {
                    String::new()
                } else if n < 2 {
                    "The theorem needs at least two memories.".into()
                } else {
                    format!("At β = {beta} no memory stands far enough from the others. Raise β to test this.")
                },
                scale: Scale { min: 1e-12, max: 100.0, log: true, ends: ends("10⁻¹²", "100 × the bound") },
            },
            Claim {
                says: "One full update finds the stored picture.".into(),
                source: "Ramsauer et al. 2021, theorem 4 and section 3",
                expected: (0.0, 0.05),
                tolerance: 0.0,
                expected_text: "error at most 0.05".into(),
                measured: Some((error, if error < 1e-3 { scientific(error, 1) } else { fixed(error, 3) })),
                why: if error <= 0.05 {
                    String::new()
                } else if shared > 1.5 {
                    let some = fixed(shared, 0);
                    format!("At β = {beta} about {some} memories blend into one answer. Raise β to find a single one.")
                } else {
                    "This cue starts too far away. The theorem speaks of cues close to a memory.".into()
                },
                scale: Scale { min: 1e-9, max: 2.0, log: true, ends: ends("10⁻⁹", "2") },
            },
            Claim {
                says: "Energy never rises on the way down.".into(),
                source: "Ramsauer et al. 2021, theorem 1",
                expected: (0.0, 0.0),
                tolerance: 0.0,
                expected_text: "0 rises".into(),
                measured: (self.steps > 0)
                    .then(|| (self.rises.into(), format!("{} in {} steps", self.rises, self.steps))),
                why: match self.steps {
                    0 => "Take a step to test this.".into(),
                    _ if self.rises > 0 => {
                        format!("The greatest rise is {}.", scientific(self.greatest_rise, 1))
                    }
                    _ => String::new(),
                },
                scale: Scale { min: 0.0, max: 5.0, log: false, ends: ends("0", "5 rises") },
            },
            Claim {
                says: "The update is the attention of a transformer.".into(),
                source: "Ramsauer et al. 2021, section 2 and equation 10",
                expected: (0.0, 1e-12),
                tolerance: 0.0,
                expected_text: "below 10⁻¹²".into(),
                measured: Some((gap, scientific(gap, 1))),
                why: String::new(),
                scale: Scale { min: 1e-18, max: 1e-6, log: true, ends: ends("10⁻¹⁸", "10⁻⁶") },
            },
            Claim {
                says: "There are three kinds of resting place: all, some, one.".into(),
                source: "Ramsauer et al. 2021, section 2",
                expected: (3.0, 3.0),
                tolerance: 0.0,
                expected_text: "3 kinds".into(),
                measured: (n >= 4).then(|| (met as f64, format!("{met} over all β"))),
                why: match n {
                    ..4 => "This needs at least four memories.".into(),
                    _ if met == 3 => String::new(),
                    _ => format!("These memories do not show {}.", missing.join(" or ")),
                },
                scale: Scale { min: 0.0, max: 3.0, log: false, ends: ends("0", "3 kinds") },
            },
        ]
    }

    fn snapshot(&self) -> Box<dyn Experiment> {
        Box::new(self.clone())
    }
}

/// A soft round brush, a fourteenth of the picture in radius, at (x, y) in 0..=1.
fn paint(ink: &mut [f32], rows: usize, cols: usize, (x, y): (f64, f64), value: f32) {
    let radius = (cols as f64 / 14.0).max(0.5);
    let (x, y) = (x * cols as f64 - 0.5, y * rows as f64 - 0.5);
    for row in 0..rows {
        for col in 0..cols {
            let away = ((col as f64 - x) * (col as f64 - x) + (row as f64 - y) * (row as f64 - y)).sqrt();
            let cover = (radius + 0.5 - away).clamp(0.0, 1.0) as f32;
            let pixel = &mut ink[row * cols + col];
            *pixel += cover * (value - *pixel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        lab::{Inputs, Verdict},
        link::{Request, split_query},
        session::Session,
    };

    fn run(query: &str) -> Session {
        let request = Request::parse(&split_query(&format!("id=modern-hopfield&{query}"))).unwrap();
        let mut inputs = Inputs::default();
        files(&request.values).into_iter().for_each(|file| inputs.push_file(file, file.read()));
        let mut session = Session::start(request, inputs).unwrap();
        session.advance(60);
        session
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
            let pictures = families(&Rng::new(seed));
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

    #[test]
    fn an_empty_picture_is_refused_by_name() {
        let request = Request::parse(&split_query("id=modern-hopfield&pictures=families")).unwrap();
        let mut inputs = Inputs::default();
        inputs.push_image(&OWN, Image { width: 2, height: 2, ink: vec![9; 4] });
        let Err(faults) = Session::start(request, inputs) else { panic!("it started") };
        assert_eq!(
            faults[0].to_string(),
            "own must hold more than one shade: an empty picture is no memory; got \"a picture of one shade\""
        );
    }
}
