# The two other backends that docker-compose.yml offers, each by its one variable.

ask() {
  curl --silent --show-error --fail-with-body --max-time 60 "http://127.0.0.1:$THROUGHLINE_PORT$1" "${@:2}"
}

# A model server: here a second gateway, since that serves the same API.
check_own_model() {
  say 'making a model server the backend: PROXY_UPSTREAM_URL'
  bring_up --profile model model
  PROXY_UPSTREAM_URL=http://model:8787/v1 bring_up gateway
  local answer log
  answer=$(ask /v1/chat/completions --header 'content-type: application/json' \
    --data '{"model":"throughline-echo","messages":[{"role":"user","content":"are you there"}]}')
  [[ $answer == *'You said: are you there'* ]] || fail "no answer through the model: $answer"
  log=$(compose logs --no-log-prefix model)
  [[ $log == *'"route":"/v1/chat/completions"'* ]] || fail 'the model was not asked'
  say 'the model was asked, and answered'
}

# Codex without an account cannot answer a chat, but it starts, shakes hands and says what models it knows.
check_codex() {
  say 'building the image with Codex: CODEX_BIN=codex'
  CODEX_BIN=codex compose build --quiet gateway 2>/dev/null || fail 'the image with Codex could not be built'
  CODEX_BIN=codex bring_up gateway
  local size models authorities
  size=$(docker image inspect --format '{{.Size}}' throughline-gateway-codex:0.1.0)
  models=$(ask /v1/models)
  authorities=$(CODEX_BIN=codex compose exec -T gateway sh -c 'grep -c BEGIN "$SSL_CERT_FILE"') || fail 'no certificate authorities'
  say "the image has $authorities certificate authorities"
  say "Codex is ready, in an image of $((size / 1000000)) MB; its models: $(node -p 'JSON.parse(process.argv[1]).data.map(({ id }) => id).join(", ")' "$models")"
}
