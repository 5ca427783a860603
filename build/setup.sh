# Sourced by ./run, ./test and .ci/run: what the machine must have, and a build that is skipped when nothing changed.
# Everything it prints goes to standard error, so that the standard output of `./run VERB --json` is the verb's alone.
# shellcheck shell=bash

readonly EXIT_ENVIRONMENT=3

root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
export LORA_RECYCLE_ROOT=$root
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK=1
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

# Where TorchSharp has no native library, restoring would end in a message about packages that nobody asked for.
require_platform() {
  [[ $HOSTTYPE == x86_64 && $OSTYPE == linux-gnu ]] ||
    stop "this is $HOSTTYPE $OSTYPE: libtorch's packages for Linux are for x86-64 processors and glibc alone."
}

first_on_path() {
  local name
  for name in "$@"; do command -v "$name" && return 0; done
  return 1
}

# What the tests start and what is not here, as Debian's packages are called. A server and a browser that somebody else
# installed will do: those on the PATH, or those that POSTGRES_BIN and CHROMIUM name.
find_what_tests_start() {
  local found
  missing=()
  command -v curl >/dev/null || missing+=(curl)
  if [[ -z ${POSTGRES_BIN:-} ]] && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
    if found=$(command -v initdb); then
      POSTGRES_BIN=$(dirname -- "$(readlink -f -- "$found")")
      export POSTGRES_BIN
    else
      missing+=(postgresql)
    fi
  fi
  if [[ -z ${CHROMIUM:-} ]]; then
    # The one without windows first, since nobody looks at them: the tests take a quarter less of the processors with it.
    if found=$(first_on_path chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable); then
      export CHROMIUM=$found
    else
      missing+=(chromium)
    fi
  fi
}

# For ./test and .ci/run alone; ./run needs nothing but the SDK.
install_what_tests_start() {
  local missing
  find_what_tests_start
  [[ ${#missing[@]} -gt 0 ]] || return 0
  command -v apt-get >/dev/null || stop "the tests start programs that are not here: ${missing[*]}" \
    "Install them: curl, PostgreSQL's server (initdb and postgres) and Chromium, on the PATH." \
    "POSTGRES_BIN names the folder of another server, CHROMIUM another browser. Then try again."

  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    sudo -n true 2>/dev/null || stop "the tests need these Debian packages: ${missing[*]}" \
      "Install them, then try again:  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" \
      "Or name what is there already: POSTGRES_BIN the folder with initdb and postgres, CHROMIUM a browser."
    as_root=(sudo -n)
  fi
  say "Installing ${missing[*]} ..."
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } </dev/null >&2 ||
    stop "apt-get could not install: ${missing[*]}" "Its messages are above; 'apt-get update' or a package source may be what fails."
  find_what_tests_start
  [[ ${#missing[@]} -eq 0 ]] || stop "apt-get installed them, and still these are not found: ${missing[*]}" \
    "POSTGRES_BIN names the folder with initdb and postgres, CHROMIUM a browser."
}

# fingerprint FOLDER...: what a build of these reads (names, sizes and times of the sources), the SDK, and which libtorch it takes along.
fingerprint() {
  {
    find "${@/#/$root/}" "$root"/{build,README.md,Directory.*,global.json,appsettings.json,.editorconfig,*.sln} \
      \( -name bin -o -name obj -o -name golden \) -prune -o -type f -printf '%p %s %T@\n' | LC_ALL=C sort
    readlink -f "$(command -v dotnet)"
    echo "${Torch:-}"
  } | sha256sum
}

# make_if_changed NAME OUTPUT FOLDERS COMMAND...: runs COMMAND unless OUTPUT is there and was made from what there is now.
make_if_changed() {
  local name=$1 output=$2 folders
  read -ra folders <<<"$3"
  shift 3
  local stamp=$root/artifacts/stamps/$name
  mkdir -p "$root/artifacts/stamps"
  (
    flock 9 # two commands started at once must not build into the same folders
    if [[ ! -e $root/$output || ! -e $stamp || $(<"$stamp") != "$(fingerprint "${folders[@]}")" ]]; then
      require_platform
      require_sdk_10
      "$@" </dev/null >&2 || stop "the build failed; its messages are above."
      fingerprint "${folders[@]}" >"$stamp"
    fi
  ) 9>"$root/artifacts/build.lock"
}

readonly quietly=(-c Release -v quiet '-clp:ErrorsOnly;NoSummary' --disable-build-servers)

# build_solution [ARGUMENT...]: everything, the tests included.
build_solution() {
  say "Building LoraRecycle.Service.sln ..."
  dotnet build "$root/LoraRecycle.Service.sln" "${quietly[@]}" "$@"
}

# The program as it is deployed, compiled ahead for this processor, since half of its start would be compiling. Without
# analyzers, which are for who changes it and run in every other build. In the place of the old one at once: a server that
# still runs has that one's files open.
publish_program() {
  local program=$root/artifacts/program
  say "Building the program ..."
  rm -rf -- "$program.new"
  dotnet publish "$root/src/LoraRecycle.Cli/LoraRecycle.Cli.csproj" "${quietly[@]}" -p:RunAnalyzers=false \
    --use-current-runtime --self-contained false -o "$program.new" &&
    rm -rf -- "$program" && mv -- "$program.new" "$program"
}
