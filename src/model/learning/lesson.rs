//! A task that is learnt, and what a net has learnt of it: its answers to all questions, and the waves in its table and in its
//! answers (Nanda, Chan, Lieberum, Smith and Steinhardt 2023, *Progress measures for grokking via mechanistic
//! interpretability*).
use super::{
    loss::{Loss, Score},
    modular::{Operation, Pair, Ring, Task},
    pair_net::PairNet,
    waves::{self, Explained, Waves},
};
use crate::math::{
    kernels::Workspace,
    mat::{Mat, MatRef},
    order::strongest,
    rng::Rng,
};

/// A frequency is key if it has at least this share of what each would have if all were equal.
const KEY: f64 = 0.5;

/// What no step changes.
#[derive(Debug)]
pub struct Lesson {
    /// What is asked.
    pub task: Task,
    /// The order of the numbers along which the operation is a sum, if there is one.
    pub ring: Option<Ring>,
    /// The waves along it, or along the numbers from 0.
    pub waves: Waves,
    /// Questions that are trained on and then all others, and the answers to both.
    pairs: Vec<Pair>,
    labels: Vec<u16>,
}

/// What any net was found to know when it was asked everything.
#[derive(Debug)]
pub struct Asked {
    /// Of the questions that are not trained on.
    pub test: Score,
    /// For each of the `p * p` pairs.
    pub answers: Vec<u16>,
    /// How many frequencies the answers mostly have, and the share of each in their power; none without a ring.
    pub keys: usize,
    /// The share of each frequency in the power of the answers; empty without a ring.
    pub shares: Vec<f64>,
    /// The loss on all questions if only waves of key frequencies are kept of the answers; without a ring the test loss.
    pub restricted: f64,
    /// The training loss if they are taken away; without a ring the training loss.
    pub excluded: f64,
}

/// What was found when a net with a table was asked everything, and taken apart.
#[derive(Debug)]
pub struct Seen {
    /// Its answers.
    pub asked: Asked,
    /// The power of each frequency in each neuron's column of the table of the first number: `(neuron, frequency)`.
    pub powers: Vec<f32>,
    /// How far each neuron is one wave ([`waves::participation`]).
    pub each: Vec<f64>,
    /// Neurons, those that are most of one wave first.
    pub order: Vec<usize>,
    /// The mean of [`Seen::each`].
    pub mean: f64,
    /// How unequal the frequencies are over all neurons.
    pub gini: f64,
    /// Of the quarter of neurons that are nearest to one wave the slowest, and the slowest of another frequency: their columns
    /// of the table along the ring at unit size, and the wave next to the first.
    pub columns: [Vec<f32>; 3],
    /// Their frequencies, from 1.
    pub frequencies: [usize; 2],
    /// For each frequency the column at unit size that is nearest to one wave, of the neurons that have most of that; nothing
    /// where there are none.
    pub purest: Vec<Vec<f32>>,
}

impl Asked {
    /// The key frequencies, from 1, the slowest first.
    pub fn strong(&self) -> Vec<usize> {
        let mut strong: Vec<usize> = strongest(&self.shares).take(self.keys).map(|k| k + 1).collect();
        strong.sort_unstable();
        strong
    }
}

impl Seen {
    /// The powers of the frequencies in a neuron.
    pub fn spectrum(&self, neuron: usize) -> &[f32] {
        let count = self.powers.len() / self.each.len();
        &self.powers[neuron * count..][..count]
    }

    /// Neurons by their strongest frequency, the slowest first.
    pub fn by_frequency(&self) -> Vec<usize> {
        let mut neurons: Vec<usize> = (0..self.each.len()).collect();
        neurons.sort_by_key(|j| waves::greatest(self.spectrum(*j)));
        neurons
    }
}

impl Lesson {
    /// The stream `split` decides what is trained on.
    pub fn new(operation: Operation, p: usize, fraction: f64, rng: &Rng) -> Self {
        let task = Task::new(operation, p, fraction, &mut rng.stream("split"));
        let pairs = [&task.train[..], &task.test].concat();
        let ring = Ring::new(&task.operation, p);
        Self {
            labels: pairs.iter().map(|pair| pair.answer).collect(),
            pairs,
            waves: Waves::new(ring.as_ref().map_or(p, |ring| ring.order.len())),
            ring,
            task,
        }
    }

    /// Answers to the questions that are trained on.
    pub fn trained(&self) -> &[u16] {
        &self.labels[..self.task.train.len()]
    }

