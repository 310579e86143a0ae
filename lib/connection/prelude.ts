/** What every script starts from, whatever the login left: home folder, umask, system paths, untranslated messages. */
export const prelude = [
  'cd 2>/dev/null || cd /',
  'umask 022',
  'PATH=${PATH:-/usr/local/bin:/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin',
  'LANG=${LC_ALL:-${LANG-}}; unset LC_ALL; LC_MESSAGES=C; LC_COLLATE=C; LC_NUMERIC=C',
  'export PATH LANG LC_MESSAGES LC_COLLATE LC_NUMERIC',
].join('\n')
