#!/bin/sh
# `helm canary COMMAND …` as `chartgen COMMAND …`, with the helm that runs the plugin where no Helm is embedded.
set -eu
case ${1:-} in
  add | remove)
    command=$1-canary
    shift
    set -- "$command" "$@"
    ;;
  "") set -- --help ;;
esac
if command -v chartgen >/dev/null 2>&1; then
  exec chartgen "$@"
fi
python=${CHARTGEN_PYTHON:-python3}
if "$python" -c 'import chartgen' >/dev/null 2>&1; then
  exec "$python" -m chartgen "$@"
fi
echo "error: chartgen is not installed" >&2
echo "help: pip install 'chartgen[helm]', or set CHARTGEN_PYTHON to a Python that has it" >&2
exit 2
