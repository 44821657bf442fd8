#!/usr/bin/env bash
# What `cordon init` makes: packs the project, installs the tarball in an empty folder, and for every template whose
# toolchain is on this machine begins a plugin there, builds it, checks it and runs its test. The others are skipped.
#
#   .ci/templates-check.sh [template…]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tarball=$(cd "$root" && npm pack --silent --pack-destination "$work")
cd "$work"
echo '{ "private": true }' > package.json
# As the plugins' own package.json say; once for all.
npm install --silent --no-audit --no-fund "./$tarball" assemblyscript@0.28.20 wabt@1.0.39

export CLANG=${CLANG:-$(command -v clang clang-21 clang-20 clang-19 clang-18 | head -n 1)}

has() {
  case $1 in
    rust) cargo --version && test -d "$(rustc --print target-libdir --target wasm32-wasip1)" ;;
    go) go version ;;
    c) echo 'int f;' | "$CLANG" --target=wasm32-unknown-unknown -nostdlib -Wl,--no-entry -x c - -o probe.wasm ;;
    zig) "${ZIG:-zig}" version ;;
    *) true ;;
  esac > /dev/null 2>&1
}

# What a build would fetch; without a way to it there is nothing to find out.
fetched() {
  case $1 in
    rust) (cd "my-$1" && cargo fetch --quiet --target wasm32-wasip1) ;;
    go) (cd "my-$1" && go mod download) ;;
    *) true ;;
  esac > /dev/null 2>&1
}

if [ $# -eq 0 ]; then set -- assemblyscript rust go c zig wat; fi
for template in "$@"; do
  if ! has "$template"; then
    echo "templates: $template skipped: its toolchain is not here"
    continue
  fi
  npx --no-install cordon init "my-$template" --template "$template" --json > /dev/null
  if ! fetched "$template"; then
    echo "templates: $template skipped: its packages cannot be fetched"
    continue
  fi
  (
    cd "my-$template"
    npm run --silent build
    npx --no-install cordon check --strict
    npm test --silent > test.log 2>&1 || { cat test.log; exit 1; }
    [ "$(npx --no-install cordon call . hello --input Ada)" = 'Hello, Ada!' ]
  )
  echo "templates: $template built, checked and tested"
done
