# Gets what the test runs: Debian packages, Compose from Go modules, and the stack test's own programs. What takes minutes
# is kept in the stack test's cache folder.

COMPOSE_VERSION=v2.40.3
COMPOSE=$CACHE/compose-$COMPOSE_VERSION/docker-compose

install_packages() {
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v iptables >/dev/null || missing+=(iptables)
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  [[ -x /bin/busybox ]] || missing+=(busybox-static)
  ((${#missing[@]} == 0)) && return
  # With a service manager, installing docker.io starts a daemon of the system's, and again at each boot: that is not ours to do.
  [[ ! -d /run/systemd/system ]] && command -v apt-get >/dev/null || fail "please install ${missing[*]}"
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

build_compose() {
  [[ -x $COMPOSE ]] && return
  say "building Compose $COMPOSE_VERSION from Go modules, once; this takes minutes"
  mkdir -p "$WORK/compose" "$(dirname "$COMPOSE")"
  (
    cd "$WORK/compose"
    printf 'module throughline/compose\n\ngo 1.24\n\nrequire github.com/docker/compose/v2 %s\n' "$COMPOSE_VERSION" >go.mod
    printf '//go:build tools\n\npackage tools\n\nimport _ "github.com/docker/compose/v2/cmd"\n' >tools.go
    CGO_ENABLED=0 go build -mod=mod -trimpath -o docker-compose github.com/docker/compose/v2/cmd
  ) >"$WORK/compose.log" 2>&1 || { tail -20 "$WORK/compose.log" >&2; fail 'Compose could not be built'; }
  mv "$WORK/compose/docker-compose" "$COMPOSE"
}

get_tools() {
  command -v go >/dev/null || [[ -x $COMPOSE ]] || fail 'Go 1.25 or newer is needed to build Compose'
  install_packages
  build_compose
  say "getting the stack test's collector, Jaeger and Prometheus"
  # It prints where they are, as one line of JSON.
  local binaries
  binaries=$(node tests/stack/prepare.ts | tail -1)
  COLLECTOR=$(node -p 'JSON.parse(process.argv[1]).collector' "$binaries")
  JAEGER=$(node -p 'JSON.parse(process.argv[1]).jaeger' "$binaries")
  PROMETHEUS=$(command -v "$(node -p 'JSON.parse(process.argv[1]).prometheus' "$binaries")")
}
