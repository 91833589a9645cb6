//! `attractor sweep`: one table, however many threads, kills and parts it took.
#![cfg(not(target_arch = "wasm32"))]

use serde_json::Value;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Twelve runs of the cheapest experiment; some of them end, the others are stopped.
const SWEEP: &[&str] = &[
    "sweep",
    "hebb-letters",
    "--axis",
    "letters=1..6:3",
    "--axis",
    "flipped=0.1,0.3",
    "--seeds",
    "2",
    "--steps",
    "200",
];

fn attractor(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attractor")).args(words).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

/// A folder of this name with nothing in it.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sweep-{name}"));
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("what an earlier test left goes");
    }
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

/// Sweeps into a file and returns what the command says.
fn sweep(words: &[&str], out: &Path, more: &[&str]) -> String {
    let output = attractor(&[words, &["--out", &out.to_string_lossy()], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty(), "no bar where there is no terminal: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What a sweep that should be refused says, a fault a line.
fn refused(words: &[&str], out: &Path, more: &[&str]) -> Vec<String> {
    let output = attractor(&[words, &["--out", &out.to_string_lossy()], more].concat());
    assert_eq!(output.status.code(), Some(2), "{more:?}: {}", text(&output.stdout));
    text(&output.stderr).lines().map(str::to_owned).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the table is there")
}

#[test]
fn the_table_is_the_same_for_one_thread_and_for_four() {
    let folder = folder("jobs");
    for end in ["csv", "ndjson"] {
        let (one, four) = (folder.join(format!("one.{end}")), folder.join(format!("four.{end}")));
        assert_eq!(sweep(SWEEP, &one, &["--jobs", "1"]), format!("12 runs in {}, 12 of them new\n", one.display()));
        sweep(SWEEP, &four, &["--jobs", "4", "--quiet"]);
        assert_eq!(read(&one), read(&four));
    }
    // Nothing is left beside the tables.
    assert_eq!(fs::read_dir(folder).expect("the folder").count(), 4);
}

#[test]
fn a_row_says_what_run_says_of_its_link() {
    let out = folder("digest").join("table.ndjson");
    sweep(SWEEP, &out, &[]);
    let rows: Vec<Value> = read(&out).lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect();
    let places: Vec<(u64, f64, u64)> = rows
        .iter()
        .map(|row| {
            let whole = |key: &str| row[key].as_u64().expect(key);
            (whole("letters"), row["flipped"].as_f64().expect("flipped"), whole("seed"))
        })
        .collect();
    assert_eq!(places[..5], [(1, 0.1, 1), (1, 0.1, 2), (1, 0.3, 1), (1, 0.3, 2), (4, 0.1, 1)]);
    assert!(rows.iter().any(|row| row["ended"] == "stopped") && rows.iter().any(|row| row["ended"] != "stopped"));
    for row in [&rows[0], &rows[7], &rows[11]] {
        let link = row["link"].as_str().expect("a link");
        let output = attractor(&["run", "--link", link, "--json"]);
        let end: Value =
            text(&output.stdout).lines().last().map(|line| serde_json::from_str(line).expect("JSON")).expect("a line");
        assert_eq!((&end["digest"], &end["steps"], &end["link"]), (&row["digest"], &row["steps"], &row["link"]));
        assert_eq!(end["claims"][1]["verdict"], row["claim-2"]);
        let last = text(&output.stdout);
        let last = last.lines().rev().nth(1).expect("the last step");
        let last: Value = serde_json::from_str(last).expect("JSON");
        assert_eq!(last["metrics"]["overlap"], row["overlap"]);
    }
}

#[test]
fn a_table_that_was_cut_off_anywhere_is_finished_to_the_same_bytes() {
    let folder = folder("resume");
    for end in ["csv", "ndjson"] {
        let out = folder.join(format!("table.{end}"));
        sweep(SWEEP, &out, &[]);
        let whole = read(&out);
        let header = usize::from(end == "csv");
        // In the header or first row, behind it, in the middle of the place of a run, of a row, before the last newline.
        let row = whole.match_indices('\n').nth(3).expect("rows").0 + 1;
        for cut in [0, 5, row - 1, row, row + 1, row + 3, row + 40, whole.len() - 1, whole.len()] {
            let (start, _) = whole.split_at(cut);
            let kept = start.matches('\n').count().saturating_sub(header);
            fs::write(&out, start).expect("a table that is cut off");
            let said = sweep(SWEEP, &out, &["--jobs", "2"]);
            assert!(said.ends_with(&format!(", {} of them new\n", 12 - kept)), "{end} cut at {cut}: {said}");
            assert_eq!(read(&out), whole, "{end} cut at {cut}");
        }
        // Rows in any order, as threads finish them.
        let mut lines: Vec<&str> = whole.lines().collect();
        lines[header..].reverse();
        fs::write(&out, lines[..7].join("\n") + "\n").expect("a table in another order");
        sweep(SWEEP, &out, &[]);
        assert_eq!(read(&out), whole);
    }
}

#[test]
fn a_kill_loses_only_the_runs_under_way() {
    let folder = folder("kill");
    let (killed, whole) = (folder.join("killed.csv"), folder.join("whole.csv"));
    let words = ["sweep", "hebb-letters", "--axis", "letters=1..6:6", "--axis", "flipped=0.01..0.5:50", "--seeds", "5"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_attractor"))
        .args(words)
        .args(["--jobs", "2", "--out"])
        .arg(&killed)
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let lines = || fs::read_to_string(&killed).map_or(0, |text| text.matches('\n').count());
    while lines() < 4 && child.try_wait().expect("it can be asked").is_none() {
        std::thread::yield_now();
    }
    child.kill().expect("it is killed, or has ended");
    child.wait().expect("it ends");
    let kept = lines() - 1;
    let said = sweep(&words, &killed, &[]);
    assert!(kept >= 3 && said.ends_with(&format!(", {} of them new\n", 1500 - kept)), "{kept} kept: {said}");
    sweep(&words, &whole, &[]);
    assert_eq!(read(&killed), read(&whole));
}

#[test]
fn shards_one_behind_the_other_are_the_table_of_one_run() {
    let folder = folder("shards");
    for (end, of) in [("csv", 5), ("ndjson", 5), ("csv", 20)] {
        let whole = folder.join(format!("whole.{end}"));
        sweep(SWEEP, &whole, &[]);
        let parts = (1..=of).map(|i| {
            let part = folder.join(format!("part-{i}-of-{of}.{end}"));
            sweep(SWEEP, &part, &["--shard", &format!("{i}/{of}"), "--jobs", "2"]);
            // A part that was cut off is finished as a part.
            let text = read(&part);
            fs::write(&part, &text.as_bytes()[..text.len().saturating_sub(20)]).expect("a part that is cut off");
            sweep(SWEEP, &part, &["--shard", &format!("{i}/{of}")]);
            assert_eq!(read(&part), text, "part {i} of {of}");
            text
        });
        assert_eq!(parts.collect::<String>(), read(&whole));
    }
}

#[test]
fn a_file_of_something_else_is_refused_and_left_alone() {
    let folder = folder("refused");
    let table = folder.join("table.csv");
    sweep(SWEEP, &table, &[]);
    let whole = read(&table);
    let header = whole.lines().next().expect("a header");
    let kept = |name: &str, content: &str, wanted: &str, words: &[&str], more: &[&str]| {
        let path = folder.join(name);
        fs::write(&path, content).expect("a file");
        let lines = refused(words, &path, more);
        assert!(lines.len() == 1 && lines[0].contains(wanted) && lines[0].contains(name), "{wanted}: {lines:?}");
        assert_eq!(read(&path), content, "{wanted}");
    };
    let other: Vec<&str> =
        SWEEP.iter().map(|word| if *word == "flipped=0.1,0.3" { "flipped=0.1,0.4" } else { word }).collect();
    kept("a.csv", "dear diary\n", "must begin with", SWEEP, &[]);
    kept("a.csv", "dear diary", "must begin with", SWEEP, &[]);
    kept("a.ndjson", "dear diary\n", "\"dear diary\" in line 1", SWEEP, &[]);
    kept("a.ndjson", "dear diary", "must hold runs of this sweep and shard only", SWEEP, &[]);
    // The columns of this sweep, and rows of another: other values, other steps, another seed, another part.
    kept("a.csv", &whole, "in line 4", &other, &[]);
    kept("a.csv", &whole, "must hold runs of this sweep", SWEEP, &["--set", "cue=2"]);
    let short: Vec<&str> = SWEEP.iter().map(|word| if *word == "200" { "190" } else { word }).collect();
    kept("a.csv", &whole, "must hold runs of this sweep", &short, &[]);
    kept("a.csv", &whole, "must hold runs of this sweep", SWEEP, &["--shard", "1/2"]);
    kept("a.csv", &whole, "must hold runs of this sweep", SWEEP, &["--shard", "2/2"]);
    kept("a.csv", &whole.replace("settled", "settled,"), "must hold runs of this sweep", SWEEP, &[]);
    kept("a.csv", &format!("{whole}dear diary"), "dear diary", SWEEP, &[]);
    let row = whole.lines().nth(1).expect("a row");
    let changed = row.replacen("agrees", "differs", 1);
    kept("a.csv", &format!("{header}\n{row}\n{changed}\n"), "must hold one row a run", SWEEP, &[]);
    // The same row twice is the same run.
    fs::write(&table, format!("{header}\n{row}\n{row}\n")).expect("a file");
    assert!(sweep(SWEEP, &table, &[]).ends_with(", 11 of them new\n"));
    assert_eq!(read(&table), whole);

    let held = File::open(&table).expect("the table");
    if held.try_lock().is_ok() {
        assert!(refused(SWEEP, &table, &[])[0].contains("must be the table of one sweep at a time"));
    }
    let inside = folder.join("folder.csv");
    fs::create_dir(&inside).expect("a folder");
    assert!(refused(SWEEP, &inside, &[])[0].contains("must be an ordinary file"));
    assert!(refused(SWEEP, &folder.join("no/such/table.csv"), &[])[0].contains("must be a file that can be"));
}

#[test]
fn every_fault_of_a_sweep_is_a_line_and_makes_no_file() {
    let out = folder("usage").join("table.csv");
    let call = |words: &[&str]| {
        let lines = refused(&["sweep"], &out, words);
        assert!(!out.exists(), "{words:?}");
        lines.into_iter().map(|line| line.trim_start_matches("attractor: ").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        call(&["hebb-letters", "--axis", "leters=1..6:3", "--axis", "cue", "--set", "flipped=9", "--steps", "701"]),
        [
            "axis must be a parameter, an equals sign and its values; got \"cue\"",
            "steps must be at most 700; got \"701\"",
            "leters is not a parameter here; got \"1..6:3\"; did you mean letters?",
            "flipped must be between 0 and 0.5; got \"9\"",
        ]
    );
    for (axis, wanted) in [
        ("letters=0..6:3", "letters must be a whole number between 1 and 6; got \"0\""),
        ("letters=1..6:0", "letters must have from 1 to 1000000 values"),
        ("letters=1..6:-1", "letters must have from 1 to 1000000 values"),
        ("letters=1..6:9999999999999999999999", "letters must have from 1 to 1000000 values"),
        ("letters=1..6", "letters must be a range such as 1..8:4 or 1..8:4,log, or values with commas between"),
        ("letters=..:3", "letters must be a whole number between 1 and 6"),
        ("flipped=0..0.5:3,log", "flipped must lie above 0 to have even ratios"),
        ("flipped=0..0.5:3,lag", "flipped must have from 1 to 1000000 values"),
        ("flipped=0.1,0.1", "flipped was already given; got \"0.1\""),
        ("flipped=", "flipped must be between 0 and 0.5"),
    ] {
        let lines = call(&["hebb-letters", "--axis", axis]);
        assert!(lines[0].starts_with(wanted), "{axis}: {lines:?}");
    }
    for (words, wanted) in [
        (&["hebb-leters", "--axis", "cue=1,2"][..], "did you mean hebb-letters?"),
        (&["hebb-letters", "--axis", "cue=1,2", "--axis", "cue=3"], "cue was already given"),
        (&["hebb-letters", "--axis", "cue=1,2", "--set", "cue=3"], "cue is an axis, and has its values from there"),
        (&["modern-hopfield", "--axis", "own=a"], "own is brought as pictures, not as text"),
        (&["capacity", "--axis", "rule=hebb,storky"], "did you mean storkey?"),
        (&["hebb-letters", "--axis", "flipped=0..0.5:1000", "--seeds", "1001"], "runs must be at most 1000000"),
        (&["hebb-letters", "--axis", "cue=1,2", "--shard", "3/2"], "must be I/N with I from 1 to N"),
        (&["hebb-letters", "--axis", "cue=1,2", "--shard", "0/0"], "must be I/N with I from 1 to N"),
        (&["hebb-letters", "--axis", "cue=1,2", "--jobs", "0"], "--jobs must be a whole number from 1 to"),
        (&["hebb-letters", "--axis", "cue=1,2", "--seeds", "0"], "--seeds must be a whole number from 1 to"),
        (&["hebb-letters"], "--axis"),
    ] {
        let lines = call(words);
        assert!(lines.len() == 1 && lines[0].contains(wanted), "{words:?}: {lines:?}");
    }
    assert!(
        refused(&["sweep"], &out.with_extension("txt"), &["hebb-letters", "--axis", "cue=1,2"])[0]
            .contains("must end in .csv or .ndjson")
    );
}
