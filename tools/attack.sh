#!/bin/sh
# Everything that plays the opponent, part by part; each part runs even when an earlier one failed.
# The last part asks whether the libraries have known weaknesses. Strict: when no source of advisories can be reached,
# that is said apart from the attacks, and the exit code is not zero.
set -u

bin=${BIN:-.venv/bin}
report=$(mktemp)
trap 'rm -f "$report"' EXIT
failed=""
parts=0

part() {
    name=$1
    shift
    parts=$((parts + 1))
    printf '\n== %s\n' "$name"
    if $bin/python -m pytest -q -n "${WORKERS:-2}" --dist loadfile --no-header "$@" >"$report" 2>&1; then
        tail -n 1 "$report"
    else
        grep -E '^(FAILED|ERROR|E  )' "$report" | head -n 40
        tail -n 1 "$report"
        failed="$failed
  $name"
    fi
}

part "who may what: every route, every role, every object of another school and wave" \
    tests/attack/test_walker.py tests/survey_ui/test_doors.py tests/architecture/test_scope.py
part "stolen files and stolen server: vault, lock, keys, backups" \
    tests/survey_api/vault tests/survey_api/kit/test_crypto.py tests/survey_api/kit/test_keyfile.py \
    tests/survey_api/kit/test_renewing.py tests/survey_api/jobs/test_backups.py tests/architecture/test_keys.py \
    tests/architecture/test_names_stay_in_the_vault.py
part "signing in: passwords, second factors, sessions, invitations" \
    tests/survey_api/access tests/attack/test_sessions.py
part "the trail: edit, delete, insert, swap, cut, write anew" tests/survey_api/audit
part "neighbours, order and timing; taking back" \
    tests/attack/test_timing.py tests/survey_ui/student/test_taking_back.py tests/survey_api/jobs/test_erasure.py
part "canaries: no answer, name or ticket in a log, address, title, error, measure or file" tests/attack/test_canary.py
part "the web: headers, cookies, hosts, forgery, bodies, calls out, bombs" \
    tests/attack/test_web.py tests/survey_api/kit/test_outbound.py \
    tests/survey_api/services/students/test_archive_limits.py
part "fuzzing: schemathesis at the JSON door, hypothesis in every form" \
    tests/attack/test_forms.py tests/survey_ui/student/test_fuzz.py
part "faults: kill, full disk, locked, restarted, half a body" tests/attack/test_faults.py
part "numbers that leave: the attacker at every release" tests/survey_api/services/insights/test_gate.py
part "the tables of threats, requirements and faults" \
    tests/architecture/test_threats.py tests/architecture/test_retention.py tests/architecture/test_locks.py \
    tests/architecture/test_sbom.py

printf '\n== known weaknesses of the locked libraries\n'
# A mirror that holds packages but no advisories says “not found” of the very first one.
unreached='connection|timed out|timeout|resolve|unreachable|max retries|service error|HTTPError|proxy|could not be audited'

audit() {
    $bin/pip-audit --vulnerability-service "$1" --strict --require-hashes --disable-pip --progress-spinner off \
        -r requirements/runtime.lock >"$report" 2>&1
}

checked=no
for source in pypi osv; do
    if audit "$source"; then
        checked=clean
    elif ! grep -qiE "$unreached" "$report"; then
        checked=found
    fi
    [ "$checked" = no ] || break
done
case $checked in
clean | found) cat "$report" ;;
no) tail -n 1 "$report" | cut -c 1-200 ;;
esac

printf '\n== summary\n'
code=0
if [ -n "$failed" ]; then
    printf 'ATTACKS: not every one of %s parts was repelled:%s\n' "$parts" "$failed"
    code=1
else
    echo "ATTACKS: repelled, $parts of $parts parts."
fi
case $checked in
clean) echo "ADVISORIES: checked, no known weakness." ;;
found)
    echo "ADVISORIES: checked, a library has a known weakness (above)."
    code=1
    ;;
no)
    echo "ADVISORIES: NOT CHECKED. Neither source (PyPI, OSV) could be reached. Run it again where one can."
    code=2
    ;;
esac
[ -z "$failed" ] || code=1
exit $code
