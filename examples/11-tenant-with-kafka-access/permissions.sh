#!/usr/bin/env bash
# Lets the Kafka account of a tenant send and read through the tenant's own topics: permissions.sh TENANT BROKER ADMIN_PROPERTIES
set -euo pipefail

tenant="${1:?give the id of the tenant}"
acls=(kafka-acls.sh --bootstrap-server "${2:?give host:port of a broker}" --command-config "${3:?give the properties of an administrator}")
to=(--add --allow-principal "User:$tenant")

"${acls[@]}" "${to[@]}" --operation Write --operation Describe --topic "carillon.ingress.$tenant"
"${acls[@]}" "${to[@]}" --operation Read --operation Describe --topic "carillon.feedback.$tenant"
"${acls[@]}" "${to[@]}" --operation Read --operation Describe --group "$tenant-" --resource-pattern-type prefixed
