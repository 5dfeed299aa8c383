# What is asked of the stack once it is up, beside the one request that find-request.ts follows.

# The stack test's own tests of a request, against this stack instead of one of theirs.
check_stack_tests() {
  say "running the stack test's tests of a request against it"
  STACK_OTLP_URL=http://127.0.0.1:$OTLP_HTTP_PORT \
    STACK_JAEGER_URL=http://127.0.0.1:$JAEGER_PORT \
    STACK_PROMETHEUS_URL=http://127.0.0.1:$PROMETHEUS_PORT \
    npm run --silent --ignore-scripts test:stack >"$WORK/stack-test.log" 2>&1 || { tail -60 "$WORK/stack-test.log" >&2; fail 'they failed'; }
  grep '^Tests:' "$WORK/stack-test.log" >&2
}

# check_restart REQ_ID: Jaeger keeps what it has.
check_restart() {
  say 'restarting Jaeger'
  compose up --detach --no-build --pull never --force-recreate --wait --wait-timeout 180 jaeger 2>"$WORK/up.log" ||
    { cat "$WORK/up.log" >&2; fail 'Jaeger did not come back'; }
  local found
  found=$(curl --silent --show-error --get "http://127.0.0.1:$JAEGER_PORT/api/traces" --data-urlencode service=throughline \
    --data-urlencode "tags={\"req_id\":\"$1\"}")
  [[ $found == *"$1"* ]] || fail "$1 is gone: $found"
  say "$1 is still there"
}
