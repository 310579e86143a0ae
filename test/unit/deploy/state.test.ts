import { expect, test } from 'vitest'
import { idleColour } from '../../../lib/deploy/blue-green.ts'
import { parseEdge } from '../../../lib/deploy/edge.ts'
import { parseColours, parseHistory } from '../../../lib/deploy/history.ts'
import type { Release } from '../../../lib/deploy/release.ts'
import { type DeployState, liveColour, releaseOf } from '../../../lib/deploy/state.ts'

const v1: Release = { id: 'v1', images: { api: 'x' }, config: 'c' }
const v2: Release = { ...v1, id: 'v2' }

const state = (edges: readonly ('blue' | 'green')[], held: DeployState['held']): DeployState => ({
  edges: new Map(edges.map((colour, index) => [`edge-${index}`, { colour, flip: undefined }])),
  held,
  history: [],
})
const nothing = new Map([['app-1', {}]])

test('the live colour is the one that all edges serve', () => {
  expect(liveColour(state(['green', 'green'], nothing))).toBe('green')
  expect(liveColour(state(['green', 'blue'], nothing))).toBeUndefined()
})

test('a colour holds a release when every app host says so', () => {
  const both = new Map([
    ['app-1', { blue: v1, green: v2 }],
    ['app-2', { blue: v1, green: v1 }],
  ])
  expect(releaseOf(state(['blue'], both), 'blue')).toEqual(v1)
  expect(releaseOf(state(['blue'], both), 'green')).toBeUndefined()
})

test('a release goes to the colour that is not served, and the very first to the one that is', () => {
  expect(idleColour(state(['blue'], new Map([['app-1', { blue: v1 }]])), 'blue')).toBe('green')
  expect(idleColour(state(['blue'], nothing), 'blue')).toBe('blue')
})

test('an edge tells its colour, and a flip that was begun', () => {
  expect(parseEdge('blue\n')).toEqual({ colour: 'blue', flip: undefined })
  expect(parseEdge('green\n{"from":"blue","to":"green","release":"v2"}\n')).toEqual({
    colour: 'green',
    flip: { from: 'blue', to: 'green', release: 'v2' },
  })
})

test('a line that was cut short is left out', () => {
  const line = JSON.stringify({
    ...v1,
    colour: 'blue',
    at: '2026-11-23T10:00:00Z',
    by: 'a@b',
    kind: 'deploy',
  })
  expect(parseHistory(`${line}\n${line.slice(0, 40)}`)).toHaveLength(1)
  expect(parseColours(`blue ${JSON.stringify(v1)}\ngreen {"id":`)).toEqual({ blue: v1 })
})
