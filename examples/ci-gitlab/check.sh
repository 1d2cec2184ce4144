#!/bin/sh
# Runs the job as a runner does: in a fresh clone, with what the host has put on the branch `snapshots`.
set -eu
pipeline=.gitlab-ci.yml
. ../ci-clone.sh

# The lines of the scripts.
awk '/^  (before_script|script):/ {lines=1; next} /^  [a-z]/ {lines=0} lines && /^    - / {print substr($0, 7)}' .gitlab-ci.yml |
  run_steps
grep -q 'Plan: 1 to roll' plan.md
