import { onHost } from './lab-host.ts'

/** The certificate and key of a client, as paths on its host; none to come without. */
export interface Papers {
  readonly certificate: string
  readonly key: string
}

/** One frame of RELP: number, command, length, data. */
const frame = (number: number, command: string, data: string) =>
  `${number} ${command} ${Buffer.byteLength(data)} ${data}\n`

/**
 * Says a line to a server of RELP over TLS from a host of the lab, as any program that speaks it could, and gives what
 * came back: "1 rsp … 200 OK", or what openssl has to say.
 */
export function sayTo(server: string, host: string, line: string, papers?: Papers): Promise<string> {
  const frames =
    frame(1, 'open', 'relp_version=0\nrelp_software=a test\ncommands=syslog') + frame(2, 'syslog', line)
  const words = papers === undefined ? '' : `-cert ${papers.certificate} -key ${papers.key}`
  const encoded = Buffer.from(frames).toString('base64')
  return onHost(
    host,
    `(echo ${encoded} | base64 -d; sleep 1.5) | timeout 10 openssl s_client -quiet -connect ${server} ${words} 2>&1 || :`,
  )
}
