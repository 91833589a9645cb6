//! A net with one hidden layer that answers questions about two numbers: a row of a table for each number, their sum, an
//! activation, and one output a class, without biases (Gromov 2023, *Grokking modular arithmetic*). The product of the first
//! layer with one-hot inputs is two rows of the table, so only the output layer costs products of matrices.
use super::{
    loss::{Loss, Score},
    modular::Pair,
};
use crate::math::{
    kernels::{Workspace, gemm},
    mat::MatRef,
    rng::Stream,
    scalar,
};

/// What a hidden unit makes of its sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `h²`
    Square,
    /// `max(h, 0)`
    Relu,
}

/// The size and kind of a net.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Numbers to ask about, and classes.
    pub p: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Their activation.
    pub activation: Activation,
    /// One table for both numbers, or one for each.
    pub tables: usize,
    /// Both matrices are products of two with this inner size; `None`: they are the weights themselves.
    pub rank: Option<usize>,
}

impl Shape {
    /// The matrices that are trained, as `(rows, columns)`: those whose product is the table, then those of the output.
    pub fn parts(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (inputs, hidden) = (self.tables * self.p, self.hidden);
        let parts = match self.rank {
            None => [Some((inputs, hidden)), Some((hidden, self.p)), None, None],
            Some(rank) => [(inputs, rank), (rank, hidden), (hidden, rank), (rank, self.p)].map(Some),
        };
        parts.into_iter().flatten()
    }

    /// The standard deviation of the weights of each part at the start: outputs are small against 1, and learning is quick.
    fn spreads(&self) -> Vec<f64> {
        match self.rank {
            None => vec![0.5 * scalar::pow(2.0 * self.hidden as f64, -1.0 / 3.0); 2],
            Some(rank) => [rank, rank, self.hidden, rank].map(|inner| 1.0 / (inner as f64).sqrt()).into(),
        }
    }

    /// Numbers in the table and in the output matrix.
    fn sizes(&self) -> (usize, usize) {
        (self.tables * self.p * self.hidden, self.hidden * self.p)
    }
}

/// A net, its weights, and the gradient of its last pass.
#[derive(Clone, Debug)]
pub struct PairNet {
    shape: Shape,
    /// What outputs are multiplied with.
    gain: f32,
    /// Of all parts, one after the other.
    pub weights: Vec<f32>,
    dropout: Option<Dropout>,
    norm: Option<Norm>,
    work: Work,
}

/// What hidden units make of their sums is brought to a mean of 0 and a variance of 1 over all questions that are learnt from at
/// once (Ioffe and Szegedy 2015, *Batch normalization*). A gain would only be one more factor of the output matrix, and nothing
/// is added.
#[derive(Clone, Debug, Default)]
struct Norm {
    means: Vec<f32>,
    /// One over the standard deviations.
    scales: Vec<f32>,
    /// Of the way back: the means of the errors, and of the errors along what was normalised.
    back: [Vec<f32>; 2],
}

impl Norm {
    /// Keeps a division by 0 away.
    const SMALL: f32 = 1e-5;

    /// Takes means and variances from a hidden layer, a row for each question.
    fn measure(&mut self, hidden: &[f32], width: usize) {
        let share = width as f32 / hidden.len() as f32;
        for sums in [&mut self.means, &mut self.scales] {
            sums.clear();
            sums.resize(width, 0.0);
        }
        for row in hidden.chunks_exact(width) {
            self.means.iter_mut().zip(row).for_each(|(sum, h)| *sum += h);
        }
        self.means.iter_mut().for_each(|sum| *sum *= share);
        for row in hidden.chunks_exact(width) {
            let moments = self.scales.iter_mut().zip(&self.means);
            moments.zip(row).for_each(|((sum, mean), h)| *sum += (h - mean) * (h - mean));
        }
        self.scales.iter_mut().for_each(|sum| *sum = 1.0 / (*sum * share + Self::SMALL).sqrt());
    }

