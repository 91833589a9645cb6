//! Four f32 lanes, on every target the same operations in the same order.
//!
//! On wasm with `simd128` a [`F32x4`] is one vector register, elsewhere an array of four numbers
//! that the compiler vectorises for itself. Each lane of each operation is the IEEE operation on
//! f32, rounded once, so both give the same bits; a product is never fused with a sum. Sums over
//! lanes have one fixed order.
//!
//! The only file of the crate with `unsafe`. Every function here is safe.
#![expect(clippy::inline_always, reason = "each is one instruction inside a hot loop")]

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm::{F32x4, lockstep};

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use portable::{F32x4, lockstep};

/// 1.5 × 2²³. A number near it has no room for a fraction, so `x + ROUNDING` rounds `x` to the
/// nearest whole number, ties to even, with an operation that every target has; and that whole
/// number lies in its lowest bits. For `x` within ±2²².
pub const ROUNDING: f32 = 12_582_912.0;

impl F32x4 {
    /// The sum of the lanes `s`, as `(s0 + s2) + (s1 + s3)`.
    #[inline(always)]
    pub fn sum(self) -> f32 {
        let [s0, s1, s2, s3] = *self.as_array();
        (s0 + s2) + (s1 + s3)
    }

    /// The greatest lane.
    #[inline(always)]
    pub fn greatest(self) -> f32 {
        let [s0, s1, s2, s3] = *self.as_array();
        let greater = |a: f32, b: f32| if a > b { a } else { b };
        greater(greater(s0, s2), greater(s1, s3))
    }

    /// Up to four numbers, the missing lanes zero.
    #[inline(always)]
    pub fn load_partial(numbers: &[f32]) -> Self {
        let mut lanes = [0.0; 4];
        lanes[..numbers.len()].copy_from_slice(numbers);
        Self::load(&lanes)
    }

    /// As many of the lanes as there is room for.
    #[inline(always)]
    pub fn store_partial(self, numbers: &mut [f32]) {
        numbers.copy_from_slice(&self.as_array()[..numbers.len()]);
    }
}

/// `sums[i] += left[k][i] * right[k]` for one `k` after the other: the inner loop of a product of matrices, and where its time
/// goes. Wider registers, where the machine has them, hold more columns; the sum of each element stays as it is, and so do
/// its bits.
///
/// # Panics
/// If the lengths differ.
#[inline(always)]
pub fn add_products<const H: usize, const V: usize>(sums: &mut [[F32x4; V]; H], left: &[F32x4], right: &[[F32x4; V]]) {
    #[cfg(target_arch = "x86_64")]
    if wide::add_products(sums, left, right) {
        return;
    }
    for ([column], row) in lockstep([left], right) {
        for (sums, &x) in sums.iter_mut().zip(column.as_array()) {
            let x = F32x4::splat(x);
            for (sum, &y) in sums.iter_mut().zip(row) {
                *sum = *sum + x * y;
            }
        }
    }
}

/// For the two `lockstep`s.
fn assert_equal_lengths<A, B>(a: &[&[A]], b: &[B]) {
    for a in a {
        assert_eq!(a.len(), b.len(), "lockstep: got {} and {} items", a.len(), b.len());
    }
}

