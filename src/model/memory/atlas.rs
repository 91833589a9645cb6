//! Where recalls end that begin anywhere on a plane through three binary states, and the energies on that plane.
//!
//! A place on the plane is a state of real numbers. Cut at ±1 it is the mean of a chance over binary states: a cue is
//! drawn from it, unit by unit. Units in which the three corners agree up to a sign share their number, so there are only
//! four numbers `y` at a place, one for each way in which the second and the third corner can agree with the first:
//! `x_i = a_i y_k`, where `a` is the first corner and `k` the class of unit `i`.
use super::rules::Couplings;
use crate::math::{
    kernels::gemv,
    mat::Mat,
    plane::Plane,
    rng::{Rng, Stream},
};

/// Ways in which two corners can agree with the first: four.
const CLASSES: usize = 4;

/// The plane through three binary states.
#[derive(Clone, Debug)]
pub struct BinaryPlane {
    plane: Plane,
    /// The first corner (N).
    first: Vec<f32>,
    /// The class of each unit.
    class: Vec<u8>,
    /// A unit of each class that is not empty.
    example: [Option<usize>; CLASSES],
}

impl BinaryPlane {
    /// The plane through three states (N) of ±1, the first at the left, the second at the right, the third above. In place of one
    /// that stands there already comes a state by chance, always the same.
    pub fn through(corners: [&[f32]; 3]) -> Self {
        let [a, b, c] = corners;
        let by_chance = |name: &str| -> Vec<f32> {
            let mut stream = Rng::new(0).stream(name);
            a.iter().map(|_| if stream.uniform() < 0.5 { -1.0 } else { 1.0 }).collect()
        };
        let above = (c == a || c == b).then(|| by_chance("above"));
        let right = (b == a).then(|| by_chance("right"));
        let (b, c) = (right.as_deref().unwrap_or(b), above.as_deref().unwrap_or(c));
        let agrees = |x: f32, y: f32| u8::from(x * y > 0.0);
        let class: Vec<u8> =
            a.iter().zip(b.iter().zip(c)).map(|(a, (b, c))| agrees(*a, *b) + 2 * agrees(*a, *c)).collect();
        let example = std::array::from_fn(|k| class.iter().position(|class| usize::from(*class) == k));
        Self { plane: Plane::through(a, b, c, (a.len() as f64).sqrt()), first: a.to_vec(), class, example }
    }

    /// Where a state falls on what is shown; see [`Plane::place`].
    pub fn place(&self, state: &[f32]) -> (f32, f32) {
        self.plane.place(state)
    }

    /// The four numbers `y` at (x, y) in 0..=1 from the top left, cut at ±1; 0 for a class without units.
    pub fn numbers(&self, x: f64, y: f64) -> [f64; CLASSES] {
        self.example.map(|unit| {
            let number = unit.map_or(0.0, |i| f64::from(self.first[i]) * self.plane.state_of(i, x, y));
            number.clamp(-1.0, 1.0)
        })
    }

    /// A binary state whose mean is the place (x, y).
    pub fn draw(&self, x: f64, y: f64, stream: &mut Stream) -> Vec<f32> {
        let numbers = self.numbers(x, y);
        let units = self.first.iter().zip(&self.class);
        units
            .map(|(a, k)| {
                let follows = 2.0 * stream.uniform() < 1.0 + numbers[usize::from(*k)];
                if follows { *a } else { -a }
            })
            .collect()
    }

    /// For a vector over the units, what each class brings to its product with a state of the plane: `v·x = Σ_k y_k p_k`.
    pub fn parts(&self, vector: &[f32]) -> [f64; CLASSES] {
        let mut parts = [0.0; CLASSES];
        for ((v, a), k) in vector.iter().zip(&self.first).zip(&self.class) {
            parts[usize::from(*k)] += f64::from(*v) * f64::from(*a);
        }
        parts
    }

    /// The form of `E(x) = -½ xᵀ W x` on the plane: `E = -½ Σ_kl y_k y_l Q_kl`.
    pub fn form(&self, couplings: &Couplings) -> [[f64; CLASSES]; CLASSES] {
        let mut fields = vec![0.0; self.first.len()];
        std::array::from_fn(|k| {
            let members = self.first.iter().zip(&self.class);
            let vector: Vec<f32> = members.map(|(a, class)| if usize::from(*class) == k { *a } else { 0.0 }).collect();
            gemv(couplings.weights.as_ref(), &vector, &mut fields);
            self.parts(&fields).map(|q| couplings.scale * q)
        })
    }
}

