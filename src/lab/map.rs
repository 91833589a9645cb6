//! A map of where cues lead, on the plane through three memories: what its view says and draws, whichever memory it is of.
use super::{Axis, Hand, Param, Place, Plot, Series, Shape, View};
use crate::math::decimal::fixed;
use std::rc::Rc;

/// Which memories the plane goes through; see [`Map::corners`].
pub static PLANE: Param = Param::picks(
    "plane",
    "Plane through",
    3,
    &[],
    "The map is cut along a plane through three memories: the one to recall and the first others, or three that you pick. \
     Numbers that no memory has are passed over.",
);

/// Three states that span a map, by their numbers.
#[derive(Clone, Copy, Debug)]
pub struct Corners {
    /// Of fewer than three the last stands more than once: the map then shows what lies beside them.
    pub states: [usize; 3],
    /// Whether there are memories besides.
    others: bool,
    /// A number that was picked and that no memory has.
    absent: Option<usize>,
}

/// What no step changes of it.
#[derive(Clone, Debug)]
pub struct Map {
    /// Which memories span it.
    pub corners: Corners,
    /// What they are called.
    pub names: [String; 3],
    /// Where they lie, (x, y) in 0..=1 from the top left.
    pub places: [(f32, f32); 3],
    /// Energies, top row first.
    pub energies: Vec<f32>,
    /// Where the corners may become others during a run, what all states are called that they may be.
    among: Option<Rc<[String]>>,
}

/// Points of the way that are kept.
const TRAIL: usize = 64;
/// Steps of it whose energies are kept.
const STEPS: usize = 160;

/// The way of a state: where it falls on the map, and its energy beside that of the place.
///
/// A state of +1 and -1 is a corner of the cube of all states and lies off the plane, so the two energies differ.
#[derive(Clone, Debug, Default)]
pub struct Way {
    places: Vec<(f32, f32)>,
    energies: Vec<[f32; 2]>,
}

impl Way {
    /// One state more: its place, its exact energy, and that of the place. The last 64 places are kept.
    pub fn add(&mut self, place: (f32, f32), corner: f64, plane: f64) {
        if self.places.len() == TRAIL {
            self.places.remove(0);
        }
        self.places.push(place);
        if self.energies.len() <= STEPS {
            self.energies.push([corner as f32, plane as f32]);
        }
    }

    /// A new beginning.
    pub fn clear(&mut self) {
        self.places.clear();
        self.energies.clear();
    }

    /// The view of both energies, for ways on this map.
    pub fn view(map: &Map) -> View {
        let (low, high) =
            map.energies.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), e| (low.min(*e), high.max(*e)));
        let (low, high) = (f64::from(low), f64::from(high));
        let room = (0.15 * (high - low)).max(1e-3);
        let shape = Shape::Lines {
            x: Axis::linear("step", 0.0, 48.0),
            y: Axis::linear("energy", low - room, high + room),
            series: vec![Series::curve("state", STEPS + 1), Series::reference("its dot on the map", STEPS + 1)],
            marks: Vec::new(),
            field: None,
        };
        View::new("Energy on the way", Place::Side, shape)
    }

    /// Fills a slot of [`Way::view`].
    pub fn draw(&self, slot: &mut [f32]) {
        let mut plot = Plot::new(slot, -1.0);
        for which in 0..2 {
            let points = self.energies.iter().enumerate().map(move |(step, pair)| [step as f32, pair[which]]);
            plot.curve(STEPS + 1, points);
        }
    }

    /// What there is to see in it.
    pub fn caption(&self) -> String {
        let [corner, plane] = self.energies.last().copied().unwrap_or_default();
        let kept = if self.energies.len() > STEPS {
            format!(" Only the first {STEPS} steps are kept.")
        } else {
            String::new()
        };
        if (corner - plane).abs() < 5e-4 {
            return format!("The state lies on the map, at energy {}.{kept}", fixed(corner.into(), 3));
        }
        format!(
            "A state of ±1 lies off the map, at energy {}; its dot is a shadow, at {}. The dot may climb while the state goes \
             down.{kept}",
            fixed(corner.into(), 3),
            fixed(plane.into(), 3)
        )
    }
}

impl Map {
    /// Cells down.
    pub const ROWS: usize = 32;
    /// Cells across.
    pub const COLS: usize = 48;

    /// Three different memories of `count`, at least one: those that were picked, as far as there are such, and then the first
    /// ones.
    pub fn corners(picked: impl IntoIterator<Item = usize>, count: usize) -> Corners {
        let (mut corners, mut absent) = (Vec::new(), None);
        for mu in picked.into_iter().chain(0..count.max(1)) {
            if mu >= count.max(1) {
                absent = absent.or(Some(mu));
            } else if !corners.contains(&mu) && corners.len() < 3 {
                corners.push(mu);
            }
        }
        Corners { states: [0, 1, 2].map(|k| corners[k.min(corners.len() - 1)]), others: count > corners.len(), absent }
    }

    /// How many memories span it.
    fn spanned(&self) -> usize {
        let [a, b, c] = self.corners.states;
        1 + usize::from(b != a) + usize::from(c != b)
    }

    /// Number of the end that is a memory, but none of the corners, if a recall may end at one; corners are numbered from 0. Where
    /// these may become others there may also be more of them.
    fn another(&self) -> Option<usize> {
        if self.among.is_some() { Some(3) } else { self.corners.others.then_some(self.spanned()) }
    }

    /// Number of the end that is no memory.
    fn nobody(&self) -> usize {
        self.another().map_or(self.spanned(), |another| another + 1)
    }

