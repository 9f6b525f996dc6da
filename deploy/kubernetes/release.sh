#!/usr/bin/env bash
# release.sh FOLDER: brings the cluster to what the folder says. All migrations end before any new process begins, and a
# failed one stops the release while the old processes go on.
set -euo pipefail

site=${1:?Say which site: release.sh deploy/kubernetes/site}
migrations=app.kubernetes.io/component=migrate

if grep --recursive --ignore-case --files-with-matches --exclude-dir=.git example "$site"; then
	echo "These files still say \"example\"." >&2
	exit 1
fi

# A job can't be changed, so each release has new ones.
kubectl delete job --namespace totetaxi --selector "$migrations" --ignore-not-found
kubectl apply --kustomize "$site" --selector 'app.kubernetes.io/component!=api,app.kubernetes.io/component!=worker'
kubectl wait job --namespace totetaxi --selector "$migrations" --for condition=complete --timeout 15m
kubectl apply --kustomize "$site"
kubectl rollout status deployment --namespace totetaxi --selector app.kubernetes.io/part-of=totetaxi --timeout 10m
