//! The cases: what is computed, by whom, and what is hoped for.

use attractor::math::kernels::*;
use attractor::math::mat::Mat;
use attractor::math::rng::{Rng, Stream};
use attractor::math::simd::F32x4;
use attractor::model::learning::adam::{Adam, Settings};
use attractor::model::memory::atlas::{Atlas, BinaryPlane};
use attractor::model::memory::hopfield::Memory;
use attractor::math::plane::Plane;
use attractor::model::memory::landscape::energies;
use attractor::model::learning::loss::Loss;
use attractor::model::learning::modular::{Operation, Task as Lesson};
use attractor::model::learning::mlp::Mlp;
use attractor::model::learning::pair_net::{Activation, PairNet, Shape};
use attractor::model::learning::training::{Recipe, Training};
use attractor::model::memory::rules::{Couplings, hebb, random_patterns};
use attractor::model::memory::spins::Spins;
use attractor::model::pruning::{block, group};
use nalgebra::{DMatrix, DVector};
use std::hint::black_box;

/// One piece of work that several contenders do.
pub struct Case {
    /// What is computed, as the table says it.
    pub name: String,
    /// The same for the contenders that live in the page.
    pub task: Task,
    /// Operations in one run, of the kind that the unit counts.
    pub operations: f64,
    /// What speeds are called, and the operations a second that are one of it.
    pub unit: (&'static str, f64),
    /// The hoped-for fraction of the limit, or the hoped-for speed where there is no limit.
    pub goal: f64,
    /// Who does it. Where there is a limit, it comes first, in two forms; where there is no limit, but dense kernels are, these do.
    pub contenders: Vec<(&'static str, Box<dyn FnMut()>)>,
}

/// The shape of the work.
#[derive(Clone, Copy)]
pub enum Task {
    /// `m` by `k` times `k` by `n`; a flag says that the operand lies transposed.
    Gemm { m: usize, k: usize, n: usize, flip_a: bool, flip_b: bool },
    /// `rows` by `cols` times a vector.
    Gemv { rows: usize, cols: usize, flip: bool },
    /// `softmax(beta * Q Xᵀ) X` for `queries` rows of `dims` numbers and `patterns` rows.
    Hopfield { patterns: usize, dims: usize, queries: usize, beta: f32 },
    /// Softmax of `rows` rows of `cols` numbers.
    Softmax { rows: usize, cols: usize },
    /// A step of AdamW under cross-entropy on so many pairs of numbers below `p`.
    Training { p: usize, hidden: usize, pairs: usize },
    /// Something that nobody else does.
    Own,
}

/// Multiplications and additions.
const FLOPS: (&str, f64) = ("GFLOP/s", 1e9);

/// All cases.
pub fn cases() -> Vec<Case> {
    let mut stream = Rng::new(1).stream("bench");
    let mut cases = vec![];
    for (m, k, n) in [(4704, 256, 97), (512, 512, 512), (1024, 64, 1024)] {
        cases.push(product(&mut stream, m, k, n, false, false, 0.93));
    }
    cases.push(product(&mut stream, 256, 3763, 97, true, false, 0.90));
    cases.push(product(&mut stream, 3763, 97, 256, false, true, 0.90));
    cases.push(product(&mut stream, 32, 784, 1000, false, false, 0.93));
    cases.push(vector_product(&mut stream, 1000, 784, false));
    cases.push(vector_product(&mut stream, 1000, 784, true));
    for beta in [1.0, 4.0, 8.0, 32.0] {
        cases.push(hopfield(&mut stream, 1000, 784, 64, beta));
    }
    cases.push(hopfield(&mut stream, 1000, 784, 1, 8.0));
    cases.push(softmaxes(&mut stream, 64, 1000));
    cases.push(training(97, 256, 0.4));
    cases.push(sweeps(&mut stream, 784, 40, None));
    cases.push(sweeps(&mut stream, 784, 40, Some(0.3)));
    cases.push(recalls(&mut stream, 256, 16));
    cases.push(landscapes(&mut stream, 784, 100, 128));
    // At last, so that the numbers of the others stay the same.
    cases.extend(sparse(&mut stream));
    cases.push(together(&mut stream, 500, 50));
    cases.push(together(&mut stream, 1000, 100));
    cases.push(capacity_points(500, 60));
    cases.push(batches(&mut stream, &[64, 128, 64, 10]));
    cases.push(batches(&mut stream, &[64, 64, 64, 10]));
    cases
}

fn matrix(stream: &mut Stream, rows: usize, cols: usize) -> Mat {
    // Of this size, a query and one of a thousand patterns differ by up to 20 in their product:
    // at beta = 8 the smallest weights are far below the smallest f32.
    Mat::new((0..rows * cols).map(|_| stream.normal() as f32 / 3.0).collect(), rows, cols)
}

fn dense(matrix: &Mat) -> DMatrix<f32> {
    DMatrix::from_row_slice(matrix.rows, matrix.cols, &matrix.data)
}

/// What the machine can do without a load: `N` chains of `c = c * a + b`. Twelve fill the pipelines
/// of a processor with two multipliers and two adders of three cycles, if it takes the operations
/// in the best order; thirteen leave it a choice.
fn limit<const N: usize>(operations: f64) -> Box<dyn FnMut()> {
    let rounds = (operations / (8 * N) as f64).ceil() as usize;
    Box::new(move || {
        let (a, b) = (F32x4::splat(black_box(0.5)), F32x4::splat(black_box(0.25)));
        let mut chains: [F32x4; N] = std::array::from_fn(|i| F32x4::splat(i as f32));
        for _ in 0..rounds {
            for c in &mut chains {
                *c = *c * a + b;
            }
        }
        black_box(chains.into_iter().fold(b, |sum, c| sum + c).sum());
    })
}

fn limits(operations: f64) -> Vec<(&'static str, Box<dyn FnMut()>)> {
    vec![
        ("limit, 12 chains", limit::<12>(operations)),
        ("limit, 13 chains", limit::<13>(operations)),
    ]
}

fn product(
    stream: &mut Stream,
    m: usize,
    k: usize,
    n: usize,
    flip_a: bool,
    flip_b: bool,
    goal: f64,
) -> Case {
    let shape = |rows, cols, flip: bool| if flip { (cols, rows) } else { (rows, cols) };
    let (rows, cols) = shape(m, k, flip_a);
    let a = matrix(stream, rows, cols);
    let (rows, cols) = shape(k, n, flip_b);
    let b = matrix(stream, rows, cols);
    let operations = 2.0 * (m * k * n) as f64;

    let mut contenders = limits(operations);
    {
        let (a, b, mut c, mut workspace) =
            (a.clone(), b.clone(), Mat::zeros(m, n), Workspace::default());
        contenders.push((
            "own",
            Box::new(move || {
                let a = if flip_a { a.transposed() } else { a.view() };
                let b = if flip_b { b.transposed() } else { b.view() };
                gemm(a, b, &mut c.data, &mut workspace);
                black_box(&c);
            }),
        ));
    }
    {
        let packed = Packed::new(if flip_b { b.transposed() } else { b.view() });
        let (a, mut c, mut workspace) = (a.clone(), Mat::zeros(m, n), Workspace::default());
        contenders.push((
            "own, packed before",
            Box::new(move || {
                let a = if flip_a { a.transposed() } else { a.view() };
                gemm_packed(a, &packed, &mut c.data, &mut workspace);
                black_box(&c);
            }),
        ));
    }
    {
        let (a, b, mut c) = (a.clone(), b.clone(), Mat::zeros(m, n));
        contenders.push((
            "gemm 0.19",
            Box::new(move || {
                gemm_crate(&a, flip_a, &b, flip_b, &mut c);
                black_box(&c);
            }),
        ));
    }
    {
        let (a, b, mut c) = (dense(&a), dense(&b), DMatrix::zeros(m, n));
        contenders.push((
            "nalgebra 0.35",
            Box::new(move || {
                match (flip_a, flip_b) {
                    (false, false) => c.gemm(1.0, &a, &b, 0.0),
                    (true, false) => c.gemm_tr(1.0, &a, &b, 0.0),
                    // Its only way to take a transposed right operand.
                    _ => c.gemm(1.0, &a, &b.transpose(), 0.0),
                }
                black_box(&c);
            }),
        ));
    }
    let mark = |flip| if flip { "ᵀ" } else { "" };
    Case {
        name: format!("{m}x{k}{} * {k}x{n}{}", mark(flip_a), mark(flip_b)),
        task: Task::Gemm { m, k, n, flip_a, flip_b },
        unit: FLOPS,
        operations,
        goal,
        contenders,
    }
}

fn gemm_crate(a: &Mat, flip_a: bool, b: &Mat, flip_b: bool, c: &mut Mat) {
    let strides = |x: &Mat, flip| if flip { (x.cols, 1) } else { (1, x.cols) };
    let (a_cs, a_rs) = strides(a, flip_a);
    let (b_cs, b_rs) = strides(b, flip_b);
    let inner = if flip_a { a.rows } else { a.cols };
    // SAFETY: the strides are those of the three matrices, and `c` overlaps neither.
    unsafe {
        gemm::gemm(
            c.rows,
            c.cols,
            inner,
            c.data.as_mut_ptr(),
            1,
            c.cols as isize,
            false,
            a.data.as_ptr(),
            a_cs as isize,
            a_rs as isize,
            b.data.as_ptr(),
            b_cs as isize,
            b_rs as isize,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

fn vector_product(stream: &mut Stream, rows: usize, cols: usize, flip: bool) -> Case {
    let a = matrix(stream, rows, cols);
    let (long, short) = if flip { (rows, cols) } else { (cols, rows) };
    let x = matrix(stream, 1, long).data;
    let operations = 2.0 * (rows * cols) as f64;
    let mut contenders = limits(operations);
    {
        let (a, x, mut y) = (a.clone(), x.clone(), vec![0.0; short]);
        contenders.push((
            "own",
            Box::new(move || {
                if flip {
                    gemv_transposed(a.as_ref(), &x, &mut y);
                } else {
                    gemv(a.as_ref(), &x, &mut y);
                }
                black_box(&y);
            }),
        ));
    }
    {
        let (a, x, mut y) = (dense(&a), DVector::from_vec(x), DVector::zeros(short));
        contenders.push((
            "nalgebra 0.35",
            Box::new(move || {
                if flip {
                    y.gemv_tr(1.0, &a, &x, 0.0);
                } else {
                    y.gemv(1.0, &a, &x, 0.0);
                }
                black_box(&y);
            }),
        ));
    }
    let name = if flip { "transposed times vector" } else { "times vector" };
    Case {
        name: format!("{rows}x{cols} {name}"),
        task: Task::Gemv { rows, cols, flip },
        unit: FLOPS,
        operations,
        goal: 0.60,
        contenders,
    }
}

fn hopfield(stream: &mut Stream, patterns: usize, dims: usize, queries: usize, beta: f32) -> Case {
    let x = matrix(stream, patterns, dims);
    let q = matrix(stream, queries, dims);
    let operations = 4.0 * (patterns * dims * queries) as f64;
    let mut contenders = limits(operations);
    if queries == 1 {
        let (x, q) = (x.clone(), q.clone());
        let (mut z, mut next) = (vec![0.0; patterns], vec![0.0; dims]);
        contenders.push((
            "own",
            Box::new(move || {
                gemv(x.as_ref(), &q.data, &mut z);
                softmax(beta, &mut z);
                gemv_transposed(x.as_ref(), &z, &mut next);
                black_box(&next);
            }),
        ));
    } else {
        let (keys, values) = (Packed::new(x.transposed()), Packed::new(x.view()));
        let q = q.clone();
        let (mut z, mut next) = (Mat::zeros(queries, patterns), Mat::zeros(queries, dims));
        let mut workspace = Workspace::default();
        contenders.push((
            "own, packed before",
            Box::new(move || {
                gemm_packed(q.view(), &keys, &mut z.data, &mut workspace);
                softmax_rows(beta, &mut z.data, patterns);
                gemm_packed(z.view(), &values, &mut next.data, &mut workspace);
                black_box(&next);
            }),
        ));
    }
    {
        let (x, q) = (x.clone(), q.clone());
        let (mut z, mut next) = (Mat::zeros(queries, patterns), Mat::zeros(queries, dims));
        contenders.push((
            "gemm 0.19, own softmax",
            Box::new(move || {
                gemm_crate(&q, false, &x, true, &mut z);
                softmax_rows(beta, &mut z.data, patterns);
                gemm_crate(&z, false, &x, false, &mut next);
                black_box(&next);
            }),
        ));
    }
    {
        // Column-major as nalgebra likes it: queries and patterns are columns.
        let (x, q) = (dense(&x).transpose(), dense(&q).transpose());
        let (mut z, mut next) = (DMatrix::zeros(patterns, queries), DMatrix::zeros(dims, queries));
        contenders.push((
            "nalgebra 0.35, own softmax",
            Box::new(move || {
                z.gemm_tr(1.0, &x, &q, 0.0);
                softmax_rows(beta, z.as_mut_slice(), patterns);
                next.gemm(1.0, &x, &z, 0.0);
                black_box(&next);
            }),
        ));
    }
    Case {
        name: format!("Hopfield, {patterns} patterns of {dims}, {queries} queries, beta {beta}"),
        task: Task::Hopfield { patterns, dims, queries, beta },
        unit: FLOPS,
        operations,
        goal: if queries == 1 { 0.50 } else { 0.85 },
        contenders,
    }
}

fn softmaxes(stream: &mut Stream, rows: usize, cols: usize) -> Case {
    let source = matrix(stream, rows, cols);
    let operations = (rows * cols) as f64;
    let mut z = source.clone();
    Case {
        name: format!("softmax of {rows}x{cols}, with a copy of the input"),
        task: Task::Softmax { rows, cols },
        unit: ("Gelem/s", 1e9),
        operations,
        goal: 0.8,
        contenders: vec![(
            "own",
            Box::new(move || {
                z.data.copy_from_slice(&source.data);
                softmax_rows(8.0, &mut z.data, cols);
                black_box(&z);
            }),
        )],
    }
}

/// A step of AdamW under cross-entropy on all training pairs of two numbers, each with a table of its own. Its limit are its
/// three products of matrices alone.
fn training(p: usize, hidden: usize, fraction: f64) -> Case {
    let rng = Rng::new(3);
    let lesson = Lesson::new(Operation::Subtract, p, fraction, &mut rng.stream("split"));
    let labels: Vec<u16> = lesson.train.iter().map(|pair| pair.answer).collect();
    let n = labels.len();
    let shape = Shape { p, hidden, activation: Activation::Relu, tables: 2, rank: None };
    let mut net = PairNet::new(shape, 1.0, &mut rng.stream("weights"));
    let mut adam = Adam::new(net.weights.len(), Settings::new(0.001, 1.0));
    let mut chance = rng.stream("matrices");
    let [x, w, z] = [(n, hidden), (hidden, p), (n, p)].map(|(rows, cols)| matrix(&mut chance, rows, cols));
    let (mut out, mut workspace) = (vec![0.0; n * hidden], Workspace::default());
    Case {
        name: format!("training step, {n} pairs mod {p}, {hidden} hidden"),
        task: Task::Training { p, hidden, pairs: n },
        unit: ("steps/s", 1.0),
        operations: 1.0,
        goal: 0.85,
        contenders: vec![
            (
                "limit, its products",
                Box::new(move || {
                    gemm(x.view(), w.view(), &mut out[..n * p], &mut workspace);
                    gemm(x.transposed(), z.view(), &mut out[..hidden * p], &mut workspace);
                    gemm(z.view(), w.transposed(), &mut out, &mut workspace);
                    black_box(&out);
                }),
            ),
            (
                "own",
                Box::new(move || {
                    net.grade(&lesson.train, &labels, Loss::CrossEntropy);
                    let (weights, gradient) = net.descent();
                    adam.step(weights, gradient);
                    black_box(&net);
                }),
            ),
        ],
    }
}

/// Steps of a net of these widths with momentum under cross-entropy, one batch after another. Its limit are its products of
/// matrices alone.
fn batches(stream: &mut Stream, widths: &[usize]) -> Case {
    const BATCHES: usize = 20;
    let mut net = Mlp::new(widths);
    let recipe = Recipe::usual(1_000_000);
    let (classes, rows) = (widths[widths.len() - 1], BATCHES * recipe.batch);
    let inputs = matrix(stream, rows, widths[0]);
    let labels: Vec<u16> = (0..rows).map(|i| (i % classes) as u16).collect();
    let mut training = Training::new(net.draw(stream), recipe, Rng::new(4).stream("order"));
    // Of each layer its inputs, its weights, the gradient at its end, and room for products of their shapes.
    let mut layers: Vec<([Mat; 3], [Mat; 3])> = widths
        .windows(2)
        .map(|w| {
            let shapes = [(recipe.batch, w[0]), (w[1], w[0]), (recipe.batch, w[1])];
            (shapes.map(|(rows, cols)| matrix(stream, rows, cols)), shapes.map(|(rows, cols)| Mat::zeros(rows, cols)))
        })
        .collect();
    let mut workspace = Workspace::default();
    Case {
        name: format!("{BATCHES} training steps of a net of {widths:?}, {} examples each", recipe.batch),
        task: Task::Own,
        unit: ("steps/s", 1.0),
        operations: BATCHES as f64,
        goal: 0.6,
        contenders: vec![
            (
                "limit, its products",
                Box::new(move || {
                    for _ in 0..BATCHES {
                        for (i, ([x, w, z], [to_x, to_w, to_z])) in layers.iter_mut().enumerate() {
                            gemm(x.view(), w.transposed(), &mut to_z.data, &mut workspace);
                            gemm(z.transposed(), x.view(), &mut to_w.data, &mut workspace);
                            // Nothing is asked of the inputs of the net.
                            if i > 0 {
                                gemm(z.view(), w.view(), &mut to_x.data, &mut workspace);
                            }
                        }
                    }
                    black_box(&layers);
                }),
            ),
            (
                "own",
                Box::new(move || {
                    for _ in 0..BATCHES {
                        training.learn(&mut net, (inputs.as_ref(), &labels), Loss::CrossEntropy);
                        training.descend(rows);
                    }
                    black_box(&training);
                }),
            ),
        ],
    }
}

/// Hebb's couplings of random patterns, the first pattern with a fifth of its units turned over, and a network at it.
fn spoiled(stream: &mut Stream, units: usize, patterns: usize) -> (Couplings, Vec<f32>, Spins) {
    let stored = random_patterns(patterns, units, stream);
    let couplings = hebb(&stored);
    let mut cue = stored.row(0).to_vec();
    stream.choose(units / 5, units).into_iter().for_each(|i| cue[i] = -cue[i]);
    let spins = Spins::new(&couplings, cue.clone());
    (couplings, cue, spins)
}

/// Sweeps of a binary network from a spoiled memory: one by one without heat, or in the heat bath.
fn sweeps(stream: &mut Stream, units: usize, patterns: usize, temperature: Option<f64>) -> Case {
    const SWEEPS: usize = 10;
    let (couplings, cue, mut spins) = spoiled(stream, units, patterns);
    let mut chance = Rng::new(2).stream("sweeps");
    let heat = temperature.map_or("without heat".to_owned(), |t| format!("at T = {t}"));
    Case {
        name: format!("asynchronous sweeps of {units} units {heat}, {SWEEPS} from each cue"),
        task: Task::Own,
        unit: ("sweeps/s", 1.0),
        operations: SWEEPS as f64,
        goal: 20_000.0,
        contenders: vec![(
            "own",
            Box::new(move || {
                spins.put(&couplings, &cue);
                for _ in 0..SWEEPS {
                    match temperature {
                        Some(t) => spins.sweep_heated(&couplings, t, &mut chance),
                        None => spins.sweep(&couplings, &mut chance),
                    };
                }
                black_box(&spins);
            }),
        )],
    }
}

/// Synchronous sweeps of a binary network from a spoiled memory. Each is one product of the couplings and the state, and so is
/// the start; they are all that is counted.
fn together(stream: &mut Stream, units: usize, patterns: usize) -> Case {
    const SWEEPS: usize = 10;
    let (couplings, cue, mut spins) = spoiled(stream, units, patterns);
    let operations = 2.0 * ((SWEEPS + 1) * units * units) as f64;
    let mut contenders = limits(operations);
    contenders.push((
        "own",
        Box::new(move || {
            spins.put(&couplings, &cue);
            for _ in 0..SWEEPS {
                spins.update_together(&couplings);
            }
            black_box(&spins);
        }),
    ));
    Case {
        name: format!("synchronous sweeps of {units} units, {SWEEPS} from each cue"),
        task: Task::Own,
        unit: FLOPS,
        operations,
        goal: 0.60,
        contenders,
    }
}

/// Points of a curve of capacity: new patterns, Hebb's couplings, and probes that settle. A curve has twelve, and is to take less
/// than a second.
fn capacity_points(units: usize, patterns: usize) -> Case {
    const PROBES: usize = 16;
    let mut chance = Rng::new(4).stream("points");
    Case {
        name: format!("points of capacity, {patterns} patterns of {units}, {PROBES} probes"),
        task: Task::Own,
        unit: ("points/s", 1.0),
        operations: 1.0,
        goal: 12.0,
        contenders: vec![(
            "own",
            Box::new(move || {
                let stored = random_patterns(patterns, units, &mut chance);
                let couplings = hebb(&stored);
                let overlap = |k: usize| {
                    let mut spins = Spins::new(&couplings, stored.row(k % patterns).to_vec());
                    spins.settle(&couplings, &mut chance, 60);
                    spins.overlap(stored.row(k % patterns))
                };
                black_box((0..PROBES).map(overlap).sum::<f64>());
            }),
        )],
    }
}

/// Recalls of an atlas of basins: cues drawn on the plane through three memories, until the network rests.
fn recalls(stream: &mut Stream, units: usize, patterns: usize) -> Case {
    const ROWS: usize = 20;
    const COLS: usize = 50;
    let stored = random_patterns(patterns, units, stream);
    let couplings = hebb(&stored);
    let plane = BinaryPlane::through([0, 1, 2].map(|mu| stored.row(mu)));
    let mut chance = Rng::new(3).stream("recalls");
    Case {
        name: format!("recalls of an atlas, {patterns} patterns of {units}"),
        task: Task::Own,
        unit: ("recalls/s", 1.0),
        operations: (ROWS * COLS) as f64,
        goal: 20_000.0,
        contenders: vec![(
            "own",
            Box::new(move || {
                let mut atlas = Atlas::new(ROWS, COLS, &mut chance);
                atlas.fill(ROWS * COLS, |x, y| {
                    let mut spins = Spins::new(&couplings, plane.draw(x, y, &mut chance));
                    spins.settle(&couplings, &mut chance, 30);
                    (0..patterns).find(|mu| spins.overlap(stored.row(*mu)) > 0.95).map_or(4, |mu| mu.min(3))
                });
                black_box(&atlas);
            }),
        )],
    }
}

/// The exact energies of a modern Hopfield memory on a plane.
fn landscapes(stream: &mut Stream, dims: usize, patterns: usize, side: usize) -> Case {
    let memory = Memory::new(matrix(stream, patterns, dims));
    let plane = Plane::through(memory.patterns.row(0), memory.patterns.row(1), memory.patterns.row(2), 1.0);
    Case {
        name: format!("landscapes of {side}x{side} cells, {patterns} memories of {dims}"),
        task: Task::Own,
        unit: ("maps/s", 1.0),
        operations: 1.0,
        goal: 60.0,
        contenders: vec![("own", Box::new(move || drop(black_box(energies(&plane, &memory, 0.1, side, side)))))],
    }
}

/// Sparse weights times a dense matrix or a vector. Operations are those of the dense product, so that a speed by that of the best
/// dense kernel is how many times as fast a sparse one is.
fn sparse(stream: &mut Stream) -> Vec<Case> {
    type Form = (&'static str, fn(&Mat, f64) -> Box<dyn Sparse>);
    const SINGLE: Form = ("single weights", |a, cut| Box::new(Csr::new(rows_alike(a, 1, cut).as_ref())));
    const PAIRS: Form = ("pairs of rows", |a, cut| Box::new(Pairs::new(rows_alike(a, 2, cut).as_ref())));
    const FOURS: Form = ("fours of rows", |a, cut| Box::new(Fours::new(rows_alike(a, 4, cut).as_ref())));
    const TWO_OF_FOUR: Form = ("2 of 4", |a, _| {
        let kept = group::Pattern { kept: 2, group: 4 }.keep(a.as_ref());
        Box::new(NofM::<2, 4>::new(thinned(a, kept).as_ref()))
    });
    let mut case = |(m, k, n): (usize, usize, usize), cut: f64, goal: f64, forms: &[Form]| {
        let (weights, columns) = (matrix(stream, m, k), matrix(stream, k, n));
        let mut contenders = dense_products(&weights, &columns);
        for (name, form) in forms {
            contenders.push((*name, sparse_product(form(&weights, cut), columns.clone())));
        }
        Case {
            name: format!("sparse {m}x{k} * {k}x{n}, {} % cut", (100.0 * cut).round()),
            task: Task::Own,
            operations: 2.0 * (m * k * n) as f64,
            unit: FLOPS,
            goal,
            contenders,
        }
    };
    vec![
        case((512, 512, 64), 0.9, 8.0, &[SINGLE]),
        case((512, 512, 64), 0.9, 9.0, &[PAIRS, FOURS]),
        case((256, 256, 768), 0.8, 2.3, &[SINGLE]),
        case((256, 256, 768), 0.5, 1.6, &[PAIRS, FOURS]),
        case((256, 256, 768), 0.3, 1.2, &[PAIRS, FOURS]),
        case((512, 512, 64), 0.5, 1.3, &[SINGLE, TWO_OF_FOUR]),
        // Here single weights are expected to lose.
        case((512, 512, 1), 0.8, 1.0, &[SINGLE, PAIRS, FOURS]),
    ]
}

/// The largest weights, where so many rows share their columns.
fn rows_alike(weights: &Mat, rows: usize, cut: f64) -> Mat {
    thinned(weights, block::keep(weights.as_ref(), rows, 1.0 - cut))
}

fn thinned(weights: &Mat, kept: Vec<bool>) -> Mat {
    let data = weights.data.iter().zip(kept).map(|(w, kept)| if kept { *w } else { 0.0 });
    Mat::new(data.collect(), weights.rows, weights.cols)
}

/// The dense kernels that sparse ones are held against.
fn dense_products(weights: &Mat, columns: &Mat) -> Vec<(&'static str, Box<dyn FnMut()>)> {
    let (m, n) = (weights.rows, columns.cols);
    let (a, b, mut c, mut workspace) = (weights.clone(), columns.clone(), vec![0.0; m * n], Workspace::default());
    if n == 1 {
        return vec![(
            "dense",
            Box::new(move || {
                gemv(a.as_ref(), &b.data, &mut c);
                black_box(&c);
            }),
        )];
    }
    let packed = Packed::new(weights.transposed());
    let (x, mut y, mut packing) = (columns.clone(), vec![0.0; m * n], Workspace::default());
    vec![
        (
            "dense, packs as it goes",
            Box::new(move || {
                gemm(a.view(), b.view(), &mut c, &mut workspace);
                black_box(&c);
            }),
        ),
        (
            "dense, weights packed before",
            Box::new(move || {
                gemm_packed(x.transposed(), &packed, &mut y, &mut packing);
                black_box(&y);
            }),
        ),
    ]
}

fn sparse_product(form: Box<dyn Sparse>, columns: Mat) -> Box<dyn FnMut()> {
    let (mut c, mut panel) = (vec![0.0; form.size().0 * columns.cols], Panel::default());
    Box::new(move || {
        if columns.cols == 1 {
            form.times_vector(&columns.data, &mut c);
        } else {
            form.times(columns.as_ref(), &mut c, &mut panel);
        }
        black_box(&c);
    })
}

/// The cases for the page.
pub fn to_json(cases: &[Case]) -> String {
    let list: Vec<String> = cases.iter().map(case_to_json).collect();
    format!("[{}]", list.join(","))
}

fn case_to_json(case: &Case) -> String {
    let names: Vec<String> = case.contenders.iter().map(|(name, _)| format!("{name:?}")).collect();
    let task = match case.task {
        Task::Gemm { m, k, n, flip_a, flip_b } => format!(
            r#"{{"kind":"gemm","m":{m},"k":{k},"n":{n},"flipA":{flip_a},"flipB":{flip_b}}}"#
        ),
        Task::Gemv { rows, cols, flip } => {
            format!(r#"{{"kind":"gemv","rows":{rows},"cols":{cols},"flip":{flip}}}"#)
        }
        Task::Hopfield { patterns, dims, queries, beta } => format!(
            r#"{{"kind":"hopfield","patterns":{patterns},"dims":{dims},"queries":{queries},"beta":{beta}}}"#
        ),
        Task::Softmax { rows, cols } => {
            format!(r#"{{"kind":"softmax","rows":{rows},"cols":{cols}}}"#)
        }
        Task::Training { p, hidden, pairs } => {
            format!(r#"{{"kind":"training","p":{p},"hidden":{hidden},"pairs":{pairs}}}"#)
        }
        Task::Own => r#"{"kind":"own"}"#.to_owned(),
    };
    format!(
        r#"{{"name":{:?},"task":{task},"operations":{},"unit":{:?},"scale":{},"goal":{},"contenders":[{}]}}"#,
        case.name,
        case.operations,
        case.unit.0,
        case.unit.1,
        case.goal,
        names.join(",")
    )
}
