#!/bin/sh
# Beside what is tried of every example: the file is one of Kubernetes too, and no secret leaves this host.
set -eu

objects=$($STATEWARD export kubernetes 2>/dev/null)
for kind in Job Service Deployment PodDisruptionBudget; do
  printf '%s\n' "$objects" | grep -q "^kind: $kind\$"
done
printf '%s\n' "$objects" | grep -q 'key: API_TOKEN'
! printf '%s\n' "$objects" | grep -q not-a-real-token
# Nothing waits for the migration there: a warning here, and an error with --strict.
if $STATEWARD export kubernetes --strict >/dev/null 2>&1; then exit 1; else test $? -eq 65; fi
