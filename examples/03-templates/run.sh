#!/usr/bin/env bash
# Sends with a template and prints the messages that the sandbox delivered. Carillon must be running with this file:
#   npm start -- --config examples/03-templates/carillon.yaml
set -euo pipefail
cd "$(dirname "$0")/../.."
config=examples/03-templates/carillon.yaml
npx --no -- carillon --config $config send --channel email --to success@sandbox.carillon.test \
  --template order-shipped --var name=Ada --var number=1815 --var express=yes --wait
# variables can be lists and maps, and templates can loop over them
npx --no -- carillon --config $config import examples/03-templates/receipt.ndjson
for _ in $(seq 20); do
  outbox=$(npx --no -- carillon --config $config outbox email --limit 2)
  [[ $outbox == *"2 x Tea"* ]] && break
  sleep 0.5
done
echo "$outbox"
