#!/bin/sh
# Makes the cluster, before the first process. PostgreSQL does not run as root.
set -eu
[ -s data/PG_VERSION ] || initdb -D data -U postgres -A trust >/dev/null
