//! The native binary: its lines, its files, its exit codes.
#![cfg(not(target_arch = "wasm32"))]

use npyz::WriterBuilder;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

fn attractor(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attractor")).args(words).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

/// The lines of a call that should go well, as JSON.
fn json(words: &[&str]) -> Vec<Value> {
    let output = attractor(words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", text(&output.stderr));
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// What a call that should be refused says, a fault a line.
fn refused(words: &[&str]) -> Vec<String> {
    let output = attractor(words);
    assert_eq!(output.status.code(), Some(2), "{words:?}");
    assert!(output.stdout.is_empty(), "{words:?} printed {}", text(&output.stdout));
    text(&output.stderr).lines().map(str::to_owned).collect()
}

#[test]
fn list_and_describe_say_what_there_is() {
    let all = json(&["list", "--json"]);
    let first = &all[0][0];
    assert_eq!(first["id"], "modern-hopfield");
    assert_eq!(first["wing"], "memory");
    assert_eq!(first["paper"]["year"], 2021);
    let entry = &json(&["describe", "hebb-letters", "--json"])[0];
    assert_eq!(entry["params"][0]["name"], "letters");
    assert!(text(&attractor(&["describe", "hebb-letters"]).stdout).contains("whole, 1 to 6, default 4"));
}

#[test]
fn run_prints_a_line_a_step_and_last_the_claims() {
    let lines = json(&["run", "modern-hopfield", "--seed", "3", "--every", "5", "--json"]);
    let (end, steps) = lines.split_last().expect("there are lines");
    let numbers: Vec<u64> = steps.iter().filter_map(|line| line["step"].as_u64()).collect();
    assert_eq!(numbers[..3], [0, 5, 10]);
    assert!(steps.iter().all(|line| line["metrics"]["energy"].is_f64()));
    assert_eq!(end["ended"], "settled");
    assert_eq!(end["steps"].as_u64(), numbers.last().copied());
    assert_eq!(end["claims"].as_array().map(Vec::len), Some(5));
    for key in ["says", "expected", "measured", "verdict"] {
        assert!(end["claims"][0][key].is_string(), "{key}");
    }
}

#[test]
fn a_run_that_diverged_names_what_broke() {
    let words =
        ["run", "grokking", "--json", "--set", "p=31", "--set", "width=8", "--set", "rate=10", "--set", "decay=10"];
    let lines = json(&words);
    let [.., last, end] = lines.as_slice() else { panic!("too few lines: {lines:?}") };
    assert_eq!(end["ended"], "diverged");
    let broke = &end["diverged"];
    assert_eq!((&broke["step"], &last["step"]), (&end["steps"], &end["steps"]));
    assert!(last["metrics"][broke["metric"].as_str().expect("a name")].is_null(), "{last}");
    assert!(["not a number", "infinity", "minus infinity"].iter().any(|value| broke["value"] == *value), "{broke}");
    assert!(json(&["run", "hebb-letters", "--json"]).pop().expect("a last line")["diverged"].is_null());
}

#[test]
fn a_printed_link_gives_the_same_digest_again() {
    for words in [
        vec!["run", "modern-hopfield", "--json", "--steps", "7", "--set", "beta=10"],
        vec!["run", "hebb-letters", "--json", "--seed", "9"],
    ] {
        let first = json(&words).pop().expect("a last line");
        let link = first["link"].as_str().expect("a link");
        let address = format!("http://a.page/experiment.html?{}#stage", link.trim_start_matches('?'));
        let again = json(&["run", "--link", &address, "--json"]).pop().expect("a last line");
        assert_eq!(first, again, "{link}");
    }
}

/// Bytes as a link carries them.
fn packed(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use flate2::{Compression, write::DeflateEncoder};
    use std::io::Write;
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(bytes).expect("it deflates");
    URL_SAFE_NO_PAD.encode(deflate.finish().expect("it deflates"))
}

/// A picture under the parameter `own`, as a link carries it before it is packed.
fn picture(width: u16, height: u16, ink: &[u8]) -> Vec<u8> {
    [&[3][..], b"own", &width.to_be_bytes(), &height.to_be_bytes(), ink].concat()
}

#[test]
fn pictures_and_touches_travel_in_a_link() {
    let pictures = packed(&picture(2, 2, &[0, 255, 255, 0]));
    let link = format!("?v=1&id=modern-hopfield&memories=3&recall=4&hidden=0&at=12&do=0d1.1000.2000&in={pictures}");
    let end = json(&["run", "--link", &link, "--json"]).pop().expect("a last line");
    assert_eq!(end["steps"], 12);
    let printed = end["link"].as_str().expect("a link");
    assert_eq!(end, json(&["run", "--link", printed, "--json"]).pop().expect("a last line"), "{printed}");
    let without = link.replace(&format!("&in={pictures}"), "");
    assert_ne!(end["digest"], json(&["run", "--link", &without, "--json"]).pop().expect("a last line")["digest"]);
}

#[test]
fn bad_pictures_are_refused() {
    let foreign = [&[4][..], b"beta", &[0, 1, 0, 1, 7]].concat();
    for (bad, wanted) in [
        ("%21".to_owned(), "must be base64url"),
        ("AAAA".to_owned(), "must be deflated pictures"),
        (packed(&picture(2, 2, &[0, 255, 255])), "ends in the middle of a picture"),
        (packed(&picture(0, 2, &[])), "picture must be one byte a pixel and not empty"),
        (packed(&foreign), "beta takes no pictures"),
        (packed(&picture(65535, 65535, &vec![0; 5 << 20])), "must inflate to at most 4194304 bytes"),
    ] {
        let lines = refused(&["run", "--link", &format!("id=modern-hopfield&in={bad}")]);
        assert!(lines.len() == 1 && lines[0].contains(wanted), "{wanted}: {lines:?}");
    }
}

#[test]
fn a_record_too_long_for_a_link_gives_none() {
    let record: Vec<String> = (0..1000).map(|x| format!("0p1.0.{x}.9.{}", x % 2)).collect();
    let link = format!("id=hebb-letters&do={}", record.join("~"));
    let end = json(&["run", "--link", &link, "--steps", "3", "--json"]).pop().expect("a last line");
    assert!(end["link"].is_null(), "{}", end["link"]);
}

#[test]
fn a_link_runs_to_its_step_and_one_without_a_step_shows_the_start() {
    for (link, steps) in [("id=modern-hopfield&at=3", 3), ("id=modern-hopfield", 0)] {
        assert_eq!(json(&["run", "--link", link, "--json"]).pop().expect("a last line")["steps"], steps, "{link}");
    }
}

#[test]
fn what_is_set_stands_over_the_preset() {
    let end = |words: &[&str]| json(words).pop().expect("a last line");
    let blend = ["run", "modern-hopfield", "--steps", "1", "--json", "--preset", "blend"];
    assert_eq!(end(&blend)["link"], "v=1&id=modern-hopfield&seed=1&beta=6&hidden=0.7&at=1");
    let over = [&blend[..], &["--set", "beta=9"]].concat();
    assert_eq!(end(&over)["link"], "v=1&id=modern-hopfield&seed=1&beta=9&hidden=0.7&at=1");
    assert_eq!(refused(&[&over[..], &["--set", "beta=8"]].concat()), ["attractor: beta was already given; got \"8\""]);
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_attractor"))
        .args(["run", "hebb-letters", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn csv_is_a_table() {
    let output = text(&attractor(&["run", "hebb-letters", "--csv", "--steps", "2"]).stdout);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines[0], "step,energy,overlap");
    assert_eq!(lines.len(), 4);
    assert!(lines[1].split(',').all(|cell| cell.parse::<f64>().is_ok()));
}

#[test]
fn a_claim_that_differs_is_exit_code_1() {
    let output = attractor(&["run", "hebb-letters", "--set", "letters=6", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("\"verdict\":\"differs\""));
}

#[test]
fn no_claim_differs_in_one_half_of_the_list() {
    nothing_differs(0);
}

#[test]
fn no_claim_differs_in_the_other_half() {
    nothing_differs(1);
}

/// Every second experiment on memory, from the first one on: two processes keep two cores busy. The others train nets, which is
/// left to their own tests, and to `./build.sh verify`.
fn nothing_differs(first: usize) {
    let listed = json(&["list", "--json"]).remove(0);
    let listed = listed.as_array().expect("an array").iter().filter(|entry| entry["wing"] == "memory");
    let ids: Vec<&str> = listed.map(|entry| entry["id"].as_str().expect("an id")).skip(first).step_by(2).collect();
    let lines = json(&[&["verify", "--seed", "2", "--json"], &ids[..]].concat());
    assert_eq!(lines.len(), ids.len());
    for line in lines {
        let claims = line["claims"].as_array().expect("claims");
        assert!(line["seed"] == 2 && !claims.is_empty());
        // Some claims speak of other settings than the default, and say so.
        assert!(claims.iter().all(|claim| claim["verdict"] != "differs"), "{line}");
        assert!(claims.iter().any(|claim| claim["verdict"] == "agrees"), "{line}");
    }
}

#[test]
fn a_claim_that_a_preset_measures_is_taken_from_a_run_of_that() {
    let lines = json(&["verify", "grokking", "--seed", "1", "--json"]);
    let claims = lines[0]["claims"].as_array().expect("claims");
    assert_eq!((lines.len(), &lines[0]["preset"]), (1, &Value::from("Default")));
    assert!(claims.iter().all(|claim| claim["verdict"] == "agrees"), "{}", lines[0]);
    assert!(claims.iter().any(|claim| claim["preset"] == "No decay" && claim["measured"].is_string()), "{}", lines[0]);
}

#[test]
fn every_fault_of_a_call_is_a_line() {
    let words = [
        "run",
        "modern-hopfield",
        "--set",
        "beta=900",
        "--set",
        "bet=1",
        "--set",
        "foo",
        "--set",
        "=3",
        "--preset",
        "nosy",
    ];
    assert_eq!(
        refused(&words),
        [
            "attractor: preset must be a preset of modern-hopfield, one of: Half hidden; Noisy; Blend; Photographs; Four families; got \"nosy\"; did you mean Noisy?",
            "attractor: set must be a parameter, an equals sign and a value; got \"foo\"",
            "attractor: set must be a parameter, an equals sign and a value; got \"=3\"",
            "attractor: beta must be between 0.1 and 200; got \"900\"",
            "attractor: bet is not a parameter here; got \"1\"; did you mean beta?",
        ]
    );
    assert_eq!(
        refused(&["describe", "hebb-leters"]),
        [
            "attractor: id must be an experiment, one of those that `attractor list` shows; got \"hebb-leters\"; did you mean hebb-letters?"
        ]
    );
    assert_eq!(
        refused(&["run", "hebb-letters", "--steps", "9999", "--seed", "-1", "--set", "letters=7"]),
        [
            "attractor: steps must be at most 700; got \"9999\"",
            "attractor: seed must be a whole number up to 4294967295; got \"-1\"",
            "attractor: letters must be a whole number between 1 and 6; got \"7\"",
        ]
    );
    assert_eq!(
        refused(&["run", "--link", "v=2&id=hebb-letters&letters=7&in=%21", "--steps", "701"]),
        [
            "attractor: steps must be at most 700; got \"701\"",
            "attractor: in must be base64url; got \"1 characters\"",
            "attractor: v must be 1, the version of links read here; got \"2\"",
            "attractor: letters must be a whole number between 1 and 6; got \"7\"",
        ]
    );
    for (given, words) in [
        ("0", ["run", "hebb-letters", "--every"]),
        ("-1", ["run", "hebb-letters", "--every"]),
        ("0", ["verify", "hebb-letters", "--seeds"]),
        ("99999999999", ["verify", "hebb-letters", "--seeds"]),
        ("x", ["verify", "hebb-letters", "--jobs"]),
    ] {
        let [line] = &refused(&[&words[..], &[given]].concat())[..] else { panic!("one line: {words:?} {given}") };
        let most = match words[2] {
            "--every" => "",
            "--seeds" => " to 4294967295",
            _ => " to 65535",
        };
        assert_eq!(*line, format!("attractor: {} must be a whole number from 1{most}; got {given:?}", words[2]));
    }
    assert_eq!(refused(&["verify", "hebb-letters", "nope", "noper"]).len(), 2);
    for words in
        [&["dance"][..], &["run"], &["run", "hebb-letters", "--link", "id=hebb-letters"], &["verify", "--seed", "x"]]
    {
        assert_eq!(attractor(words).status.code(), Some(2), "{words:?}");
    }
}

// ---- recall

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

fn npy<T: npyz::AutoSerialize + Copy>(path: &Path, shape: &[u64], numbers: &[T]) -> String {
    let mut bytes = Vec::new();
    let mut writer =
        npyz::WriteOptions::new().default_dtype().shape(shape).writer(&mut bytes).begin_nd().expect("a header");
    writer.extend(numbers.iter().copied()).expect("numbers");
    writer.finish().expect("a whole file");
    std::fs::write(path, bytes).expect("a file");
    path.to_string_lossy().into_owned()
}

/// `Xᵀ softmax(beta X ξ)` in a few lines: patterns (n, d), one query.
fn naive_update(patterns: &[f64], query: &[f64], beta: f64) -> (Vec<f64>, Vec<f64>) {
    let rows: Vec<&[f64]> = patterns.chunks(query.len()).collect();
    let overlap = |row: &&[f64]| row.iter().zip(query).map(|(a, b)| a * b).sum::<f64>();
    let powers: Vec<f64> = rows.iter().map(|row| libm::exp(beta * overlap(row))).collect();
    let sum: f64 = powers.iter().sum();
    let weights: Vec<f64> = powers.iter().map(|power| power / sum).collect();
    let state = (0..query.len()).map(|i| rows.iter().zip(&weights).map(|(row, p)| p * row[i]).sum()).collect();
    (state, weights)
}

#[test]
fn recall_equals_the_naive_update_in_both_types() {
    let folder = folder("recall");
    let patterns = [1.0, 0.0, 0.5, -1.0, 2.0, 0.25, 0.0, -0.5, 1.5, 1.0, 1.0, -1.0_f64];
    let queries = [0.9, 0.1, 0.4, -0.5, 1.0, 0.0_f64];
    let beta = 1.7;
    let narrow = |x: &[f64]| x.iter().map(|x| *x as f32).collect::<Vec<f32>>();
    for (kind, updates, tolerance) in [("f32", 1, 1e-5), ("f32", 3, 1e-5), ("f64", 1, 1e-12), ("f64", 3, 1e-12)] {
        let at = |name: &str| folder.join(format!("{kind}-{name}.npy"));
        let (p, q) = if kind == "f32" {
            (npy(&at("p"), &[4, 3], &narrow(&patterns)), npy(&at("q"), &[2, 3], &narrow(&queries)))
        } else {
            (npy(&at("p"), &[4, 3], &patterns), npy(&at("q"), &[2, 3], &queries))
        };
        let r = at("r").to_string_lossy().into_owned();
        let words = ["recall", "--patterns", &p, "--queries", &q, "--beta", "1.7", "--out", &r, "--json"];
        // One update is what happens when none are asked for.
        let lines = match updates {
            1 => json(&words),
            more => json(&[&words[..], &["--updates", &more.to_string()]].concat()),
        };
        let bytes = std::fs::read(&r).expect("the states are there");
        let file = npyz::NpyFile::new(bytes.as_slice()).expect("a NumPy file");
        assert_eq!(file.shape(), [2, 3]);
        let states: Vec<f64> = if kind == "f32" {
            file.into_vec::<f32>().expect("f32").into_iter().map(f64::from).collect()
        } else {
            file.into_vec::<f64>().expect("f64")
        };
        for (i, query) in queries.chunks(3).enumerate() {
            let state = (0..updates).fold(query.to_vec(), |state, _| naive_update(&patterns, &state, beta).0);
            let gap = states[3 * i..].iter().zip(&state).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(gap < tolerance, "{kind}: {gap}");
            let (_, weights) = naive_update(&patterns, &state, beta);
            let nearest = (0..4).max_by(|a, b| weights[*a].total_cmp(&weights[*b])).expect("four weights");
            assert_eq!(lines[i]["nearest"], nearest);
            assert!((lines[i]["weight"].as_f64().expect("a weight") - weights[nearest]).abs() < tolerance);
            let (before, after) = (lines[i]["energy_before"].as_f64(), lines[i]["energy_after"].as_f64());
            assert!(after < before, "{before:?} {after:?}");
        }
    }
}

#[test]
fn recall_puts_rows_on_the_sphere_when_asked() {
    let folder = folder("sphere");
    let p = npy(&folder.join("p.npy"), &[2, 2], &[3.0, 4.0, -1.0, 0.0_f64]);
    let q = npy(&folder.join("q.npy"), &[1, 2], &[30.0, 40.0_f64]);
    let r = folder.join("r.npy").to_string_lossy().into_owned();
    json(&[
        "recall",
        "--patterns",
        &p,
        "--queries",
        &q,
        "--beta",
        "60",
        "--normalise",
        "sphere",
        "--out",
        &r,
        "--json",
    ]);
    let states =
        npyz::NpyFile::new(std::fs::read(&r).expect("the states").as_slice()).expect("NumPy").into_vec::<f64>();
    let states = states.expect("f64");
    assert!((states[0] - 0.6).abs() < 1e-9 && (states[1] - 0.8).abs() < 1e-9, "{states:?}");
}

#[test]
fn the_sphere_is_reached_from_the_ends_of_the_range() {
    let folder = folder("range");
    let q = npy(&folder.join("q.npy"), &[1, 2], &[0.6, 0.8_f64]);
    let recalled = |name: &str, scale: f64| {
        let p = npy(&folder.join(format!("{name}.npy")), &[2, 2], &[3.0 * scale, 4.0 * scale, -scale, 0.0_f64]);
        let r = folder.join(format!("{name}-r.npy")).to_string_lossy().into_owned();
        let words = ["recall", "--patterns", &p, "--queries", &q, "--beta", "60", "--normalise", "sphere", "--out", &r];
        json(&[&words[..], &["--json"]].concat());
        let bytes = std::fs::read(&r).expect("the states");
        npyz::NpyFile::new(bytes.as_slice()).expect("NumPy").into_vec::<f64>().expect("f64")
    };
    for (name, scale) in [("vast", 1e300), ("tiny", 1e-300)] {
        let states = recalled(name, scale);
        assert!((states[0] - 0.6).abs() < 1e-9 && (states[1] - 0.8).abs() < 1e-9, "{name}: {states:?}");
    }
}

#[test]
fn recall_never_writes_what_is_not_a_number() {
    let folder = folder("overflow");
    let at = |name: &str| folder.join(name);
    let narrow = npy(&at("narrow.npy"), &[2, 2], &[1e30, 0.0, 0.0, 1e30_f32]);
    let wide = npy(&at("wide.npy"), &[2, 2], &[1e200, 0.0, 0.0, 1e200_f64]);
    let unit = npy(&at("unit.npy"), &[2, 2], &[1.0, 0.0, 0.0, 1.0_f32]);
    let out = at("r.npy");
    // From an earlier run of this test.
    let _ = std::fs::remove_file(&out);
    let r = out.to_string_lossy().into_owned();
    for (file, beta, wanted) in [
        (&narrow, "1", "narrow.npy: must stay finite under the patterns and --beta; got an overflow at row 0"),
        (&wide, "1", "wide.npy: must stay finite under the patterns and --beta; got an overflow at row 0"),
        (&unit, "1e300", "--beta must be a float32 above 0"),
        (&unit, "1e-60", "--beta must be a float32 above 0"),
        (&unit, "nan", "--beta must be a number above 0; got \"nan\""),
        (&unit, "-1", "--beta must be a number above 0; got \"-1\""),
    ] {
        let lines = refused(&["recall", "--patterns", file, "--queries", file, "--beta", beta, "--out", &r, "--json"]);
        assert!(lines.len() == 1 && lines[0].contains(wanted), "{lines:?}");
        assert!(!out.exists(), "{wanted}");
    }
}

#[test]
fn recall_refuses_bad_files_in_one_line_that_names_them() {
    let folder = folder("bad");
    let at = |name: &str| folder.join(name);
    let good = npy(&at("good.npy"), &[2, 2], &[1.0, 2.0, 3.0, 4.0_f32]);
    let wide = npy(&at("wide.npy"), &[1, 3], &[1.0, 2.0, 3.0_f32]);
    let flat = npy(&at("flat.npy"), &[4], &[1.0, 2.0, 3.0, 4.0_f32]);
    let double = npy(&at("double.npy"), &[1, 2], &[1.0, 2.0_f64]);
    let whole = npy(&at("whole.npy"), &[1, 2], &[1_i32, 2]);
    let holes = npy(&at("holes.npy"), &[2, 2], &[1.0, 2.0, f32::NAN, 4.0]);
    let none = npy(&at("none.npy"), &[0, 2], &[0.0_f32; 0]);
    let zeros = npy(&at("zeros.npy"), &[1, 2], &[0.0, 0.0_f32]);
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(at(name), bytes).expect("a file");
        at(name).to_string_lossy().into_owned()
    };
    let bytes = std::fs::read(&good).expect("the good file");
    let cut = write("cut.npy", &bytes[..bytes.len() - 3]);
    let long = write("long.npy", &[&bytes[..], &[0]].concat());
    let text = write("text.npy", b"no numbers at all");
    let garbled = write("garbled.npy", b"\x93NUMPY\x01\x00\x0e\x00{not a header\n");
    let fortran = write("fortran.npy", &fortran_order(&bytes));
    let missing = at("missing.npy").to_string_lossy().into_owned();
    let out = at("r.npy").to_string_lossy().into_owned();
    let call = |patterns: &str, queries: &str, more: &[&str]| {
        let words =
            [&["recall", "--patterns", patterns, "--queries", queries, "--beta", "1", "--out", &out], more].concat();
        let lines = refused(&words);
        assert_eq!(lines.len(), 1, "one line: {lines:?}");
        lines[0].clone()
    };
    for (file, wanted) in [
        (&wide, "must have 2 columns"),
        (&flat, "must have two dimensions"),
        (&double, "must be float32 like"),
        (&whole, "must be float32 or float64"),
        (&holes, "finite numbers only; got one that is not at row 1, column 0"),
        (&cut, "must be whole"),
        (&long, "must end with its numbers"),
        (&text, "must be a NumPy .npy file"),
        (&garbled, "must be a NumPy .npy file"),
        (&fortran, "C order"),
        (&missing, "must be a file that can be read"),
    ] {
        let line = call(&good, file, &[]);
        assert!(line.contains(wanted) && line.contains(file.as_str()), "{line}");
    }
    assert!(call(&none, &good, &[]).contains("at least one pattern"));
    assert!(call(&good, &zeros, &["--normalise", "sphere"]).contains("no row of zeros"));
    let words = ["recall", "--patterns", &good, "--queries", &good, "--beta", "0", "--out", &out];
    assert!(refused(&words)[0].contains("--beta must be a number above 0"));
    let nowhere = at("no/such/folder/r.npy").to_string_lossy().into_owned();
    let words = ["recall", "--patterns", &good, "--queries", &good, "--beta", "1", "--out", &nowhere];
    assert!(refused(&words)[0].contains("must be a file that can be written"));
    let words = ["recall", "--patterns", &good, "--queries", &good, "--beta", "1", "--out", &good];
    assert!(refused(&words)[0].contains("must not be a file that is read"));
}

/// The same file with its header saying Fortran order, byte for byte as long.
fn fortran_order(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let at = out.windows(5).position(|word| word == b"False").expect("a header with an order");
    out[at..at + 5].copy_from_slice(b"True ");
    out
}
