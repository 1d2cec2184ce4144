#!/bin/sh
# What the app offers, and what it says of itself. STATEWARD is the command.
set -eu

[ "$($STATEWARD trigger orders level debug)" = 'metrics/orders:0  {"was":"info","is":"debug"}' ]
$STATEWARD trigger orders level loud && exit 1
$STATEWARD describe orders | grep -q '^  level  *debug'
$STATEWARD metrics | grep -q 'stateward_custom_metric{project="metrics",app="orders",slot="0",name="orders",unit="orders"} 0'
echo 'metrics: holds'
