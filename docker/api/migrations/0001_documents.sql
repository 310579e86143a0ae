-- pgvector belongs to the server: the postgres role makes it once a database. Where this role may, it does so itself.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector') THEN
    CREATE EXTENSION vector;
  END IF;
EXCEPTION
  WHEN insufficient_privilege OR feature_not_supported OR undefined_file THEN
    RAISE EXCEPTION 'the extension "vector" is missing from the database %', current_database()
      USING HINT = 'as a superuser, run: CREATE EXTENSION vector';
END
$$;

CREATE TABLE documents (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  title text NOT NULL UNIQUE,
  body text NOT NULL,
  embedding vector(64) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX documents_embedding ON documents USING hnsw (embedding vector_cosine_ops);
