//! Patterns that come in kinds: made up, so that what a network does between one and all can be seen.
use super::Pictures;
use crate::math::rng::Stream;

/// Four kinds of four patterns of 4 x 4: centred, of length 1, and with an overlap of 0.9 within a kind.
pub fn families(stream: &mut Stream) -> Pictures {
    // A random direction without mean and orthogonal to another one.
    let mut draw = |other: &[f64; 16]| {
        let mut x = [0.0; 16];
        x.iter_mut().for_each(|x| *x = stream.normal());
        let mean = x.iter().sum::<f64>() / 16.0;
        let along: f64 = x.iter().zip(other).map(|(x, o)| x * o).sum();
        x.iter_mut().zip(other).for_each(|(x, o)| *x -= mean + along * o);
        let length = x.iter().map(|x| x * x).sum::<f64>().sqrt();
        x.map(|x| x / length)
    };
    let mut pictures = Pictures { rows: 4, cols: 4, ..Pictures::default() };
    for kind in ["A", "B", "C", "D"] {
        let centre = draw(&[0.0; 16]);
        for member in 1..=4 {
            let own = draw(&centre);
            let pattern = centre.iter().zip(&own).map(|(c, o)| 0.9_f64.sqrt() * c + 0.1_f64.sqrt() * o);
            pictures.ink.extend(pattern.map(|x| (0.5 + x) as f32));
            pictures.names.push(format!("{kind}{member}"));
        }
    }
    pictures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::rng::Rng;

    #[test]
    fn members_of_a_kind_overlap_by_nine_tenths_and_have_length_1() {
        let pictures = families(&mut Rng::new(1).stream("families"));
        let dot = |a: usize, b: usize| -> f32 {
            pictures.get(a).iter().zip(pictures.get(b)).map(|(x, y)| (x - 0.5) * (y - 0.5)).sum()
        };
        for a in 0..16 {
            assert!((dot(a, a) - 1.0).abs() < 1e-5);
            let kin = (0..16).filter(|b| *b != a && b / 4 == a / 4).map(|b| dot(a, b)).sum::<f32>() / 3.0;
            assert!((kin - 0.9).abs() < 0.1, "{kin}");
        }
    }
}
