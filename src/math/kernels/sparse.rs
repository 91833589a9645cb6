//! A sparse matrix on the left times a dense one, and times a vector.
//!
//! What is sparse are weights, known long before they are used: each form is made once, by looking for what is not 0.
//! - [`Csr`]: any weights may be there. Compressed sparse rows: entries of a column and a weight.
//! - [`Pairs`], [`Fours`]: two or four rows share their columns, so that what is read of the right operand is used as often.
//! - [`NofM`]: of each M columns N are there, so that a place among the M is all that an entry has to say.
//!
//! The inner loop makes a tile of R rows and `4 * V` columns of the result in `R * V` = 8 registers, whatever R: for each entry V
//! vectors of the right operand and R broadcast weights into 8 products and sums. The tile is as wide as it can be, for what an
//! entry costs by itself is then shared by most columns (Elsen, Dukhan, Gale and Simonyan 2020, *Fast sparse ConvNets*).
//!
//! Every element of a product of matrices is the plain sum over the columns that are there, in their order: the bits of
//! [`super::gemm`] with zeros in place of what is not there, as long as all numbers are finite.

use std::array::from_fn;

use super::assert_len;
use super::gemm::{load_row, store_row};
use crate::math::mat::MatRef;
use crate::math::simd::F32x4;

/// A sparse left operand.
pub trait Sparse {
    /// Rows and columns of the matrix.
    fn size(&self) -> (usize, usize);

    /// `C = A B`, row-major, for this `A` and `B` of as many rows as it has columns.
    ///
    /// # Panics
    /// If the shapes do not fit.
    fn times(&self, b: MatRef, c: &mut [f32], panel: &mut Panel);

    /// `y = A x`. Four running sums for each number of y, `s[i % 4]` for the entries or groups `i` of its row; then
    /// `(s0 + s2) + (s1 + s3)`.
    ///
    /// # Panics
    /// If the lengths do not fit.
    fn times_vector(&self, x: &[f32], y: &mut [f32]);
}

/// Memory for packing, kept from call to call. It grows to the longest panel it has seen.
#[derive(Clone, Debug, Default)]
pub struct Panel(Vec<F32x4>);

/// Any weights may be there.
pub type Csr = RowBlocks<1, 8>;
/// Two rows share their columns.
pub type Pairs = RowBlocks<2, 4>;
/// Four rows share their columns.
pub type Fours = RowBlocks<4, 2>;

/// Rows in blocks of `R` that share their columns, multiplied in tiles that are `V` vectors wide.
#[derive(Clone, Debug)]
pub struct RowBlocks<const R: usize, const V: usize> {
    rows: usize,
    cols: usize,
    /// Where the entries of each block begin, and where the last ends.
    starts: Vec<usize>,
    entries: Vec<Entry<R>>,
}

/// A column that a block has, and the weight of each of its rows.
#[derive(Clone, Copy, Debug)]
struct Entry<const R: usize> {
    column: u32,
    weights: [f32; R],
}

impl<const R: usize, const V: usize> RowBlocks<R, V> {
    /// A block has each column in which one of its rows is not 0. The last block may have fewer rows.
    pub fn new(dense: MatRef) -> Self {
        let (rows, cols) = (dense.rows, dense.cols);
        let mut entries = Vec::new();
        let mut starts = vec![0];
        for top in (0..rows).step_by(R) {
            let row = |r: usize| if top + r < rows { dense.row(top + r) } else { &[] };
            let block: [&[f32]; R] = from_fn(row);
            for column in 0..cols {
                let weights = block.map(|row| row.get(column).copied().unwrap_or(0.0));
                if weights.iter().any(|w| *w != 0.0) {
                    entries.push(Entry { column: column as u32, weights });
                }
            }
            starts.push(entries.len());
        }
        Self { rows, cols, starts, entries }
    }

    /// The entries of each block.
    fn blocks(&self) -> impl Iterator<Item = &[Entry<R>]> {
        self.starts.windows(2).map(|ends| &self.entries[ends[0]..ends[1]])
    }

