//! Operations run after run, in one manner and each on a layer of its own. The first is the one that is looked at.
use super::{
    operation::{Manner, Operation, Stage},
    surgery::{CUTS, Surgery},
    trainee::Trainee,
};
use crate::{
    math::{mean::Mean, rng::Rng},
    model::learning::training::{Examples, Recipe},
};

/// Where layers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nets of these widths that are trained for so many epochs: one of their layers.
    Nets(&'static [usize], usize, usize),
    /// They are made, with outliers.
    Uneven,
    /// They are made, without.
    Even,
}

/// Operations that have begun.
#[derive(Clone)]
pub struct Operations {
    all: Vec<Operation>,
    runs: usize,
    source: Source,
    manner: Manner,
    /// How many times larger outliers are.
    pub outliers: f64,
    rng: Rng,
}

impl Operations {
    /// Of so many runs the first, looked at by what nets are asked.
    pub fn new(source: Source, runs: usize, manner: Manner, outliers: f64, test: Option<Examples>, rng: &Rng) -> Self {
        let mut operations = Self { all: Vec::new(), runs, source, manner, outliers, rng: rng.clone() };
        operations.begin(test);
        operations
    }

    /// Begins the next run.
    fn begin(&mut self, test: Option<Examples>) {
        let rng = &self.rng.child(&format!("run {}", self.all.len()));
        self.all.push(match (self.source, test) {
            (Source::Nets(widths, at, epochs), Some(test)) => {
                let mut trainee = Trainee::new(widths, rng.stream("none"));
                trainee.begin_whole(Recipe::usual(epochs), rng);
                Operation::of_net(trainee, at, test, self.manner, rng)
            }
            (Source::Even, _) => Operation::even(self.manner, rng),
            _ => Operation::uneven(self.outliers, self.manner, rng),
        });
    }

    /// The first.
    pub fn first(&self) -> &Operation {
        &self.all[0]
    }

    /// The run under way in words.
    pub fn run(&self) -> String {
        format!("Run {} of {}", self.all.len(), self.runs)
    }

    /// One step of the last; when it is over the next one begins. With the stage, whether it is the first run, and whether it is
    /// the last.
    pub fn step(&mut self, examples: Option<[Examples; 2]>) -> (Stage, [bool; 2]) {
        let begun = self.all.len();
        let stage = self.all[begun - 1].step(examples);
        if stage == Stage::Over && begun < self.runs {
            self.begin(examples.map(|[_, test]| test));
        }
        (stage, [begun == 1, begun == self.runs])
    }

    /// Steps of all of them.
    pub fn steps(&self, examples: usize) -> usize {
        self.runs * self.first().steps(examples)
    }

    /// Looks at another share in all of them, or else swaps in another way.
    pub fn turn(&mut self, manner: Manner, test: Option<Examples>) {
        let Manner { first, rule, cut, .. } = manner;
        self.manner = manner;
        for operation in &mut self.all {
            if operation.table.cut == cut {
                operation.swap(first, rule, test);
            } else {
                operation.look(cut, test);
            }
        }
    }

    /// Outliers of all become so many times as large.
    pub fn enlarge(&mut self, times: f64) {
        self.outliers = times;
        self.all.iter_mut().for_each(|operation| operation.enlarge(times));
    }

    /// Something of those of which it is known.
    pub fn of(&self, what: impl Fn(&Operation) -> Option<f64>) -> Mean {
        Mean::of(self.all.iter().filter_map(what))
    }

    /// The same once it is known of all runs.
    pub fn of_all(&self, what: impl Fn(&Operation) -> Option<f64>) -> Option<Mean> {
        Some(self.of(what)).filter(|mean| mean.count() == self.runs)
    }

    /// Along the shares, something of a table by the place of a share: the mean, the least and the greatest.
    pub fn along(&self, what: impl Fn(&Surgery, usize) -> Option<f64>) -> impl Iterator<Item = (f64, [f64; 3])> {
        let at = move |place: usize| Some((CUTS[place], self.of(|operation| what(&operation.table, place)).spread()?));
        (0..CUTS.len()).filter_map(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::pruning::{
            dsnot::Rule,
            layer::Worth,
            surgery::{MAGNITUDE, SWAPPED, WANDA},
        },
    };

    #[test]
    fn runs_follow_each_other_and_all_are_turned() {
        let rule = Rule { caution: 1.0, tolerance: 0.01, most: 10 };
        let manner = Manner { first: Worth::Wanda, rule, cut: 1, most: 20 };
        let mut operations = Operations::new(Source::Uneven, 2, manner, 10.0, None, &Rng::new(1));
        let error = |of: &Operations, method: usize| of.of_all(|one| one.table.error(2, method));
        let steps = operations.steps(0);
        let stages: Vec<_> = (0..steps).map(|_| operations.step(None)).collect();
        assert_eq!(
            (stages[steps / 2 - 1], stages[steps - 1]),
            ((Stage::Over, [true, false]), (Stage::Over, [false, true]))
        );
        assert_eq!(
            (operations.run(), operations.of(|one| one.trials.first().copied()).count()),
            ("Run 2 of 2".into(), 2)
        );
        let known: Vec<_> = operations.along(|table, place| table.error(place, MAGNITUDE)).collect();
        assert!(known.len() == CUTS.len() && known.iter().all(|(_, [mean, least, most])| least < mean && mean < most));
        operations.turn(Manner { rule: Rule { most: 0, ..rule }, ..manner }, None);
        assert_eq!(error(&operations, SWAPPED), error(&operations, WANDA));
        operations.turn(Manner { cut: 2, ..manner }, None);
        assert!(operations.all.iter().all(|one| one.table.cut == 2));
    }
}
