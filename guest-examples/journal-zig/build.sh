#!/bin/sh
# Builds journal-zig.wasm. ZIG names another zig than the one on the path.
set -eu
cd "$(dirname "$0")"
"${ZIG:-zig}" build-exe journal-zig.zig -target wasm32-freestanding -O ReleaseSmall -fno-entry -rdynamic -fstrip \
  --stack 65536 -femit-bin=journal-zig.wasm
chmod -x journal-zig.wasm
