#!/usr/bin/env bash
# Checks the types of the page's scripts with TypeScript, which is fetched into artifacts/. Needs Node.js and npm's registry;
# without them it says so and checks nothing, since neither the program nor its other tests need them.
set -euo pipefail

# shellcheck source=build/setup.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/setup.sh"

version=5.9
tools=$root/artifacts/typescript
if [[ ! -e $tools/node_modules/typescript ]]; then
  mkdir -p -- "$tools"
  if ! command -v npm >/dev/null || ! npm install --prefix "$tools" --no-save --no-audit --no-fund "typescript@$version" >/dev/null 2>&1; then
    echo "not checked: TypeScript $version could not be fetched (npm is missing, or its registry does not answer)"
    exit 0
  fi
fi
node "$tools/node_modules/typescript/bin/tsc" --project "$root/src/LoraRecycle.Service/jsconfig.json"
echo "the types of the page's scripts are right"
