//! The golden rows, natively. The same file is read by the Node test and the browser tests.
//!
//! A row is one preset of one experiment run for some steps: its digest says whether any bit moved, the metrics beside it
//! say what. When a change is meant, `./build.sh golden` writes the file anew; look at the difference before you commit.
use attractor::{catalogue, lab::Inputs, link::Request, session::Session};
use std::fmt::Write;

const SEED: u32 = 1;
/// Steps of the first preset and of each other one.
const STEPS: (u64, u64) = (24, 4);
/// The same where so few steps measure nothing yet: of each glass one is counted.
const MORE: [(&str, u64); 1] = [("dense-glass", 56)];

fn rows() -> String {
    let mut table = String::from("query\tsteps\tfloats\tdigest\tmetrics\n");
    for entry in catalogue::all() {
        for (i, preset) in entry.presets.iter().enumerate() {
            let request = Request::of(entry, preset, SEED).expect("presets parse");
            let mut inputs = Inputs::default();
            for file in (entry.files)(&request.values) {
                inputs.push_file(file, file.read());
            }
            let query = request.query();
            let mut session = Session::start(request, inputs).expect("presets start");
            let more = MORE.iter().find(|(id, _)| *id == entry.id).map(|(_, steps)| *steps);
            let due = more.unwrap_or(if i == 0 { STEPS.0 } else { STEPS.1 });
            // One by one, where JavaScript takes them at once: in any batch the bits are the same.
            let steps = (0..due).map(|_| session.advance(1)).sum::<u64>();
            let metrics: Vec<String> = entry
                .metrics
                .iter()
                .zip(session.metrics())
                .map(|(metric, value)| format!("{}={value}", metric.name))
                .collect();
            writeln!(table, "{query}\t{steps}\t{}\t{}\t{}", session.floats(), session.digest(), metrics.join(" "))
                .expect("writing to a string cannot fail");
        }
    }
    table
}

#[test]
fn every_preset_gives_the_golden_bits() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.tsv");
    let rows = rows();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &rows).expect("the table can be written");
    }
    let golden = std::fs::read_to_string(path).expect("tests/golden.tsv is there");
    for (now, was) in rows.lines().zip(golden.lines()) {
        assert_eq!(
            now, was,
            "\nAnother count of floats: the layout of a view changed. An equal count and another digest: a number changed.\n\
             If it was meant, run ./build.sh golden and look at the difference."
        );
    }
    assert_eq!(rows.lines().count(), golden.lines().count(), "rows were added or taken away: run ./build.sh golden");
}
