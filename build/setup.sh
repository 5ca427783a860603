# Sourced by ./run, ./test and .ci/run: what the machine must have, and a build that is skipped when nothing changed.
# Everything it prints goes to standard error, so that the standard output of `./run VERB --json` is the verb's alone.
# shellcheck shell=bash

readonly EXIT_ENVIRONMENT=3

root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
export LORA_RECYCLE_ROOT=$root
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 # the SDK would need ICU, which a small system lacks
export MSBUILDDISABLENODEREUSE=1 # a build server that stays behind would hold this script's output open after its end

say() { printf '%s\n' "$*" >&2; }

stop() {
  say "error: $1"
  shift
  for line in "$@"; do say "  $line"; done
  exit "$EXIT_ENVIRONMENT"
}

# The SDK is the one thing that is not installed here: where it comes from is the owner's choice.
require_dotnet() {
  command -v dotnet >/dev/null || stop "the .NET SDK is missing: no 'dotnet' on the PATH." \
    "Install the .NET 10 SDK (https://dotnet.microsoft.com/download/dotnet/10.0) and try again."
  # The program's own launcher looks here, not on the PATH.
  export DOTNET_ROOT=${DOTNET_ROOT:-$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")}
}

require_sdk_10() {
  dotnet --list-sdks | grep -Eq '^[1-9][0-9]+\.' || stop "the .NET SDK is too old, 10.0 or newer is needed; found:" \
    "$(dotnet --list-sdks | paste -sd ' ')" "Install the .NET 10 SDK (https://dotnet.microsoft.com/download/dotnet/10.0)."
}

packages_needed() {
  local packages=(ca-certificates curl g++ make)
  if [[ -z ${LIBTORCH:-} ]]; then
    # libtorch-dev alone brings the reference BLAS, which is some thirty times slower than OpenBLAS.
    packages+=(libtorch-dev libopenblas0-openmp)
  fi
  packages+=(${packages_of_tests:-})
  echo "${packages[@]}"
}

packages_missing() {
  local needed installed
  needed=$(packages_needed)
  # shellcheck disable=SC2086 # a list of words; it fails when dpkg has never heard of one of them
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $needed 2>/dev/null || true)
  comm -23 <(tr ' ' '\n' <<<"$needed" | sort) <(sed -n 's/ installed$//p' <<<"$installed" | sort)
}

check_libtorch() {
  [[ -n ${LIBTORCH:-} ]] || return 0
  [[ -e $LIBTORCH/lib/libtorch_cpu.so && -d $LIBTORCH/include/torch ]] || stop "LIBTORCH=$LIBTORCH is not a libtorch." \
    "Expected lib/libtorch_cpu.so and include/torch in it, as in a libtorch archive or in Python's site-packages/torch."
  LIBTORCH=$(cd -- "$LIBTORCH" && pwd)
  export LIBTORCH
}

install_missing_packages() {
  check_libtorch
  if ! command -v dpkg-query >/dev/null; then
    # Another distribution: the compiler says what it lacks, unless it is plain already.
    { command -v g++ && command -v make; } >/dev/null 2>&1 && [[ -n ${LIBTORCH:-} ]] && return
    stop "this is no Debian, so nothing can be installed here." \
      "Install g++ and make, and set LIBTORCH to the folder of a libtorch."
  fi

  local missing
  missing=$(packages_missing | paste -sd ' ')
  [[ -n $missing ]] || return 0

  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    sudo -n true 2>/dev/null || stop "these Debian packages are missing: $missing" \
      "Install them, then try again:  sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing"
    as_root=(sudo -n)
  fi
  say "Installing $missing ..."
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  # shellcheck disable=SC2086 # a list of words
  { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends $missing; } </dev/null >&2 ||
    stop "apt-get could not install: $missing" "Its messages are above; 'apt-get update' or a package source may be what fails."
}

# Everything a build reads: names, sizes and times of the sources, and which libtorch and SDK they are built with.
fingerprint() {
  {
    find "$root/src" "$root/tests" "$root/bench" "$root/docs" "$root"/{README.md,Directory.*,global.json,appsettings.json,.editorconfig,*.sln} \
      \( -name bin -o -name obj -o -name golden \) -prune -o -type f -printf '%p %s %T@\n' | LC_ALL=C sort
    stat -L -c '%n %s %Y' "${LIBTORCH:-/usr/lib/$(uname -m)-linux-gnu}/"{lib/,}libtorch_cpu.so 2>/dev/null || true
    readlink -f "$(command -v dotnet)"
  } | sha256sum
}

# make_if_changed NAME OUTPUT COMMAND...: runs COMMAND unless OUTPUT is there and was made from what there is now.
make_if_changed() {
  local name=$1 output=$2
  shift 2
  local stamp=$root/artifacts/stamps/$name
  mkdir -p "$root/artifacts/stamps"
  (
    flock 9 # two commands started at once must not build into the same folders
    if [[ ! -e $root/$output || ! -e $stamp || $(<"$stamp") != "$(fingerprint)" ]]; then
      require_sdk_10
      "$@" </dev/null >&2 || stop "the build failed; its messages are above."
      fingerprint >"$stamp"
    fi
  ) 9>"$root/artifacts/build.lock"
}

readonly quietly=(-c Release -v quiet '-clp:ErrorsOnly;NoSummary' --disable-build-servers)

# build_solution [ARGUMENT...]: everything, the tests included.
build_solution() {
  say "Building LoraRecycle.Service.sln ..."
  dotnet build "$root/LoraRecycle.Service.sln" "${quietly[@]}" "$@"
}

# The program as it is deployed, compiled ahead for this processor, since half of its start would be compiling. In the place
# of the old one at once: a server that still runs has that one's files open.
publish_program() {
  local program=$root/artifacts/program
  say "Building the program ..."
  rm -rf -- "$program.new"
  dotnet publish "$root/src/LoraRecycle.Cli/LoraRecycle.Cli.csproj" "${quietly[@]}" --use-current-runtime --self-contained false -o "$program.new" &&
    rm -rf -- "$program" && mv -- "$program.new" "$program"
}
