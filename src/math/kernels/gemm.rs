//! A matrix times a matrix.
//!
//! On wasm the inner loop makes a tile of 3 rows by 12 columns of the result in nine registers: it
//! takes three vectors of the right operand, and three times one broadcast number of the left, into
//! nine products and sums. That needs 14 registers of the 15 that V8 has to give on x86-64, six
//! loads for eighteen operations, and nothing else. Measured: a tile of 4 by 8 has as many loads for
//! fewer operations, and with 6 by 8 the registers spill and the speed halves. Natively a tile of 4
//! by 16 is a few wide registers ([`add_products`]), which took half the time of the other.
//!
//! Both operands are packed into panels, so that the inner loop reads memory in order. Packing goes
//! by strides: a transposed operand costs the same.
//!
//! Every element of the result is the plain sum of `a[i][k] * b[k][j]` in order of `k`, however the
//! work is cut into blocks, so a product has the same bits packed, unpacked, or with more rows. Only
//! a single row or column goes to the kernels for vectors, and has their order of sums.

use std::array::from_fn;
use std::ops::Range;

use super::{assert_len, gemv, gemv_transposed};
use crate::math::mat::{MatRef, View};
use crate::math::simd::{F32x4, add_products};

/// Rows of a tile.
const ROWS: usize = if NARROW { 3 } else { 4 };
/// Vectors of four columns in a tile.
const VECTORS: usize = if NARROW { 3 } else { 4 };
/// Whether registers hold four numbers, and are few.
const NARROW: bool = cfg!(target_arch = "wasm32");
/// Depth of a block: panels of that depth stay in the first cache.
const DEPTH: usize = 512;
/// Rows of the left operand that are packed together: they stay in the second cache.
const TALL: usize = 40 * ROWS;

/// Memory for packing, kept from call to call. It grows to the largest product it has seen.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    left: Vec<F32x4>,
    right: Vec<F32x4>,
    vector: Vec<f32>,
}

/// A right operand packed once, for many products.
#[derive(Clone, Debug)]
pub struct Packed {
    rows: usize,
    cols: usize,
    panels: Vec<F32x4>,
}

impl Packed {
    /// Packs `b`.
    pub fn new(b: View) -> Self {
        let mut panels = vec![F32x4::splat(0.0); b.rows * width(b.cols)];
        let mut rest = &mut panels[..];
        for block in blocks(b.rows) {
            let (panels, others) = rest.split_at_mut(block.len() * width(b.cols));
            pack_right(b, &block, panels);
            rest = others;
        }
        Self { rows: b.rows, cols: b.cols, panels }
    }

    /// The rows of the operand: the depth of the product.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns of the operand.
    pub fn cols(&self) -> usize {
        self.cols
    }
}

/// `C = A B`, for `A` of `m` by `k`, `B` of `k` by `n` and `C` of `m` by `n`, row-major.
pub fn gemm(a: View, b: View, c: &mut [f32], workspace: &mut Workspace) {
    assert_len("gemm: rows of b", b.rows, a.cols);
    assert_len("gemm: c", c.len(), a.rows * b.cols);
    let done = b.cols == 1 && times_vector(a, b, c, &mut workspace.vector)
        || a.rows == 1 && times_vector(b.transposed(), a.transposed(), c, &mut workspace.vector);
    if done {
        return;
    }
    for block in blocks(b.rows) {
        let size = block.len() * width(b.cols);
        workspace.right.resize(size, F32x4::splat(0.0));
        pack_right(b, &block, &mut workspace.right);
        add_block(a, block, &workspace.right, b.cols, c, &mut workspace.left);
    }
}

/// [`gemm`] with a right operand that was packed before.
pub fn gemm_packed(a: View, b: &Packed, c: &mut [f32], workspace: &mut Workspace) {
    assert_len("gemm_packed: rows of b", b.rows, a.cols);
    assert_len("gemm_packed: c", c.len(), a.rows * b.cols);
    let width = width(b.cols);
    for block in blocks(b.rows) {
        let panels = &b.panels[block.start * width..block.end * width];
        add_block(a, block, panels, b.cols, c, &mut workspace.left);
    }
}

