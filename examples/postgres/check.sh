#!/bin/sh
# A reload keeps the postmaster and takes the new setting, and an end is a shutdown: nothing has to be recovered then.
set -eu
[ "$(id -u)" = 0 ] && files='-f ecosystem.yaml -f root.yaml --merge' || files='-f ecosystem.yaml'
pid() { head -1 data/postmaster.pid; }
ask() { psql -h "$PWD/data" -U postgres -Atc "$1" postgres; }

before=$(pid)
echo "work_mem = '5MB'" >>data/postgresql.conf
$STATEWARD plan $files | grep 'reload .*postgresql.conf changed'
$STATEWARD apply $files
[ "$(pid)" = "$before" ]
for _ in $(seq 50); do
  [ "$(ask 'show work_mem')" = 5MB ] && break
  sleep 0.1
done
[ "$(ask 'show work_mem')" = 5MB ]

ask 'create table if not exists kept (n int); insert into kept values (1)'
ask 'select pg_sleep(60)' >session.log 2>&1 &
$STATEWARD restart db
wait
grep -q 'terminating connection due to administrator command' session.log
rm session.log
[ "$(ask 'select count(*) > 0 from kept')" = t ]
$STATEWARD logs db --lines 100 | grep 'received fast shutdown request'
if $STATEWARD logs db --lines 100 | grep -E 'not properly shut down|automatic recovery'; then exit 1; fi
echo 'postgres: holds'
