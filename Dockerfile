# The gateway as an image. docs/docker.md tells how to run it.
#
#   docker build -t throughline .                           the gateway with its embedded app-server
#   docker build -t throughline --target gateway-codex .    the same, with the real Codex beside it

FROM node:24.21.0-bookworm-slim AS node

# The npm packages that carry a Node binary are optional ones: the image has its own Node.
FROM node AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# What no program reads; licences and notices stay, whatever their files are called.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# The Codex that the end-to-end tests run, by their lock file.
FROM node AS codex
WORKDIR /opt/codex
COPY tests/codex/package.json tests/codex/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
# The slim base has no certificate authorities, which Codex needs to reach its model: those that Node carries do.
RUN node -p 'require("node:tls").rootCertificates.join("\n")' > certificates.pem

FROM node AS runtime
# Production is what an image is for: no content is captured, and no mirror is written unless it is asked for. Listening on every
# address without a key is refused at the start: give PROXY_API_KEYS, or PROXY_ALLOW_ANONYMOUS=true where only loopback is published.
ENV NODE_ENV=production \
    PROXY_ENV=production \
    HOST=0.0.0.0 \
    PORT=8787 \
    PROTO_LOG_PATH=/data/proto.ndjson \
    TOKEN_LOG_PATH=/data/usage.ndjson \
    XDG_CACHE_HOME=/data/cache
WORKDIR /app
# All that is ever written is below /data, and in /tmp the folders of Codex's turns: the rest can be read-only.
RUN install -d -o node -g node -m 0700 /data /data/codex \
    && ln -s /app/bin/throughline.mjs /usr/local/bin/throughline
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY schemas ./schemas
COPY src ./src
USER node
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8787) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["throughline"]
CMD ["serve"]

FROM runtime AS gateway-codex
COPY --from=codex /opt/codex/node_modules /opt/codex/node_modules
COPY --from=codex /opt/codex/certificates.pem /opt/codex/certificates.pem
ENV PATH=/opt/codex/node_modules/.bin:$PATH \
    CODEX_HOME=/data/codex \
    SSL_CERT_FILE=/opt/codex/certificates.pem

# Last, so that it is what is built when no target is named.
FROM runtime AS gateway
