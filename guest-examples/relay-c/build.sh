#!/bin/sh
# Builds relay-c.wasm. CLANG names another clang; its lld has to be there as well. Two steps, because clang would run
# wasm-opt over what it links with -O, where there happens to be one.
set -eu
cd "$(dirname "$0")"
clang="${CLANG:-clang-19} --target=wasm32-unknown-unknown"
trap 'rm -f relay-c.o' EXIT
$clang -std=c17 -Os -Wall -Wextra -Werror -ffreestanding -fno-builtin -mbulk-memory -c -o relay-c.o relay-c.c
$clang -nostdlib -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=65536 -o relay-c.wasm relay-c.o
chmod -x relay-c.wasm
