#!/usr/bin/env bash
# deploy/check-images.sh [SUITE [MIRROR]]   builds the CPU image of the Dockerfile, starts it, and asks it to classify
#
# It needs no container engine and no registry of images: buildah does the work of the one, and a Debian or Ubuntu of debootstrap
# with this machine's .NET stands in, under their names, for .NET's images. SUITE and MIRROR are those of this machine's apt
# sources, unless they are given. NuGet's packages are taken from this machine's folder of them and added to it.
# Needs root, buildah, debootstrap and curl, some 5 GB in TMPDIR, and some minutes. The exit code is 0 when all was as it should be.
set -euo pipefail

# shellcheck source=build/setup.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/../build/setup.sh"

require() {
  local tool missing=()
  [[ $(id -u) -eq 0 ]] || stop "only root can make the root folder of a system: try  sudo $0"
  for tool in buildah debootstrap curl; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  [[ ${#missing[@]} -eq 0 ]] ||
    stop "missing here: ${missing[*]}" "On Debian or Ubuntu:  apt-get install -y --no-install-recommends ${missing[*]}"
  require_dotnet
  require_sdk_10
}

# Storage and registries of its own: what the machine's containers have is neither used nor changed.
buildah() { TMPDIR=$work command buildah "${storage[@]}" "$@"; }

clean_up() {
  [[ -z ${server:-} ]] || kill -KILL -- "-$server" 2>/dev/null || true
  rm -rf --one-file-system -- "$work"
}

# What apt-get would install a package of this machine's release from.
# shellcheck disable=SC2016 # apt-get fills it in
mirror_of() { apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | sed -n "s/^$1 //p" | head -n 1; }

# stand_in NAME FOLDER...: what .NET's image NAME is, as far as the Dockerfile can tell, with these folders of this machine's .NET.
stand_in() {
  local name=$1 container system folder setting
  shift
  container=$(buildah from scratch)
  system=$(buildah mount "$container")
  cp -a -- "$work/system/." "$system"
  mkdir -p "$system/usr/share/dotnet"
  for folder in "$@"; do cp -a -- "$DOTNET_ROOT/$folder" "$system/usr/share/dotnet/"; done
  ln -s ../share/dotnet/dotnet "$system/usr/bin/dotnet"
  buildah umount "$container" >/dev/null
  buildah config --env APP_UID=1654 --env ASPNETCORE_HTTP_PORTS=8080 --env DOTNET_RUNNING_IN_CONTAINER=true "$container"
  if [[ $name == sdk:* ]]; then
    # It needs ICU, which .NET's own image has; and what this machine tells NuGet.
    for setting in DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 $(env | grep -E '^(NUGET_CERT_|DOTNET_NUGET_)[A-Z_]*=[^ ]*$' || true); do
      buildah config --env "$setting" "$container"
    done
  fi
  buildah commit --quiet --rm "$container" "mcr.microsoft.com/dotnet/$name" >/dev/null
}

make_stand_ins() {
  say "== A $suite with .NET in the place of .NET's images"
  DEBIAN_FRONTEND=noninteractive debootstrap --variant=minbase --include=ca-certificates,libstdc++6,tzdata "$suite" "$work/system" "$mirror" >"$work/debootstrap.log" ||
    { tail -n 5 "$work/debootstrap.log" >&2; stop "debootstrap could not make a $suite from $mirror."; }
  # Whom this machine trusts, so that a registry which it reaches is reached from there.
  cp -- "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$work/system/etc/ssl/certs/ca-certificates.crt"
  chroot "$work/system" groupadd --gid 1654 app
  chroot "$work/system" useradd --uid 1654 --gid 1654 --create-home --shell /bin/false app
  stand_in aspnet:10.0 dotnet host shared
  stand_in sdk:10.0 dotnet host shared packs sdk sdk-manifests templates
  rm -rf -- "$work/system"
}

build_image() {
  say "== Building the image"
  local packages settings volumes
  packages=$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')
  mkdir -p "$packages"
  volumes=(--volume "$packages:/root/.nuget/packages")
  settings=${HOME}/.nuget/NuGet/NuGet.Config
  [[ ! -e $settings ]] || volumes+=(--volume "$settings:/root/.nuget/NuGet/NuGet.Config:ro")
  buildah bud --quiet --isolation chroot --pull=never --target cpu --tag "$image" "${volumes[@]}" "$root" >"$work/build.log" 2>&1 ||
    { cat "$work/build.log" >&2; stop "the image could not be built; what the build said is above."; }
  say "$(buildah images --format '{{.Name}}:{{.Tag}} has {{.Size}}' | grep ^localhost/)"
}

in_image() { buildah run --isolation chroot "$container" -- "$@"; }

status() { curl --silent --output /dev/null --write-out '%{http_code}' "$@" || true; }

# expect WHAT EXPECTED FOUND
expect() {
  if [[ $3 != "$2" ]]; then
    [[ ! -e $work/server.log ]] || cat -- "$work/server.log" >&2
    say "failed: $1: expected '$2', and it is '$3'"
    exit 1
  fi
  say "ok: $1"
}

check_image() {
  say "== Starting it"
  local entry command key url=http://127.0.0.1:$port answer
  container=$(buildah from --pull-never "$image")
  mapfile -t entry < <(buildah inspect --type image --format '{{range .OCIv1.Config.Entrypoint}}{{println .}}{{end}}' "$image" | grep .)
  mapfile -t command < <(buildah inspect --type image --format '{{range .OCIv1.Config.Cmd}}{{println .}}{{end}}' "$image" | grep .)
  # shellcheck disable=SC2016 # the image's shell fills it in
  expect "it runs as the user of .NET's images" "1654:1654" "$(in_image sh -c 'echo $(id -u):$(id -g)')"
  expect "it can write its data and nothing else" "no yes" \
    "$(in_image sh -c 'touch /app/x 2>/dev/null && echo -n "yes " || echo -n "no "; touch /data/x && rm /data/x && echo yes')"
  key=$(in_image "${entry[@]}" key create --name check --scopes classify --json | grep -o 'lrk_[A-Za-z0-9_-]*' | head -n 1)

  # The network is this machine's, where the port of the image may be taken. A process group of its own can be ended as a whole.
  TMPDIR=$work setsid buildah "${storage[@]}" run --isolation chroot "$container" -- "${entry[@]}" "${command[@]/8080/$port}" \
    >"$work/server.log" 2>&1 &
  server=$!
  for ((waited = 0; waited < 600; waited++)); do
    kill -0 "$server" 2>/dev/null || break
    [[ $(status "$url/healthz/ready") != 200 ]] || break
    sleep 0.1
  done
  expect "/healthz/ready" 200 "$(status "$url/healthz/ready")"
  expect "its own health check" 0 "$(in_image "${entry[@]}" health --url "$url" >/dev/null && echo $? || echo $?)"
  answer=$(curl --silent "$url/classify" --header "Authorization: Bearer $key" --form "query=@$root/samples/cup/image_0047.jpg" \
    --form "support[cup]=@$root/samples/cup/image_0046.jpg" --form "support[chair]=@$root/samples/chair/image_0051.jpg")
  expect "/classify knows a cup" '"label":"cup"' "$(grep -o '"label": *"[a-z]*"' <<<"$answer" | head -n 1 | tr -d ' ')"
  expect "/classify asks for a key" 401 "$(status "$url/classify" --form "query=@$root/README.md")"
  kill -TERM -- "-$server"
  wait "$server" || true
  server=
}

require
suite=${1:-$(. /etc/os-release && echo "${VERSION_CODENAME:-}")}
mirror=${2:-$(mirror_of "$suite")}
[[ -n $suite && -n $mirror ]] || stop "this machine's apt sources have no ${suite:-release of a name}; give both:  $0 SUITE MIRROR"
image=localhost/lora-recycle:cpu
port=$((20000 + RANDOM % 10000))
work=$(mktemp -d "${TMPDIR:-/tmp}/lora-recycle-images-XXXXXX")
storage=(--root "$work/storage" --runroot "$work/run" --storage-driver vfs)
trap clean_up EXIT
make_stand_ins
build_image
check_image
say "The image was built, and answers."
