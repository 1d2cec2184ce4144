#!/bin/sh
# A bare repository on disk is the source: commits deploy themselves, touch what they change, and a bad one changes nothing.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export REPOSITORY="$folder/shop.git" GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_NAME=ann GIT_AUTHOR_EMAIL=ann@example.org GIT_COMMITTER_NAME=ann GIT_COMMITTER_EMAIL=ann@example.org
git init -q --bare -b main "$REPOSITORY"
cp -R . "$folder/work"
cd "$folder/work"
rm -f check.sh
git init -q -b main
git remote add origin "$REPOSITORY"

push() {
  git add -A
  git commit -q -m "$1"
  git push -q origin main
}
pid() { $STATEWARD get "$1" -o json | sed -n 's/.*"pid": \([0-9]*\).*/\1/p' | head -1; }
ends_with() {
  code=0
  expected=$1
  shift
  "$@" >"$folder/out" 2>&1 || code=$?
  [ "$code" = "$expected" ] || {
    cat "$folder/out"
    echo "$* ended with $code, not $expected"
    exit 1
  }
}

push 'first version'
$STATEWARD source apply -f sources.yaml
ends_with 0 $STATEWARD source sync gitops
api=$(pid api) web=$(pid web)
[ -n "$api" ] && [ -n "$web" ]

echo 'Read me.' >README.md
push 'words alone'
ends_with 0 $STATEWARD source sync gitops
[ "$(pid api) $(pid web)" = "$api $web" ]

sed -i.bak "s/'api/'api 2/" api/server.js && rm api/server.js.bak
push 'a newer api'
ends_with 0 $STATEWARD source sync gitops
[ "$(pid web)" = "$web" ] && [ "$(pid api)" != "$api" ]
api=$(pid api)

cp ecosystem.yaml good.txt
echo '  - { nmae: typo }' >>ecosystem.yaml
push 'a file that is wrong'
ends_with 65 $STATEWARD source sync gitops
grep -q 'ecosystem.yaml:10:' "$folder/out"
mv good.txt ecosystem.yaml

echo 'process.exit(1)' >web/server.js
push 'a web that crashes'
ends_with 3 $STATEWARD source sync gitops
[ "$(pid api) $(pid web)" != " " ]
$STATEWARD source describe gitops | grep -q Quarantined

echo "require('../api/server.js')" >web/server.js
push 'a web that works'
ends_with 0 $STATEWARD source sync gitops
$STATEWARD source list | grep -q Synced
$STATEWARD source history gitops
$STATEWARD source remove gitops
echo 'gitops: holds'
