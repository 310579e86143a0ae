# Read by the image's entrypoint, once, when there is no data yet: the app's role, its database, and pgvector in it. The
# password comes by a file.
psql -v ON_ERROR_STOP=1 --no-psqlrc --username postgres --dbname postgres <<'SQL'
\set password `cat /run/secrets/postgres_password`
\set role `printf %s "$APP_USER"`
\set database `printf %s "$APP_DATABASE"`
-- No statement of this session reaches the log, since one holds the password.
set log_min_error_statement = panic;
create role :"role" login password :'password';
create database :"database" owner :"role";
\connect :"database"
create extension vector;
SQL
