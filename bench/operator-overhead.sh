#!/bin/sh
# Prints what one operator call costs in C++ and through the torch layer, in one run on this machine.
set -eu
cd "$(dirname "$0")/OperatorOverhead"
make --silent -C native OUT="$PWD/obj/native" LIBTORCH="${LIBTORCH:-}"
dotnet build -c Release -v quiet --nologo >/dev/null
for round in 1 2 3; do
    read -r direct boxed <<C
$(obj/native/overhead)
C
    read -r disposed scoped inplace <<NET
$(bin/Release/net10.0/OperatorOverhead)
NET
    echo "add of one element, ns: C++ $direct (boxed $boxed) | .NET disposed $disposed, in a scope $scoped, in place $inplace |" \
        "difference $(awk "BEGIN { printf \"%.2f\", ($disposed - $direct) / 1000 }") us"
done
