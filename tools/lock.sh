#!/bin/sh
# Resolves requirements/*.in into hashed locks that name no host. Keeps today's pins unless asked to upgrade.
# The development lock takes the runtime lock as its constraint, so that tests run on what is shipped.
set -eu

bin=$(cd .venv/bin && pwd)
cd requirements
[ -z "${1:-}" ] || rm -f runtime.lock dev.lock

resolve() {
    name=$1
    shift
    cp "$name.lock" "$name.lock.new" 2>/dev/null || true
    "$bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-header --no-annotate "$@" "$name.in" --output-file "$name.lock.new" >/dev/null
    if grep -nE '://|--index|--find-links' "$name.lock.new"; then
        echo "The resolver wrote a host into $name.lock.new; the old lock is kept." >&2
        exit 1
    fi
    mv "$name.lock.new" "$name.lock"
}

resolve runtime
resolve dev --constraint runtime.lock
