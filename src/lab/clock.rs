//! Time, for experiments that are about time itself: the host hands its clock in, and hosts' clocks may be coarse.

/// Milliseconds since any moment. Browsers let it move on in steps of up to a millisecond, so that pages cannot spy by it.
pub type Clock = fn() -> f64;

/// How long a piece of work is repeated before the clock is believed: in milliseconds, and in steps of the clock, so that it errs by
/// a twentieth at most; by a tenth at a glance.
const LONG: (f64, f64) = (1.0, 20.0);
const SHORT: (f64, f64) = (0.5, 10.0);
/// The most milliseconds for a clock of any steps.
const LONGEST: f64 = 8.0;
/// How often a clock is asked for its next step before it is thought to stand still.
const PATIENCE: u32 = 1_000_000;

/// Lets several pieces of work take turns, so many times each, and says how many milliseconds each took at its fastest.
/// What a machine does besides only ever makes work slower, so the least of many is nearest to the truth. Where the clock
/// stands still or goes back, there is no number: infinity.
pub fn race<const N: usize>(clock: Clock, turns: usize, mut works: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut fastest = [f64::INFINITY; N];
    for _ in 0..turns {
        for (work, fastest) in works.iter_mut().zip(&mut fastest) {
            *fastest = fastest.min(once(clock, work, LONG).unwrap_or(f64::INFINITY));
        }
    }
    fastest
}

/// The same of a single piece of work, in half the time a turn: while a hand waits for the answer.
pub fn glance(clock: Clock, turns: usize, work: &mut dyn FnMut()) -> f64 {
    (0..turns).filter_map(|_| once(clock, work, SHORT)).fold(f64::INFINITY, f64::min)
}

/// Milliseconds of a piece of work, as a mean of as many repeats as it takes. The stretch that is measured begins at a step of
/// the clock, so that a clock of coarse steps errs by less than one of them.
fn once(clock: Clock, work: &mut dyn FnMut(), (least, steps): (f64, f64)) -> Option<f64> {
    let before = clock();
    let start = (0..PATIENCE).map(|_| clock()).find(|now| (now - before).abs() > 0.0)?;
    let long = (steps * (start - before)).max(least).min(LONGEST);
    let mut repeats = 0.0;
    loop {
        work();
        repeats += 1.0;
        let spent = clock() - start;
        if spent >= long {
            return Some(spent / repeats);
        }
        // A clock may be set back while it is read, or stop.
        if spent < 0.0 || repeats >= f64::from(PATIENCE) {
            return None;
        }
    }
}

/// Where along a curve of shares that are cut and speed-ups a speed-up of 1 is passed. Times are nearly straight along the cut, so it
/// is read off a straight line between times.
pub fn break_even(curve: &[(f64, f64)]) -> Option<f64> {
    let (a, b) = curve.iter().zip(curve.iter().skip(1)).find(|(a, b)| a.1 < 1.0 && b.1 >= 1.0)?;
    let (before, after) = (1.0 / a.1 - 1.0, 1.0 - 1.0 / b.1);
    Some(a.0 + (b.0 - a.0) * before / (before + after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, time::Instant};

    thread_local! {
        static NOW: Cell<f64> = const { Cell::new(0.0) };
        static START: Instant = Instant::now();
    }

    /// Moves on only where work says so, and is shown in steps of a tenth of a millisecond.
    fn coarse() -> f64 {
        NOW.set(NOW.get() + 1e-4);
        (10.0 * NOW.get()).floor() / 10.0
    }

    #[test]
    fn a_coarse_clock_tells_short_work_from_shorter() {
        let (mut short, mut long) = (|| NOW.set(NOW.get() + 0.03), || NOW.set(NOW.get() + 0.07));
        let [a, b] = race(coarse, 3, [&mut short, &mut long]);
        let one = glance(coarse, 2, &mut short);
        assert!((one - 0.03).abs() < 0.03 * 0.1, "{one}");
        assert!((a - 0.03).abs() < 0.03 * 0.04 && (b - 0.07).abs() < 0.07 * 0.05, "{a} {b}");
    }

    #[test]
    fn a_clock_that_stands_still_or_goes_back_measures_nothing() {
        let mut count = 0;
        let [still] = race(|| 7.0, 2, [&mut || count += 1]);
        assert!(still.is_infinite() && count == 0);
        let back = || {
            NOW.set(-NOW.get().abs() - 1.0);
            NOW.get()
        };
        assert!(race(back, 1, [&mut || ()])[0].is_infinite());
    }

    #[test]
    fn a_break_even_is_where_times_are_equal() {
        // Times 2, 1.5 and 0.75 of the dense one: the line passes 1 at two thirds of the last stretch.
        let curve = [(0.0, 0.5), (0.2, 1.0 / 1.5), (0.5, 1.0 / 0.75)];
        assert!((break_even(&curve).unwrap() - 0.4).abs() < 1e-9);
        assert_eq!(break_even(&[(0.0, 1.1), (0.5, 2.0)]), None);
    }

    #[test]
    fn a_real_clock_measures_something() {
        let clock = || START.with(|start| 1e3 * start.elapsed().as_secs_f64());
        let mut sum = 0.0_f64;
        let [time] = race(clock, 1, [&mut || sum = std::hint::black_box(sum + 1.0)]);
        assert!(time > 0.0 && time < 1.0 && sum > 1.0, "{time}");
    }
}