/// Four lanes in one register.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm {
    #![expect(unsafe_code, reason = "the load and store instructions take raw pointers")]
    use std::arch::wasm32::{
        f32x4_add, f32x4_div, f32x4_lt, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, f32x4_sub, i32x4_add,
        i32x4_shl, i32x4_shuffle, i64x2_shuffle, v128, v128_andnot, v128_load, v128_store,
    };
    use std::marker::PhantomData;
    use std::ops::{Add, Div, Mul, Sub};
    use std::ptr;

    /// Four f32 lanes.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x4(v128);

    macro_rules! operator {
        ($trait:ident, $method:ident, $instruction:ident) => {
            impl $trait for F32x4 {
                type Output = Self;
                #[inline(always)]
                fn $method(self, other: Self) -> Self {
                    Self($instruction(self.0, other.0))
                }
            }
        };
    }
    operator!(Add, add, f32x4_add);
    operator!(Sub, sub, f32x4_sub);
    operator!(Mul, mul, f32x4_mul);
    operator!(Div, div, f32x4_div);

    impl F32x4 {
        /// The same number in all lanes.
        #[inline(always)]
        pub fn splat(x: f32) -> Self {
            Self(f32x4_splat(x))
        }

        /// Lanes from memory.
        #[inline(always)]
        pub fn load(lanes: &[f32; 4]) -> Self {
            // SAFETY: the reference covers the 16 bytes that are read; any alignment is allowed.
            Self(unsafe { v128_load(lanes.as_ptr().cast()) })
        }

        /// Lanes to memory.
        #[inline(always)]
        pub fn store(self, lanes: &mut [f32; 4]) {
            // SAFETY: the reference covers the 16 bytes that are written; any alignment is allowed.
            unsafe { v128_store(lanes.as_mut_ptr().cast(), self.0) }
        }

        /// The lanes as numbers, where they lie.
        #[inline(always)]
        pub fn as_array(&self) -> &[f32; 4] {
            // SAFETY: a v128 is 16 bytes, each pattern of which is four f32, less strictly aligned.
            unsafe { &*ptr::from_ref(self).cast() }
        }

        /// `if self > other { self } else { other }`.
        #[inline(always)]
        #[must_use]
        pub fn max(self, other: Self) -> Self {
            Self(f32x4_pmax(other.0, self.0))
        }

        /// `if self < other { self } else { other }`.
        #[inline(always)]
        #[must_use]
        pub fn min(self, other: Self) -> Self {
            Self(f32x4_pmin(other.0, self.0))
        }

        /// Zero where `x < bound`, else itself.
        #[inline(always)]
        #[must_use]
        pub fn zero_where_below(self, x: Self, bound: Self) -> Self {
            Self(v128_andnot(self.0, f32x4_lt(x.0, bound.0)))
        }

        /// `self * 2^n`, for `n` as [`super::ROUNDING`]` + n`, if that and `self` are normal numbers.
        #[inline(always)]
        #[must_use]
        pub fn scale(self, n: Self) -> Self {
            Self(i32x4_add(self.0, i32x4_shl(n.0, 23)))
        }

        /// The transpose of a 4 by 4 block.
        #[inline(always)]
        pub fn transpose(rows: [Self; 4]) -> [Self; 4] {
            let [a, b, c, d] = rows.map(|row| row.0);
            let ab_low = i32x4_shuffle::<0, 4, 1, 5>(a, b);
            let ab_high = i32x4_shuffle::<2, 6, 3, 7>(a, b);
            let cd_low = i32x4_shuffle::<0, 4, 1, 5>(c, d);
            let cd_high = i32x4_shuffle::<2, 6, 3, 7>(c, d);
            [
                Self(i64x2_shuffle::<0, 2>(ab_low, cd_low)),
                Self(i64x2_shuffle::<1, 3>(ab_low, cd_low)),
                Self(i64x2_shuffle::<0, 2>(ab_high, cd_high)),
                Self(i64x2_shuffle::<1, 3>(ab_high, cd_high)),
            ]
        }
    }

    /// The items of several slices of equal length, one of each at a time: a zip for the hottest
    /// loops.
    ///
    /// In a plain zip LLVM (seen in 1.96) rewrites the addresses as sums of its own, which may wrap
    /// as far as it knows. It then cannot use the constant offsets of wasm's loads, and every load
    /// costs an addition. A step that it cannot see through keeps it from that.
    ///
    /// # Panics
    /// If the lengths differ.
    #[inline(always)]
    pub fn lockstep<'a, const N: usize, A, B>(
        a: [&'a [A]; N],
        b: &'a [B],
    ) -> impl Iterator<Item = ([&'a A; N], &'a B)> {
        super::assert_equal_lengths(&a, b);
        Lockstep {
            a: a.map(<[A]>::as_ptr),
            b: b.as_ptr(),
            left: b.len(),
            a_bytes: size_of::<A>(),
            b_bytes: size_of::<B>(),
            slices: PhantomData,
        }
    }

    struct Lockstep<'a, const N: usize, A, B> {
        a: [*const A; N],
        b: *const B,
        left: usize,
        a_bytes: usize,
        b_bytes: usize,
        slices: PhantomData<(&'a [A], &'a [B])>,
    }

    impl<'a, const N: usize, A, B> Iterator for Lockstep<'a, N, A, B> {
        type Item = ([&'a A; N], &'a B);

        #[inline(always)]
        fn next(&mut self) -> Option<Self::Item> {
            if self.left == 0 {
                return None;
            }
            self.left -= 1;
            // SAFETY: all slices have one item more than `left` from these pointers on. It is
            // borrowed, and the pointers go to the next, or after the last to one past the end: the
            // volatile reads are of the fields' own values, the sizes of the items.
            unsafe {
                let items = (self.a.map(|a| &*a), &*self.b);
                let a_bytes = ptr::read_volatile(&raw const self.a_bytes);
                for a in &mut self.a {
                    *a = a.byte_add(a_bytes);
                }
                self.b = self.b.byte_add(ptr::read_volatile(&raw const self.b_bytes));
                Some(items)
            }
        }
    }
}

