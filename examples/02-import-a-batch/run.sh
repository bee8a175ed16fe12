#!/usr/bin/env bash
# Sends each line of a file. A wrong line is named with its fix and keeps back no other.
set -euo pipefail
cd "$(dirname "$0")/../.."
npx --no -- carillon import examples/00-demo/messages.ndjson --tenant examples
npx --no -- carillon lanes
