#!/bin/sh
# Builds .venv from one hashed lock file and puts Kizuki itself into it; `make setup` and `make test` call it.
# While it works, .venv/.unfinished stands; whoever finds it there starts again from nothing.
set -eu

lock=$1
venv=.venv
python=$venv/bin/python

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
has_uv() { command -v uv >/dev/null 2>&1; }

# Prints the first Python that passes the given test.
first_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
        "$candidate" -c "$1; sys.version_info < (3, 11) and sys.exit(1); print(sys.executable)" 2>/dev/null && return
    done
    return 1
}

find_python() {
    makes_environments='import sys, venv, ensurepip'
    has_uv && makes_environments='import sys, venv'
    first_python "$makes_environments" && return
    if found=$(first_python 'import sys'); then
        fail "$found is new enough but cannot make a virtual environment: install its venv package (Debian and Ubuntu: sudo apt install python3-venv), then run make again."
    fi
    fail "Kizuki needs Python 3.11 or newer and found none: install one, or name yours with make PYTHON=/path/to/python3."
}

create() {
    base=$(find_python)
    rm -rf "$venv"
    mkdir "$venv"
    : > "$venv/.unfinished"
    say "Creating $venv with $("$base" --version) ..."
    if has_uv; then
        uv venv --quiet --allow-existing --python "$base" "$venv"
    else
        "$base" -m venv "$venv"
    fi
}

install() {
    if has_uv; then
        uv pip install --python "$python" "$@"
    else
        "$python" -m pip install --disable-pip-version-check --no-input "$@"
    fi
}

# What another machine, an interrupted run or a removed Python left behind cannot be trusted.
usable() {
    [ ! -e "$venv/.unfinished" ] || return 1
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || return 1
    has_uv || "$python" -m pip --version >/dev/null 2>&1
}

usable || create
: > "$venv/.unfinished"
rm -f "$venv"/.ready-*
say "Installing what $lock lists (the first time takes a minute or two) ..."
install --require-hashes --no-deps --requirement "$lock"
install --no-deps --no-build-isolation --editable .
rm "$venv/.unfinished"
