#!/bin/sh
# Runs every check of `make check`, goes on after a failure, and lists the failures at the end.
set -u

bin=.venv/bin
failed=""

check() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    "$@" || failed="$failed
  $name: $*"
}

locks_name_no_host() {
    if grep -nE '://|--index|--extra-index|--find-links|--trusted-host' requirements/*.lock; then
        echo "A lock file must not say where packages come from: run make lock."
        return 1
    fi
    echo "Every lock is free of hosts."
}

check "format" $bin/ruff format --check .
check "lint" $bin/ruff check .
check "types" $bin/mypy
check "import contracts" $bin/lint-imports
check "question banks" $bin/kizuki banks check
check "generated documents" $bin/kizuki docs check
check "locks" locks_name_no_host

if [ -n "$failed" ]; then
    printf '\nFailed:%s\n' "$failed"
    exit 1
fi
printf '\nEvery check passed.\n'
