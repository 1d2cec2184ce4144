#!/bin/sh
# Runs the steps of the workflow as a runner does: in a fresh clone, with what the host has put on the branch `snapshots`.
set -eu
here=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
mkdir "$work/bin" "$work/repo" "$work/tmp" "$work/nobody"
printf '#!/bin/sh\nexec %s "$@"\n' "$STATEWARD" > "$work/bin/stateward"
printf '#!/bin/sh\ncat "$5" >> "%s/comment"\n' "$work" > "$work/bin/gh"
chmod +x "$work/bin/stateward" "$work/bin/gh"
PATH="$work/bin:$PATH"

# The repository, as it is on the host.
cp -R ecosystem.yaml api.js .github "$work/repo"
cd "$work/repo"
stateward snapshot --public-key > web-1.pem
git init --quiet --initial-branch=main
git add . && git commit --quiet -m 'first'
git checkout --quiet --orphan snapshots && git rm --quiet -rf .
stateward snapshot > web-1.json
git add . && git commit --quiet -m 'snapshot'
git checkout --quiet main

# The pull request.
sed 's/LOG_LEVEL: info/LOG_LEVEL: debug/' ecosystem.yaml > changed && mv changed ecosystem.yaml
git commit --quiet -am 'log more'

git clone --quiet "$work/repo" "$work/ci"
cd "$work/ci"
# The `run:` lines and blocks, without the one that installs from the registry.
awk '/run: \|/ {block=1; next} block && /^          / {print substr($0, 11); next} {block=0} /run: / {sub(/^.*run: /, ""); print}' \
  .github/workflows/plan.yml | grep -v '^npm install' > "$work/steps.sh"
grep -c . "$work/steps.sh"
env -u STATEWARD_HOME HOME="$work/nobody" GITHUB_ACTIONS=true GITHUB_WORKSPACE="$work/ci" RUNNER_TEMP="$work/tmp" \
  GITHUB_STEP_SUMMARY="$work/summary" GITHUB_OUTPUT="$work/output" NUMBER=1 \
  bash --noprofile --norc -eo pipefail "$work/steps.sh" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cat "$work/log"
grep -q '^::notice file=ecosystem.yaml,line=6,col=' "$work/log"
grep -q 'Plan: 1 to roll' "$work/summary"
grep -q '^changes=true$' "$work/output"
grep -q 'Plan: 1 to roll' "$work/comment"
