#!/bin/sh
# In the place of a program that asks a vault.
printf token-of-the-example