/// Four lanes as four numbers: the meaning of every operation, and the code of every target
/// without a file of its own.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable {
    use std::array::from_fn;
    use std::ops::{Add, Div, Mul, Sub};

    /// Four f32 lanes.
    #[derive(Clone, Copy, Debug)]
    #[repr(align(16))]
    pub struct F32x4([f32; 4]);

    macro_rules! operator {
        ($trait:ident, $method:ident) => {
            impl $trait for F32x4 {
                type Output = Self;
                #[inline(always)]
                fn $method(self, other: Self) -> Self {
                    Self(from_fn(|i| self.0[i].$method(other.0[i])))
                }
            }
        };
    }
    operator!(Add, add);
    operator!(Sub, sub);
    operator!(Mul, mul);
    operator!(Div, div);

    impl F32x4 {
        /// The same number in all lanes.
        #[inline(always)]
        pub fn splat(x: f32) -> Self {
            Self([x; 4])
        }

        /// Lanes from memory.
        #[inline(always)]
        pub fn load(lanes: &[f32; 4]) -> Self {
            Self(*lanes)
        }

        /// Lanes to memory.
        #[inline(always)]
        pub fn store(self, lanes: &mut [f32; 4]) {
            *lanes = self.0;
        }

        /// The lanes as numbers, where they lie.
        #[inline(always)]
        pub fn as_array(&self) -> &[f32; 4] {
            &self.0
        }

        /// `if self > other { self } else { other }`.
        #[inline(always)]
        #[must_use]
        pub fn max(self, other: Self) -> Self {
            Self(from_fn(|i| if self.0[i] > other.0[i] { self.0[i] } else { other.0[i] }))
        }

        /// `if self < other { self } else { other }`.
        #[inline(always)]
        #[must_use]
        pub fn min(self, other: Self) -> Self {
            Self(from_fn(|i| if self.0[i] < other.0[i] { self.0[i] } else { other.0[i] }))
        }

        /// Zero where `x < bound`, else itself.
        #[inline(always)]
        #[must_use]
        pub fn zero_where_below(self, x: Self, bound: Self) -> Self {
            Self(from_fn(|i| if x.0[i] < bound.0[i] { 0.0 } else { self.0[i] }))
        }

        /// `self * 2^n`, for `n` as [`super::ROUNDING`]` + n`, if that and `self` are normal numbers.
        #[inline(always)]
        #[must_use]
        pub fn scale(self, n: Self) -> Self {
            let scale = |x: f32, n: f32| x.to_bits().wrapping_add(n.to_bits() << 23);
            Self(from_fn(|i| f32::from_bits(scale(self.0[i], n.0[i]))))
        }

        /// The transpose of a 4 by 4 block.
        #[inline(always)]
        pub fn transpose(rows: [Self; 4]) -> [Self; 4] {
            from_fn(|column| Self(rows.map(|row| row.0[column])))
        }
    }

    /// The items of several slices of equal length, one of each at a time.
    ///
    /// # Panics
    /// If the lengths differ.
    #[inline(always)]
    pub fn lockstep<'a, const N: usize, A, B>(
        a: [&'a [A]; N],
        b: &'a [B],
    ) -> impl Iterator<Item = ([&'a A; N], &'a B)> {
        super::assert_equal_lengths(&a, b);
        let a = a.map(|a| &a[..b.len()]);
        b.iter().enumerate().map(move |(i, b)| (a.map(|a| &a[i]), b))
    }
}

/// Registers of eight and of sixteen lanes, which most x86-64 machines have beyond those that all of them have.
#[cfg(target_arch = "x86_64")]
mod wide {
    #![expect(unsafe_code, reason = "the machine is asked what it has, and the loads and stores take raw pointers")]
    use super::F32x4;
    use std::arch::x86_64::{
        _mm256_add_ps, _mm256_loadu_ps, _mm256_mul_ps, _mm256_set1_ps, _mm256_storeu_ps, _mm512_add_ps,
        _mm512_loadu_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_storeu_ps,
    };
    use std::array::from_fn;

    /// [`super::add_products`], if the machine has registers that so many vectors fill; else nothing, and false.
    #[inline(always)]
    pub fn add_products<const H: usize, const V: usize>(
        sums: &mut [[F32x4; V]; H],
        left: &[F32x4],
        right: &[[F32x4; V]],
    ) -> bool {
        super::assert_equal_lengths(&[left], right);
        if V == 4 && is_x86_feature_detected!("avx512f") {
            // SAFETY: the machine has the registers, and a row is one of them.
            unsafe { sixteen(sums, left, right) };
        } else if V == 4 && is_x86_feature_detected!("avx") {
            // SAFETY: the machine has the registers, and a row is two of them.
            unsafe { eight::<H, V, 2>(sums, left, right) };
        } else if V == 2 && is_x86_feature_detected!("avx") {
            // SAFETY: the machine has the registers, and a row is one of them.
            unsafe { eight::<H, V, 1>(sums, left, right) };
        } else {
            return false;
        }
        true
    }

