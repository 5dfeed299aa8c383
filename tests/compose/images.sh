# Stand-in images under the names that Dockerfile and docker-compose.yml use, made of what this machine has.

# The name that a file gives an image.
image_of() { grep -hoE "(FROM|image:) $1:[^ ]+" Dockerfile docker-compose.yml | head -1 | cut -d' ' -f2; }

NODE_IMAGE=$(image_of node)
COLLECTOR_IMAGE=$(image_of otel/opentelemetry-collector-contrib)
JAEGER_IMAGE=$(image_of jaegertracing/all-in-one)
PROMETHEUS_IMAGE=$(image_of prom/prometheus)
BASE_IMAGE=throughline-stand-in-base:bookworm

make_base() {
  local archive=$CACHE/stand-in-base-bookworm-$(uname -m).tar
  if [[ ! -f $archive ]]; then
    say 'making a Debian base, once'
    debootstrap --variant=minbase --include=ca-certificates bookworm "$WORK/base" >"$WORK/debootstrap.log" 2>&1 ||
      { tail -20 "$WORK/debootstrap.log" >&2; fail 'debootstrap failed'; }
    rm -rf "$WORK"/base/var/cache/apt/archives/*.deb "$WORK"/base/var/lib/apt/lists/*
    mkdir -p "$CACHE"
    tar --create --directory "$WORK/base" --one-file-system . >"$archive.part"
    mv "$archive.part" "$archive"
    rm -rf "$WORK/base"
  fi
  docker import "$archive" "$BASE_IMAGE" >/dev/null
}

# stand_in NAME IMAGE: builds images/NAME.Dockerfile in the folder that holds its files.
stand_in() {
  cp "tests/compose/images/$1.Dockerfile" "$WORK/$1/Dockerfile"
  DOCKER_BUILDKIT=0 docker build --quiet --network none --build-arg "BASE=$BASE_IMAGE" --tag "$2" "$WORK/$1" >/dev/null 2>"$WORK/$1.log" ||
    { cat "$WORK/$1.log" >&2; fail "no stand-in for $2"; }
  rm -rf "${WORK:?}/$1"
}

make_stand_ins() {
  say 'making the stand-in images'
  mkdir -p "$WORK"/{node,collector,jaeger,prometheus}
  make_base
  # The pinned Node of this repository, npm as it is here, and the certificates that this machine trusts.
  cp "$(node -p 'process.execPath')" "$WORK/node/node"
  cp --recursive "$(dirname "$(readlink --canonicalize "$(command -v npm)")")/.." "$WORK/node/npm"
  cp "${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}" "$WORK/node/certificates.crt"
  cp "$COLLECTOR" "$WORK/collector/otelcol-contrib"
  cp "$JAEGER" "$WORK/jaeger/all-in-one-linux"
  cp /bin/busybox "$WORK/jaeger/busybox"
  cp "$PROMETHEUS" "$WORK/prometheus/prometheus"
  cp /bin/busybox "$WORK/prometheus/busybox"
  stand_in node "$NODE_IMAGE"
  stand_in collector "$COLLECTOR_IMAGE"
  stand_in jaeger "$JAEGER_IMAGE"
  stand_in prometheus "$PROMETHEUS_IMAGE"
}
