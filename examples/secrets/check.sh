# A password that is rotated rolls its consumer, reloads the one that reads it itself, and touches nobody else.
set -eu
trap 'printf "example-password-1\n" > secrets/db' EXIT
printf 'example-password-two\n' > secrets/db
$STATEWARD plan > plan.txt || true
trap 'printf "example-password-1\n" > secrets/db; rm -f plan.txt' EXIT
grep -q 'api  *roll  *env.DB_PASSWORD rotated (from_file' plan.txt
grep -q 'nginx-like  *reload' plan.txt
if grep -q 'other' plan.txt; then exit 1; fi
if grep -q 'password-two' plan.txt; then exit 1; fi
$STATEWARD env explain api DB_PASSWORD | grep -q 'it was rotated since, and stateward apply rolls it out'
$STATEWARD apply --timeout 60s
$STATEWARD env explain api DB_PASSWORD | grep -q 'has it, since it started'
if grep -rq 'example-password' "$STATEWARD_HOME"; then exit 1; fi