    fn apply(&self, hidden: &mut [f32], width: usize) {
        for row in hidden.chunks_exact_mut(width) {
            let moments = self.means.iter().zip(&self.scales);
            row.iter_mut().zip(moments).for_each(|(h, (mean, scale))| *h = (*h - mean) * scale);
        }
    }

    /// From the gradient of what was normalised, which is `normal`, to that of what came in.
    fn backward(&mut self, errors: &mut [f32], normal: &[f32], width: usize) {
        let share = width as f32 / errors.len() as f32;
        let Self { scales, back: [plain, along], .. } = self;
        for sums in [&mut *plain, &mut *along] {
            sums.clear();
            sums.resize(width, 0.0);
        }
        for (row, normal) in errors.chunks_exact(width).zip(normal.chunks_exact(width)) {
            for ((plain, along), (e, x)) in plain.iter_mut().zip(&mut *along).zip(row.iter().zip(normal)) {
                *plain += share * e;
                *along += share * e * x;
            }
        }
        for (row, normal) in errors.chunks_exact_mut(width).zip(normal.chunks_exact(width)) {
            let means = plain.iter().zip(&*along).zip(&*scales);
            for ((e, x), ((plain, along), scale)) in row.iter_mut().zip(normal).zip(means) {
                *e = scale * (*e - plain - x * along);
            }
        }
    }
}

/// While a net is graded each question leaves out hidden units at random, and the others count for more (Srivastava, Hinton,
/// Krizhevsky, Sutskever and Salakhutdinov 2014, *Dropout: a simple way to prevent neural networks from overfitting*).
#[derive(Clone, Debug)]
struct Dropout {
    share: f64,
    chance: Stream,
}

impl Dropout {
    /// By what each unit is multiplied: 0 if it is left out.
    fn draw(&mut self, factors: &mut [f32]) {
        let (least, kept) = ((self.share * (1_u64 << 32) as f64) as u32, (1.0 / (1.0 - self.share)) as f32);
        factors.iter_mut().for_each(|factor| *factor = if self.chance.next_u32() < least { 0.0 } else { kept });
    }
}

/// Memory that is kept from step to step. It is no part of the net: a copy begins without.
#[derive(Debug, Default)]
struct Work {
    gradient: Vec<f32>,
    /// What the parts make, where they are factors: the table, then the output matrix; and the gradients of both.
    formed: Vec<f32>,
    formed_gradient: Vec<f32>,
    hidden: Vec<f32>,
    /// By what hidden units are multiplied.
    factors: Vec<f32>,
    /// What was normalised.
    normal: Vec<f32>,
    outputs: Vec<f32>,
    row: Vec<f32>,
    packing: Workspace,
}

impl Clone for Work {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Questions that are answered at a time when all of them are: their hidden layer stays in a near cache.
const BATCH: usize = 256;

impl PairNet {
    /// Normal weights, `scale` times as large as usual.
    pub fn new(shape: Shape, scale: f64, chance: &mut Stream) -> Self {
        let mut weights = Vec::new();
        for ((rows, cols), spread) in shape.parts().zip(shape.spreads()) {
            weights.extend((0..rows * cols).map(|_| (scale * spread * chance.normal()) as f32));
        }
        Self { shape, gain: 1.0, weights, dropout: None, norm: None, work: Work::default() }
    }

    /// The same with batch norm behind the activation, over all questions that it is graded by. Before it is asked anything
    /// [`PairNet::settle`] must have seen questions.
    #[must_use]
    pub fn with_norm(self) -> Self {
        Self { norm: Some(Norm::default()), ..self }
    }

    /// Takes means and variances for its batch norm, if it has one, from these questions and the weights as they are.
    pub fn settle(&mut self, questions: &[Pair]) {
        self.form();
        let Self { shape, weights, norm: Some(norm), work, .. } = self else { return };
        let (table, _) = shape.matrices(weights, &work.formed);
        work.hidden.resize(questions.len() * shape.hidden, 0.0);
        shape.forward(questions, table, &mut work.hidden);
        norm.measure(&work.hidden, shape.hidden);
    }

