# The tools that the build and the checks use, each found or set up once. Sourced by build.sh.

# The commands of a crate, into a folder of the cache. A registry's mirror may lag behind the lock file that the crate
# ships; then cargo may choose the versions below the crate itself.
install_crate() {
  local root=$1 crate=$2 version=$3
  # They run for seconds: compiling them with care takes longer than it ever saves.
  local -x CARGO_PROFILE_RELEASE_OPT_LEVEL=0
  cargo install --quiet --locked --root "$root" --version "=$version" "$crate" && return
  say "$crate $version: the versions it is locked to are not all to be had; taking others that fit"
  cargo install --quiet --root "$root" --version "=$version" "$crate" ||
    fail "$crate $version could not be installed" "cargo install $crate --version $version"
}

# Its version and the crate's must be equal, so Cargo.lock decides.
set_up_wasm_bindgen() {
  local version
  version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, ""); print $3 }' Cargo.lock)
  if command -v wasm-bindgen-test-runner >/dev/null && [[ $(wasm-bindgen -V 2>/dev/null) == "wasm-bindgen $version" ]]; then
    bindgen_bin=$(dirname "$(command -v wasm-bindgen)")
    return
  fi
  bindgen_bin=$cache/wasm-bindgen-$version/bin
  if [[ ! -x $bindgen_bin/wasm-bindgen-test-runner ]]; then
    say "wasm-bindgen $version, which writes the JavaScript side of the module: compiling it, once (two minutes)"
    install_crate "${bindgen_bin%/bin}" wasm-bindgen-cli "$version"
  fi
}

# The packages of one folder, as its lock file says; again only when that changes.
set_up_npm() {
  local folder=$1
  need node 'install Node 20 or newer, https://nodejs.org'
  need npm 'install npm, https://nodejs.org'
  if cmp -s "$folder/package-lock.json" "$folder/node_modules/installed-lock.json"; then return; fi
  say "$folder/node_modules: installing what $folder/package-lock.json names, once"
  (cd "$folder" && npm ci --silent) || fail "npm ci failed in $folder" "(cd $folder && npm ci) shows why"
  cp "$folder/package-lock.json" "$folder/node_modules/installed-lock.json"
}

set_up_chromium() {
  local names=(chromium chromium-browser google-chrome)
  chromium=${CHROMIUM:-$(first_command "${names[@]}" || true)}
  if [[ -z $chromium ]]; then
    apt_install 'a browser for the tests of the page' chromium ||
      fail 'no Chromium to test the page in' 'install Chromium or Chrome, or set CHROMIUM to its path'
    chromium=$(first_command "${names[@]}")
  fi
}

set_up_firefox() {
  if ! first_command firefox firefox-esr >/dev/null; then
    apt_install 'Firefox, for the wasm tests' firefox-esr || fail 'no Firefox on PATH' 'install Firefox'
  fi
  geckodriver=$(first_command geckodriver "$cache/geckodriver/bin/geckodriver" || true)
  if [[ -z $geckodriver ]]; then
    say 'geckodriver, which steers Firefox: compiling it, once (five minutes)'
    install_crate "$cache/geckodriver" geckodriver 0.37.1
    geckodriver=$cache/geckodriver/bin/geckodriver
  fi
}
