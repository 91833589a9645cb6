//! The plane through three states of many numbers, and a frame on it: what is drawn of a landscape over more dimensions than
//! two.
use super::kernels::dot64;

/// A cut of state space: the plane through three states, and the rectangle of it that is shown.
#[derive(Clone, Debug)]
pub struct Plane {
    /// The state in the middle.
    pub centre: Vec<f32>,
    /// The direction to the right, of length 1.
    pub across: Vec<f32>,
    /// The direction upwards, of length 1 and at a right angle to it.
    pub up: Vec<f32>,
    /// Half the width of what is shown; the height is two thirds of the width.
    half: f64,
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

    /// How far (x, y) of what is shown is from the middle, along both directions.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        ((2.0 * x - 1.0) * self.half, (1.0 - 2.0 * y) * self.half / RATIO)
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
    use crate::math::rng::Rng;

    fn states(d: usize) -> [Vec<f32>; 3] {
        let mut stream = Rng::new(1).stream("states");
        [(); 3].map(|()| (0..d).map(|_| (stream.normal() / (d as f64).sqrt()) as f32).collect())
    }

    #[test]
    fn the_three_states_lie_on_the_plane_and_well_inside_the_frame() {
        let states = states(20);
        let [a, b, c] = &states;
        let plane = Plane::through(a, b, c, 1.0);
        for state in &states {
            let (x, y) = plane.place(state);
            assert!((0.1..0.9).contains(&x) && (0.1..0.9).contains(&y), "{x} {y}");
            let back = plane.state(x.into(), y.into());
            assert!(back.iter().zip(state).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }

    #[test]
    fn points_on_a_line_and_equal_points_still_have_a_plane() {
        let [a, b, _] = &states(5);
        let middle: Vec<f32> = a.iter().zip(b).map(|(a, b)| 0.5 * (a + b)).collect();
        let none = vec![0.0; 5];
        for (a, b, c) in [(a, b, &middle), (a, a, a), (a, a, b), (&none, &none, &none)] {
            let plane = Plane::through(a, b, c, 1.0);
            assert!(plane.state(0.2, 0.9).iter().all(|x| x.is_finite()));
            assert!(dot64(&plane.across, &plane.up).abs() < 1e-6);
        }
    }
}
