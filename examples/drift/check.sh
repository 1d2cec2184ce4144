#!/bin/sh
# An override, an edited env file and an edited declaration are shown until they are over; a killed process says who did not do it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp api.js ecosystem.yaml settings.env "$folder"
cd "$folder"

drift() { $STATEWARD get api -o json | sed -n 's/^ *"reason": "\([A-Za-z]*\)",*$/\1/p' | grep -E "$1" || true; }
shows() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    found=$(drift "$1")
    if [ "$2" = yes ] && [ -n "$found" ]; then return 0; fi
    if [ "$2" = no ] && [ -z "$found" ]; then return 0; fi
    sleep 0.3
  done
  $STATEWARD get api
  echo "$1 is shown: expected $2"
  exit 1
}
differs() {
  code=0
  $STATEWARD diff >"$folder/out" 2>&1 || code=$?
  [ "$code" = "$1" ] || {
    cat "$folder/out"
    echo "diff ended with $code, not $1"
    exit 1
  }
}

$STATEWARD apply --take-over
differs 0

$STATEWARD scale api 2 --for 2h
shows ScaledByOperator yes
differs 1
grep -q '^-# declared 1 instance, scaled to 2 by ' "$folder/out"
$STATEWARD apply
shows ScaledByOperator no
differs 0

echo '# a comment is no change' >>settings.env
differs 0
echo 'GREETING=hi' >settings.env
shows EnvFileChanged yes
differs 1
echo 'GREETING=hello' >settings.env
shows EnvFileChanged no
differs 0

echo '# edited' >>ecosystem.yaml
shows DeclarationChanged yes
$STATEWARD apply
shows DeclarationChanged no
[ "$($STATEWARD events api | grep -c 'EnvFileChanged')" = 1 ]

pid=$($STATEWARD get api -o json | sed -n 's/.*"pid": \([0-9]*\).*/\1/p' | head -1)
kill -9 "$pid"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  $STATEWARD why api | grep -q 'killed by SIGKILL, not by stateward' && killed=yes && break
  sleep 0.3
done
[ "${killed:-no}" = yes ]
$STATEWARD apply
echo 'drift: holds'
