#!/bin/sh
# Installs, from Debian's packages, the real parts that tests run beside the service. Does nothing where they are there;
# says what is missing where it may not install (no root, or not Debian).
set -eu

wanted=""
command -v prometheus >/dev/null || wanted="$wanted prometheus"
command -v prometheus-alertmanager >/dev/null || wanted="$wanted prometheus-alertmanager"
command -v openssl >/dev/null || wanted="$wanted openssl"
command -v java >/dev/null || wanted="$wanted default-jre-headless"
command -v mvn >/dev/null || wanted="$wanted maven"
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "not installed here:$wanted (as root on Debian this would install them); what needs them is skipped, and says so"
  exit 0
fi

# No service may start because its package was installed. Only a policy of our own is removed afterwards.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
echo "installing:$wanted"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
# shellcheck disable=SC2086 # a list of words
apt-get -qq install -y --no-install-recommends $wanted >/dev/null
