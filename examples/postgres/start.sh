#!/bin/sh
# Makes the cluster the first time. PostgreSQL does not run as root.
set -eu
[ -s data/PG_VERSION ] || initdb -D data -A trust >/dev/null
exec postgres -D data -k "$PWD/data" -c listen_addresses=
