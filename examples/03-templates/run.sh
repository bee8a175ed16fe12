#!/usr/bin/env bash
# Sends by a template and shows what the sandbox delivered. Carillon must run with this file:
#   npm start -- --config examples/03-templates/carillon.yaml
set -euo pipefail
cd "$(dirname "$0")/../.."
config=examples/03-templates/carillon.yaml
npx --no -- carillon --config $config send --channel email --to success@sandbox.carillon.test \
  --template order-shipped --var name=Ada --var number=1815 --var express=yes --wait
# variables may be lists and maps, which the template loops over
npx --no -- carillon --config $config import examples/03-templates/receipt.ndjson
for _ in $(seq 20); do
  outbox=$(npx --no -- carillon --config $config outbox email --limit 2)
  [[ $outbox == *"2 x Tea"* ]] && break
  sleep 0.5
done
echo "$outbox"
