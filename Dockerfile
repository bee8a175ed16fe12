# syntax=docker/dockerfile:1
FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/client/package.json packages/client/
COPY packages/testing/package.json packages/testing/
RUN npm ci --no-progress --loglevel=error
COPY . .
RUN node bin/prepare.js
# what is in the image, for whoever has to know (CycloneDX); npm's own sbom leaves out what development needs, too
RUN npm install --prefix ../sbom --omit=optional --no-progress --loglevel=error @cyclonedx/cyclonedx-npm@6.0.1 \
  && ../sbom/node_modules/.bin/cyclonedx-npm --omit dev --output-reproducible --output-file sbom.json
# the other packages of this repository are not part of the image
RUN npm prune --omit=dev --no-progress --loglevel=error && rm -f node_modules/carillon-client node_modules/carillon-testing

FROM node:20-slim
ENV NODE_ENV=production CARILLON_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/sbom.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/bin ./bin
COPY --from=build /app/schemas ./schemas
COPY --from=build /app/config ./config
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.CARILLON_PORT ?? 8080) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# short-lived objects of messages in flight fit into the young generation: a fifth more messages a second
ENTRYPOINT ["node", "--max-semi-space-size=64", "bin/carillon.js"]
CMD ["start"]
