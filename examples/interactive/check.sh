#!/bin/sh
# What a person does at a terminal, by a script. STATEWARD is the command.
set -eu

# Until the log of an app has a text.
wait_for() {
  for _ in $(seq 100); do
    if $STATEWARD logs "$1" --lines 50 2>&1 | grep -q "$2"; then return 0; fi
    sleep 0.1
  done
  echo "never logged by $1: $2"
  exit 1
}

echo 'orders[0].total * 10' | $STATEWARD attach repl
wait_for repl 420
echo tick | $STATEWARD attach counter
wait_for counter 'tick: 2'

[ "$($STATEWARD exec counter -- sh -c 'echo $STEP')" = 2 ]

# The same on a terminal, which script(1) makes: type, and leave with ctrl-p ctrl-q.
if command -v script >/dev/null; then
  { sleep 2; printf 'orders.length + 6\r'; wait_for repl 7 >&2; printf '\020\021'; sleep 1; } |
    SHELL=/bin/sh script -qec "$STATEWARD attach repl" /dev/null | grep -q 'runs on'
else
  echo 'no script(1): attach was not tried on a terminal'
fi
echo 'interactive: holds'