    /// `W` vectors of columns of a product, from the vector `first` on.
    // By itself: in one function with those of other widths V8 finds no registers for all of them.
    #[inline(never)]
    fn times_panel<const W: usize>(&self, b: MatRef, first: usize, c: &mut [f32], panel: &mut Panel) {
        pack::<W>(b, first, panel);
        let (rows, _) = panel.0.as_chunks::<W>();
        let n = b.cols;
        for (entries, c) in self.blocks().zip(c.chunks_mut(R * n)) {
            let mut sums = [[F32x4::splat(0.0); W]; R];
            // By fours where an entry has few vectors, for a turn of the loop costs as much by itself as some of them.
            let (fours, last) = if W < 8 { entries.as_chunks::<4>() } else { (&[][..], entries) };
            fours.iter().for_each(|four| take(four, rows, &mut sums));
            take(last, rows, &mut sums);
            for (sums, row) in sums.into_iter().zip(c.chunks_exact_mut(n)) {
                store_row(sums, &mut row[4 * first..n.min(4 * (first + W))]);
            }
        }
    }
}

/// Adds to the sums of a block what these entries give.
#[inline(always)]
fn take<const R: usize, const W: usize>(entries: &[Entry<R>], rows: &[[F32x4; W]], sums: &mut [[F32x4; W]; R]) {
    for entry in entries {
        // No column is beyond the last. Said so that it cannot panic: a call in this loop, even one that is never made, has V8 keep
        // fewer numbers in registers.
        let Some(row) = rows.get(entry.column as usize) else { break };
        add(sums, &entry.weights, row);
    }
}

impl<const V: usize> RowBlocks<1, V> {
    /// A matrix that has these columns of each row, in their order, and no weights yet.
    pub fn at(rows: &[Vec<u32>], cols: usize) -> Self {
        let entries = rows.iter().flatten().map(|column| Entry { column: *column, weights: [0.0] });
        let mut starts = vec![0];
        starts.extend(rows.iter().scan(0, |end, row| {
            *end += row.len();
            Some(*end)
        }));
        Self { rows: rows.len(), cols, starts, entries: entries.collect() }
    }

    /// Other weights at the same places, row after row.
    pub fn fill(&mut self, weights: impl IntoIterator<Item = f32>) {
        self.entries.iter_mut().zip(weights).for_each(|(entry, w)| entry.weights = [w]);
    }

    /// Of `A Bᵀ` what stands where this matrix has entries, row after row: each is the plain sum along a row of `A` and one of `B`,
    /// in its order.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn sampled(&self, a: MatRef, b: MatRef, products: &mut [f32]) {
        assert_len("sampled product: rows of a", a.rows, self.rows);
        assert_len("sampled product: rows of b", b.rows, self.cols);
        assert_len("sampled product: columns", a.cols, b.cols);
        assert_len("sampled product: products", products.len(), self.entries.len());
        let mut rest = products;
        for (i, entries) in self.blocks().enumerate() {
            let (mine, others) = rest.split_at_mut(entries.len());
            rest = others;
            // Where there are fewer than a tile has, the last one fills it up.
            let row = |tile: &[Entry<1>], i: usize| b.row(tile[i.min(tile.len() - 1)].column as usize);
            for (tile, out) in entries.chunks(8).zip(mine.chunks_mut(8)) {
                if tile.len() > 4 {
                    let sums = dots::<2>(a.row(i), from_fn(|g| from_fn(|lane| row(tile, 4 * g + lane))));
                    out.iter_mut().zip(sums.as_flattened()).for_each(|(out, sum)| *out = *sum);
                } else {
                    let sums = dots::<1>(a.row(i), [from_fn(|lane| row(tile, lane))]);
                    out.iter_mut().zip(sums.as_flattened()).for_each(|(out, sum)| *out = *sum);
                }
            }
        }
    }
}