/// `y = A x` for a column `x`, if the rows or the columns of `A` lie one after the other.
fn times_vector(a: View, x: View, y: &mut [f32], gathered: &mut Vec<f32>) -> bool {
    gathered.clear();
    gathered.extend((0..x.rows).map(|i| x.data[i * x.row_stride]));
    // The stride between rows says nothing where there is only one: a single number is a dot product.
    if a.col_stride == 1 && (a.rows == 1 || a.row_stride == a.cols) {
        gemv(MatRef { data: a.data, rows: a.rows, cols: a.cols }, gathered, y);
    } else if (a.row_stride, a.col_stride) == (1, a.rows) {
        gemv_transposed(MatRef { data: a.data, rows: a.cols, cols: a.rows }, gathered, y);
    } else {
        return false;
    }
    true
}

/// `0..depth` in blocks of nearly equal size, at most [`DEPTH`]: a short last block would cost
/// nearly as much as a full one. There is always one, for it sets the result.
fn blocks(depth: usize) -> impl Iterator<Item = Range<usize>> {
    let count = depth.div_ceil(DEPTH).max(1);
    (0..count).map(move |i| i * depth / count..(i + 1) * depth / count)
}

/// The panels of `n` columns, counted in vectors of four: [`VECTORS`] each, but no single one after
/// them. A tile one vector wide has too few sums to hide the time that each takes. Wide registers
/// are to be full: the last panel may have vectors of no column.
fn panels(n: usize) -> impl Iterator<Item = Range<usize>> {
    let vectors = n.div_ceil(4);
    let mut start = 0;
    std::iter::from_fn(move || {
        let width = match vectors.saturating_sub(start) {
            0 => return None,
            4 if NARROW => 2,
            left if NARROW => left.min(VECTORS),
            1 | 2 => 2,
            _ => VECTORS,
        };
        start += width;
        Some(start - width..start)
    })
}

/// The vectors of all [`panels`].
fn width(n: usize) -> usize {
    panels(n).last().map_or(0, |panel| panel.end)
}

/// `C += A[.., block] B[block, ..]`, the latter packed; the first block sets `C`.
fn add_block(a: View, block: Range<usize>, right: &[F32x4], n: usize, c: &mut [f32], left: &mut Vec<F32x4>) {
    let first = block.start == 0;
    let depth = block.len();
    for top in (0..a.rows).step_by(TALL) {
        let rows = top..a.rows.min(top + TALL);
        left.resize(rows.len().div_ceil(ROWS) * depth, F32x4::splat(0.0));
        pack_left(a, &rows, &block, left);
        let c = &mut c[rows.start * n..rows.end * n];
        for panel in panels(n) {
            let right = &right[panel.start * depth..panel.end * depth];
            let cols = 4 * panel.start..n.min(4 * panel.end);
            match panel.len() {
                1 => add_panel::<1>(left, right, c, n, cols, first),
                2 => add_panel::<2>(left, right, c, n, cols, first),
                _ => add_panel::<VECTORS>(left, right, c, n, cols, first),
            }
        }
    }
}

/// The columns `cols` of [`add_block`], for the rows that are packed in `left`.
fn add_panel<const V: usize>(
    left: &[F32x4],
    right: &[F32x4],
    c: &mut [f32],
    n: usize,
    cols: Range<usize>,
    first: bool,
) {
    let (right, _) = right.as_chunks::<V>();
    let depth = right.len();
    for (i, c) in c.chunks_mut(ROWS * n).enumerate() {
        let left = &left[i * depth..][..depth];
        match c.len() / n {
            1 => add_tile::<1, V>(left, right, c, n, cols.clone(), first),
            2 => add_tile::<2, V>(left, right, c, n, cols.clone(), first),
            3 if ROWS > 3 => add_tile::<3, V>(left, right, c, n, cols.clone(), first),
            _ => add_tile::<ROWS, V>(left, right, c, n, cols.clone(), first),
        }
    }
}

