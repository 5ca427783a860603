#!/bin/sh
# Compiles the solution against TorchSharp's own assembly instead of the torch layer, so that no name, signature or
# default is used that TorchSharp 0.107 does not have.
#   tests/torchsharp-parity.sh                   the packages come from the NuGet feeds in use
#   tests/torchsharp-parity.sh TorchSharp.dll    the managed assembly alone, for where the packages cannot be had
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -eq 0 ]; then
    exec dotnet build "$root" -p:TorchProvider=TorchSharp
fi
command -v zip >/dev/null || { echo "Expected the program 'zip', found none: apt-get install zip" >&2; exit 1; }
feed=$(mktemp -d)
trap 'rm -rf "$feed"' EXIT

# A package is a zip archive with a description in it.
pack() {
    mkdir -p "$feed/$1/lib/net10.0"
    if [ -n "$2" ]; then cp "$2" "$feed/$1/lib/net10.0/"; else touch "$feed/$1/lib/net10.0/_._"; fi
    cat >"$feed/$1/$1.nuspec" <<XML
<package><metadata><id>$1</id><version>0.107.0</version><authors>TorchSharp</authors><description>Compile-time check</description></metadata></package>
XML
    (cd "$feed/$1" && zip -q -r "../$1.0.107.0.nupkg" .)
    rm -r "${feed:?}/$1"
}

pack TorchSharp "$1"
pack TorchSharp-cuda-linux ""
# A package cache of its own: these two must never pass for the real ones.
usual=${NUGET_PACKAGES:-$HOME/.nuget/packages}
NUGET_PACKAGES="$feed/cache" dotnet build "$root" -p:TorchProvider=TorchSharp -p:RestoreAdditionalProjectSources="$feed" -p:RestoreFallbackFolders="$usual"
