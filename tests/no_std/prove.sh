#!/usr/bin/env bash
# Proves that secretchat needs no std: links it into a static program without std and libc, for the host, and
# runs that. Then the controls, which must fail: each check with a wrong answer, and the build with `std`.
# `prove.sh FEATURES...` looks at these sets of features alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

host=x86_64-unknown-linux-gnu
target=${CARGO_TARGET_DIR:-../../target}/no_std
program=$target/$host/release/no-std-proof
log=$(mktemp)
trap 'rm -f "$log"' EXIT

cp ../../Cargo.lock Cargo.lock

build() { # FEATURES
  # With --target the flags are for the program only, not for build scripts and macros.
  RUSTFLAGS="-Clink-arg=-nostartfiles -Clink-arg=-nostdlib -Clink-arg=-static -Crelocation-model=static" \
    cargo build --quiet --release --target "$host" --target-dir "$target" --no-default-features --features "$1"
}

(($# > 0)) || set -- "" alloc hybrid telegram lanes alloc,hybrid,telegram,lanes

fail() {
  echo "no_std proof: $1"
  exit 1
}

for features in "$@"; do
  build "$features"
  "$program" || fail "features '$features': check $? fails"
  checks=0 flips=(flip)
  while
    rc=0
    "$program" "${flips[@]}" || rc=$?
    ((rc != 255))
  do
    ((rc == ${#flips[@]})) || fail "features '$features': a wrong answer to check ${#flips[@]} gives $rc"
    checks=${#flips[@]} flips+=(flip)
  done
  nm -C "$program" >"$log"
  grep -q ' _start$' "$log" || fail "features '$features': no symbols to look at"
  ! grep -E '(^|[ <&(])std::|__libc_start_main' "$log" || fail "features '$features': std is in there"
  ! readelf --program-headers "$program" | grep INTERP || fail "features '$features': not static"
  echo "no_std proof: features '$features': $checks checks, $(stat -c %s "$program") bytes"
done

# The same on Cortex-M, whose instructions qemu runs, where both are installed.
if rustup target list --installed | grep -qx thumbv7em-none-eabi && [[ $(type -P qemu-arm) ]]; then
  for features in "" alloc alloc,hybrid alloc,hybrid,telegram; do
    cargo build --quiet --release --target thumbv7em-none-eabi --target-dir "$target" \
      --no-default-features --features "$features"
    program=$target/thumbv7em-none-eabi/release/no-std-proof
    qemu-arm "$program" || fail "Cortex-M, features '$features': check $? fails"
    echo "no_std proof: Cortex-M, features '$features': $(size "$program" | awk 'NR == 2 { print $1 }') bytes of code"
  done
fi

if build std 2>"$log"; then
  fail "control: it builds with std, so it would never notice std"
fi
grep -q 'error\[E0152\]' "$log" || { cat "$log"; fail "control: fails for another reason than std"; }
echo "no_std proof: with std it does not build (E0152), as it must not"
