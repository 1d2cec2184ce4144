#!/usr/bin/env bash
echo "python was ready before me"
exec sleep infinity
