//! The deepest valleys of a small glass, and the land between them.
use super::atlas::{self, BinaryPlane};

/// Valleys that span the plane.
const SPAN: usize = 3;
/// Classes of units on a plane; see [`BinaryPlane`].
const CLASSES: usize = 4;

/// The plane through the three deepest valleys of a glass. At a place on it stands the mean energy of the states that are drawn
/// there, each unit for itself with the mean that the place gives it: at a corner the energy of the valley itself.
#[derive(Clone, Debug)]
pub struct Valleys {
    /// Energies of a unit at the bottoms, the deepest first. Where a glass has fewer, the last stands more than once.
    pub bottoms: [f64; SPAN],
    /// Where they lie, from the top left.
    pub places: [(f32, f32); SPAN],
    /// Energies of a unit in the middles of the cells, top row first.
    pub ground: Vec<f32>,
}

impl Valleys {
    /// Of the energies of all `2^N` states, a state the bits of its number, 1 for a unit of -1. Of a state and its mirror one is
    /// taken if they are `mirrored`, as in groups of an even number of units. In time `2^N`.
    ///
    /// # Panics
    /// If there are not `2^N` energies, for an N above 0.
    pub fn of(energies: &[f64], mirrored: bool, rows: usize, cols: usize) -> Self {
        assert!(energies.len() > 1 && energies.len().is_power_of_two(), "valleys: got {} energies", energies.len());
        let n = energies.len().ilog2() as usize;
        let states = deepest(energies, mirrored);
        let corners = states.map(|state| spins(state, n));
        let [a, b, c] = &corners;
        let plane = BinaryPlane::through([a, b, c]);
        let table = Table::new(energies, states, n);
        Self {
            bottoms: states.map(|state| energies[state] / n as f64),
            places: [a, b, c].map(|state| plane.place(state)),
            ground: atlas::heights(rows, cols, |x, y| table.mean(&plane.numbers(x, y)) / n as f64),
        }
    }
}

/// A state as numbers.
fn spins(state: usize, n: usize) -> Vec<f32> {
    (0..n).map(|i| if state >> i & 1 == 1 { -1.0 } else { 1.0 }).collect()
}

/// The deepest states that no unit leaves by itself.
fn deepest(energies: &[f64], mirrored: bool) -> [usize; SPAN] {
    let n = energies.len().ilog2() as usize;
    let rests = |x: &usize| (0..n).all(|i| energies[*x] <= energies[x ^ (1 << i)]);
    let count = if mirrored { energies.len() / 2 } else { energies.len() };
    let mut found: Vec<usize> = Vec::new();
    for x in (0..count).filter(rests) {
        let at = found.partition_point(|other| energies[*other] <= energies[x]);
        found.insert(at, x);
        found.truncate(SPAN);
    }
    std::array::from_fn(|k| found.get(k).or(found.last()).copied().unwrap_or(0))
}

/// Sums of energies over the states that differ from the first corner in so many units of each class.
struct Table {
    sizes: [usize; CLASSES],
    sums: Vec<f64>,
}

impl Table {
    fn new(energies: &[f64], [a, b, c]: [usize; SPAN], n: usize) -> Self {
        let (with_b, with_c) = (!(a ^ b), !(a ^ c));
        let all = (1 << n) - 1;
        // In the order of the plane's classes: agrees with the second, and twice that with the third.
        let masks = [!with_b & !with_c, with_b & !with_c, !with_b & with_c, with_b & with_c].map(|mask| mask & all);
        let sizes = masks.map(|mask| mask.count_ones() as usize);
        let mut sums = vec![0.0; sizes.iter().map(|size| size + 1).product()];
        for (x, energy) in energies.iter().enumerate() {
            let place = masks
                .iter()
                .zip(sizes)
                .rev()
                .fold(0, |place, (mask, size)| place * (size + 1) + ((x ^ a) & mask).count_ones() as usize);
            sums[place] += energy;
        }
        Self { sizes, sums }
    }

    /// The mean over states whose units follow the first corner with the means `y` of their classes.
    fn mean(&self, y: &[f64; CLASSES]) -> f64 {
        let mut sums = self.sums.clone();
        for (size, y) in self.sizes.iter().zip(y) {
            let (stays, turns) = (0.5 + 0.5 * y, 0.5 - 0.5 * y);
            let power = |x: f64, k: usize| (0..k).fold(1.0, |product, _| product * x);
            let chances: Vec<f64> = (0..=*size).map(|k| power(turns, k) * power(stays, size - k)).collect();
            sums = sums.chunks_exact(size + 1).map(|row| row.iter().zip(&chances).map(|(x, p)| x * p).sum()).collect();
        }
        sums[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::memory::glass};

    #[test]
    fn a_place_has_the_mean_over_all_states_and_a_corner_the_energy_of_its_valley() {
        let n = 9;
        for p in [2_usize, 3, 4] {
            let energies = glass::hard_glass(n, p, &mut Rng::new(p as u32).stream("glass"));
            let states = deepest(&energies, p % 2 == 0);
            let corners = states.map(|state| spins(state, n));
            let plane = BinaryPlane::through([&corners[0], &corners[1], &corners[2]]);
            let table = Table::new(&energies, states, n);
            for (x, y) in [(0.5, 0.5), (0.31, 0.62), (0.9, 0.2)] {
                let numbers = plane.numbers(x, y);
                // The mean of each unit, by the class that it has.
                let mean_of = |i: usize| {
                    let agrees = |k: usize| usize::from(corners[k][i] * corners[0][i] > 0.0);
                    f64::from(corners[0][i]) * numbers[agrees(1) + 2 * agrees(2)]
                };
                let chance = |state: usize| -> f64 {
                    let spins = spins(state, n);
                    (0..n).map(|i| 0.5 + 0.5 * f64::from(spins[i]) * mean_of(i)).product()
                };
                let naive: f64 = energies.iter().enumerate().map(|(state, energy)| chance(state) * energy).sum();
                assert!((table.mean(&numbers) - naive).abs() < 1e-9, "P = {p}: {} and {naive}", table.mean(&numbers));
            }
            for (state, (x, y)) in states.into_iter().zip(corners.each_ref().map(|corner| plane.place(corner))) {
                let there = table.mean(&plane.numbers(x.into(), y.into()));
                assert!((there - energies[state]).abs() < 1e-3, "P = {p}: {there} and {}", energies[state]);
            }
        }
    }

    #[test]
    fn the_deepest_valley_is_the_ground_state_and_mirrors_count_once() {
        let energies = glass::hard_glass(10, 4, &mut Rng::new(5).stream("glass"));
        let [first, second, third] = deepest(&energies, true);
        assert!(energies.iter().all(|energy| energies[first] <= *energy));
        assert!(first != second && second != third && first != third);
        assert!([first, second, third].iter().all(|state| *state < energies.len() / 2));
        // One valley alone stands for all three.
        let slope: Vec<f64> = (0_u32..8).map(|state| -f64::from(state.count_ones())).collect();
        assert_eq!(deepest(&slope, false), [7, 7, 7]);
    }
}
