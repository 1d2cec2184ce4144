#!/bin/sh
# Runs the steps of the workflow as a runner does: in a fresh clone, with what the host has put on the branch `snapshots`.
set -eu
pipeline=.github
. ../ci-clone.sh
printf '#!/bin/sh\ncat "$5" >> "%s/comment"\n' "$work" > "$work/bin/gh"
chmod +x "$work/bin/gh"

# The `run:` lines and blocks.
awk '/run: \|/ {block=1; next} block && /^          / {print substr($0, 11); next} {block=0} /run: / {sub(/^.*run: /, ""); print}' \
  .github/workflows/plan.yml |
  run_steps GITHUB_ACTIONS=true GITHUB_WORKSPACE="$work/ci" RUNNER_TEMP="$work/tmp" GITHUB_STEP_SUMMARY="$work/summary" \
    GITHUB_OUTPUT="$work/output" NUMBER=1
grep -q '^::notice file=ecosystem.yaml,line=6,col=' "$work/log"
grep -q 'Plan: 1 to roll' "$work/summary"
grep -q '^changes=true$' "$work/output"
grep -q 'Plan: 1 to roll' "$work/comment"
