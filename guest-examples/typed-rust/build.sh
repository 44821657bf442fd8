#!/bin/sh
# Builds typed-rust.wasm. The folders of this machine stay out of it, so that the same sources give the same bytes.
# The target has no WASI: the module imports Extism's functions and the application's, and nothing else.
set -eu
cd "$(dirname "$0")"
target=wasm32-unknown-unknown
${CARGO:-cargo} fetch --quiet --locked --target $target
crates=${CARGO_HOME:-$HOME/.cargo}/registry/src
library=$(${RUSTC:-rustc} --print sysroot)/lib/rustlib/src/rust
RUSTFLAGS="$(printf -- '--remap-path-prefix=%s=/crates ' "$crates"/*) --remap-path-prefix=$library=/rust" \
  ${CARGO:-cargo} build --quiet --locked --release --target $target ${CARGO_BUILD_FLAGS-}
cat "${CARGO_TARGET_DIR:-target}/$target/release/typed_rust.wasm" > typed-rust.wasm
