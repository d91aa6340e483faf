#!/usr/bin/env bash
# Everything that a change has to pass. Needs the .NET SDK and nothing else.
#
#   ./check.sh          all of it
#   ./check.sh --rest   what the test command of the README leaves out (wants a tree that is built)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

failed=()
log="artifacts/check"
vmm="artifacts/embedded/bin/Vmm.Cli/debug/vmm.dll"
litmus="artifacts/embedded/bin/Vmm.Litmus/debug/Vmm.Litmus.dll"

# Runs one step, shows its output only when it fails, and goes on: a run names everything that is wrong.
step() {
  local title="$1"
  shift
  printf '== %s\n' "$title"
  if ! "$@" >"$log/step" 2>&1; then
    cat "$log/step"
    printf '!! %s\n' "$title"
    failed+=("$title")
  fi
}

# Build, tests and races take their time, so they show what they do.
loudly() {
  local title="$1"
  shift
  printf '== %s\n' "$title"
  "$@" || failed+=("$title")
}

# 1 when the verb answers another exit code than wanted.
exits() {
  local wanted="$1" found=0
  shift
  "$@" || found=$?
  [[ $found == "$wanted" ]] || { echo "exit $found, wanted $wanted: $*"; return 1; }
}

# A package of embedded sources would depend on an assembly called Akka that is not the real one.
refuses_to_pack_embedded() {
  local out
  if out="$(dotnet pack src/Vmm.Iommu --no-build --nologo 2>&1)"; then
    echo "dotnet pack made a package in embedded mode"
    return 1
  fi
  [[ $out == *"packing needs -p:AkkaSource=nuget"* ]] || { echo "$out"; return 1; }
}

# Shows what a project is in one mode, without restoring it: some feeds have no Akka.
evaluate() {
  dotnet msbuild "src/$1/$1.csproj" -p:AkkaSource="$2" -p:CI=true \
    -getItem:ProjectReference -getItem:PackageReference \
    -getProperty:NuGetLockFilePath -getProperty:RestorePackagesWithLockFile -getProperty:RestoreLockedMode \
    -getProperty:BaseIntermediateOutputPath -getProperty:OutputPath
}

says() {
  [[ $1 == *"$2"* ]] || { echo "no '$2' in: $1"; return 1; }
}

says_not() {
  [[ $1 != *"$2"* ]] || { echo "'$2' in: $1"; return 1; }
}

both_modes_evaluate() {
  local project embedded nuget
  for project in Vmm.Actors Vmm.Hosting Vmm.Testing; do
    embedded="$(evaluate "$project" embedded)"
    says "$embedded" "Akka.Embedded/Akka" &&
      says "$embedded" '"RestorePackagesWithLockFile": "true"' &&
      says "$embedded" '"RestoreLockedMode": "true"' &&
      says "$embedded" "artifacts/embedded/obj/$project" || return 1
    nuget="$(evaluate "$project" nuget)"
    says_not "$nuget" "Akka.Embedded/Akka" &&
      says "$nuget" '"Identity": "Akka' &&
      says "$nuget" '"RestorePackagesWithLockFile": ""' &&
      says "$nuget" '"RestoreLockedMode": ""' &&
      says "$nuget" "artifacts/nuget/locks/$project.lock.json" &&
      says "$nuget" "artifacts/nuget/obj/$project" || return 1
  done
}

# Vmm.Iommu has no Akka in it, so its package can be made wherever there is a feed.
packs_without_embedded() {
  rm -rf "$log/packages"
  dotnet pack src/Vmm.Iommu -p:AkkaSource=nuget -o "$log/packages" --nologo -v q || return 1
  local found=("$log"/packages/Vmm.Iommu.*.nupkg)
  [[ -f ${found[0]} ]] || { echo "no package below $log/packages"; return 1; }
}

git_is_clean() {
  local before="$1" after
  after="$(git status --porcelain)"
  [[ $before == "$after" ]] || { printf 'before:\n%s\nafter:\n%s\n' "$before" "$after"; return 1; }
}

the_rest() {
  local status host
  status="$(git status --porcelain)"
  step "format: white space (the build checks the style)" dotnet format whitespace . --folder --verify-no-changes --exclude artifacts
  step "pack: refused with embedded sources" refuses_to_pack_embedded
  step "pack: Vmm.Iommu with AkkaSource=nuget" packs_without_embedded
  step "AkkaSource: embedded and nuget evaluate to what they say" both_modes_evaluate
  for host in configs/hosts/*.tar.gz; do
    step "vmm topology: $host" dotnet "$vmm" topology --host "emulated:$host"
    step "vmm topology --json: $host" dotnet "$vmm" topology --json --host "emulated:$host"
  done
  step "vmm scenario: all of configs/scenarios" dotnet "$vmm" scenario configs/scenarios/*.yaml
  step "litmus: built" dotnet build tests/Vmm.Litmus --nologo -v q
  loudly "litmus: every broken twin is caught, and the code as it is passes" dotnet "$litmus" --seconds 60
  step "vmm replay: all of configs/captures, every call as QEMU made it" dotnet "$vmm" replay configs/captures/*.json
  step "vmm replay --mode steady: all of configs/captures" dotnet "$vmm" replay --mode steady configs/captures/*.json
  step "vmm scenario: a file that is not there ends with 2" exits 2 dotnet "$vmm" scenario configs/scenarios/absent.yaml
  step "git: the checks leave it as it was" git_is_clean "$status"
}

mkdir -p "$log"
case "${1-}" in
  "")
    loudly "build" dotnet build Vmm.sln --nologo -v q
    if ((${#failed[@]} == 0)); then
      loudly "tests" dotnet test Vmm.sln --no-build --nologo
      the_rest
    fi
    ;;
  --rest) the_rest ;;
  *)
    echo "check.sh: '$1' is no option; leave it out, or write --rest" >&2
    exit 2
    ;;
esac

if ((${#failed[@]} != 0)); then
  printf '\n%d failed:\n' "${#failed[@]}"
  printf '  %s\n' "${failed[@]}"
  exit 1
fi
printf '\nall passed\n'
