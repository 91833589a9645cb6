//! Dense Hebbian networks that a teacher makes from noisy examples (Agliari, Albanese, Alemanno, Alessandrelli, Barra,
//! Giannotti, Lotito and Pedreschi 2023, *Dense Hebbian neural networks: a replica symmetric picture of supervised
//! learning*).
//!
//! N units of ±1, K archetypes `ξ^μ`. An example is an archetype with each unit kept with the chance `(1 + r) / 2` and turned
//! over otherwise. The teacher says which M examples belong together, so their mean `A^μ` is stored:
//! `E(s) = -Σ_μ (A^μ·s)^P`. How noisy the means are is `ρ = (1 - r²) / (M r²)`.
use super::atlas::BinaryPlane;
use crate::math::{mat::Mat, rng::Stream, scalar};

/// The means of examples, and how many of these meet in an interaction.
#[derive(Clone, Debug)]
pub struct Taught {
    /// (K, N).
    means: Mat,
    order: u32,
}

/// A state with its overlaps `A^μ·s`.
#[derive(Clone, Debug)]
struct State {
    spins: Vec<f32>,
    overlaps: Vec<f64>,
}

fn power(x: f64, order: u32) -> f64 {
    (0..order).fold(1.0, |product, _| product * x)
}

impl Taught {
    /// Stores means of examples (K, N), with P units meeting.
    pub fn new(means: Mat, order: u32) -> Self {
        Self { means, order }
    }

    /// The state in which [`Taught::fall`] ends.
    pub fn settle(&self, state: &[f32], stream: &mut Stream, most: usize) -> Vec<f32> {
        self.fall(state, stream, most).pop().unwrap_or_default()
    }

    /// Single units take the sign of what they save, in random orders, until none turns over or after `most` sweeps. Answers
    /// with the states on the way: the first, and that after each sweep in which a unit turned over.
    pub fn fall(&self, state: &[f32], stream: &mut Stream, most: usize) -> Vec<Vec<f32>> {
        let overlaps = (0..self.means.rows)
            .map(|mu| self.means.row(mu).iter().zip(state).map(|(a, s)| f64::from(*a) * f64::from(*s)).sum());
        let mut state = State { overlaps: overlaps.collect(), spins: state.to_vec() };
        let mut units: Vec<usize> = (0..state.spins.len()).collect();
        let mut way = vec![state.spins.clone()];
        for _ in 0..most {
            stream.shuffle(&mut units);
            if units.iter().filter(|i| self.ask(&mut state, **i)).count() == 0 {
                break;
            }
            way.push(state.spins.clone());
        }
        way
    }

    /// The exact energy of a state (N) of real numbers, for each `N^P`.
    pub fn energy(&self, state: &[f32]) -> f64 {
        let n = state.len() as f64;
        let overlap =
            |mu| self.means.row(mu).iter().zip(state).map(|(a, s)| f64::from(*a) * f64::from(*s)).sum::<f64>();
        -(0..self.means.rows).map(|mu| power(overlap(mu) / n, self.order)).sum::<f64>()
    }

    /// That energy on a plane through binary states.
    pub fn on_plane(&self, plane: &BinaryPlane) -> impl Fn(f64, f64) -> f64 + use<'_> {
        let share = 1.0 / self.means.cols as f64;
        let parts: Vec<_> =
            (0..self.means.rows).map(|mu| plane.parts(self.means.row(mu)).map(|part| share * part)).collect();
        let plane = plane.clone();
        move |x, y| {
            let numbers = plane.numbers(x, y);
            let overlap = |parts: &[f64; 4]| parts.iter().zip(&numbers).map(|(part, y)| part * y).sum::<f64>();
            -parts.iter().map(|parts| power(overlap(parts), self.order)).sum::<f64>()
        }
    }

    /// Unit i is asked, and turns over if that lowers the energy.
    fn ask(&self, state: &mut State, i: usize) -> bool {
        let s = f64::from(state.spins[i]);
        let column = || (0..self.means.rows).map(|mu| f64::from(self.means.row(mu)[i]));
        let saved = |(a, z): (f64, &f64)| {
            let rest = z - a * s;
            power(rest + a, self.order) - power(rest - a, self.order)
        };
        let field: f64 = column().zip(&state.overlaps).map(saved).sum();
        if field * s >= 0.0 {
            return false;
        }
        column().zip(&mut state.overlaps).for_each(|(a, z)| *z -= 2.0 * a * s);
        state.spins[i] = -state.spins[i];
        true
    }
}

/// An example of an archetype (N), of quality r.
pub fn example(archetype: &[f32], quality: f64, stream: &mut Stream) -> Vec<f32> {
    let kept = chance(quality);
    archetype.iter().map(|x| if stream.next_u32() < kept { *x } else { -x }).collect()
}

/// The chance to keep a unit, as a bound on 32 random bits.
fn chance(quality: f64) -> u32 {
    (0.5 * (1.0 + quality) * 4_294_967_296.0).min(4_294_967_295.0) as u32
}

/// The means of M examples of each archetype (K, N), of quality r.
pub fn means(archetypes: &Mat, examples: usize, quality: f64, stream: &mut Stream) -> Mat {
    let kept = chance(quality);
    let mean = |x: &f32| {
        let agree = (0..examples).filter(|_| stream.next_u32() < kept).count();
        x * (2.0 * agree as f32 / examples.max(1) as f32 - 1.0)
    };
    Mat::new(archetypes.data.iter().map(mean).collect(), archetypes.rows, archetypes.cols)
}