    /// Asks everything: `answer` fills a row of outputs for each question.
    pub fn ask(&self, answer: impl FnOnce(&[Pair], &mut [f32]), loss: Loss) -> Asked {
        let (p, trained) = (self.task.p, self.task.train.len());
        let mut packing = Workspace::default();
        let mut outputs = vec![0.0; self.pairs.len() * p];
        answer(&self.pairs, &mut outputs);
        let mut answers = vec![0; p * p];
        self.task.tabulate(&self.pairs, |i| waves::greatest(&outputs[i * p..][..p]) as u16, &mut answers);
        let (train, test) = outputs.split_at_mut(trained * p);
        let explained = self.ring.as_ref().map(|ring| self.explain(ring, train, test, &mut packing));
        let test = loss.grade(test, &self.labels[trained..], p);
        let (keys, shares, restricted, excluded) = match (&self.ring, explained) {
            (Some(ring), Some(Explained { keys, shares, mut key, rest })) => {
                let places = self.task.train.iter().map(|pair| ring.place(pair));
                for (row, place) in train.chunks_exact_mut(p).zip(places) {
                    if let Some(place) = place {
                        row.iter_mut().zip(&key[place * p..]).for_each(|(z, key)| *z -= key);
                    }
                }
                for row in key.chunks_exact_mut(p) {
                    row.iter_mut().zip(&rest).for_each(|(z, rest)| *z += rest);
                }
                let right: Vec<u16> = ring.order.iter().map(|x| *x as u16).collect();
                (keys, shares, loss.grade(&mut key, &right, p).loss, loss.grade(train, self.trained(), p).loss)
            }
            _ => (0, Vec::new(), test.loss, loss.grade(train, self.trained(), p).loss),
        };
        Asked { test, answers, keys, shares, restricted, excluded }
    }

    /// Asks the net everything, and takes it apart.
    pub fn look(&self, net: &mut PairNet, loss: Loss) -> Seen {
        let asked = self.ask(|pairs, outputs| net.answer(pairs, outputs), loss);
        let mut packing = Workspace::default();
        let width = net.shape().hidden;
        let table = self.along_ring(&net.table()[..self.task.p * width]);
        let count = self.waves.count();
        let powers = self.waves.powers(table.as_ref(), &mut packing);
        let each: Vec<f64> = powers.chunks_exact(count).map(waves::participation).collect();
        let all: Vec<f64> = self.waves.in_all(&powers).into_iter().map(f64::sqrt).collect();
        let order: Vec<usize> = strongest(&each).collect();
        let main = |j: &usize| waves::greatest(&powers[j * count..][..count]);
        let quarter = || order.iter().copied().take(order.len().div_ceil(4));
        let slow = quarter().min_by_key(main).unwrap_or(0);
        let next = quarter().filter(|j| main(j) != main(&slow)).min_by_key(main).unwrap_or(slow);
        let column = |j: usize| table.data.iter().skip(j).step_by(table.cols).copied().collect::<Vec<f32>>();
        let size = |j: usize| column(j).iter().fold(f32::MIN_POSITIVE, |most, x| most.max(x.abs()));
        let unit = |column: Vec<f32>, size: f32| column.into_iter().map(|x| x / size).collect::<Vec<f32>>();
        let wave = self.waves.nearest(&column(slow), main(&slow));
        let columns = [unit(column(slow), size(slow)), unit(column(next), size(next)), unit(wave, size(slow))];
        let frequencies = [slow, next].map(|j| main(&j) + 1);
        let mains: Vec<usize> = order.iter().map(main).collect();
        let purest = (0..count).map(|k| mains.iter().position(|main| *main == k).map(|place| order[place]));
        let purest = purest.map(|j| j.map_or(Vec::new(), |j| unit(column(j), size(j)))).collect();
        Seen {
            asked,
            mean: each.iter().sum::<f64>() / each.len() as f64,
            gini: waves::gini(&all),
            columns,
            frequencies,
            purest,
            powers,
            each,
            order,
        }
    }

    /// The waves in the mean outputs along the ring.
    fn explain(&self, ring: &Ring, train: &[f32], test: &[f32], packing: &mut Workspace) -> Explained {
        let (p, n) = (self.task.p, ring.order.len());
        let mut means = Mat::zeros(n, p);
        for (pair, row) in self.pairs.iter().zip(train.chunks_exact(p).chain(test.chunks_exact(p))) {
            // Each place is that of n pairs, of which those in the other order are not asked.
            let twice = self.task.symmetric && pair.a != pair.b;
            let weight = if twice { 2.0 } else { 1.0 } / n as f32;
            if let Some(place) = ring.place(pair) {
                means.row_mut(place).iter_mut().zip(row).for_each(|(mean, z)| *mean += weight * z);
            }
        }
        self.waves.explain(means.as_ref(), KEY / self.waves.count() as f64, packing)
    }

    /// A table with a row for each number, with its rows in the order of the ring.
    ///
    /// # Panics
    /// If rows are not of equal length.
    pub fn along_ring(&self, table: &[f32]) -> Mat {
        let width = table.len() / self.task.p;
        let table = MatRef::new(table, self.task.p, width);
        let rows: Vec<f32> = match &self.ring {
            None => table.data.to_vec(),
            Some(ring) => ring.order.iter().flat_map(|x| table.row(*x)).copied().collect(),
        };
        Mat::new(rows, self.waves.places(), width)
    }

    /// The share of the questions that are not trained on that is right.
    pub fn share(&self, test: &Score) -> f64 {
        test.right as f64 / self.task.test.len().max(1) as f64
    }
}