/// What `form` makes of the numbers of a place; see [`BinaryPlane::form`].
fn energy(form: &[[f64; CLASSES]; CLASSES], numbers: &[f64; CLASSES]) -> f64 {
    let rows = form.iter().zip(numbers);
    -0.5 * rows.map(|(row, y)| y * row.iter().zip(numbers).map(|(q, y)| q * y).sum::<f64>()).sum::<f64>()
}

/// The plane through three patterns with the exact energy of couplings on it, for each unit.
#[derive(Clone, Debug)]
pub struct EnergyPlane {
    plane: BinaryPlane,
    form: [[f64; CLASSES]; CLASSES],
}

impl EnergyPlane {
    /// The plane through three of the patterns (P, N), the first at the left, the second at the right, the third above.
    pub fn through(patterns: &Mat, corners: [usize; 3], couplings: &Couplings) -> Self {
        let plane = BinaryPlane::through(corners.map(|mu| patterns.row(mu)));
        Self { form: plane.form(couplings), plane }
    }

    /// Where a state falls on what is shown.
    pub fn place(&self, state: &[f32]) -> (f32, f32) {
        self.plane.place(state)
    }

    /// A binary state whose mean is the place (x, y).
    pub fn draw(&self, x: f64, y: f64, stream: &mut Stream) -> Vec<f32> {
        self.plane.draw(x, y, stream)
    }

    /// The energy of a unit at (x, y) in 0..=1 from the top left.
    pub fn energy(&self, x: f64, y: f64) -> f64 {
        energy(&self.form, &self.plane.numbers(x, y)) / self.plane.first.len() as f64
    }

    /// The energies in the middles of `rows * cols` cells, top row first.
    pub fn energies(&self, rows: usize, cols: usize) -> Vec<f32> {
        heights(rows, cols, |x, y| self.energy(x, y))
    }
}

/// The middle of a cell, in 0..=1 from the top left.
fn middle(cell: usize, rows: usize, cols: usize) -> (f64, f64) {
    (((cell % cols) as f64 + 0.5) / cols as f64, ((cell / cols) as f64 + 0.5) / rows as f64)
}

/// What `height` makes of the middle of each of `rows * cols` cells, top row first.
pub fn heights(rows: usize, cols: usize, height: impl Fn(f64, f64) -> f64) -> Vec<f32> {
    (0..rows * cols).map(|cell| middle(cell, rows, cols)).map(|(x, y)| height(x, y) as f32).collect()
}

/// Which end each cell of a map leads to, found block of cells by block in a random order.
#[derive(Clone, Debug)]
pub struct Atlas {
    cols: usize,
    rows: usize,
    /// Cells down and across that share a recall.
    block: usize,
    order: std::rc::Rc<[u32]>,
    /// The number of the end of each cell, top row first, or -1 where no recall began yet.
    ends: Vec<i8>,
    done: usize,
}

impl Atlas {
    /// An empty map.
    pub fn new(rows: usize, cols: usize, stream: &mut Stream) -> Self {
        Self::in_blocks(rows, cols, 1, stream)
    }

    /// An empty map in which `block * block` cells share a recall, where each is dear.
    pub fn in_blocks(rows: usize, cols: usize, block: usize, stream: &mut Stream) -> Self {
        let mut order: Vec<u32> = (0..(rows.div_ceil(block) * cols.div_ceil(block)) as u32).collect();
        stream.shuffle(&mut order);
        Self { cols, rows, block, ends: vec![-1; rows * cols], order: order.into(), done: 0 }
    }

    /// Recalls that are done, and all.
    pub fn recalls(&self) -> (usize, usize) {
        (self.done, self.order.len())
    }

    /// Fills up to `count` more blocks: `recall` takes the middle of one, (x, y) in 0..=1 from the top left, and answers
    /// with the number of an end.
    pub fn fill(&mut self, count: usize, mut recall: impl FnMut(f64, f64) -> usize) {
        for _ in 0..count.min(self.order.len() - self.done) {
            let block = self.order[self.done] as usize;
            let (rows, cols) = (self.rows.div_ceil(self.block), self.cols.div_ceil(self.block));
            let (x, y) = middle(block, rows, cols);
            let end = recall(x, y) as i8;
            let (top, left) = (block / cols * self.block, block % cols * self.block);
            for row in top..(top + self.block).min(self.rows) {
                self.ends[row * self.cols..][left..(left + self.block).min(self.cols)].fill(end);
            }
            self.done += 1;
        }
    }

