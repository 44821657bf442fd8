#!/bin/sh
# Builds contract-zig.wasm. ZIG names another zig than the one on the path.
set -eu
cd "$(dirname "$0")"
"${ZIG:-zig}" build-exe contract-zig.zig -target wasm32-freestanding -O ReleaseSmall -fno-entry -rdynamic -fstrip \
  --stack 65536 -femit-bin=contract-zig.wasm
chmod -x contract-zig.wasm
