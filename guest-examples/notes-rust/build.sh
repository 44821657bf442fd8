#!/bin/sh
# Builds notes-rust.wasm. The folders of this machine stay out of it, so that the same sources give the same bytes.
set -eu
cd "$(dirname "$0")"
cargo fetch --quiet --locked --target wasm32-wasip1
crates=${CARGO_HOME:-$HOME/.cargo}/registry/src
RUSTFLAGS="$(printf -- '--remap-path-prefix=%s=/crates ' "$crates"/*)" \
  cargo build --quiet --locked --release --target wasm32-wasip1
cat "${CARGO_TARGET_DIR:-target}/wasm32-wasip1/release/notes_rust.wasm" > notes-rust.wasm
