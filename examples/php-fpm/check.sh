#!/bin/sh
# A reload keeps the master and takes the new number of workers; a mistake changes nothing.
set -eu
cp php-fpm.conf php-fpm.conf.before
trap 'mv php-fpm.conf.before php-fpm.conf' EXIT
master() { $STATEWARD get fpm -o json | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -1; }
workers() { pgrep -cP "$(master)" || true; }

before=$(master)
sed -i 's/max_children = 2/max_children = 3/' php-fpm.conf
$STATEWARD apply | grep 'reload .*php-fpm.conf changed'
[ "$(master)" = "$before" ]
for _ in $(seq 50); do
  [ "$(workers)" = 3 ] && break
  sleep 0.1
done
[ "$(workers)" = 3 ]

sed -i 's/max_children = 3/max_children = many/' php-fpm.conf
code=0
$STATEWARD apply >failed.log 2>&1 || code=$?
[ "$code" = 3 ]
rm failed.log
[ "$(master)" = "$before" ]
[ "$(workers)" = 3 ]
echo 'php-fpm: holds'
