# How the build talks, and what it asks of files. Sourced by build.sh.

say() { printf 'build: %s\n' "$1" >&2; }

# What went wrong, then the remedy.
fail() {
  printf 'build: %s\n       %s\n' "$1" "$2" >&2
  exit 1
}

# What is run next, and how long after the start.
stage() { printf '\n== %s (after %d s)\n' "$1" "$SECONDS"; }

need() { command -v "$1" >/dev/null || fail "no $1 on PATH" "$2"; }

# The first of the commands that exists, as a path.
first_command() {
  local name
  for name in "$@"; do
    if command -v "$name"; then return; fi
  done
  return 1
}

# Is the first file missing, or older than one of the others?
stale() {
  local output=$1 input
  shift
  for input in "$@"; do
    if [[ ! -f $output || $input -nt $output ]]; then return 0; fi
  done
  return 1
}

# Debian's packages, when this is Debian and we may. $1 says what for.
apt_install() {
  local why=$1
  shift
  if ! command -v apt-get >/dev/null || [[ $(id -u) != 0 ]]; then return 1; fi
  say "$why: installing $* with apt, once"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