    /// The map through these corners: what each is called, where it lies, and the energies, top row first.
    pub fn through(
        corners: Corners,
        name: impl Fn(usize) -> String,
        place: impl Fn(usize) -> (f32, f32),
        energies: Vec<f32>,
    ) -> Self {
        Self { corners, names: corners.states.map(name), places: corners.states.map(place), energies, among: None }
    }

    /// The same with corners that may become others during the run, among states that are called so: its view then tells them by
    /// where they lie.
    #[must_use]
    pub fn among(self, states: Rc<[String]>) -> Self {
        Self { among: Some(states), ..self }
    }

    /// Where a recall ended, among `count` memories: `is` says whether a memory was found.
    pub fn end(&self, count: usize, is: impl Fn(usize) -> bool) -> usize {
        match self.corners.states.iter().position(|mu| is(*mu)) {
            Some(corner) => corner,
            None => self.another().filter(|_| (0..count).any(is)).unwrap_or(self.nobody()),
        }
    }

    /// The view, in the large column: the hand begins from a cue of its own.
    pub fn view(&self) -> View {
        let corners: Vec<&str> = match self.among {
            Some(_) => vec!["left corner", "right corner", "upper corner"],
            None => self.names[..self.spanned()].iter().map(String::as_str).collect(),
        };
        let ends = corners.into_iter().chain(self.another().map(|_| "another memory")).chain(["no memory"]);
        let shape = Shape::Surface {
            rows: Self::ROWS as u32,
            cols: Self::COLS as u32,
            members: self.among.as_deref().unwrap_or(&self.names).to_vec(),
            span: 3,
            ends: ends.map(str::to_owned).collect(),
            trail: TRAIL as u32,
        };
        View::new("Where cues lead", Place::Main, shape).hand(Hand::Now).moving()
    }

    /// Fills a slot of [`Map::view`] with the end of each cell, top row first and -1 where it is not known, and the way of
    /// the state.
    pub fn draw(&self, ends: &[i8], way: &Way, slot: &mut [f32]) {
        let (ground, marks) = slot.split_at_mut(2 * Self::ROWS * Self::COLS);
        let ends = ends.iter().map(|end| f32::from(*end));
        ground.iter_mut().zip(self.energies.iter().copied().chain(ends)).for_each(|(o, x)| *o = x);
        let numbers = if self.among.is_some() { self.corners.states } else { [0, 1, 2] };
        let corners = [0, 1, 2].map(|k| (numbers[k], self.places[k]));
        Shape::mark_surface(marks, &corners, &way.places);
    }

    /// What there is to see, after so many of so many recalls; several cells may share one.
    pub fn caption(&self, ends: &[i8], (done, all): (usize, usize)) -> String {
        let absent = self.corners.absent.map_or(String::new(), |mu| format!(" There is no memory {}.", mu + 1));
        let beside = match self.spanned() {
            3 => "",
            2 => " There are two memories only: upwards lies a state by chance.",
            _ => " There is one memory only: to the right and upwards lie states by chance.",
        };
        if done < all {
            return format!(
                "{done} of {all} cues recalled. Drag the orange dot to begin from a cue of yours.{beside}{absent}"
            );
        }
        let count = |end: usize| ends.iter().filter(|known| usize::try_from(**known) == Ok(end)).count();
        let percent = |end: usize| fixed(100.0 * count(end) as f64 / ends.len().max(1) as f64, 0);
        let named = self.names[..self.spanned()].iter().enumerate();
        let corners: Vec<String> = named.map(|(end, name)| format!("{} % to {name}", percent(end))).collect();
        let another = self.another().filter(|end| count(*end) > 0);
        let another = another.map_or(String::new(), |end| format!("{} % to another memory, ", percent(end)));
        format!(
            "Where cues lead: {}, {another}{} % to no memory. Drag the orange dot.{beside}{absent}",
            corners.join(", "),
            percent(self.nobody())
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_different_as_far_as_there_are_memories_and_what_is_none_is_told() {
        let corners = |picked: &[usize], count| Map::corners(picked.iter().copied(), count);
        assert_eq!(corners(&[4, 2], 9).states, [4, 2, 0]);
        assert_eq!(corners(&[4, 98, 4], 9).states, [4, 0, 1]);
        assert_eq!((corners(&[1], 2).states, corners(&[], 1).states), ([1, 0, 0], [0, 0, 0]));
        let caption = |picked: &[usize], count| {
            let map = Map::through(corners(picked, count), |mu| format!("memory {mu}"), |_| (0.5, 0.5), Vec::new());
            map.caption(&[0, 0, 1], (3, 3))
        };
        assert!(caption(&[4, 98], 9).ends_with(" There is no memory 99."), "{}", caption(&[4, 98], 9));
        assert!(caption(&[], 2).contains("two memories only") && caption(&[], 1).contains("one memory only"));
        assert!(!caption(&[4], 9).contains("only"));
    }

    #[test]
    fn another_memory_is_an_end_where_there_is_one() {
        let map =
            |count| Map::through(Map::corners([], count), |mu| format!("memory {mu}"), |_| (0.5, 0.5), Vec::new());
        let ends = |map: &Map| match map.view().shape {
            Shape::Surface { ends, .. } => ends,
            other => panic!("{other:?}"),
        };
        assert_eq!(ends(&map(3)), ["memory 0", "memory 1", "memory 2", "no memory"]);
        assert_eq!((map(3).end(3, |_| false), map(4).end(4, |mu| mu == 3), map(4).end(4, |_| false)), (3, 3, 4));
        let moving = map(1).among(Rc::new(["memory 0".into()]));
        assert_eq!((ends(&moving).len(), moving.end(1, |_| false)), (5, 4));
    }
}
