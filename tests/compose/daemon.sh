# A Docker daemon of our own: with its own folders and socket, and without the default bridge, so that it leaves another one alone.

DAEMON=
FIREWALL=

start_daemon() {
  # Where no Docker has been, what ours does to the firewall is taken back in the end.
  if ! iptables --list DOCKER >/dev/null 2>&1; then
    FIREWALL=$WORK/firewall
    iptables-save >"$FIREWALL"
    FORWARDING=$(cat /proc/sys/net/ipv4/ip_forward)
  fi
  export DOCKER_HOST=unix://$WORK/docker.sock
  # No credentials and no plug-ins of whoever runs this.
  export DOCKER_CONFIG=$WORK/docker-config
  mkdir -p "$DOCKER_CONFIG"
  # In a session of its own: a Ctrl-C ends this script, and the script ends the daemon when all else is taken down.
  setsid dockerd --host "$DOCKER_HOST" --data-root "$WORK/data" --exec-root "$WORK/exec" --pidfile "$WORK/docker.pid" \
    --bridge none >"$WORK/dockerd.log" 2>&1 &
  DAEMON=$!
  for _ in {1..60}; do
    docker version >/dev/null 2>&1 && return
    kill -0 "$DAEMON" 2>/dev/null || break
    sleep 1
  done
  tail -20 "$WORK/dockerd.log" >&2
  fail 'dockerd did not start'
}

stop_daemon() {
  [[ -n $DAEMON ]] || return 0
  kill "$DAEMON" 2>/dev/null || true
  for _ in {1..60}; do
    kill -0 "$DAEMON" 2>/dev/null || break
    sleep 0.5
  done
  kill -9 "$DAEMON" 2>/dev/null || true
  wait "$DAEMON" 2>/dev/null || true
  # Deepest first: what an overlay or a network namespace left mounted.
  awk -v work="$WORK/" 'index($2, work) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -n 1 umount --lazy || true
  if [[ -n $FIREWALL ]]; then
    iptables-restore <"$FIREWALL" || true
    echo "$FORWARDING" >/proc/sys/net/ipv4/ip_forward || true
  fi
}
