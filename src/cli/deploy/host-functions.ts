/** What a host waits for before it switches, a line. */
export const GO = 'go';

/** What the script of a host is made of. It runs in any POSIX shell, with GNU's coreutils, git and flock. */
export const HOST_FUNCTIONS = String.raw`
mark() { printf '%s %s\n' "$MARK" "$1"; }
fail() { printf '%s\n' "$2" >&2; exit "$1"; }
shell() { command -v bash || command -v sh; }
current() { basename "$(readlink "$P/current" 2>/dev/null || true)"; }
make_folders() {
  if [ -e "$P/current" ] && [ ! -L "$P/current" ]; then
    fail 1 "$P/current is no link: move it away, deploy makes a link of that name"
  fi
  mkdir -p "$P/releases" "$P/shared" "$P/.stateward/done" || fail 1 "$P cannot be made: is it of this user?"
  if [ -d "$P/source/.git" ]; then
    printf '%s\n' "$P/source, the checkout of PM2, stays as it is; releases are in $P/releases"
  fi
}
need_setup() {
  [ -d "$P/.stateward/repo.git" ] || fail 1 "$P is not set up: stateward deploy ENV setup does it"
  [ -w "$P" ] || fail 1 "$P cannot be written to by $(id -un)"
  make_folders
}
need_current() { [ -L "$P/current" ] || fail 1 "nothing is deployed in $P yet"; }
need_stateward() {
  command -v stateward >/dev/null || fail 69 "stateward is not on PATH of a shell that is not interactive ($PATH): install it, or set PATH under env of deploy"
}
need_file() { [ -f "$1/$FILE" ] || fail 1 "the release has no $FILE"; }
lock() {
  command -v flock >/dev/null || fail 1 "flock (util-linux) is not on PATH"
  exec 9>"$P/.stateward/lock"
  flock -n 9 || fail 75 "another deploy is at work in $P"
}
clone() {
  if [ -d "$P/.stateward/repo.git" ]; then
    git --git-dir="$P/.stateward/repo.git" remote set-url origin -- "$REPO" 2>/dev/null ||
      git --git-dir="$P/.stateward/repo.git" config remote.origin.url "$REPO"
  else
    rm -rf "$P/.stateward/repo.new"
    git clone -q --bare -- "$REPO" "$P/.stateward/repo.new" 9>&-
    mv "$P/.stateward/repo.new" "$P/.stateward/repo.git"
  fi
}
fetch() {
  R="$P/.stateward/repo.git"
  git --git-dir="$R" config remote.origin.url "$REPO"
  git -c gc.auto=0 --git-dir="$R" fetch -q --prune --force --tags origin '+refs/heads/*:refs/heads/*' 9>&-
  COMMIT=$(git --git-dir="$R" rev-parse -q --verify "$1^{commit}") || fail 1 "the repository has no $1"
  mark fetched
}
releases() { ls -1 "$P/.stateward/done" | grep -E '^[0-9]+-[0-9a-f]+$' | sort -n || true; }
earlier() {
  releases | awk -v c="$(current)" -v k="$1" '$0 == c { exit } { a[n++] = $0 } END { if (n >= k) print a[n - k] }'
}
make_release() {
  for old in "$P/releases"/*; do
    name=$(basename "$old")
    if [ -d "$old" ] && [ ! -e "$P/.stateward/done/$name" ] && [ "$name" != "$(current)" ]; then
      printf '%s' "$name" | grep -Eqx '[0-9]+-[0-9a-f]+' && rm -rf "$old"
    fi
  done
  LAST=$( (releases; current) | sed -n 's/^\([0-9][0-9]*\)-.*/\1/p' | sort -n | tail -n 1)
  NAME="$(( ${'$'}{LAST:-0} + 1 ))-$(printf '%.12s' "$COMMIT")"
  DIR="$P/releases/$NAME"
  git clone -q --no-checkout -- "$R" "$DIR" 9>&-
  git -C "$DIR" config remote.origin.url "$REPO"
  git -C "$DIR" checkout -q --detach "$COMMIT"
  [ ! -f "$DIR/.gitmodules" ] || git -C "$DIR" submodule -q update --init --recursive
  printf '%s\n' "release $NAME in $DIR"
}
hook() {
  printf '%s\n' "$1"
  ( cd "$2" && exec "$(shell)" -e -c "$3" ) 8<&- 9>&- || fail 1 "the hook $1 has failed: nothing was switched"
}
finish_release() { : >"$P/.stateward/done/$NAME"; mark built; }
switch() {
  ln -sfn "$1" "$P/.stateward/current.new"
  mv -Tf "$P/.stateward/current.new" "$P/current.new"
  mv -Tf "$P/current.new" "$P/current"
}
run_apply() {
  cd "$P/current"
  if [ -n "$ENVIRONMENT" ]; then set -- "$@" --env "$ENVIRONMENT"; fi
  stateward apply -f "$P/current/$FILE" "$@" 9>&-
}
pass() { cat 2>/dev/null || cat >/dev/null; }
# With readers that stay: a command whose reader has gone would end before it knows how the reload went.
heard() {
  E="$P/.stateward"
  pass <"$E/out" 9>&- &
  pass <"$E/err" >&2 9>&- &
  code=0
  ( "$@" ) >"$E/out" 2>"$E/err" || code=$?
  wait
  return $code
}
say() { printf '%s\n' "$1" >&2 || true; }
go() {
  rm -f "$P/.stateward/out" "$P/.stateward/err"
  mkfifo "$P/.stateward/out" "$P/.stateward/err"
  BEFORE=$(readlink "$P/current" 2>/dev/null || true)
  mark ready
  read -r answer <&8 && [ "$answer" = ${GO} ] || fail 1 "the connection was lost: nothing was switched"
  exec 8<&-
  # From here on it goes to its end, whatever becomes of the connection.
  trap '' PIPE HUP
  switch "$1"
  mark switched || true
  code=0
  heard run_apply --reload || code=$?
  case $code in
    0) mark reloaded || true; prune ;;
    4|130) say "$P/current stays at $(current): the daemon goes on with it" ;;
    *)
      if [ -n "$BEFORE" ] && [ "$BEFORE" != "$1" ]; then
        switch "$BEFORE"
        mark back || true
        say "$P/current leads to $(current) again"
        case $code in 1|3) ( run_apply ) >/dev/null 2>&1 || say "what runs is not yet what $(current) declares: stateward why" ;; esac
      fi ;;
  esac
  exit $code
}
prune() {
  BEFORE=$(basename "${'$'}{BEFORE:-.}")
  releases | head -n "-$KEEP" | while read -r old; do
    if [ "$old" != "$(current)" ] && [ "$old" != "$BEFORE" ]; then rm -rf "$P/.stateward/done/$old" "$P/releases/$old"; fi
  done
}
tell() {
  sign=' '
  [ "$1" != "$(current)" ] || sign='*'
  printf '%s %s  %s\n' "$sign" "$1" "$(git -C "$P/releases/$1" log -1 --format='%cI  %s' 2>/dev/null || true)"
}
`.trim();
