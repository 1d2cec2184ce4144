#!/bin/sh
# The second file is a change, once, and each value knows where it comes from.
set -eu
merged() {
  command=$1
  shift
  $STATEWARD $command -f ecosystem.yaml -f production.yaml --merge --var release=1.4.2 "$@"
}
merged "config render" | grep -q ' # production.yaml:[0-9]'
code=0
merged plan --detailed-exitcode || code=$?
[ "$code" = 2 ]
merged apply --timeout 60s
merged apply 2>&1 | grep -q '0 processes touched'
