//! Random numbers in named streams.
//!
//! A run draws from several streams, each known by its name: `rng.stream("cue")`,
//! `rng.stream("noise")`. A new draw in one place then moves no number in any other, so a change to
//! one part of an experiment does not disturb the rest of its recorded runs.
//!
//! The generator is PCG-XSH-RR 64/32 (O'Neill 2014, *PCG: a family of simple fast space-efficient
//! statistically good algorithms for random number generation*): the seed gives the state, the
//! name gives the stream.

use rand_core::Rng as _;
use rand_pcg::Pcg32;

use super::scalar;

/// The root of all chance in a run: a seed, from which streams are drawn by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// The root for a seed.
    pub fn new(seed: u32) -> Self {
        Self { state: mix(u64::from(seed)) }
    }

    /// The stream of that name. The same name gives the same numbers from the start.
    pub fn stream(&self, name: &str) -> Stream {
        Stream { generator: Pcg32::new(self.state, fnv1a(name)) }
    }

    /// The root for a nested part, whose stream names then cannot meet those of its parent.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        Self { state: mix(self.state ^ fnv1a(name)) }
    }
}

/// One sequence of random numbers.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: Pcg32,
}

impl Stream {
    /// 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        self.generator.next_u32()
    }

    /// Uniform on `[0, 1)`, a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        let high = u64::from(self.next_u32());
        let low = u64::from(self.next_u32());
        ((high << 32 | low) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform on `0..n`, without bias.
    ///
    /// Lemire 2019, *Fast random integer generation in an interval*.
    ///
    /// # Panics
    /// If `n` is zero or above 2³².
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        assert!((1..=1 << 32).contains(&n), "below: got {n}, wanted 1 to 2^32");
        // Of the 2^32 draws, the lowest 2^32 mod n of each product's fraction are one too many.
        let surplus = (1_u64 << 32) % n;
        loop {
            let product = u64::from(self.next_u32()) * n;
            if product & 0xffff_ffff >= surplus {
                return (product >> 32) as usize;
            }
        }
    }

    /// A standard normal number.
    ///
    /// Box and Muller 1958. The second number of each pair is dropped: keeping it would make a
    /// draw depend on how many came before.
    pub fn normal(&mut self) -> f64 {
        let radius = scalar::sqrt(-2.0 * scalar::ln(1.0 - self.uniform()));
        radius * scalar::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Puts the items in a random order, all orders equally likely.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// `k` different numbers of `0..n`, in random order.
    ///
    /// # Panics
    /// If `k` is above `n`.
    pub fn choose(&mut self, k: usize, n: usize) -> Vec<usize> {
        assert!(k <= n, "choose: got {k} of {n}, wanted at most {n}");
        let mut items: Vec<usize> = (0..n).collect();
        for first in 0..k {
            items.swap(first, first + self.below(n - first));
        }
        items.truncate(k);
        items
    }
}

/// One step of `SplitMix64` (Steele, Lea and Flood 2014): neighbouring seeds get unlike states.
fn mix(x: u64) -> u64 {
    let z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The 64-bit FNV-1a hash (Fowler, Noll and Vo).
fn fnv1a(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_match_their_published_test_values() {
        // The demo of O'Neill's reference implementation: seed 42, stream 54.
        let mut pcg = Stream { generator: Pcg32::new(42, 54) };
        let drawn: Vec<u32> = (0..6).map(|_| pcg.next_u32()).collect();
        let published = [0xa15c_02b7, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b, 0xcbed_606e];
        assert_eq!(drawn, published);
        // The test vectors of the FNV specification.
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
        // The first output of Vigna's splitmix64.c for the seed 1234567.
        assert_eq!(mix(1_234_567), 6_457_827_717_110_365_317);
    }
    // The numbers below come from a transcription of this file into Python integers and floats,
    // written from the published algorithms: they hold the stream in place for good.

    fn cue() -> Stream {
        Rng::new(7).stream("cue")
    }

    #[test]
    fn a_seed_and_a_name_give_these_numbers_for_good() {
        let mut bits = cue();
        let drawn: [u32; 4] = std::array::from_fn(|_| bits.next_u32());
        assert_eq!(drawn, [0x59ca_5d97, 0x7404_1105, 0xfe79_a657, 0xbdb8_52a2]);
        let mut nested = Rng::new(7).child("layer").stream("cue");
        let drawn: [u32; 4] = std::array::from_fn(|_| nested.next_u32());
        assert_eq!(drawn, [0x5c8c_5c6c, 0x2653_3484, 0xa987_9f89, 0xfd6b_a520]);
        let mut uniform = cue();
        let drawn: [f64; 3] = std::array::from_fn(|_| uniform.uniform());
        let wanted = [0.350_744_103_885_532_1, 0.994_043_728_276_410_5, 0.366_864_684_899_465_2];
        assert_eq!(drawn.map(f64::to_bits), wanted.map(f64::to_bits));
        let mut below = cue();
        let drawn: [usize; 12] = std::array::from_fn(|_| below.below(10));
        assert_eq!(drawn, [3, 4, 9, 7, 3, 7, 3, 2, 0, 9, 7, 2]);
        let mut items: Vec<usize> = (0..8).collect();
        cue().shuffle(&mut items);
        assert_eq!(items, [4, 0, 7, 1, 6, 5, 3, 2]);
        assert_eq!(cue().choose(5, 20), [7, 9, 19, 15, 1]);
    }

    #[test]
    fn normal_numbers_are_those_of_the_reference_and_have_mean_0_and_variance_1() {
        let mut stream = cue();
        for wanted in [0.928_788_111_557_445_3, -0.659_440_254_029_075_2, 0.029_437_255_312_800_434] {
            // The reference has another cosine and logarithm, which differ in the last bits.
            let got = stream.normal();
            assert!((got - wanted).abs() < 1e-14, "got {got}, wanted {wanted}");
        }
        let drawn: Vec<f64> = (0..100_000).map(|_| stream.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 1e5;
        // Four standard errors: 4 / sqrt(n) and 4 sqrt(2 / n).
        assert!(mean.abs() < 0.0127 && (variance - 1.0).abs() < 0.0179, "{mean}, {variance}");
    }

    #[test]
    fn every_remainder_is_as_likely() {
        let mut counts = [0_u32; 7];
        let mut stream = cue();
        for _ in 0..70_000 {
            counts[stream.below(7)] += 1;
        }
        let surplus = counts.map(|count| f64::from(count) - 1e4);
        let chi2 = surplus.iter().map(|s| s * s / 1e4).sum::<f64>();
        assert!(chi2 < 22.46, "chi2 {chi2}, wanted below the 0.1 % quantile for 6 degrees");
    }

    #[test]
    #[should_panic(expected = "choose: got 4 of 3, wanted at most 3")]
    fn too_many_choices_are_refused() {
        cue().choose(4, 3);
    }
}
