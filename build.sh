#!/usr/bin/env bash
# Builds, serves and checks Attractor. `./build.sh help` lists the verbs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source .config/build/say.sh
source .config/build/wasm.sh
source .config/build/tools.sh

# What the compiler keeps to build a part of the crate again makes no whole build quicker, and after one that was broken off
# the command would not link until it was thrown away.
export CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}

usage() {
  cat <<'END'
./build.sh serve [port]      build what is stale and serve www/ on this machine (port 8080; 0 takes a free one)
./build.sh build             the wasm modules, the page's libraries and the static site in dist/
./build.sh check             formatting, lints and types: the fast checks
./build.sh format            lays out Rust and the page as check wants them
./build.sh test [...]        everything CI runs; --firefox adds the golden rows in Firefox, --long the whole trainings
./build.sh bench [...]       time the kernels in wasm: --record writes a dated file, --only TEXT, --samples N
./build.sh frames            times the page: when each experiment moves, its work in a frame, a slider, a sweep
./build.sh verify [...]      runs every experiment to its end over three seeds and judges its claims
./build.sh golden            write tests/golden.tsv anew after a change that is meant
END
}

# --- build ------------------------------------------------------------------------------------------------------

# One flavour of the module: the name of its files in www/pkg, the features the compiler may use, and more of cargo's
# arguments. The linker's names and what refers to what stay in until it is split.
build_module() {
  local name=$1 features=$2
  local folder=target/wasm-$name
  local linked=$folder/$wasm_target/release/attractor.wasm
  if [[ ! -f $linked ]]; then say "the wasm module $name: compiling it (a minute or two the first time)"; fi
  wasm_cargo "$features" rustc --quiet --release --lib --locked --target-dir "$folder" "${@:3}" -- \
    -Clink-arg=--emit-relocs
  if stale "www/pkg/${name}_bg.wasm" www/split.mjs www/symbols.mjs "$linked"; then
    "$bindgen_bin/wasm-bindgen" "$linked" --out-dir "$folder/page" --out-name "$name" --target web --no-demangle \
      --remove-producers-section
    mkdir -p www/pkg
    cp "$folder/page/$name".{js,d.ts} "$folder/page/${name}_bg.wasm.d.ts" www/pkg
    node www/split.mjs "$linked" "$folder/page/${name}_bg.wasm" "www/pkg/$name"
  fi
}

# What www/ needs beside the files in it: two flavours of the module, d3 in one file, the catalogue with its formulas. The
# stills of runs that changed are made anew.
build_page() {
  set_up_wasm
  set_up_wasm_bindgen
  set_up_npm www
  # Side by side: the optimiser keeps to one core.
  build_module attractor "$simd" &
  local first=$!
  # What few browsers ask for is not optimised across crates: it would be as large, and half a minute later.
  build_module attractor_scalar '' --config profile.release.lto=false
  wait $first
  if [[ ! -f target/debug/attractor ]]; then
    say 'the command, which writes the catalogue for the page: compiling it (a minute or two the first time)'
  fi
  cargo build --quiet --locked --target-dir target
  if stale www/pkg/catalogue.json www/prepare.mjs www/stills.mjs www/package-lock.json target/debug/attractor; then
    say 'the catalogue and the pictures on its cards: running to its end every experiment that changed'
    target/debug/attractor describe --json | node www/prepare.mjs target/wasm-attractor/page/attractor.js
  fi
}

# dist/ is www/ without what only this script reads and what only people read, and with the licences of what is in it.
build_site() {
  build_page
  rm -rf dist
  mkdir dist
  tar -C www -c --exclude=node_modules --exclude='package*.json' --exclude='*.mjs' --exclude='*.d.ts' \
    --exclude=.npmrc . | tar -C dist -x
  node www/compact.mjs dist
  cp NOTICES.md LICENSE-MIT LICENSE-APACHE dist
  say "dist/ is ready: $(du -sh dist | cut -f1)"
}

# --- check ------------------------------------------------------------------------------------------------------

check_rust() {
  need cargo 'install Rust, https://rustup.rs'
  cargo fmt --check || fail 'the Rust files are laid out otherwise' './build.sh format'
  cargo clippy --locked --all-targets -- -D warnings
}

check_wasm() {
  if find_wasm && set_up_wasm_clippy; then
    # Release, as the build has the procedural macros so already.
    wasm_clippy "$simd" --release --locked --lib --target-dir target/wasm-attractor -- -D warnings
  else
    say 'lints of the wasm face: left out, its toolchain is not set up yet (./build.sh build does that)'
  fi
}

