# The two other backends that docker-compose.yml offers, each by its one variable.

ask() {
  curl --silent --show-error --fail-with-body --max-time 60 "http://127.0.0.1:$THROUGHLINE_PORT$1" "${@:2}"
}

# An own model: here a second gateway, since that serves the same API.
check_own_model() {
  say 'putting an own model behind it: PROXY_UPSTREAM_URL'
  PROXY_UPSTREAM_URL=http://model:8787/v1 compose --profile model up --detach --no-build --pull never --wait --wait-timeout 120 \
    gateway model 2>"$WORK/model.log" || { cat "$WORK/model.log" >&2; fail 'the gateway with a model did not become ready'; }
  ask /v1/chat/completions --header 'content-type: application/json' \
    --data '{"model":"throughline-echo","messages":[{"role":"user","content":"are you there"}]}' | grep -q 'You said: are you there' ||
    fail 'no answer through the model'
  compose logs --no-log-prefix model | grep -q '"kind":"access".*"/v1/chat/completions"' || fail 'the model was not asked'
  say 'the model was asked, and answered'
}

# Codex without an account cannot answer a chat, but it starts, shakes hands and says what models it knows.
check_codex() {
  say 'building the image with Codex: CODEX_BIN=codex'
  CODEX_BIN=codex compose build --quiet gateway 2>/dev/null || fail 'the image with Codex could not be built'
  CODEX_BIN=codex compose up --detach --no-build --pull never --wait --wait-timeout 120 gateway 2>"$WORK/codex.log" ||
    { cat "$WORK/codex.log" >&2; fail 'the gateway with Codex did not become ready'; }
  local size models
  size=$(docker image inspect --format '{{.Size}}' throughline-gateway-codex:0.1.0)
  models=$(ask /v1/models)
  say "Codex is ready, in an image of $((size / 1000000)) MB; its models: $(node -p 'JSON.parse(process.argv[1]).data.map(({ id }) => id).join(", ")' "$models")"
}
