# shellcheck shell=bash
# Functions that the scripts of infra/ share: find the tools, and build only what has changed. Sourced with ROOT set.

export HOME=${HOME:-~} # service managers and cron leave HOME unset; then the user's home, as in Java

# Prints the problem $1 in one line, with what to do, and exits with $2, by default 1.
die() {
  echo "rejoin: $1" >&2
  exit "${2:-1}"
}

# If an argument is -h or --help, prints the comment at the head of the script, and exits.
help_if_asked() {
  local argument
  for argument; do
    if [[ $argument == -h || $argument == --help ]]; then
      sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
      exit 0
    fi
  done
}

# Succeeds if each argument is a whole number of at least 1 that fits into Java's int.
are_counts() {
  local argument
  for argument; do [[ $argument =~ ^[1-9][0-9]{0,8}$ ]] || return 1; done
}

# Succeeds if the program $1 is installed. Debian installs servers into folders that are not in a user's PATH.
is_installed() {
  PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null
}

# Installs the Debian package $1, as root, but does not run its service. Debian would start the service now and at each
# boot. A policy script with exit code 101 prevents the start. An existing policy stays as it is.
install_package() {
  echo "installing the Debian package $1" >&2
  (
    policy=/usr/sbin/policy-rc.d
    mark="# by Rejoin's scripts, while they install a package; may be deleted"
    if grep -qsF "$mark" "$policy"; then rm -f "$policy"; fi # left by a run that was killed
    if (set -C && printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy") 2>/dev/null; then
      trap 'rm -f "$policy"' EXIT
      chmod +x "$policy"
    fi
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" || exit 1
    if command -v systemctl; then systemctl disable --now "$1" 2>&1 || true; fi # most packages have no service
  ) >/dev/null
}

# Makes sure that the program $1 is installed, if possible from the Debian package $2, by default of the same name.
# Fails if not.
obtain() {
  if is_installed "$1"; then return; fi
  command -v apt-get >/dev/null && [[ $(id -u) == 0 ]] && install_package "${2:-$1}"
}

# Makes sure that the program $1 is installed, as obtain does. Exits if it is not.
require() {
  local package=${2:-$1}
  if obtain "$1" "$package"; then return; fi
  if ! command -v apt-get >/dev/null; then die "needs $1: install it"; fi
  if [[ $(id -u) != 0 ]]; then die "needs $1: sudo apt-get install $package"; fi
  die "needs $1, but the package $package cannot be installed (see above): install it by hand"
}

# Succeeds if the folder $1 is a JDK 25. Reads the file "release", because starting a JVM would take longer.
is_jdk_25() {
  [[ -x "$1/bin/javac" && -r "$1/release" ]] && grep -q '^JAVA_VERSION="25[^0-9]' "$1/release"
}

# Prints the folders where a JDK 25 may be, the best first: JAVA_HOME, the java on PATH, then the usual folders of
# systems and tools.
jdk_folders() {
  local java
  echo "${JAVA_HOME:-}"
  if java=$(command -v java); then
    java=$(real_path "$java")
    echo "${java%/bin/java}"
  fi
  printf '%s\n' "${JAVA25_HOME:-}" "${JAVA_HOME_25_X64:-}" "${JAVA_HOME_25_ARM64:-}" \
    /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/java/* /opt/java/* /opt/jdk* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home
}

# Prints the path of $1 with all links resolved. Older macOS has no readlink -f.
real_path() {
  readlink -f "$1" 2>/dev/null || python3 -c 'import os, sys; print(os.path.realpath(sys.argv[1]))' "$1" 2>/dev/null || echo "$1"
}

# Sets JDK to the first JDK 25 that is found. Exits without one.
find_jdk() {
  local folder
  while IFS= read -r folder; do
    if [[ -n $folder ]] && is_jdk_25 "$folder"; then
      JDK=$folder
      return
    fi
  done < <(jdk_folders)
  die "needs JDK 25: install Temurin 25 (https://adoptium.net, on macOS: brew install temurin@25), or set JAVA_HOME to one"
}

# Sets MVN. Maven runs on the Java that it chooses itself if that is 17 or later, otherwise on the JDK of find_jdk.
find_maven() {
  MVN=$(command -v mvn) || die "needs Maven 3.8.7 or later: apt-get install maven, brew install maven, or https://maven.apache.org/download.cgi"
  export JAVA25_HOME=$JDK # one of the names that Maven's toolchain plugin reads
  local java=java version
  [[ -n ${JAVA_HOME:-} ]] && java=$JAVA_HOME/bin/java
  version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || version=0
  if [[ ${version:-0} -lt 17 ]]; then export JAVA_HOME=$JDK; fi
}

# Succeeds if the class path in the file $1 is up to date. All its entries must exist, and it must belong to this tree,
# not to a copy. No source of its modules may be newer. Test sources count if the scope $2 is "test".
is_built() {
  local file=$1 scope=$2 skipped=test entry newer
  local -a entries modules
  if [[ $scope == test ]]; then skipped=target; fi
  [[ -s $file && $(<"$file") == "$ROOT"/* ]] || return 1
  IFS=: read -r -a entries <"$file"
  for entry in "${entries[@]}"; do
    [[ -e $entry ]] || return 1
    if [[ $entry == "$ROOT"/*/target/* ]]; then modules+=("${entry%/target/*}"); fi
  done
  newer=$(find "${modules[@]}" -mindepth 1 \( -name target -o -name node_modules -o -name "$skipped" \) -prune \
    -o -newer "$file" -print | head -n 1)
  [[ -z $newer && ! "$ROOT/pom.xml" -nt "$file" ]]
}

# Compiles the module $2 and the modules it needs, for the scope $3, without format checks. Writes the class path into
# the file $1. The time of that file marks the build.
build() {
  local file=$1 module=$2 scope=$3 log=$ROOT/target/build.log began=$SECONDS classes=classes skip=maven.test.skip
  if [[ $scope == test ]]; then classes=test-classes skip=skipTests; fi
  echo "building (the first build also downloads dependencies) ..." >&2
  touch "$log.began" # so that a source that changes during the build counts as newer
  (
    cd "$ROOT"
    "$MVN" -B -Dstyle.color=never test-compile dependency:build-classpath -pl "$module" -am \
      "-D$skip=true" -Dspotless.check.skip=true -Denforcer.skip=true \
      -Dmdep.outputFile=target/dependencies.classpath -Dmdep.includeScope="$scope" >"$log" 2>&1
  ) || {
    grep -E '^\[(ERROR|WARNING)\].*\.java|^\[ERROR\]' "$log" | grep -vE 'Re-run Maven|\[Help 1\]|For more information' | head -n 25 >&2 ||
      tail -n 5 "$log" >&2
    die "the build failed; the full output of Maven is in $log"
  }
  classes=$ROOT/$module/target/$classes
  if [[ $scope == test && -d $ROOT/$module/target/classes ]]; then classes+=:$ROOT/$module/target/classes; fi
  echo "$classes:$(cat "$ROOT/$module/target/dependencies.classpath")" >"$file"
  touch -r "$log.began" "$file"
  echo "built in $((SECONDS - began)) s" >&2
}

# Sets JDK, and CLASS_PATH to the class path of the module $1, or of its tests if the scope $2 is "test". Builds first
# if needed. Only one build of a tree runs at a time.
prepare() {
  local module=$1 scope=${2:-runtime} file
  file=$ROOT/$module/target/run.classpath
  find_jdk
  if ! is_built "$file" "$scope"; then
    find_maven
    mkdir -p "$ROOT/target"
    (
      if command -v flock >/dev/null && ! flock -n 9; then
        echo "waiting for another build of this tree to end ..." >&2
        flock 9
      fi
      is_built "$file" "$scope" || build "$file" "$module" "$scope"
    ) 9>"$ROOT/target/build.lock" || exit 1
  fi
  CLASS_PATH=$(<"$file")
}

# Replaces this process by java with the arguments, a main class among them. The process id stays, so signals reach the
# program.
become() {
  exec "$JDK/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+ExitOnOutOfMemoryError \
    -cp "$CLASS_PATH" "$@"
}

# Replaces this process by Maven, which runs only the integration test $2 of the module $1. The other arguments go to
# Maven.
become_test() {
  local module=$1 name=$2
  shift 2
  find_jdk
  find_maven
  cd "$ROOT"
  exec "$MVN" -q -B -Dstyle.color=never -pl "$module" -am verify -Dtest=none -Dit.test="$name" \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false "$@"
}

# Prints the folder where infra/run keeps its data by default.
data_folder() {
  local share=${XDG_DATA_HOME:-}
  [[ $share == /* ]] || share=$HOME/.local/share
  echo "$share/rejoin"
}

# Sets the variables of the running infrastructure, from the file $1, unless the environment sets them. An empty
# variable counts as unset, as in the services.
load() {
  local line name
  while IFS= read -r line; do
    name=${line#export }
    name=${name%%=*}
    if [[ $name == EDGE_AUTH && -n ${EDGE_JWT_SECRET:-}${EDGE_JWKS:-} ]]; then continue; fi
    if [[ -z ${!name:-} ]]; then eval "$line"; fi
  done <"$1"
}