/// Sums along one row of products with four rows, `G` times; each in its order.
#[inline(always)]
fn dots<const G: usize>(a: &[f32], rows: [[&[f32]; 4]; G]) -> [[f32; 4]; G] {
    let mut sums = [F32x4::splat(0.0); G];
    let (fours, last) = a.as_chunks::<4>();
    let chunks = rows.map(|rows| rows.map(|row| &row.as_chunks::<4>().0[..fours.len()]));
    for (i, four) in fours.iter().enumerate() {
        for (sum, rows) in sums.iter_mut().zip(&chunks) {
            let columns = F32x4::transpose(from_fn(|lane| F32x4::load(&rows[lane][i])));
            for (x, column) in four.iter().zip(columns) {
                *sum = *sum + F32x4::splat(*x) * column;
            }
        }
    }
    for (i, x) in (4 * fours.len()..).zip(last) {
        for (sum, rows) in sums.iter_mut().zip(&rows) {
            *sum = *sum + F32x4::splat(*x) * F32x4::load(&rows.map(|row| row[i]));
        }
    }
    sums.map(|sum| *sum.as_array())
}

impl<const R: usize, const V: usize> Sparse for RowBlocks<R, V> {
    fn size(&self) -> (usize, usize) {
        (self.rows, self.cols)
    }

    fn times(&self, b: MatRef, c: &mut [f32], panel: &mut Panel) {
        assert_len("sparse product: rows of b", b.rows, self.cols);
        assert_len("sparse product: c", c.len(), self.rows * b.cols);
        for (first, width) in panels(b.cols, V) {
            match width {
                8 if V >= 8 => self.times_panel::<8>(b, first, c, panel),
                4 if V >= 4 => self.times_panel::<4>(b, first, c, panel),
                2 => self.times_panel::<2>(b, first, c, panel),
                _ => self.times_panel::<1>(b, first, c, panel),
            }
        }
    }

    fn times_vector(&self, x: &[f32], y: &mut [f32]) {
        assert_len("sparse product: x", x.len(), self.cols);
        assert_len("sparse product: y", y.len(), self.rows);
        for (entries, y) in self.blocks().zip(y.chunks_mut(R)) {
            let mut sums = [[0.0; R]; 4];
            let mut add = |i: usize, entry: &Entry<R>| {
                let x = x[entry.column as usize];
                sums[i].iter_mut().zip(&entry.weights).for_each(|(sum, w)| *sum += w * x);
            };
            let (fours, rest) = entries.as_chunks::<4>();
            for [a, b, c, d] in fours {
                add(0, a);
                add(1, b);
                add(2, c);
                add(3, d);
            }
            rest.iter().enumerate().for_each(|(i, entry)| add(i, entry));
            for (r, y) in y.iter_mut().enumerate() {
                *y = (sums[0][r] + sums[2][r]) + (sums[1][r] + sums[3][r]);
            }
        }
    }
}

/// Of each `M` columns of a row at most `N` are there. `M` is a power of two.
#[derive(Clone, Debug)]
pub struct NofM<const N: usize, const M: usize> {
    rows: usize,
    cols: usize,
    /// Row after row; the last group of a row may have fewer columns.
    groups: Vec<Group<N>>,
}

/// What is there of a group, and at which of its places. Where there is less, zeros fill it up.
#[derive(Clone, Copy, Debug)]
struct Group<const N: usize> {
    weights: [f32; N],
    places: [u8; N],
}

/// Vectors that a tile of [`NofM`] is wide.
const WIDE: usize = 8;

impl<const N: usize, const M: usize> NofM<N, M> {
    /// The matrix without its zeros.
    ///
    /// # Panics
    /// If there are more than N numbers in a group.
    pub fn new(dense: MatRef) -> Self {
        const { assert!(M.is_power_of_two() && M <= 256 && N <= M) };
        let mut groups = Vec::with_capacity(dense.rows * dense.cols.div_ceil(M));
        for weights in (0..dense.rows).flat_map(|i| dense.row(i).chunks(M)) {
            let mut group = Group { weights: [0.0; N], places: [0; N] };
            let there = weights.iter().enumerate().filter(|(_, w)| **w != 0.0);
            for (held, (place, w)) in there.enumerate() {
                assert!(held < N, "sparse product: got more than {N} of {M}");
                (group.weights[held], group.places[held]) = (*w, place as u8);
            }
            groups.push(group);
        }
        Self { rows: dense.rows, cols: dense.cols, groups }
    }

    /// Groups of a row.
    fn row_groups(&self) -> usize {
        self.cols.div_ceil(M).max(1)
    }

