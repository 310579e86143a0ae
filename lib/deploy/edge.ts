import { lines, raw, type Script, sh } from '../script/index.ts'
import type { Colour } from './colour.ts'
import { paths } from './paths.ts'

/** How a deploy talks to nginx on an edge, from that edge. */
export interface EdgeAccess {
  /** the name that its certificate and server block answer to */
  readonly serverName: string
  readonly httpsPort: number
  /** where it serves the colour that the Host header names */
  readonly previewPort: number
}

/** A flip that has begun: written on each edge before its switch, removed when all edges were verified. */
export interface Flip {
  readonly from: Colour
  readonly to: Colour
  readonly release: string
}

export interface EdgeState {
  readonly colour: Colour
  readonly flip: Flip | undefined
}

const green = `${paths.switch}/green`
const journal = `${paths.state}/flip.json`

export const readEdge: Script = sh`
[ -f ${green} ] && echo green || echo blue
cat ${journal} 2>/dev/null || :
`

export function parseEdge(stdout: string): EdgeState {
  const [colour, flip] = stdout.split('\n')
  return {
    colour: colour === 'green' ? 'green' : 'blue',
    flip: flip ? (JSON.parse(flip) as Flip) : undefined,
  }
}

export function writeJournal(flip: Flip): Script {
  return sh`mkdir -p ${paths.state} && printf '%s\n' ${JSON.stringify(flip)} > ${`${journal}.new`} && sync ${`${journal}.new`} && mv ${`${journal}.new`} ${journal}`
}

export const removeJournal: Script = sh`rm -f ${journal}`

/** nginx tests for the file on each request: no reload, no connection closed. */
export function switchTo(colour: Colour): Script {
  return colour === 'green' ? sh`: > ${green}` : sh`rm -f ${green}`
}

/** A question to be asked on an edge with curl, and how to name it in an error. */
export interface Question {
  readonly name: string
  readonly ask: Script
}

/** The answer to a question: code 0 when curl failed, with what it said. */
export interface Answer {
  readonly name: string
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  /** its first 2,000 characters */
  readonly body: string
  readonly failure: string
}

export function direct(name: string, address: string, port: number, path: string): Question {
  return { name, ask: curl([`http://${address}:${port}${path}`]) }
}

/** Through the preview listener, as the colour would answer. */
export function preview(access: EdgeAccess, colour: Colour, path: string): Question {
  const url = `http://127.0.0.1:${access.previewPort}${path}`
  return { name: `${path} (preview of ${colour})`, ask: curl(['-H', `Host: ${colour}`, url]) }
}

/** As a client is answered who comes to this address of the edge; by 127.0.0.1 a site that is closed is open. */
export function live(access: EdgeAccess, path: string, address = '127.0.0.1'): Question {
  const { serverName, httpsPort } = access
  const resolve = `${serverName}:${httpsPort}:${address}`
  // -k: what is asked here is which release answers; the certificate's chain is the clients' affair.
  return { name: path, ask: curl(['-k', '--resolve', resolve, `https://${serverName}:${httpsPort}${path}`]) }
}

/** Asks questions in one round trip and all at once; the answers come in order, told apart by a line of their own. */
export function ask(questions: readonly Question[]): Script {
  return lines(
    raw('command -v curl >/dev/null || { echo "curl is missing on this host" >&2; exit 1; }'),
    raw('answers=$(mktemp -d) || exit 1'),
    ...questions.flatMap(({ ask }, index) => [raw('{'), ask, raw(`} > "$answers/${index}" &`)]),
    raw('wait'),
    ...questions.map((_, index) => raw(`cat "$answers/${index}"; printf '\n${end}\n'`)),
    raw('rm -rf "$answers"'),
  )
}

export function parseAnswers(questions: readonly Question[], stdout: string): readonly Answer[] {
  const pieces = stdout.split(`\n${end}\n`)
  return questions.map(({ name }, index) => answerFrom(name, pieces[index] ?? ''))
}

const end = '--quayside-answer--'

function curl(words: readonly string[]): Script {
  return sh`curl -sS -i --http1.1 -m 10 --connect-timeout 3 ${words} 2>&1 | head -c 6000`
}

function answerFrom(name: string, text: string): Answer {
  const at = text.search(/^HTTP\//m)
  if (at < 0) return { name, status: 0, headers: new Map(), body: '', failure: text.trim() || 'no answer' }
  const [head = '', ...rest] = text.slice(at).split('\r\n\r\n')
  const [first = '', ...fields] = head.split('\r\n')
  const headers = new Map(
    fields.map((field) => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const
    }),
  )
  return {
    name,
    status: Number(first.split(' ')[1]),
    headers,
    body: rest.join('\r\n\r\n').slice(0, 2000),
    failure: '',
  }
}
