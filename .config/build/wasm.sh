# The wasm toolchain: a compiler with a standard library for wasm32, and a linker. Sourced by build.sh.
# With rustup it is one command. Debian packages no such library, so there it is compiled once, from Debian's own
# source, into a cache.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/attractor
wasm_target=wasm32-unknown-unknown
simd=-Ctarget-feature=+simd128
debian_packages=(rustc-web cargo-web rust-web-src lld-22)

# Set by find_wasm: the folder of the tools ('' means PATH's), more compiler flags, and the linker.
wasm_bin=''
wasm_flags=''
wasm_linker=''

host() { rustc -vV | sed -n 's/^host: //p'; }

debian_sysroot() { echo "$cache/wasm-sysroot-$(/usr/bin/rustc -V | cut -d' ' -f2)"; }

find_wasm() {
  # rustc prints the folder whether or not the library is in it, so look for the file.
  if command -v rustc >/dev/null &&
    compgen -G "$(rustc --print target-libdir --target $wasm_target)/libstd-*.rlib" >/dev/null; then
    wasm_linker=$(first_command "$(rustc --print sysroot)/lib/rustlib/$(host)/bin/rust-lld" wasm-ld wasm-ld-22) || return 1
  elif [[ -x /usr/bin/rustc && $(/usr/bin/rustc -V) == "$(cat "$(debian_sysroot)/stamp" 2>/dev/null)" ]]; then
    wasm_bin=/usr/bin/
    wasm_flags="--sysroot $(debian_sysroot)"
    wasm_linker=$(first_command wasm-ld-22 wasm-ld) || return 1
  else
    return 1
  fi
}

set_up_wasm() {
  if find_wasm; then return; fi
  add_target_with_rustup
  if find_wasm; then return; fi
  compile_std_of_debian
  if find_wasm; then return; fi
  fail "no standard library for $wasm_target" \
    "rustup target add $wasm_target  (or, on Debian as root: apt-get install ${debian_packages[*]}, then this again)"
}

# rustup's linter comes with its toolchain; Debian's is a package of its own.
set_up_wasm_clippy() {
  command -v "${wasm_bin}cargo-clippy" >/dev/null || apt_install 'lints of the wasm face' rust-web-clippy
}

# A machine that drops packets would hang here, hence the time limit. Failing is no error: there is another way.
add_target_with_rustup() {
  local limit=
  if [[ ${RUSTUP_AUTO_INSTALL:-1} == 0 ]] || ! command -v rustup >/dev/null; then return; fi
  if command -v timeout >/dev/null; then limit='timeout 60'; fi
  say "wasm32 standard library: adding it to the active Rust toolchain with rustup, once"
  $limit rustup target add $wasm_target || say 'rustup could not add it'
}

compile_std_of_debian() {
  if [[ ! -x /usr/bin/cargo || ! -d /usr/lib/rustlib/src/rust/library ]] || ! command -v wasm-ld-22 >/dev/null; then
    apt_install 'wasm32 compiler and the source of its standard library' "${debian_packages[@]}" || return 0
  fi
  local seed libraries sysroot
  seed=$(mktemp -d)
  sysroot=$(debian_sysroot)
  libraries=$sysroot/lib/rustlib/$wasm_target/lib
  say "wasm32 standard library: compiling Debian's into $sysroot, once (two minutes)"
  printf '[package]\nname = "seed"\nedition = "2024"\n[lib]\npath = "seed.rs"\n[profile.release]\npanic = "abort"\n' \
    >"$seed/Cargo.toml"
  echo '#![no_std]' >"$seed/seed.rs"
  # With bitcode, as link-time optimisation asks for; with `test`, so that `cargo test` has a harness.
  RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS='-Cembed-bitcode=yes -Cforce-unwind-tables=no' \
    /usr/bin/cargo build --quiet --release --target $wasm_target -Zbuild-std=std,panic_abort,test \
    --manifest-path "$seed/Cargo.toml" --target-dir "$seed/target"
  rm -rf "$sysroot"
  mkdir -p "$libraries"
  cp "$seed/target/$wasm_target/release/deps"/*.r{lib,meta} "$libraries"
  rm "$libraries"/libseed-*
  # Build scripts and procedural macros run here, on the host's library.
  ln -s "/usr/lib/rustlib/$(host)" "$sysroot/lib/rustlib/"
  /usr/bin/rustc -V >"$sysroot/stamp"
  rm -rf "$seed"
}

# cargo for wasm32: the compiler's features, cargo's verb and its arguments. The crate's default feature is the native
# command.
wasm_cargo() {
  local features=$1 verb=$2
  shift 2
  in_wasm_toolchain "$features" "${wasm_bin}cargo" "$verb" --target $wasm_target --no-default-features "$@"
}

wasm_clippy() {
  local features=$1
  shift
  in_wasm_toolchain "$features" "${wasm_bin}cargo-clippy" clippy --target $wasm_target --no-default-features "$@"
}

in_wasm_toolchain() {
  local features=$1
  shift
  # What a panic says of its place should not tell whose machine built the module, nor differ between machines.
  local home=${CARGO_HOME:-$HOME/.cargo}/registry/src
  RUSTFLAGS="$features $wasm_flags --remap-path-prefix=$home=crates" RUSTC=$(command -v "${wasm_bin}rustc") CARGO=$(command -v "${wasm_bin}cargo") \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$wasm_linker "$@"
}