    /// The ends, top row first.
    pub fn ends(&self) -> &[i8] {
        &self.ends
    }

    /// Whether every cell is known.
    pub fn full(&self) -> bool {
        self.done == self.order.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::{kernels::dot64, rng::Rng},
        model::memory::{
            rules::{self, random_patterns},
            spins::Spins,
        },
    };

    const N: usize = 256;

    /// `E(x) = -½ xᵀ W x` of a state of real numbers, the long way.
    fn energy_of(couplings: &Couplings, x: &[f32]) -> f64 {
        let mut fields = vec![0.0; x.len()];
        gemv(couplings.weights.as_ref(), x, &mut fields);
        -0.5 * couplings.scale * dot64(x, &fields)
    }

    #[test]
    fn four_numbers_give_the_energy_of_the_state_at_a_place() {
        let mut stream = Rng::new(1).stream("patterns");
        let patterns = random_patterns(16, N, &mut stream);
        let couplings = rules::hebb(&patterns);
        let plane = BinaryPlane::through([patterns.row(0), patterns.row(1), patterns.row(2)]);
        let form = plane.form(&couplings);
        for (x, y) in [(0.5, 0.5), (0.3, 0.7), (0.02, 0.1), (0.99, 0.5)] {
            let numbers = plane.numbers(x, y);
            let state: Vec<f32> =
                (0..N).map(|i| plane.first[i] * numbers[usize::from(plane.class[i])] as f32).collect();
            let (got, exact) = (energy(&form, &numbers), energy_of(&couplings, &state));
            assert!((got - exact).abs() < 1e-3, "({x}, {y}): {got} and {exact}");
            let product: f64 = plane.parts(patterns.row(5)).iter().zip(&numbers).map(|(p, y)| p * y).sum();
            assert!((product - dot64(patterns.row(5), &state)).abs() < 1e-3);
        }
    }

    #[test]
    fn at_a_corner_the_cue_is_that_corner() {
        let mut stream = Rng::new(2).stream("patterns");
        let patterns = random_patterns(3, N, &mut stream);
        let plane = BinaryPlane::through([0, 1, 2].map(|mu| patterns.row(mu)));
        for mu in 0..3 {
            let (x, y) = plane.place(patterns.row(mu));
            let cue = plane.draw(x.into(), y.into(), &mut stream);
            let wrong = cue.iter().zip(patterns.row(mu)).filter(|(s, x)| *s * *x < 0.0).count();
            assert!(wrong <= 1, "{wrong}"); // f32 places a corner a hair inside
        }
    }

    /// Three of sixteen memories share the places near them, each around its own corner.
    #[test]
    fn recalls_end_at_the_corner_they_begin_near() {
        let mut stream = Rng::new(3).stream("patterns");
        let patterns = random_patterns(16, N, &mut stream);
        let couplings = rules::hebb(&patterns);
        let plane = BinaryPlane::through([0, 1, 2].map(|mu| patterns.row(mu)));
        let mut atlas = Atlas::new(24, 36, &mut stream);
        let end = |state: &[f32]| {
            let overlap = |mu: usize| dot64(state, patterns.row(mu)) / N as f64;
            (0..3).find(|mu| overlap(*mu) > 0.95).unwrap_or(3)
        };
        atlas.fill(usize::MAX, |x, y| {
            let mut spins = Spins::new(&couplings, plane.draw(x, y, &mut stream));
            spins.settle(&couplings, &mut stream, 50);
            end(spins.state())
        });
        assert!(atlas.full());
        for mu in 0..3 {
            let (x, y) = plane.place(patterns.row(mu));
            let cell = (y * 24.0) as usize * 36 + (x * 36.0) as usize;
            assert_eq!(atlas.ends()[cell], mu as i8);
            // What is left over falls into states that were never stored.
            let cells = atlas.ends().iter().filter(|end| **end == mu as i8).count();
            assert!(cells > 24 * 36 / 10, "{mu}: {cells} cells");
        }
    }
}
