//! The same contenders natively, for orientation; the figures that count are the browser's.

use std::time::Instant;

fn main() {
    println!("digest {:08x}", attractor_bench::digest());
    for case in &mut attractor_bench::cases() {
        println!("{}", case.name);
        // The limits are made for wasm: here the compiler does not make vectors of them.
        for (name, go) in case.contenders.iter_mut().filter(|(name, _)| !name.contains("limit")) {
            let best = (0..30).map(|_| seconds(go)).fold(f64::INFINITY, f64::min);
            let (unit, scale) = case.unit;
            println!("  {name:28} {:8.2} {unit}", case.operations / best / scale);
        }
    }
}

fn seconds(go: &mut dyn FnMut()) -> f64 {
    let start = Instant::now();
    go();
    start.elapsed().as_secs_f64()
}