    /// The same with outputs so many times as large.
    #[must_use]
    pub fn with_gain(self, gain: f32) -> Self {
        Self { gain, ..self }
    }

    /// The same with a stream of chance for [`PairNet::drop_out`].
    #[must_use]
    pub fn with_dropout(self, chance: Stream) -> Self {
        Self { dropout: Some(Dropout { share: 0.0, chance }), ..self }
    }

    /// From now on this share of hidden units, below 1, is left out at random while it is graded. Answers are those of all units.
    pub fn drop_out(&mut self, share: f64) {
        if let Some(dropout) = &mut self.dropout {
            dropout.share = share;
        }
    }

    /// Its size and kind.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The weights, and the gradient of the last [`PairNet::grade`].
    pub fn descent(&mut self) -> (&mut [f32], &mut [f32]) {
        (&mut self.weights, &mut self.work.gradient)
    }

    /// Whether it knows the gradient of its weights: a copy does not before it is graded again.
    pub fn is_graded(&self) -> bool {
        !self.work.gradient.is_empty()
    }

    /// The table of all numbers, `tables * p` rows of `hidden`.
    pub fn table(&mut self) -> &[f32] {
        self.form();
        self.shape.matrices(&self.weights, &self.work.formed).0
    }

    /// The net of some of its neurons alone. Outputs are a sum over neurons: those of parts add up to those of the net.
    ///
    /// # Panics
    /// If a number is not that of a neuron, or if the matrices are factored.
    #[must_use]
    pub fn part(&self, neurons: &[usize]) -> Self {
        assert!(self.shape.rank.is_none(), "a neuron of factored matrices has no weights of its own");
        let Shape { p, hidden, tables, .. } = self.shape;
        let (table, out) = self.weights.split_at(tables * p * hidden);
        let mut weights = Vec::with_capacity((tables + 1) * p * neurons.len());
        for row in table.chunks_exact(hidden) {
            weights.extend(neurons.iter().map(|j| row[*j]));
        }
        neurons.iter().for_each(|j| weights.extend_from_slice(&out[j * p..][..p]));
        let shape = Shape { hidden: neurons.len(), ..self.shape };
        let of = |all: &[f32]| neurons.iter().map(|j| all[*j]).collect();
        let norm = self.norm.as_ref().map(|norm| Norm {
            means: of(&norm.means),
            scales: of(&norm.scales),
            back: Default::default(),
        });
        Self { shape, weights, gain: self.gain, dropout: None, norm, work: Work::default() }
    }

    /// Fills `outputs` with a row for each question.
    ///
    /// # Panics
    /// If there are not `p` outputs for each question.
    pub fn answer(&mut self, questions: &[Pair], outputs: &mut [f32]) {
        self.form();
        let Self { shape, gain, weights, norm, work, .. } = self;
        let (p, width) = (shape.p, shape.hidden);
        assert_eq!(outputs.len(), questions.len() * p, "outputs");
        let (table, out) = shape.matrices(weights, &work.formed);
        if work.hidden.len() < BATCH.min(questions.len()) * width {
            work.hidden.resize(BATCH.min(questions.len()) * width, 0.0);
        }
        for (questions, outputs) in questions.chunks(BATCH).zip(outputs.chunks_mut(BATCH * p)) {
            let hidden = &mut work.hidden[..questions.len() * width];
            shape.forward(questions, table, hidden);
            if let Some(norm) = norm {
                norm.apply(hidden, width);
            }
            let hidden = MatRef::new(hidden, questions.len(), width);
            gemm(hidden.view(), MatRef::new(out, width, p).view(), outputs, &mut work.packing);
            outputs.iter_mut().for_each(|z| *z *= *gain);
        }
    }

