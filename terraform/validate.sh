#!/bin/sh
# terraform/validate.sh [FOLDER…]: format, the providers' own schemas and the modules' tests, where the providers can be
# downloaded. Nothing is applied, no cloud is asked, no credentials are needed. TERRAFORM=tofu takes OpenTofu.
set -eu
terraform=${TERRAFORM:-terraform}
cd "$(dirname "$0")"
"$terraform" fmt -check -recursive -diff
# Modules leave no lock file of their own: whoever uses one has it.
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
[ $# -gt 0 ] || set -- bootstrap/* environments/* modules/*
for folder; do
  echo "== $folder"
  before=no
  [ ! -e "$folder/.terraform.lock.hcl" ] || before=yes
  TF_DATA_DIR=$data/$(echo "$folder" | tr / -) && export TF_DATA_DIR
  "$terraform" -chdir="$folder" init -backend=false -input=false -no-color >"$data/said" || { cat "$data/said"; exit 1; }
  "$terraform" -chdir="$folder" validate -no-color
  if [ -d "$folder/tests" ]; then "$terraform" -chdir="$folder" test -no-color; fi
  [ "$before" = yes ] || rm -f "$folder/.terraform.lock.hcl"
done
