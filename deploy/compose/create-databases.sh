#!/usr/bin/env bash
# Runs once, when PostgreSQL starts on an empty volume: a role for each service and a database that only it may enter.
set -euo pipefail

for service in booking catalog payments customers notifications; do
	password_variable="${service^^}_DATABASE_PASSWORD"
	psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
		-v service="$service" -v password="${!password_variable}" <<-'SQL'
			CREATE ROLE :"service" LOGIN PASSWORD :'password';
			CREATE DATABASE :"service" OWNER :"service";
			REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
		SQL
done
