//! The floors of the house: a file uses only what is below it. `src/lib.rs` has the table.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::string_slice, reason = "the places were found in the text")]

use std::{fs, path::Path};

/// Every source file, as its path below `src/` and its text without its tests.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, root: &Path, out: &mut Vec<(String, String)>) {
        for file in fs::read_dir(folder).expect("src can be read") {
            let path = file.expect("src can be read").path();
            if path.is_dir() {
                walk(&path, root, out);
            } else {
                let name = path.strip_prefix(root).expect("it is below src").to_string_lossy().into_owned();
                let text = fs::read_to_string(&path).expect("sources are text");
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
                out.push((name, code));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut out = Vec::new();
    walk(&root, &root, &mut out);
    assert!(out.len() > 20, "the sources were found");
    out
}

/// What a room may use of the crate, beside itself.
fn below(room: &str) -> &'static [&'static str] {
    match room {
        "math" => &[],
        "data" | "model" => &["math"],
        "lab" => &["math", "data"],
        "experiments" => &["math", "data", "model", "lab"],
        "catalogue" | "link" => &["math", "lab", "experiments", "catalogue"],
        "session" => &["math", "data", "lab", "link", "catalogue"],
        "sweep" => &["math", "lab", "link", "session"],
        "wasm" | "main" | "jobs" | "recall" | "sweep_command" | "verify" => {
            &["math", "data", "model", "lab", "catalogue", "link", "session", "sweep"]
        }
        other => panic!("src/{other} has no floor: give it one here and in src/lib.rs"),
    }
}

/// The first names behind a root, in `use root::{a::…, b}` as in `root::a::…`, outside comments.
fn named(code: &str, root: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices(root) {
        let line = code[..at].rsplit('\n').next().unwrap_or_default();
        let part_of_a_word = line.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if part_of_a_word || line.trim_start().starts_with("//") {
            continue;
        }
        let rest = &code[at + root.len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut word)),
                    c if depth == 0 && !c.is_whitespace() => word.push(c),
                    _ => {}
                }
            }
            names.push(word);
        } else {
            names.push(rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned());
        }
    }
    let first = |name: String| name.split("::").next().unwrap_or_default().to_owned();
    names
        .into_iter()
        .map(first)
        .filter(|name| !name.is_empty() && name.chars().all(|c| c.is_lowercase() || c.is_ascii_digit() || c == '_'))
        .collect()
}

#[test]
fn names_are_found_in_lists_and_paths_and_not_in_comments() {
    let code =
        "use crate::{a::{b, c}, d,\n e::F};\n/// [`crate::no`]\nfn f() { crate::g::h(); my_crate::i(); crate::J }";
    assert_eq!(named(code, "crate::"), ["a", "d", "e", "g"]);
    assert_eq!(named("use std::{fs, io::{self, Read}};", "std::"), ["fs", "io"]);
}

#[test]
fn nothing_reaches_up() {
    for (name, code) in sources() {
        let room = name.split(['/', '.']).next().unwrap_or_default();
        if room == "lib" {
            continue;
        }
        // The binary is a crate of its own: to it the library is `attractor`.
        for used in [named(&code, "crate::"), named(&code, "attractor::")].concat() {
            let fine = used == room || below(room).contains(&used.as_str());
            assert!(fine, "src/{name} uses {used}, which is not below its floor");
        }
        assert!(!code.contains("super::super::"), "src/{name}: a path from the crate's root shows its floor");
    }
}

#[test]
fn experiments_do_not_use_each_other() {
    for (name, code) in
        sources().iter().filter(|(name, _)| name.starts_with("experiments/") && !name.ends_with("mod.rs"))
    {
        assert!(
            !code.contains("super::") && !code.contains("experiments::"),
            "src/{name}: move what two need down to model"
        );
    }
}

#[test]
fn what_is_absent_on_purpose_is_absent() {
    for (name, code) in sources() {
        let code: String =
            code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
        let face =
            ["main.rs", "jobs.rs", "recall.rs", "sweep_command.rs", "verify.rs", "wasm.rs"].contains(&name.as_str());
        let std_modules = named(&code, "std::");
        for module in ["thread", "time", "sync"] {
            // The command takes several runs at a time; each of them is one thread's business. A single run may be about time.
            let allowed = name == if module == "time" { "main.rs" } else { "jobs.rs" };
            assert!(allowed || !std_modules.iter().any(|used| used == module), "src/{name} uses std::{module}");
        }
        for word in ["HashMap", "HashSet", "static mut", "thread_local!", "async "] {
            assert!(!code.contains(word), "src/{name} has {word}");
        }
        for module in ["fs", "io", "env", "net", "process"] {
            let allowed = face || (module == "io" && name == "data/bundled.rs");
            assert!(allowed || !std_modules.iter().any(|used| used == module), "src/{name} uses std::{module}");
        }
        for word in ["JsValue", "nalgebra::"] {
            let allowed = face || (word == "nalgebra::" && name == "math/linalg.rs");
            assert!(allowed || !code.contains(word), "src/{name} has {word}");
        }
        let unsafe_code = code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe");
        assert!(!unsafe_code || name == "math/simd.rs", "src/{name} has unsafe code");
    }
}
