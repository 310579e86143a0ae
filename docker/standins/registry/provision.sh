#!/bin/sh
# Makes a lab host the registry and image builder. Idempotent.
set -eu
export DEBIAN_FRONTEND=noninteractive

mkdir -p /etc/docker/registry
cat > /etc/docker/daemon.json <<'JSON'
{ "insecure-registries": ["registry.lab:5000"] }
JSON
cat > /etc/docker/registry/config.yml <<'YAML'
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: /var/lib/docker-registry }
  delete: { enabled: true }
http: { addr: ':5000' }
YAML

apt-get install -yq --no-install-recommends -o Dpkg::Options::=--force-confold \
  docker-registry docker.io docker-cli docker-buildx
chown -R docker-registry: /var/lib/docker-registry
systemctl enable --quiet docker docker-registry
systemctl restart docker docker-registry
touch /var/lib/lab-registry-provisioned
