/** Asks nginx, from within its container, whether it answers: Alpine's image has wget, Debian's has bash. */
export function healthCommand(port: number): readonly string[] {
  const socket = `exec 3<>/dev/tcp/127.0.0.1/${port}`
  const request = String.raw`printf "GET /nginx-health HTTP/1.0\r\n\r\n" >&3`
  const byBash = `bash -c '${socket} && ${request} && grep -qx ok <&3'`
  const byWget = `wget -q -O /dev/null http://127.0.0.1:${port}/nginx-health`
  return ['sh', '-c', `if command -v wget >/dev/null; then ${byWget}; else ${byBash}; fi`]
}
