# The pre_start hook: what it finds wrong keeps a release from being started.
if [ "$FAIL" = 1 ]; then
  echo "the database is not ready for this release"
  exit 1
fi
echo "ready for revision $STATEWARD_REVISION"
