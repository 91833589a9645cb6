//! The exact energy on a plane through three states, and where those lie on it.
//!
//! On a plane `ξ(u, v) = c + u e1 + v e2` the overlaps with the patterns are affine, `z = z_c + u z_1 + v z_2`, and
//! `ξ·ξ` is a square in u and v. So each point costs N exponentials, whatever d is.
use super::hopfield::Memory;
use crate::math::{
    kernels::{dot64, gemv, log_sum_exp},
    plane::Plane,
};

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
            energies: energies(&plane, memory, beta, rows, cols),
            plane,
        }
    }
}

/// The energies at the middles of `rows * cols` cells, the top row first.
pub fn energies(plane: &Plane, memory: &Memory, beta: f64, rows: usize, cols: usize) -> Vec<f32> {
    let n = memory.count();
    let mut axes = [vec![0.0; n], vec![0.0; n], vec![0.0; n]];
    for (z, vector) in axes.iter_mut().zip([&plane.centre, &plane.across, &plane.up]) {
        gemv(memory.patterns.as_ref(), vector, z);
    }
    let square = dot64(&plane.centre, &plane.centre);
    let slant = (dot64(&plane.centre, &plane.across), dot64(&plane.centre, &plane.up));
    let constant = memory.energy_constant(beta);
    let mut row_overlaps = vec![0.0; n];
    let mut z = vec![0.0; n];
    let mut out = Vec::with_capacity(rows * cols);
    for row in 0..rows {
        let (_, v) = plane.at(0.0, (row as f64 + 0.5) / rows as f64);
        for ((r, c), e2) in row_overlaps.iter_mut().zip(&axes[0]).zip(&axes[2]) {
            *r = c + v as f32 * e2;
        }
        for col in 0..cols {
            let (u, _) = plane.at((col as f64 + 0.5) / cols as f64, 0.0);
            for ((z, r), e1) in z.iter_mut().zip(&row_overlaps).zip(&axes[1]) {
                *z = r + u as f32 * e1;
            }
            let length = square + u * u + v * v + 2.0 * (u * slant.0 + v * slant.1);
            out.push((0.5 * length + constant - f64::from(log_sum_exp(beta as f32, &z))) as f32);
        }
    }
    out
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
        let map = energies(&plane, &memory, beta, rows, cols);
        for (row, col) in [(0, 0), (5, 30), (12, 18), (23, 35)] {
            let state = plane.state((col as f64 + 0.5) / cols as f64, (row as f64 + 0.5) / rows as f64);
            let exact = memory.energy64(beta, &memory.overlaps64(&state), dot64(&state, &state));
            assert!((f64::from(map[row * cols + col]) - exact).abs() < 2e-6, "{} and {exact}", map[row * cols + col]);
        }
    }
}
