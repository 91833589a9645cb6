//! The exact energy on a plane through three states, and where those lie on it.
//!
//! On a plane `ξ(u, v) = c + u e1 + v e2` the overlaps with the patterns are affine, `z = z_c + u z_1 + v z_2`, and
//! `ξ·ξ` is a square in u and v. So each point costs N exponentials, whatever d is.
use super::hopfield::Memory;
use crate::math::kernels::{dot64, gemv, log_sum_exp};

/// A cut of state space: the plane through three states, and the rectangle of it that is shown.
#[derive(Clone, Debug)]
pub struct Plane {
    centre: Vec<f32>,
    across: Vec<f32>,
    up: Vec<f32>,
    /// Half the width of what is shown; the height is two thirds of the width.
    half: f64,
}

/// What there is to see of a memory on a plane through three states.
#[derive(Clone, Debug)]
pub struct Landscape {
    /// The cut.
    pub plane: Plane,
    /// Where the three states lie, as by [`Plane::place`].
    pub places: [(f32, f32); 3],
    /// `rows * cols` energies, the top row first.
    pub energies: Vec<f32>,
}

impl Landscape {
    /// The landscape through `states`, which stand left, right and above.
    pub fn through(states: [&[f32]; 3], memory: &Memory, beta: f64, rows: usize, cols: usize) -> Self {
        let [a, b, c] = states;
        let plane = Plane::through(a, b, c, memory.longest);
        Self {
            places: states.map(|state| plane.place(state)),
            energies: plane.energies(memory, beta, rows, cols),
            plane,
        }
    }
}

/// Width over height of what is shown.
const RATIO: f64 = 1.5;

impl Plane {
    /// The plane through `a` (left), `b` (right) and `c` (above), with their centre in the middle. Where the three do
    /// not span a plane, fixed directions stand in, so that there always is one. `scale` is a typical length of states,
    /// for when the three are one point.
    pub fn through(a: &[f32], b: &[f32], c: &[f32], scale: f64) -> Self {
        let third = |i: usize| ((f64::from(a[i]) + f64::from(b[i]) + f64::from(c[i])) / 3.0) as f32;
        let centre: Vec<f32> = (0..a.len()).map(third).collect();
        let minus = |x: &[f32]| -> Vec<f32> { x.iter().zip(a).map(|(x, a)| x - a).collect() };
        let across = direction(&minus(b), &[], scale);
        let up = direction(&minus(c), &[&across], scale);
        let mut plane = Self { centre, across, up, half: 0.0 };
        let reach = [a, b, c].map(|x| {
            let (u, v) = plane.project(x);
            u.abs().max(RATIO * v.abs())
        });
        plane.half = 1.45 * reach.into_iter().fold(0.3 * scale, f64::max);
        plane
    }

    /// Where a state falls on the plane, from the middle, in the states' own units.
    fn project(&self, state: &[f32]) -> (f64, f64) {
        let along = |e: &[f32]| dot64(state, e) - dot64(&self.centre, e);
        (along(&self.across), along(&self.up))
    }

    /// Where a state falls on what is shown: (x, y) in 0..=1 from the top left, or outside.
    pub fn place(&self, state: &[f32]) -> (f32, f32) {
        let (u, v) = self.project(state);
        ((0.5 + 0.5 * u / self.half) as f32, (0.5 - 0.5 * RATIO * v / self.half) as f32)
    }

    /// The state at (x, y) of what is shown.
    pub fn state(&self, x: f64, y: f64) -> Vec<f32> {
        (0..self.centre.len()).map(|i| self.state_of(i, x, y) as f32).collect()
    }

    /// The number of unit i at (x, y) of what is shown.
    pub fn state_of(&self, i: usize, x: f64, y: f64) -> f64 {
        let (u, v) = self.at(x, y);
        f64::from(self.centre[i]) + u * f64::from(self.across[i]) + v * f64::from(self.up[i])
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        ((2.0 * x - 1.0) * self.half, (1.0 - 2.0 * y) * self.half / RATIO)
    }