    /// `W` vectors of columns of a product, from the vector `first` on.
    fn times_panel<const W: usize>(&self, b: MatRef, first: usize, c: &mut [f32], panel: &mut Panel) {
        pack::<W>(b, first, panel);
        // The last group has as many rows as the others.
        panel.0.resize(b.rows.next_multiple_of(M) * W, F32x4::splat(0.0));
        let (panel, _) = panel.0.as_chunks::<W>();
        let (panel, _) = panel.as_chunks::<M>();
        for (groups, c) in self.groups.chunks_exact(self.row_groups()).zip(c.chunks_exact_mut(b.cols)) {
            let mut sums = [[F32x4::splat(0.0); W]];
            for (group, rows) in groups.iter().zip(panel) {
                for (w, place) in group.weights.iter().zip(group.places) {
                    add(&mut sums, &[*w], &rows[usize::from(place) % M]);
                }
            }
            let [sums] = sums;
            store_row(sums, &mut c[4 * first..b.cols.min(4 * (first + W))]);
        }
    }
}

impl<const N: usize, const M: usize> Sparse for NofM<N, M> {
    fn size(&self) -> (usize, usize) {
        (self.rows, self.cols)
    }

    fn times(&self, b: MatRef, c: &mut [f32], panel: &mut Panel) {
        assert_len("sparse product: rows of b", b.rows, self.cols);
        assert_len("sparse product: c", c.len(), self.rows * b.cols);
        if self.cols == 0 {
            c.fill(0.0);
            return;
        }
        for (first, width) in panels(b.cols, WIDE) {
            match width {
                8 => self.times_panel::<8>(b, first, c, panel),
                4 => self.times_panel::<4>(b, first, c, panel),
                2 => self.times_panel::<2>(b, first, c, panel),
                _ => self.times_panel::<1>(b, first, c, panel),
            }
        }
    }

    fn times_vector(&self, x: &[f32], y: &mut [f32]) {
        assert_len("sparse product: x", x.len(), self.cols);
        assert_len("sparse product: y", y.len(), self.rows);
        y.fill(0.0);
        for (groups, y) in self.groups.chunks_exact(self.row_groups()).zip(y) {
            let mut sums = [0.0; 4];
            for (i, (group, x)) in groups.iter().zip(x.chunks(M)).enumerate() {
                for (w, place) in group.weights.iter().zip(group.places) {
                    sums[i % 4] += w * x[usize::from(place)];
                }
            }
            *y = (sums[0] + sums[2]) + (sums[1] + sums[3]);
        }
    }
}

/// The panels of `n` columns, counted in vectors of four, as their first and how many: `most` each, then narrower ones. `most` is
/// a power of two, and so is every width.
fn panels(n: usize, most: usize) -> impl Iterator<Item = (usize, usize)> {
    let vectors = n.div_ceil(4);
    let mut first = 0;
    std::iter::from_fn(move || {
        let left = vectors - first;
        let width = if left == 0 { return None } else { most.min(1 << left.ilog2()) };
        first += width;
        Some((first - width, width))
    })
}

/// Packs `W` vectors of each row of `b`, from the vector `first` on. Where rows lie far apart, what a panel reads of them falls on few
/// places of the first cache and throws itself out: packed it is up to a third faster, and the packing pays for itself.
fn pack<const W: usize>(b: MatRef, first: usize, panel: &mut Panel) {
    let cols = 4 * first..b.cols.min(4 * (first + W));
    panel.0.resize(b.rows * W, F32x4::splat(0.0));
    let (packed, _) = panel.0.as_chunks_mut::<W>();
    for (row, packed) in b.data.chunks_exact(b.cols).zip(packed) {
        *packed = load_row(&row[cols.clone()]);
    }
}

/// Adds a row of the right operand to each row of a tile, times its weight.
#[inline(always)]
fn add<const R: usize, const W: usize>(sums: &mut [[F32x4; W]; R], weights: &[f32; R], row: &[F32x4; W]) {
    for (sums, &w) in sums.iter_mut().zip(weights) {
        let w = F32x4::splat(w);
        for (sum, &lanes) in sums.iter_mut().zip(row) {
            *sum = *sum + w * lanes;
        }
    }
}
