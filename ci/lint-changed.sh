#!/bin/sh
# Lint the canaries of the charts that a change touches, and plan their releases. Any CI system can run it:
#
#   CHARTGEN_BASE=origin/main ci/lint-changed.sh [OPTION of chartgen lint]...
#
# CHARTGEN_BASE   the commit or branch to compare with; empty: every chart below CHARTGEN_PATH
# CHARTGEN_PATH   the folder with charts [.]
# CHARTGEN_OUT    the folder for the reports [chartgen-reports]
# CHARTGEN        the program [chartgen]
#
# Writes lint.sarif, lint.xml (JUnit), gitlab.json (Code Quality), plan.md, plan-N.svg, and comment.md. Exits as
# chartgen lint does: 0 without findings, 1 with findings, 2 if a chart can't be checked.
set -eu
base=${CHARTGEN_BASE:-}
path=${CHARTGEN_PATH:-.}
out=${CHARTGEN_OUT:-chartgen-reports}
program=${CHARTGEN:-chartgen}
mkdir -p "$out"
charts=$out/charts.txt
: >"$charts"

# The folder with the nearest Chart.yaml of a file, nothing if there is none.
chart_of() {
  folder=$1
  while :; do
    case $folder in
      */*) folder=${folder%/*} ;;
      .) return ;;
      *) folder=. ;;
    esac
    if [ -f "$folder/Chart.yaml" ]; then
      printf '%s\n' "$folder"
      return
    fi
  done
}

if [ -n "$base" ]; then
  # Quoted names (line ends, quotes) stay quoted and have no chart.
  git -c core.quotePath=false diff --name-only --relative "$base...HEAD" -- "$path" >"$out/changed.txt"
  while IFS= read -r file; do
    chart_of "$file"
  done <"$out/changed.txt" | sort -u >"$charts"
else
  find "$path" -name Chart.yaml -not -path '*/charts/*/charts/*' | while IFS= read -r file; do
    file=${file#./}
    case $file in
      */*) printf '%s\n' "${file%/Chart.yaml}" ;;
      *) echo . ;;
    esac
  done | sort >"$charts"
fi

if ! [ -s "$charts" ]; then
  echo "no chart changed" >"$out/comment.md"
  echo "no chart changed"
  exit 0
fi
# The charts before the options: after `--`, chartgen would read options as paths.
while IFS= read -r chart; do
  set -- "$@" "$chart"
done <"$charts"
code=0
"$program" lint "$@" \
  --report "sarif=$out/lint.sarif" --report "junit=$out/lint.xml" --report "gitlab=$out/gitlab.json" \
  --report "concise=$out/lint.txt" || code=$?

: >"$out/plan.md"
number=0
while IFS= read -r chart; do
  number=$((number + 1))
  # A chart without a canary has no plan; lint has reported what is wrong with the others.
  if "$program" plan "$chart" --format markdown -o "$out/one.md" -q 2>"$out/plan.err"; then
    { cat "$out/one.md"; echo; } >>"$out/plan.md"
    "$program" plan "$chart" --format svg -o "$out/plan-$number.svg" -q 2>>"$out/plan.err" || rm -f "$out/plan-$number.svg"
  fi
done <"$charts"

{
  echo "## chartgen"
  echo
  if [ -s "$out/lint.txt" ]; then
    echo '```text'
    head -n 50 "$out/lint.txt" | tr '`' "'"
    echo '```'
  else
    echo "No findings in $(wc -l <"$charts" | tr -d ' ') changed chart(s)."
  fi
  echo
  cat "$out/plan.md"
} >"$out/comment.md"
rm -f "$out/one.md" "$out/plan.err" "$out/changed.txt"
exit "$code"