check_page() {
  set_up_npm tests
  local bin=tests/node_modules/.bin
  "$bin/biome" check --config-path=.config --error-on-warnings www tests ||
    fail 'the page has the faults above' './build.sh format mends those of layout'
  "$bin/html-validate" --config .config/htmlvalidate.json www/*.html
}

check_types() {
  set_up_npm www
  set_up_npm tests
  if [[ -f www/pkg/attractor.d.ts ]]; then
    tests/node_modules/.bin/tsc --project .config/tsconfig.json
  else
    say 'types of the page: left out, they need the wasm module (./build.sh build makes it)'
  fi
}

format() {
  need cargo 'install Rust, https://rustup.rs'
  cargo fmt
  set_up_npm tests
  tests/node_modules/.bin/biome check --config-path=.config --write www tests
}

# --- test -------------------------------------------------------------------------------------------------------

# A source of randomness or of time in the wasm module would end exact replay.
test_no_getrandom() {
  local tree
  tree=$(cargo tree --locked --target "$wasm_target" --prefix none)
  if grep '^getrandom ' <<<"$tree"; then
    fail 'getrandom is in the wasm module' "find who brings it: cargo tree -i getrandom --target $wasm_target"
  fi
}

# tests/wasm.rs with SIMD or without, in Node, or where the caller's environment says. It takes minutes to build, and in Node the
# modules that are shipped give the golden rows anyhow (tests/js): so only with Firefox.
test_wasm() {
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$bindgen_bin/wasm-bindgen-test-runner \
    wasm_cargo "$2" test --release --locked --test wasm --target-dir "target/wasm-$1"
}

test_js() {
  local files=("tests/$1"/*.test.js)
  [[ -f ${files[0]} ]] || fail "no tests in tests/$1" "name them tests/$1/*.test.js"
  node --test --test-reporter=spec "${@:2}" "${files[@]}"
}

stages_native() {
  stage 'Rust: formatting and lints';    check_rust
  stage 'Rust: tests';                   cargo test --locked -- ${long:+--include-ignored}
}

stages_page() {
  stage 'Page: lints, HTML';             check_page
  stage 'Toolchain for wasm';            set_up_wasm
  stage 'wasm: no source of randomness'; test_no_getrandom
  stage 'The site';                      build_site
  stage 'Page: types';                   check_types
  stage 'Page: modules in Node';         test_js js
  set_up_chromium
  stage 'Page: in Chromium';             CHROMIUM=$chromium test_js browser --test-concurrency=2
}

# Every stage; stops at the first that fails. The optimiser of the wasm modules keeps to one core, and a browser often waits: so
# the page's stages run beside the native ones and are told after them.
test_stages() {
  local told page failed=0 long= firefox= option
  for option; do
    case $option in
      --firefox) firefox=yes ;;
      --long) long=yes ;;
      *) fail "test does not know: $option" 'it takes --firefox and --long' ;;
    esac
  done
  told=$(mktemp)
  trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
  stages_page >"$told" 2>&1 &
  page=$!
  stages_native &
  { wait $! && wait $page; } || failed=1
  cat "$told"
  rm "$told"
  if [[ $failed == 1 ]]; then exit 1; fi
  if [[ $firefox ]]; then
    set_up_wasm
    set_up_wasm_bindgen
    set_up_firefox
    stage 'wasm: tests in Node';         test_wasm attractor "$simd"
    # All rows are one test, and while it runs the browser answers nothing: seconds to wait for that.
    export GECKODRIVER=$geckodriver WASM_BINDGEN_USE_BROWSER=1 WASM_BINDGEN_TEST_TIMEOUT=600
    stage 'wasm: tests in Firefox';      test_wasm attractor "$simd"
    stage 'wasm: tests in Firefox, without SIMD'; test_wasm attractor_scalar ''
  fi
}

# Adds up what cargo, the wasm runner and node counted, and ends with the one line that CI reads.
test_all() {
  local log status=0
  log=$(mktemp)
  ./build.sh test-stages "$@" 2>&1 | tee "$log" || status=$?
  awk -v status="$status" '
    /^test result: / { passed += $4; failed += $6 }
    /^(ℹ|#) pass [0-9]+$/ { passed += $3 }
    /^(ℹ|#) (fail|cancelled) [0-9]+$/ { failed += $3 }
    END {
      if (status != 0 && failed == 0) failed = 1  # a stage that counts nothing, such as a lint
      printf "\n%d passed, %d failed\n", passed, failed
    }' "$log"
  rm "$log"
  return "$status"
}

# --- bench ------------------------------------------------------------------------------------------------------

bench() {
  set_up_wasm
  set_up_npm tests/bench
  set_up_chromium
  wasm_cargo "$simd" build --release --manifest-path tests/bench/Cargo.toml --target-dir tests/bench/target
  node tests/bench/bench.mjs --browser "$chromium" "$@" "tests/bench/target/$wasm_target/release/attractor_bench.wasm"
}

# When each experiment moves in the page, and how long the page works in its frames.
frames() {
  build_site
  set_up_npm tests
  set_up_chromium
  CHROMIUM=$chromium test_js frames
}

verb=${1:-help}
shift || true
case $verb in
  serve) build_page; exec node tests/serve.mjs www "${1:-8080}" ;;
  build) build_site ;;
  check) check_rust; check_wasm; check_page; check_types ;;
  format) format ;;
  test) test_all "$@" ;;
  test-stages) test_stages "$@" ;; # test_all runs this as a process of its own, so that `set -e` holds in it
  bench) bench "$@" ;;
  frames) frames ;;
  verify) cargo run --release --locked --quiet -- verify --seeds 3 "$@" ;;
  golden) UPDATE_GOLDEN=1 cargo test --test golden ;;
  help | -h | --help) usage ;;
  *) usage >&2; fail "unknown verb: $verb" 'take one of those above' ;;
esac
