//! A dial: a setting that a run takes while it goes on, and that holds from its next step.
use super::Live;

/// The value of such a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dial<T> {
    /// As it stands.
    pub now: T,
    /// Whether it has stood there from the start: claims are about runs that nobody moved.
    pub steady: bool,
}

impl<T> Dial<T> {
    /// A setting at the start of a run.
    pub fn new(now: T) -> Self {
        Self { now, steady: true }
    }

    /// Moves it. What is done has to be gone on with until that shows.
    pub fn turn(&mut self, now: T) -> Live {
        *self = Self { now, steady: false };
        Live::Soon
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_moved_is_steady_no_more_even_where_it_was_before() {
        let mut dial = Dial::new(0.3);
        assert!(dial.steady);
        assert_eq!((dial.turn(0.3), dial), (Live::Soon, Dial { now: 0.3, steady: false }));
    }
}
