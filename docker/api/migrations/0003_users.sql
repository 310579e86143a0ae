-- Who may log in. The password is what app/passwords.py makes of it, never itself.
CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL CHECK (email LIKE '_%@_%'),
  password text NOT NULL CHECK (password LIKE 'scrypt$%'),
  created_at timestamptz NOT NULL DEFAULT now()
);

-- One user an address, however its letters are written.
CREATE UNIQUE INDEX users_email ON users (lower(email));
