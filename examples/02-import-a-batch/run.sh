#!/usr/bin/env bash
# Sends each line of a file. The command reports an invalid line with its fix, and sends the others.
set -euo pipefail
cd "$(dirname "$0")/../.."
npx --no -- carillon import examples/00-demo/messages.ndjson --tenant examples
npx --no -- carillon lanes
