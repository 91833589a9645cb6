//! What a hand can do to a view, in whole numbers, so that a link repeats it exactly.
use serde::Serialize;

/// Positions are counted in this many parts of a view's width and height.
pub const GRAIN: u16 = 4096;

/// One touch of a view.
#[expect(missing_docs, reason = "the variant says what its numbers are")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// The probe of a surface was put at (x, y), in parts of [`GRAIN`] from the top left.
    Drag { view: u8, x: u16, y: u16 },
    /// A picture was painted at (x, y) with a brush of grey `value`, 0 for the page and 255 for ink.
    Paint { view: u8, item: u16, x: u16, y: u16, value: u8 },
    /// A picture was wiped blank.
    Wipe { view: u8, item: u16 },
}

impl Gesture {
    /// The view that was touched.
    pub fn view(&self) -> usize {
        match *self {
            Self::Drag { view, .. } | Self::Paint { view, .. } | Self::Wipe { view, .. } => view.into(),
        }
    }

    /// Whether `self` undoes everything that `earlier`, at the same step, did: of a drag only its end matters.
    pub fn covers(&self, earlier: &Self) -> bool {
        match (self, earlier) {
            (Self::Drag { view: a, .. }, Self::Drag { view: b, .. }) => a == b,
            (
                Self::Wipe { view: a, item: i },
                Self::Paint { view: b, item: j, .. } | Self::Wipe { view: b, item: j },
            ) => a == b && i == j,
            _ => self == earlier,
        }
    }
}

/// What the hand may do to a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hand {
    /// Nothing: it is for looking.
    None,
    /// A touch acts on the run at the step on screen.
    Now,
    /// A touch is a new beginning: the run goes back to step 0 first.
    Start,
}
