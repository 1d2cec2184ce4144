#!/usr/bin/env bash
while true; do
  date
  sleep 5
done