    /// The energies at the middles of `rows * cols` cells, the top row first.
    pub fn energies(&self, memory: &Memory, beta: f64, rows: usize, cols: usize) -> Vec<f32> {
        let n = memory.count();
        let mut axes = [vec![0.0; n], vec![0.0; n], vec![0.0; n]];
        for (z, vector) in axes.iter_mut().zip([&self.centre, &self.across, &self.up]) {
            gemv(memory.patterns.as_ref(), vector, z);
        }
        let square = dot64(&self.centre, &self.centre);
        let slant = (dot64(&self.centre, &self.across), dot64(&self.centre, &self.up));
        let constant = memory.energy_constant(beta);
        let mut row_overlaps = vec![0.0; n];
        let mut z = vec![0.0; n];
        let mut out = Vec::with_capacity(rows * cols);
        for row in 0..rows {
            let (_, v) = self.at(0.0, (row as f64 + 0.5) / rows as f64);
            for ((r, c), e2) in row_overlaps.iter_mut().zip(&axes[0]).zip(&axes[2]) {
                *r = c + v as f32 * e2;
            }
            for col in 0..cols {
                let (u, _) = self.at((col as f64 + 0.5) / cols as f64, 0.0);
                for ((z, r), e1) in z.iter_mut().zip(&row_overlaps).zip(&axes[1]) {
                    *z = r + u as f32 * e1;
                }
                let length = square + u * u + v * v + 2.0 * (u * slant.0 + v * slant.1);
                out.push((0.5 * length + constant - f64::from(log_sum_exp(beta as f32, &z))) as f32);
            }
        }
        out
    }
}

/// `vector` made orthogonal to the unit vectors `others` and of length 1; where nothing is left of it, the first axis of
/// which something is.
fn direction(vector: &[f32], others: &[&[f32]], scale: f64) -> Vec<f32> {
    let d = vector.len();
    let axis = |k: usize| (0..d).map(|i| if i == k { scale as f32 } else { 0.0 }).collect::<Vec<f32>>();
    let candidates = std::iter::once(vector.to_vec()).chain((0..d).map(axis));
    for mut candidate in candidates {
        for other in others {
            let along = dot64(&candidate, other);
            candidate.iter_mut().zip(*other).for_each(|(c, o)| *c -= (along * f64::from(*o)) as f32);
        }
        let length = dot64(&candidate, &candidate).sqrt();
        if length > 1e-3 * scale {
            return candidate.iter().map(|c| (f64::from(*c) / length) as f32).collect();
        }
    }
    vec![0.0; d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{mat::Mat, rng::Rng};

    fn memory(n: usize, d: usize) -> Memory {
        let mut stream = Rng::new(1).stream("patterns");
        let data = (0..n * d).map(|_| (stream.normal() / (d as f64).sqrt()) as f32).collect();
        Memory::new(Mat::new(data, n, d))
    }

    #[test]
    fn the_map_shows_the_energy_of_the_states_on_it() {
        let memory = memory(9, 20);
        let row = |i| memory.patterns.row(i);
        let plane = Plane::through(row(0), row(1), row(2), 1.0);
        let (rows, cols, beta) = (24, 36, 7.0);
        let map = plane.energies(&memory, beta, rows, cols);
        for (row, col) in [(0, 0), (5, 30), (12, 18), (23, 35)] {
            let state = plane.state((col as f64 + 0.5) / cols as f64, (row as f64 + 0.5) / rows as f64);
            let exact = memory.energy64(beta, &memory.overlaps64(&state), dot64(&state, &state));
            assert!((f64::from(map[row * cols + col]) - exact).abs() < 2e-6, "{} and {exact}", map[row * cols + col]);
        }
    }

    #[test]
    fn the_three_states_lie_on_the_plane_and_well_inside_the_frame() {
        let memory = memory(3, 20);
        let row = |i| memory.patterns.row(i);
        let plane = Plane::through(row(0), row(1), row(2), 1.0);
        for i in 0..3 {
            let (x, y) = plane.place(row(i));
            assert!((0.1..0.9).contains(&x) && (0.1..0.9).contains(&y), "{x} {y}");
            let back = plane.state(x.into(), y.into());
            assert!(back.iter().zip(row(i)).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }

    #[test]
    fn points_on_a_line_and_equal_points_still_have_a_plane() {
        let memory = memory(2, 5);
        let (a, b) = (memory.patterns.row(0), memory.patterns.row(1));
        let middle: Vec<f32> = a.iter().zip(b).map(|(a, b)| 0.5 * (a + b)).collect();
        for (a, b, c) in [(a, b, middle.as_slice()), (a, a, a), (a, a, b), (&[0.0; 5], &[0.0; 5], &[0.0; 5])] {
            let plane = Plane::through(a, b, c, 1.0);
            let map = plane.energies(&memory, 3.0, 6, 9);
            assert!(map.iter().all(|e| e.is_finite()));
            assert!(dot64(&plane.across, &plane.up).abs() < 1e-6);
        }
    }
}