/// A tile of [`add_panel`]: `H` rows of [`ROWS`].
#[inline(always)]
fn add_tile<const H: usize, const V: usize>(
    left: &[F32x4],
    right: &[[F32x4; V]],
    c: &mut [f32],
    n: usize,
    cols: Range<usize>,
    first: bool,
) {
    let mut sums = [[F32x4::splat(0.0); V]; H];
    if !first {
        sums = from_fn(|i| load_row(&c[i * n..][cols.clone()]));
    }
    add_products(&mut sums, left, right);
    for (i, sums) in sums.into_iter().enumerate() {
        store_row(sums, &mut c[i * n..][cols.clone()]);
    }
}

/// The first `4 * V` numbers, or as many as there are and zeros.
#[inline(always)]
pub(super) fn load_row<const V: usize>(row: &[f32]) -> [F32x4; V] {
    let (fours, rest) = row.as_chunks::<4>();
    from_fn(|v| fours.get(v).map_or_else(|| F32x4::load_partial(rest), F32x4::load))
}

/// As many lanes as there is room for.
#[inline(always)]
pub(super) fn store_row<const V: usize>(lanes: [F32x4; V], row: &mut [f32]) {
    let (fours, rest) = row.as_chunks_mut::<4>();
    let full = fours.len();
    for (v, lanes) in lanes.iter().enumerate() {
        match fours.get_mut(v) {
            Some(four) => lanes.store(four),
            None if v == full => lanes.store_partial(rest),
            None => {}
        }
    }
}

/// Packs the rows `block` of `b` into its [`panels`].
fn pack_right(b: View, block: &Range<usize>, packed: &mut [F32x4]) {
    for panel in panels(b.cols) {
        let cols = 4 * panel.start..b.cols.min(4 * panel.end);
        let packed = &mut packed[panel.start * block.len()..panel.end * block.len()];
        match panel.len() {
            1 => pack::<1>(b.transposed(), cols, block, packed),
            2 => pack::<2>(b.transposed(), cols, block, packed),
            _ => pack::<VECTORS>(b.transposed(), cols, block, packed),
        }
    }
}

/// Packs the columns `block` of `rows` of `a` into panels of [`ROWS`] rows, one vector wide.
fn pack_left(a: View, rows: &Range<usize>, block: &Range<usize>, panels: &mut [F32x4]) {
    for (i, top) in rows.clone().step_by(ROWS).enumerate() {
        let panel = &mut panels[i * block.len()..][..block.len()];
        pack::<1>(a, top..rows.end.min(top + ROWS), block, panel);
    }
}

/// Makes one panel of up to `4 * V` rows of `source`: for each column of `block` the numbers of
/// those rows. Lanes without a row get any number: what is made of them is never stored.
fn pack<const V: usize>(source: View, rows: Range<usize>, block: &Range<usize>, panel: &mut [F32x4]) {
    let (panel, _) = panel.as_chunks_mut::<V>();
    if panel.is_empty() {
        return;
    }
    let numbers = &source.data[rows.start * source.row_stride + block.start * source.col_stride..];
    if source.row_stride == 1 && source.col_stride >= rows.len() {
        for (column, out) in numbers.chunks(source.col_stride).zip(panel) {
            *out = load_row(column);
        }
    } else if source.col_stride == 1 {
        let row = |i: usize| &numbers[i.min(rows.len() - 1) * source.row_stride..][..block.len()];
        let (quads, rest) = panel.as_chunks_mut::<4>();
        for v in 0..V {
            let [(a, a_rest), (b, b_rest), (c, c_rest), (d, d_rest)] = from_fn(|i| row(4 * v + i).as_chunks::<4>());
            for ((((a, b), c), d), out) in a.iter().zip(b).zip(c).zip(d).zip(&mut *quads) {
                let columns = F32x4::transpose([a, b, c, d].map(F32x4::load));
                for (out, column) in out.iter_mut().zip(columns) {
                    out[v] = column;
                }
            }
            for (k, out) in rest.iter_mut().enumerate() {
                out[v] = F32x4::load(&[a_rest[k], b_rest[k], c_rest[k], d_rest[k]]);
            }
        }
    } else {
        let at = |i: usize, k: usize| numbers[i.min(rows.len() - 1) * source.row_stride + k * source.col_stride];
        for (k, out) in panel.iter_mut().enumerate() {
            *out = from_fn(|v| F32x4::load(&from_fn(|i| at(4 * v + i, k))));
        }
    }
}
