# For check.sh of ci-github and ci-gitlab, which source it: a repository as it is on the host, a change on top, and a fresh clone
# as a runner has it, in which the check goes on. $pipeline: what it is declared in. Gives $work; $work/repo/.git has the
# branch `snapshots`.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
mkdir "$work/bin" "$work/repo" "$work/tmp" "$work/nobody"
printf '#!/bin/sh\nexec %s "$@"\n' "$STATEWARD" > "$work/bin/stateward"
chmod +x "$work/bin/stateward"
PATH="$work/bin:$PATH"

# The repository, as it is on the host.
cp -R ecosystem.yaml api.js "$pipeline" "$work/repo"
cd "$work/repo"
stateward snapshot --public-key > web-1.pem
git init --quiet --initial-branch=main
git add . && git commit --quiet -m 'first'
git checkout --quiet --orphan snapshots && git rm --quiet -rf .
stateward snapshot > web-1.json
git add . && git commit --quiet -m 'snapshot'
git checkout --quiet main

# What is to be merged.
sed 's/LOG_LEVEL: info/LOG_LEVEL: debug/' ecosystem.yaml > changed && mv changed ecosystem.yaml
git commit --quiet -am 'log more'

git clone --quiet "$work/repo" "$work/ci"
cd "$work/ci"

# Runs the lines on standard input as a step of the pipeline does, without the one that installs from the registry; the rest are
# variables of the runner.
run_steps() {
  grep -v '^npm install' > "$work/steps.sh"
  grep -q . "$work/steps.sh"
  env -u STATEWARD_HOME HOME="$work/nobody" "$@" bash --noprofile --norc -eo pipefail "$work/steps.sh" > "$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
  cat "$work/log"
}
