#!/bin/sh
# Runs the job as a runner does: in a fresh clone, with what the host has put on the branch `snapshots`.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
mkdir "$work/bin" "$work/repo" "$work/nobody"
printf '#!/bin/sh\nexec %s "$@"\n' "$STATEWARD" > "$work/bin/stateward"
chmod +x "$work/bin/stateward"
PATH="$work/bin:$PATH"

# The repository, as it is on the host.
cp -R ecosystem.yaml api.js .gitlab-ci.yml "$work/repo"
cd "$work/repo"
stateward snapshot --public-key > web-1.pem
git init --quiet --initial-branch=main
git add . && git commit --quiet -m 'first'
git checkout --quiet --orphan snapshots && git rm --quiet -rf .
stateward snapshot > web-1.json
git add . && git commit --quiet -m 'snapshot'
git checkout --quiet main

# The merge request.
sed 's/LOG_LEVEL: info/LOG_LEVEL: debug/' ecosystem.yaml > changed && mv changed ecosystem.yaml
git commit --quiet -am 'log more'

git clone --quiet "$work/repo" "$work/ci"
cd "$work/ci"
# The lines of the scripts, without the one that installs from the registry.
awk '/^  (before_script|script):/ {lines=1; next} /^  [a-z]/ {lines=0} lines && /^    - / {print substr($0, 7)}' .gitlab-ci.yml |
  grep -v '^npm install' > "$work/steps.sh"
env -u STATEWARD_HOME HOME="$work/nobody" bash -eo pipefail "$work/steps.sh" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cat "$work/log"
grep -q 'Plan: 1 to roll' plan.md
