//! Who chose what, made up: people with a few of some interests choose things that serve the same ones.
use crate::math::{rng::Stream, scalar};

/// Who chooses, and from what.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// People.
    pub users: usize,
    /// Things.
    pub items: usize,
    /// Interests that people may have and things may serve.
    pub interests: usize,
    /// How evenly those are shared out: near 0 each has one.
    pub evenness: f64,
    /// How much more popular some things are than others: the standard deviation of the logarithm.
    pub skew: f64,
    /// The least and the greatest number of things that somebody chooses.
    pub chosen: (usize, usize),
}

/// What was chosen, person by person: things in rising order.
#[derive(Clone, Debug)]
pub struct Choices {
    /// How many things there are.
    pub items: usize,
    /// What is learnt from.
    pub learnt: Vec<Vec<u16>>,
    /// What is only asked: a quarter.
    pub asked: Vec<Vec<u16>>,
}

impl Crowd {
    /// Lets all choose. Nobody chooses a thing twice.
    pub fn choose(&self, chance: &mut Stream) -> Choices {
        let users = self.shares(self.users, chance);
        let items = self.shares(self.items, chance);
        let popular: Vec<f64> = (0..self.items).map(|_| scalar::exp(self.skew * chance.normal())).collect();
        let mut choices = Choices { items: self.items, learnt: Vec::new(), asked: Vec::new() };
        for user in &users {
            let (fewest, most) = self.chosen;
            let count = fewest + chance.below(most - fewest + 1);
            // The first of as many races as there are things, each as fast as it is liked, are as if drawn one after another.
            let mut times: Vec<(f64, u16)> = items
                .iter()
                .zip(&popular)
                .enumerate()
                .map(|(i, (item, popular))| {
                    let alike: f64 = user.iter().zip(item).map(|(a, b)| a * b).sum();
                    (-scalar::ln(1.0 - chance.uniform()) / (popular * (alike + SMALL)), i as u16)
                })
                .collect();
            times.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let mut chosen: Vec<u16> = times.into_iter().take(count).map(|(_, item)| item).collect();
            chance.shuffle(&mut chosen);
            let mut asked = chosen.split_off(count - count / 4);
            chosen.sort_unstable();
            asked.sort_unstable();
            choices.learnt.push(chosen);
            choices.asked.push(asked);
        }
        choices
    }

    /// Shares of interests, which add up to 1, for each of so many.
    fn shares(&self, count: usize, chance: &mut Stream) -> Vec<Vec<f64>> {
        let mut one = || {
            let raw: Vec<f64> = (0..self.interests).map(|_| gamma(self.evenness, chance)).collect();
            let sum = raw.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            raw.into_iter().map(|x| x / sum).collect()
        };
        (0..count).map(|_| one()).collect()
    }
}

/// How much anybody likes anything at least.
const SMALL: f64 = 1e-3;

/// A number of the gamma distribution (Marsaglia and Tsang 2000, *A simple method for generating gamma variables*).
fn gamma(shape: f64, chance: &mut Stream) -> f64 {
    let d = shape + 1.0 - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = chance.normal();
        let v = 1.0 + c * x;
        let u = 1.0 - chance.uniform();
        let cube = v * v * v;
        if v > 0.0 && scalar::ln(u) < 0.5 * x * x + d - d * cube + d * scalar::ln(cube) {
            // That is of a shape greater by 1; a power of a uniform number takes it down.
            return d * cube * scalar::pow(1.0 - chance.uniform(), 1.0 / shape);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn gamma_numbers_have_their_mean_and_variance() {
        let mut chance = Rng::new(1).stream("gamma");
        for shape in [0.12, 0.7, 3.0] {
            let drawn: Vec<f64> = (0..40_000).map(|_| gamma(shape, &mut chance)).collect();
            let mean = drawn.iter().sum::<f64>() / 4e4;
            let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 4e4;
            assert!(
                (mean / shape - 1.0).abs() < 0.08 && (variance / shape - 1.0).abs() < 0.2,
                "{shape}: {mean} {variance}"
            );
        }
    }

    #[test]
    fn all_choose_as_many_as_they_may_and_what_they_like() {
        let crowd = Crowd { users: 60, items: 80, interests: 4, evenness: 0.1, skew: 0.3, chosen: (12, 20) };
        let choices = crowd.choose(&mut Rng::new(2).stream("crowd"));
        // What two have in common, and how often: of those who do not share a choice, and of those who do.
        let mut shared = [[0.0; 2]; 2];
        for (learnt, asked) in choices.learnt.iter().zip(&choices.asked) {
            let all = [&learnt[..], asked].concat();
            assert!((12..=20).contains(&all.len()) && asked.len() == all.len() / 4);
            assert!(learnt.is_sorted_by(|a, b| a < b) && asked.iter().all(|item| !learnt.contains(item)));
        }
        for a in 0..60 {
            for b in 0..a {
                let (a, b) = (&choices.learnt[a], &choices.learnt[b]);
                let same = a[1..].iter().filter(|item| b[1..].contains(item)).count() as f64;
                let [sum, count] = &mut shared[usize::from(b.contains(&a[0]))];
                (*sum, *count) = (*sum + same, *count + 1.0);
            }
        }
        let [apart, alike] = shared.map(|[sum, count]| sum / count);
        // If all chose by lot, both would be the same.
        assert!(alike > 1.25 * apart, "{alike} {apart}");
    }
}
