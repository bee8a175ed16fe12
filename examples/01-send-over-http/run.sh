#!/usr/bin/env bash
# Sends one message over HTTP and prints its steps and status. Carillon must be running: npm start
set -euo pipefail
url=${CARILLON_URL:-http://127.0.0.1:8080}
id=$(curl -sS --fail-with-body "$url/v1/messages" -H 'content-type: application/json' \
  -d '{"channel":"email","to":"success@sandbox.carillon.test","lane":"high","content":{"subject":"Hello","text":"Hi there"}}' |
  node -pe 'JSON.parse(require("fs").readFileSync(0, "utf8")).id')
for _ in $(seq 50); do
  message=$(curl -sS "$url/v1/messages/$id")
  case $message in *'"final":true'*) break ;; esac
  sleep 0.1
done
echo "$message" | node -e '
  const message = JSON.parse(require("fs").readFileSync(0, "utf8"));
  for (const { at, stage, outcome } of message.lineage) console.log(at, stage.padEnd(16), outcome);
  console.log(message.status);
  process.exit(message.status === "delivered" ? 0 : 1);'