    /// The score of the answers to all questions, which are in the order of `a`, and the gradient of its loss.
    ///
    /// # Panics
    /// If there is not one label for each question.
    pub fn grade(&mut self, questions: &[Pair], labels: &[u16], loss: Loss) -> Score {
        self.form();
        let Self { shape, gain, weights, dropout, norm, work } = self;
        let (n, p, width) = (questions.len(), shape.p, shape.hidden);
        let (tables, _) = shape.sizes();
        work.gradient.resize(weights.len(), 0.0);
        work.formed_gradient.resize(work.formed.len(), 0.0);
        work.hidden.resize(n * width, 0.0);
        work.outputs.resize(n * p, 0.0);
        work.row.resize(width, 0.0);
        let (table, out) = shape.matrices(weights, &work.formed);
        let gradient = if shape.rank.is_none() { &mut work.gradient } else { &mut work.formed_gradient };
        let (to_table, to_out) = gradient.split_at_mut(tables);
        let packing = &mut work.packing;

        shape.forward(questions, table, &mut work.hidden);
        if let Some(norm) = norm {
            norm.measure(&work.hidden, width);
            norm.apply(&mut work.hidden, width);
            work.normal.clone_from(&work.hidden);
        }
        let drops = dropout.as_mut().filter(|dropout| dropout.share > 0.0);
        work.factors.resize(if drops.is_some() { n * width } else { 0 }, 0.0);
        if let Some(dropout) = drops {
            dropout.draw(&mut work.factors);
        }
        work.hidden.iter_mut().zip(&work.factors).for_each(|(h, factor)| *h *= factor);
        let out = MatRef::new(out, width, p);
        gemm(MatRef::new(&work.hidden, n, width).view(), out.view(), &mut work.outputs, packing);
        work.outputs.iter_mut().for_each(|z| *z *= *gain);
        let score = loss.grade(&mut work.outputs, labels, p);
        work.outputs.iter_mut().for_each(|error| *error *= *gain);
        let errors = MatRef::new(&work.outputs, n, p);
        gemm(MatRef::new(&work.hidden, n, width).transposed(), errors.view(), to_out, packing);
        gemm(errors.view(), out.transposed(), &mut work.hidden, packing);
        work.hidden.iter_mut().zip(&work.factors).for_each(|(error, factor)| *error *= factor);
        if let Some(norm) = norm {
            norm.backward(&mut work.hidden, &work.normal, width);
        }
        match shape.activation {
            Activation::Square => {
                shape.backward(questions, table, &work.hidden, to_table, &mut work.row, |h, error| 2.0 * h * error);
            }
            Activation::Relu => {
                let slope = |h: f32, error: f32| if h > 0.0 { error } else { 0.0 };
                shape.backward(questions, table, &work.hidden, to_table, &mut work.row, slope);
            }
        }
        if let Some(rank) = shape.rank {
            let (of_table, of_out) = work.formed_gradient.split_at(tables);
            let sides = [(tables / width, width, of_table), (width, p, of_out)];
            let (mut weights, mut gradient) = (&weights[..], &mut work.gradient[..]);
            for (rows, cols, errors) in sides {
                let errors = MatRef::new(errors, rows, cols);
                let (left, rest) = weights.split_at(rows * rank);
                let (right, rest) = rest.split_at(rank * cols);
                weights = rest;
                let (to_left, after) = std::mem::take(&mut gradient).split_at_mut(rows * rank);
                let (to_right, after) = after.split_at_mut(rank * cols);
                gradient = after;
                gemm(errors.view(), MatRef::new(right, rank, cols).transposed(), to_left, packing);
                gemm(MatRef::new(left, rows, rank).transposed(), errors.view(), to_right, packing);
            }
        }
        score
    }

    /// Makes the matrices of their factors.
    fn form(&mut self) {
        let Self { shape, weights, work, .. } = self;
        let Some(rank) = shape.rank else { return };
        let (tables, outs) = shape.sizes();
        work.formed.resize(tables + outs, 0.0);
        let (table, out) = work.formed.split_at_mut(tables);
        let mut weights = &weights[..];
        for (rows, cols, product) in [(tables / shape.hidden, shape.hidden, table), (shape.hidden, shape.p, out)] {
            let (left, rest) = weights.split_at(rows * rank);
            let (right, rest) = rest.split_at(rank * cols);
            weights = rest;
            gemm(
                MatRef::new(left, rows, rank).view(),
                MatRef::new(right, rank, cols).view(),
                product,
                &mut work.packing,
            );
        }
    }
}

impl Shape {
    /// The table and the output matrix, which are the weights or what was formed of them.
    fn matrices<'a>(&self, weights: &'a [f32], formed: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        let (tables, _) = self.sizes();
        if self.rank.is_none() { weights.split_at(tables) } else { formed.split_at(tables) }
    }

