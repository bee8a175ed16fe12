#!/usr/bin/env bash
# Sends by a template and shows what the sandbox delivered. Carillon must run with this file:
#   npm start -- --config examples/03-templates/carillon.yaml
set -euo pipefail
cd "$(dirname "$0")/../.."
config=examples/03-templates/carillon.yaml
node bin/carillon.js --config $config send --channel email --to success@sandbox.carillon.test \
  --template order-shipped --var name=Ada --var number=1815 --var express=yes --wait
node bin/carillon.js --config $config outbox email --limit 1