/// `ρ = (1 - r²) / (M r²)`: how noisy the means are.
pub fn noisiness(quality: f64, examples: f64) -> f64 {
    (1.0 - quality * quality) / (examples * quality * quality)
}

/// The overlap with an archetype at low load and temperature 0: `m = erf(1 / √(2 ρ))`, whatever P is.
pub fn learnt_overlap(quality: f64, examples: f64) -> f64 {
    1.0 - scalar::erfc(1.0 / (2.0 * noisiness(quality, examples)).sqrt())
}

/// The chance that a unit of one stored pattern is wrong after one step, where independent noise of deviation ω is added to
/// each of the `N^P` entries of its tensor: `½ erfc(N^((P - 1) / 2) / (√2 ω))`.
pub fn detection_error(units: usize, order: u32, noise: f64) -> f64 {
    0.5 * scalar::erfc(detectable(units, order) / (std::f64::consts::SQRT_2 * noise))
}

/// `N^((P - 1) / 2)`: noise of this deviation is as strong as the signal.
pub fn detectable(units: usize, order: u32) -> f64 {
    power(units as f64, order - 1).sqrt()
}

/// Of `asked` units of one stored pattern, those that are wrong after one step, with every entry of the tensor drawn.
pub fn detect(units: usize, order: u32, noise: f64, asked: usize, stream: &mut Stream) -> usize {
    let entries = (0..order - 1).fold(1, |product, _| product * units);
    // The state is the pattern, so each entry brings 1 and its noise.
    (0..asked).filter(|_| (0..entries).map(|_| 1.0 + noise * stream.normal()).sum::<f64>() < 0.0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{math::rng::Rng, model::memory::rules::random_patterns};

    const N: usize = 64;

    /// Mean overlap with the first archetype over networks, from the archetype itself.
    fn overlap(order: u32, k: usize, m: usize, networks: usize) -> f64 {
        let mut stream = Rng::new(1).stream("networks");
        let one = |stream: &mut Stream| {
            let archetypes = random_patterns(k, N, stream);
            let taught = Taught::new(means(&archetypes, m, 0.3, stream), order);
            let end = taught.settle(archetypes.row(0), stream, 50);
            end.iter().zip(archetypes.row(0)).map(|(s, x)| f64::from(s * x)).sum::<f64>() / N as f64
        };
        (0..networks).map(|_| one(&mut stream)).sum::<f64>() / networks as f64
    }

    #[test]
    fn few_archetypes_are_learnt_by_the_law_of_the_error_function() {
        for m in [20, 40, 80, 160] {
            let (got, law) = (overlap(4, 2, m, 40), learnt_overlap(0.3, m as f64));
            assert!((got - law).abs() < 0.06, "M {m}: {got} and {law}");
        }
        for (m, law) in [(2.0, 0.34), (20.0, 0.84), (40.0, 0.95)] {
            assert!((learnt_overlap(0.3, m) - law).abs() < 0.01);
        }
    }

    #[test]
    fn four_that_meet_learn_two_hundred_where_two_drown_in_six() {
        for m in [20, 40, 80] {
            let (got, law) = (overlap(4, 200, m, 12), learnt_overlap(0.3, m as f64));
            assert!((got - law).abs() < 0.06, "M {m}: {got} and {law}");
            assert!(overlap(2, 6, m, 40) < law - 0.05);
        }
        assert!(overlap(2, 200, 40, 6) < 0.5);
    }

    #[test]
    fn energy_falls_on_the_way_and_is_the_same_on_a_plane() {
        let mut stream = Rng::new(3).stream("fall");
        let archetypes = random_patterns(6, N, &mut stream);
        let corners = [0, 1, 2].map(|mu| example(archetypes.row(mu), 0.5, &mut stream));
        for order in [2, 3, 4] {
            let taught = Taught::new(means(&archetypes, 10, 0.5, &mut stream), order);
            let way: Vec<f64> = taught.fall(&corners[0], &mut stream, 30).iter().map(|s| taught.energy(s)).collect();
            assert!(way.len() > 1 && way.is_sorted_by(|a, b| a > b), "P {order}: {way:?}");
            let plane = BinaryPlane::through([&corners[0], &corners[1], &corners[2]]);
            let on_plane = taught.on_plane(&plane);
            for corner in &corners {
                let (x, y) = plane.place(corner);
                let (got, exact) = (on_plane(x.into(), y.into()), taught.energy(corner));
                assert!((got - exact).abs() < 1e-5, "P {order}: {got} and {exact}");
            }
        }
    }

    #[test]
    fn noise_is_stood_as_theory_says() {
        let mut stream = Rng::new(2).stream("noise");
        for (units, order, trials) in [(48, 2, 40), (48, 3, 6)] {
            for share in [0.3, 0.6, 1.0] {
                let noise = share * detectable(units, order);
                let wrong: usize = (0..trials).map(|_| detect(units, order, noise, units, &mut stream)).sum();
                let (got, law) = (wrong as f64 / (trials * units) as f64, detection_error(units, order, noise));
                assert!((got - law).abs() < 0.04, "P {order}, {share}: {got} and {law}");
            }
        }
        assert!((detection_error(48, 2, 0.6 * detectable(48, 2)) - 0.0478).abs() < 1e-4);
    }
}
