#!/bin/sh
# Builds minimal-zig.wasm. ZIG names another zig than the one on the path.
set -eu
cd "$(dirname "$0")"
"${ZIG:-zig}" build-exe minimal-zig.zig -target wasm32-freestanding -O ReleaseSmall -fno-entry -rdynamic -fstrip \
  --stack 65536 -femit-bin=minimal-zig.wasm
chmod -x minimal-zig.wasm
