#!/bin/sh
# An app that crashes is told of, and when it is well again; a test message says what happened.
set -eu
trap 'rm -f broken received.txt pages.txt' EXIT
waits_for() {
  for _ in $(seq 150); do
    if grep -q "$2" "$1" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  echo "$1 has no line: $2"
  $STATEWARD notify describe ops
  exit 1
}

$STATEWARD notify apply
$STATEWARD notify test ops
waits_for received.txt 'a test message'

touch broken
$STATEWARD restart api --no-wait
waits_for received.txt 'problem: notifications/api'
waits_for pages.txt '"severity":"error"'
rm broken
$STATEWARD restart api
waits_for received.txt 'recovered: over: notifications/api'

$STATEWARD notify list
$STATEWARD notify remove ops
$STATEWARD notify remove file
if grep -rq example-signature-key "$STATEWARD_HOME"; then exit 1; fi
