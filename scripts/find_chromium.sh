#!/bin/sh
# Prints the path of a Chromium or Chrome; fails where there is none.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" && exit 0
done
exit 1
