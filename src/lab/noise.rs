//! How recalls end that begin ever further from a memory: what its chart says and draws, whichever memory it is of.
use super::{Axis, Kind, Param, Place, Plot, Series, Shape, View};
use crate::math::decimal::fixed;

/// Recalls from cues of growing noise, counted by where they end.
#[derive(Clone, Debug)]
pub struct Noise {
    /// The setting of how much of the run's own cue is turned over; the noisiest cue has as much as it can have.
    param: &'static Param,
    /// For each level of noise, recalls that ended at [`Noise::HOME`], [`Noise::ANOTHER`] and [`Noise::NOBODY`].
    ends: [[u32; 3]; Noise::LEVELS],
    /// Recalls at each level.
    rounds: usize,
    done: usize,
}

impl Noise {
    /// Number of the end that is the memory the cue was made from.
    const HOME: usize = 0;
    /// Number of the end that is another memory.
    const ANOTHER: usize = 1;
    /// Number of the end that is no memory.
    const NOBODY: usize = 2;
    /// Levels of noise, from none to the most.
    const LEVELS: usize = 21;
    /// Recalls at each level, where nothing else is said.
    const ROUNDS: usize = 64;

    /// Nothing recalled yet; `param` is a share, the noise of the cue.
    pub fn new(param: &'static Param) -> Self {
        Self { param, ends: [[0; 3]; Self::LEVELS], rounds: Self::ROUNDS, done: 0 }
    }

    /// With another number of recalls at each level: fewer where each is dear.
    #[must_use]
    pub fn with_rounds(self, rounds: usize) -> Self {
        Self { rounds, ..self }
    }

    /// Recalls in all.
    pub fn recalls(&self) -> usize {
        Self::LEVELS * self.rounds
    }

    /// Where a recall ended that began near the memory `home` of `count`: `is` says whether a memory was found.
    pub fn end(home: usize, count: usize, is: impl Fn(usize) -> bool) -> usize {
        match home {
            _ if is(home) => Self::HOME,
            _ if (0..count).any(is) => Self::ANOTHER,
            _ => Self::NOBODY,
        }
    }

    /// The share of units turned over in the noisiest cue.
    fn most(&self) -> f64 {
        match self.param.kind {
            Kind::Share { max, .. } => max,
            _ => 1.0,
        }
    }

    fn share(&self, level: usize) -> f64 {
        self.most() * level as f64 / (Self::LEVELS - 1) as f64
    }

    /// Up to `count` recalls more, a level after the other: `recall` takes the share of units to turn over and answers with
    /// the number of an end.
    pub fn fill(&mut self, count: usize, mut recall: impl FnMut(f64) -> usize) {
        for _ in 0..count.min(self.recalls() - self.done) {
            let level = self.done % Self::LEVELS;
            self.ends[level][recall(self.share(level))] += 1;
            self.done += 1;
        }
    }

    /// The view, in the small column: the hand moves the noise of the cue.
    pub fn view(&self) -> View {
        let curve = |label| Series::curve(label, Self::LEVELS);
        let shape = Shape::Lines {
            x: Axis::linear("share of the cue turned over", 0.0, self.most()).of(self.param),
            y: Axis::linear("share of the recalls", 0.0, 1.0),
            series: vec![curve("its memory"), curve("another"), curve("no memory")],
            marks: Vec::new(),
            field: None,
        };
        View::new("Where ever noisier cues lead", Place::Side, shape)
    }

    /// Fills a slot of [`Noise::view`]; `now` is the noise of the cue that the run began from.
    pub fn draw(&self, now: f64, slot: &mut [f32]) {
        let mut plot = Plot::new(slot, now);
        for end in [Self::HOME, Self::ANOTHER, Self::NOBODY] {
            let shares = self.ends.iter().enumerate().filter_map(|(level, ends)| {
                let all: u32 = ends.iter().sum();
                (all > 0).then(|| [self.share(level) as f32, ends[end] as f32 / all as f32])
            });
            plot.curve(Self::LEVELS, shares);
        }
    }

    /// What there is to see; `name` is the memory's.
    pub fn caption(&self, name: &str) -> String {
        let all = |ends: &[u32; 3]| ends.iter().sum::<u32>();
        let back = |ends: &[u32; 3]| 2 * ends[Self::HOME] >= all(ends).max(1);
        let holds = self.ends.iter().take_while(|ends| back(ends)).count();
        let percent = |level| fixed(100.0 * self.share(level), 0);
        let found = match holds {
            0 if self.done < Self::LEVELS => "The first ones are on their way".to_owned(),
            0 => format!("Not even half of the clean cues come back to {name}"),
            _ => format!("Half or more come back to {name} with up to {} % turned over", percent(holds - 1)),
        };
        format!("{} recalls of {name}. {found}.", self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FLIPPED: Param = Param::share("flipped", "Points flipped", (0.0, 0.1, 0.4), "");

    #[test]
    fn shares_of_each_level_add_up_to_one_and_every_level_is_asked_as_often() {
        let mut noise = Noise::new(&FLIPPED);
        noise.fill(usize::MAX, |share| if share < 0.2 { Noise::HOME } else { Noise::NOBODY });
        assert!(noise.ends.iter().all(|ends| ends.iter().sum::<u32>() as usize == Noise::ROUNDS));
        assert!(noise.caption("three").contains("up to 18 %"), "{}", noise.caption("three"));
        let view = noise.view();
        let mut slot = vec![0.0; view.floats()];
        noise.draw(0.1, &mut slot);
        assert!(slot[0] > 0.09 && slot.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn before_the_first_recall_nothing_is_claimed() {
        let noise = Noise::new(&FLIPPED);
        assert!(noise.caption("three").contains("on their way"));
    }
}
