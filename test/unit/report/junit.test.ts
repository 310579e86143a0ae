import { expect, test } from 'vitest'
import { QuaysideError } from '../../../lib/error.ts'
import { junit } from '../../../lib/report/junit.ts'
import { everyEvent } from './sample-events.ts'
import { recorded, sampleRun, tally } from './sample-run.ts'

/** Reads XML strictly enough to find what is not well-formed; gives the elements, each with its attributes and text. */
function parsed(xml: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const text = (value: string) => {
    expect(value).not.toMatch(/[<>\p{Cs}\ufffe\uffff]|(?!\n)\p{Cc}|&(?!(amp|lt|gt|quot|#10);)/u)
    return value
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#10;', '\n')
      .replaceAll('&amp;', '&')
  }
  const elements: ReturnType<typeof parsed> = []
  const open: ReturnType<typeof parsed> = []
  const pieces = xml.replace('<?xml version="1.0" encoding="UTF-8"?>\n', '').split(/(<[^>]*>)/)
  for (const piece of pieces) {
    const tag = /^<(\/?)(\w[\w-]*)((?: \w+="[^"<]*")*)(\/?)>$/.exec(piece)
    if (tag === null) {
      const top = open.at(-1)
      if (top !== undefined) top.text += text(piece)
      else expect(piece.trim()).toBe('')
      continue
    }
    const [, closing, name = '', given = '', empty] = tag
    if (closing === '/') expect(open.pop()?.name).toBe(name)
    else {
      const attributes = Object.fromEntries(
        [...given.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, text(value)]),
      )
      const element = { name, attributes, text: '' }
      elements.push(element)
      if (empty !== '/') open.push(element)
    }
  }
  expect(open).toEqual([])
  return elements
}

test('a suite a host, a case a resource; failed, unreachable and changed are told apart', () => {
  const elements = parsed(junit(recorded(sampleRun(5))))
  expect(elements[0]?.attributes).toMatchObject({ name: 'site lab', tests: '23', failures: '1', errors: '1' })
  const suites = elements.filter(({ name }) => name === 'testsuite').map(({ attributes }) => attributes)
  expect(suites.map(({ name, tests, failures, errors }) => [name, tests, failures, errors])).toEqual([
    ['edge-1', '6', '0', '0'],
    ['edge-2', '6', '0', '0'],
    ['app-1', '1', '0', '1'],
    ['app-2', '4', '1', '0'],
    ['db-1', '6', '0', '0'],
  ])
  const failure = elements.find(({ name }) => name === 'failure')
  expect(failure?.attributes).toMatchObject({ type: 'StepError' })
  expect(failure?.text).toContain('manifest unknown\nhint: was it pushed?')
  expect(elements.find(({ name }) => name === 'error')?.text).toContain('did not answer within 10 seconds')
  const packages = elements.find(({ attributes }) => attributes.name?.startsWith('packages'))
  expect(packages?.attributes).toMatchObject({ classname: 'docker', time: '4.200' })
  expect(elements.filter(({ name }) => name === 'system-out')[0]?.text).toMatch(/^changed: install docker/)
})

test('every odd character is escaped, or replaced where XML has no way to say it', () => {
  const odd = '<a href="x">&amp;\u0000\u001b[31m\ud800\uffff]]> \'ö🚢\nsecond'
  const error = new QuaysideError(odd, { hint: odd })
  const elements = parsed(
    junit(
      recorded([
        [0, { ...everyEvent.run, playbook: odd }],
        [1, { ...everyEvent.resource, id: odd, role: odd, summary: odd, diff: odd, host: 'a' }],
        [2, { type: 'host-failed', host: 'a', unreachable: false, error }],
        [3, { type: 'run-failed', interrupted: false, error }],
      ]),
    ),
  )
  expect(elements.find(({ name }) => name === 'failure')?.text).toContain(
    '<a href="x">&amp;\ufffd\ufffd\ufffd]]> \'ö🚢\nsecond',
  )
})

test('a failure that was dealt with is skipped, and so is a host left out; what ended the run is an error', () => {
  const elements = parsed(
    junit(
      recorded([
        [0, everyEvent.run],
        [1, { ...everyEvent['host-failed'], host: 'a' }],
        [2, { ...everyEvent['play-stopped'], left: ['b'] }],
        [3, { ...everyEvent['run-failed'], interrupted: true }],
        [
          4,
          { type: 'recap', ms: 4, tallies: [tally('a', { rescued: 1 }), tally('b', { state: 'left-out' })] },
        ],
      ]),
    ),
  )
  const skipped = elements
    .filter(({ name }) => name === 'skipped')
    .map(({ attributes }) => attributes.message)
  expect(skipped).toEqual([expect.stringMatching(/^rescued: edge-1: file/), '2 of 2 hosts failed'])
  expect(elements.some(({ attributes }) => attributes.name === 'interrupted')).toBe(true)
  expect(elements[0]?.attributes).toMatchObject({ failures: '0', errors: '1', skipped: '2' })
})