    /// # Safety
    /// `V` is 4.
    #[target_feature(enable = "avx512f")]
    unsafe fn sixteen<const H: usize, const V: usize>(
        sums: &mut [[F32x4; V]; H],
        left: &[F32x4],
        right: &[[F32x4; V]],
    ) {
        // SAFETY: each is of sixteen numbers that are borrowed; any alignment is allowed.
        let mut wide: [_; H] = from_fn(|i| unsafe { _mm512_loadu_ps(sums[i].as_ptr().cast()) });
        for (column, row) in left.iter().zip(right) {
            // SAFETY: as above.
            let row = unsafe { _mm512_loadu_ps(row.as_ptr().cast()) };
            for (sum, x) in wide.iter_mut().zip(column.as_array()) {
                *sum = _mm512_add_ps(*sum, _mm512_mul_ps(_mm512_set1_ps(*x), row));
            }
        }
        for (sums, wide) in sums.iter_mut().zip(wide) {
            // SAFETY: as above.
            unsafe { _mm512_storeu_ps(sums.as_mut_ptr().cast(), wide) };
        }
    }

    /// # Safety
    /// `V` is twice `W`.
    #[target_feature(enable = "avx")]
    unsafe fn eight<const H: usize, const V: usize, const W: usize>(
        sums: &mut [[F32x4; V]; H],
        left: &[F32x4],
        right: &[[F32x4; V]],
    ) {
        // SAFETY: each is of eight numbers that are borrowed; any alignment is allowed.
        let load =
            |row: &[F32x4; V]| from_fn::<_, W, _>(|w| unsafe { _mm256_loadu_ps(row.as_ptr().add(2 * w).cast()) });
        let mut wide: [[_; W]; H] = from_fn(|i| load(&sums[i]));
        for (column, row) in left.iter().zip(right) {
            let row = load(row);
            for (sums, x) in wide.iter_mut().zip(column.as_array()) {
                let x = _mm256_set1_ps(*x);
                for (sum, y) in sums.iter_mut().zip(row) {
                    *sum = _mm256_add_ps(*sum, _mm256_mul_ps(x, y));
                }
            }
        }
        for (sums, wide) in sums.iter_mut().zip(wide) {
            for (w, wide) in wide.into_iter().enumerate() {
                // SAFETY: as above.
                unsafe { _mm256_storeu_ps(sums.as_mut_ptr().add(2 * w).cast(), wide) };
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::math::simd::{add_products, lockstep};

        /// As in the loop of all machines.
        fn plain<const H: usize, const V: usize>(sums: &mut [[F32x4; V]; H], left: &[F32x4], right: &[[F32x4; V]]) {
            for ([column], row) in lockstep([left], right) {
                for (sums, x) in sums.iter_mut().zip(column.as_array()) {
                    sums.iter_mut().zip(row).for_each(|(sum, y)| *sum = *sum + F32x4::splat(*x) * *y);
                }
            }
        }

        fn check<const H: usize, const V: usize>(of: impl Fn(&mut [[F32x4; V]; H], &[F32x4], &[[F32x4; V]])) {
            let vector = |k: usize| F32x4::load(&from_fn(|i| 1.0 / (3.0 + ((7 * k + 5 * i) % 23) as f32) - 0.1));
            let left: Vec<F32x4> = (0..37).map(vector).collect();
            let right: Vec<[F32x4; V]> = (0..37).map(|k| from_fn(|v| vector(100 + V * k + v))).collect();
            let start: [[F32x4; V]; H] = from_fn(|i| from_fn(|v| vector(900 + V * i + v)));
            let (mut sums, mut wanted) = (start, start);
            of(&mut sums, &left, &right);
            plain(&mut wanted, &left, &right);
            let bits = |sums: &[[F32x4; V]; H]| -> Vec<u32> {
                sums.as_flattened().iter().flat_map(|sum| sum.as_array().map(f32::to_bits)).collect()
            };
            assert_eq!(bits(&sums), bits(&wanted), "{H} rows of {V}");
        }

        #[test]
        fn wide_registers_have_the_bits_of_narrow_ones() {
            if is_x86_feature_detected!("avx") {
                // SAFETY: the machine has the registers, and V is twice W.
                check::<4, 4>(|sums, left, right| unsafe { eight::<4, 4, 2>(sums, left, right) });
                // SAFETY: as above.
                check::<3, 2>(|sums, left, right| unsafe { eight::<3, 2, 1>(sums, left, right) });
            }
            if is_x86_feature_detected!("avx512f") {
                // SAFETY: the machine has the registers, and V is 4.
                check::<4, 4>(|sums, left, right| unsafe { sixteen(sums, left, right) });
                // SAFETY: as above.
                check::<1, 4>(|sums, left, right| unsafe { sixteen(sums, left, right) });
            }
            check::<4, 4>(add_products);
            check::<2, 3>(add_products);
        }
    }
}