    /// Where the rows of both numbers begin in the table.
    fn rows(&self, pair: Pair) -> (usize, usize) {
        let second = (self.tables - 1) * self.p;
        (usize::from(pair.a) * self.hidden, (second + usize::from(pair.b)) * self.hidden)
    }

    /// The hidden layer of each question.
    fn forward(&self, questions: &[Pair], table: &[f32], hidden: &mut [f32]) {
        let width = self.hidden;
        for (pair, hidden) in questions.iter().zip(hidden.chunks_exact_mut(width)) {
            let (a, b) = self.rows(*pair);
            let sums = table[a..][..width].iter().zip(&table[b..][..width]).map(|(a, b)| a + b);
            match self.activation {
                Activation::Square => hidden.iter_mut().zip(sums).for_each(|(out, h)| *out = h * h),
                Activation::Relu => {
                    hidden.iter_mut().zip(sums).for_each(|(out, h)| *out = if h > 0.0 { h } else { 0.0 });
                }
            }
        }
    }

    /// The gradient of the table, by what errors in the hidden layer are worth at each sum.
    fn backward(
        &self,
        questions: &[Pair],
        table: &[f32],
        errors: &[f32],
        gradient: &mut [f32],
        row: &mut [f32],
        slope: impl Fn(f32, f32) -> f32,
    ) {
        let width = self.hidden;
        gradient.fill(0.0);
        let mut errors = errors.chunks_exact(width);
        // Questions with one first number stand together: what they say of its row is summed apart, and added once.
        for run in questions.chunk_by(|x, y| x.a == y.a) {
            row.fill(0.0);
            let (a, _) = self.rows(run[0]);
            let first = &table[a..][..width];
            for (pair, errors) in run.iter().zip(&mut errors) {
                let (_, b) = self.rows(*pair);
                let sums = first.iter().zip(&table[b..][..width]).map(|(a, b)| a + b);
                let gradients = gradient[b..][..width].iter_mut().zip(&mut *row);
                for (((to_b, to_a), error), h) in gradients.zip(errors).zip(sums) {
                    let change = slope(h, *error);
                    *to_b += change;
                    *to_a += change;
                }
            }
            gradient[a..][..width].iter_mut().zip(&*row).for_each(|(sum, row)| *sum += row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        math::rng::Rng,
        model::learning::modular::{Operation, Task},
    };

    /// The product of two matrices, as it is written.
    fn product(a: &[f64], b: &[f64], inner: usize, cols: usize) -> Vec<f64> {
        let cell = |i: usize, j: usize| (0..inner).map(|k| a[i * inner + k] * b[k * cols + j]).sum::<f64>();
        (0..a.len() / inner * cols).map(|i| cell(i / cols, i % cols)).collect()
    }

    /// The net in f64, as it is written: the mean loss of all questions, with batch norm over them or without.
    fn plain(shape: &Shape, weights: &[f64], questions: &[Pair], loss: Loss, norm: bool) -> f64 {
        let Shape { p, hidden, activation, tables, rank } = *shape;
        let mut rest = weights;
        let mut parts: Vec<Vec<f64>> = Vec::new();
        for (rows, cols) in shape.parts() {
            let (part, after) = rest.split_at(rows * cols);
            parts.push(part.to_vec());
            rest = after;
        }
        if let Some(rank) = rank {
            parts = vec![product(&parts[0], &parts[1], rank, hidden), product(&parts[2], &parts[3], rank, p)];
        }
        let mut hiddens = Vec::new();
        for pair in questions {
            let (a, b) = (usize::from(pair.a), usize::from(pair.b) + (tables - 1) * p);
            let sum = |j: usize| parts[0][a * hidden + j] + parts[0][b * hidden + j];
            let unit = |j: usize| match activation {
                Activation::Square => sum(j) * sum(j),
                Activation::Relu => sum(j).max(0.0),
            };
            hiddens.push((0..hidden).map(unit).collect::<Vec<f64>>());
        }
        for j in (0..hidden).filter(|_| norm) {
            let mean =
                |of: &dyn Fn(f64) -> f64| hiddens.iter().map(|row| of(row[j])).sum::<f64>() / hiddens.len() as f64;
            let middle = mean(&|h| h);
            let deviation = (mean(&|h| (h - middle) * (h - middle)) + f64::from(Norm::SMALL)).sqrt();
            hiddens.iter_mut().for_each(|row| row[j] = (row[j] - middle) / deviation);
        }
        let mut total = 0.0;
        for (pair, row) in questions.iter().zip(&hiddens) {
            let outputs = product(row, &parts[1], hidden, p);
            let right = usize::from(pair.answer);
            total += match loss {
                Loss::Square => {
                    let error = |c: usize| outputs[c] - if c == right { 1.0 } else { 0.0 };
                    (0..p).map(|c| error(c) * error(c)).sum::<f64>() / p as f64
                }
                _ => scalar::ln(outputs.iter().map(|z| scalar::exp(*z)).sum::<f64>()) - outputs[right],
            };
        }
        total / questions.len() as f64
    }

    fn kinds() -> Vec<Shape> {
        let mut kinds = Vec::new();
        for activation in [Activation::Square, Activation::Relu] {
            for (tables, rank) in [(1, None), (2, None), (1, Some(6)), (2, Some(6))] {
                kinds.push(Shape { p: 7, hidden: 5, activation, tables, rank });
            }
        }
        kinds
    }

    fn task(shape: &Shape) -> Task {
        let operation = if shape.tables == 1 { Operation::Add } else { Operation::Subtract };
        Task::new(operation, shape.p, 0.7, &mut Rng::new(3).stream("split"))
    }

    fn labels(questions: &[Pair]) -> Vec<u16> {
        questions.iter().map(|pair| pair.answer).collect()
    }

    #[test]
    fn left_out_units_have_no_gradient_and_on_average_outputs_are_those_of_all() {
        let shape = Shape { p: 5, hidden: 4000, activation: Activation::Relu, tables: 1, rank: None };
        let rng = Rng::new(1);
        let mut net = PairNet::new(shape, 1.0, &mut rng.stream("weights")).with_dropout(rng.stream("dropout"));
        let (pairs, labels) = ([Pair { a: 1, b: 2, answer: 3 }], [3]);
        let whole = net.grade(&pairs, &labels, Loss::Square).loss;
        let moved = |net: &mut PairNet| net.descent().1[4000..8000].iter().filter(|g| **g != 0.0).count();
        let active = moved(&mut net);
        net.drop_out(0.75);
        let loss = net.grade(&pairs, &labels, Loss::Square).loss;
        assert!((loss / whole - 1.0).abs() < 0.2 && loss.to_bits() != whole.to_bits(), "{loss} {whole}");
        assert!((moved(&mut net) as f64 / active as f64 - 0.25).abs() < 0.05);
        net.drop_out(0.0);
        assert_eq!(net.grade(&pairs, &labels, Loss::Square).loss.to_bits(), whole.to_bits());
    }

    #[test]
    fn losses_and_gradients_are_those_of_the_plain_net_for_every_kind() {
        for (shape, norm) in kinds().into_iter().flat_map(|shape| [(shape, false), (shape, true)]) {
            for loss in [Loss::Square, Loss::CrossEntropy] {
                let train = task(&shape).train;
                let mut net = PairNet::new(shape, 1.5, &mut Rng::new(2).stream("weights"));
                if norm {
                    net = net.with_norm();
                }
                let score = net.grade(&train, &labels(&train), loss);
                let wide: Vec<f64> = net.weights.iter().copied().map(f64::from).collect();
                let expected = plain(&shape, &wide, &train, loss, norm);
                assert!((score.loss - expected).abs() < 1e-5 * expected, "{shape:?} {loss:?}: {score:?}, {expected}");
                let (_, gradient) = net.descent();
                let greatest = gradient.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
                for (i, g) in gradient.iter().enumerate() {
                    let moved = |by: f64| {
                        let mut moved = wide.clone();
                        moved[i] += by;
                        plain(&shape, &moved, &train, loss, norm)
                    };
                    let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                    let error = (f64::from(*g) - slope).abs();
                    // f32 sums of some dozen terms on one side, differences of f64 on the other.
                    assert!(error < 2e-5 * f64::from(greatest), "{shape:?} {loss:?} weight {i}: {g} and {slope}");
                }
            }
        }
    }

    #[test]
    fn a_gain_multiplies_outputs_and_through_them_gradients() {
        let shape = kinds()[0];
        let train = task(&shape).train;
        let net = PairNet::new(shape, 1.0, &mut Rng::new(2).stream("weights"));
        let mut wide = net.clone().with_gain(4.0);
        let mut scaled = net;
        // The same outputs as with an output matrix that is 4 times as large, whose gradient is then 4 times smaller.
        let (tables, _) = shape.sizes();
        scaled.weights[tables..].iter_mut().for_each(|w| *w *= 4.0);
        let scores = [&mut wide, &mut scaled].map(|net| net.grade(&train, &labels(&train), Loss::CrossEntropy));
        assert!((scores[0].loss - scores[1].loss).abs() < 1e-6, "{scores:?}");
        let (_, gradient) = wide.descent();
        let (_, expected) = scaled.descent();
        for (i, (g, expected)) in gradient.iter().zip(&*expected).enumerate() {
            let expected = expected * if i < tables { 1.0 } else { 4.0 };
            assert!((g - expected).abs() < 1e-5, "weight {i}: {g} and {expected}");
        }
        let mut outputs = [vec![0.0; train.len() * shape.p], vec![0.0; train.len() * shape.p]];
        wide.answer(&train, &mut outputs[0]);
        scaled.answer(&train, &mut outputs[1]);
        assert!(outputs[0].iter().zip(&outputs[1]).all(|(a, b)| (a - b).abs() < 1e-5));
    }

    #[test]
    fn answers_are_those_that_are_graded_however_many_there_are() {
        for shape in kinds() {
            let shape = Shape { p: 31, ..shape };
            let train = task(&shape).train;
            let mut net = PairNet::new(shape, 1.0, &mut Rng::new(2).stream("weights"));
            let mut outputs = vec![0.0; train.len() * shape.p];
            net.answer(&train, &mut outputs);
            let score = Loss::Square.grade(&mut outputs, &labels(&train), shape.p);
            assert_eq!(score, net.grade(&train, &labels(&train), Loss::Square), "{shape:?}");
            assert_eq!(score, net.clone().grade(&train, &labels(&train), Loss::Square), "{shape:?}");
        }
    }

    #[test]
    fn parts_of_a_net_add_up_to_it() {
        let whole = kinds().into_iter().filter(|shape| shape.rank.is_none());
        for (shape, norm) in whole.flat_map(|shape| [(shape, false), (shape, true)]) {
            let train = task(&shape).train;
            let mut net = PairNet::new(shape, 1.0, &mut Rng::new(2).stream("weights"));
            if norm {
                net = net.with_norm();
                net.settle(&train);
            }
            let answers = |neurons: &[usize]| {
                let mut outputs = vec![0.0; train.len() * shape.p];
                net.part(neurons).answer(&train, &mut outputs);
                outputs
            };
            let (some, others) = (answers(&[3, 0]), answers(&[4, 1, 2]));
            let mut whole = vec![0.0; some.len()];
            net.answer(&train, &mut whole);
            for ((sum, one), other) in whole.iter().zip(&some).zip(&others) {
                assert!((sum - one - other).abs() < 1e-6, "{shape:?}: {sum}, {one} and {other}");
            }
        }
    }
}
