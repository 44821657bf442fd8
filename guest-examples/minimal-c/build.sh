#!/bin/sh
# Builds minimal-c.wasm. CLANG names another clang; its lld has to be there as well. Two steps, because clang would run
# wasm-opt over what it links with -O, where there happens to be one.
set -eu
cd "$(dirname "$0")"
clang="${CLANG:-clang-19} --target=wasm32-unknown-unknown"
trap 'rm -f minimal-c.o' EXIT
$clang -std=c17 -Os -Wall -Wextra -Werror -ffreestanding -fno-builtin -mbulk-memory -c -o minimal-c.o minimal-c.c
$clang -nostdlib -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=65536 -o minimal-c.wasm minimal-c.o
chmod -x minimal-c.wasm
